"""How far a playbook has come in a conversation: which steps hold, are done, are open. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from rapport.model.playbook import Filled, Playbook, PlaybookStep, Run, misfit, read_value, step_ids


class StepNow(msgspec.Struct, frozen=True):
    """A step as it stands. `applies` False: its branch is not taken, or nobody knows yet; `done_at` None: it is open."""

    id: str
    step: PlaybookStep
    applies: bool
    done_by: str = ""
    done_at: datetime | None = None
    strayed: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether it must be done before the end, and is not."""
        return self.applies and self.step.required and self.done_at is None


def applies(step: PlaybookStep, values: Mapping[str, Filled]) -> bool:
    """Whether a step is asked for with these values; what is not filled in equals nothing."""
    return all(
        name in values and (values[name] in wanted if isinstance(wanted, list) else values[name] == wanted)
        for name, wanted in step.when.items()
    )


def steps_now(playbook: Playbook, run: Run) -> tuple[StepNow, ...]:
    """Every step of the playbook, in order."""
    found = []
    for id, step in zip(step_ids(playbook), playbook.steps, strict=True):
        by, at = run.done.get(id, ("", ""))
        done_at = datetime.fromisoformat(at) if at else None
        found.append(StepNow(id, step, applies(step, run.values), by, done_at, id in run.strayed))
    return tuple(found)


def missed(playbook: Playbook, run: Run) -> tuple[str, ...]:
    """The required steps that are open."""
    return tuple(now.id for now in steps_now(playbook, run) if now.is_missed)


def before(playbook: Playbook, run: Run, step: str) -> tuple[str, ...]:
    """The required steps that are open and stand before this one: to do this one first is to stray."""
    ids = step_ids(playbook)
    place = ids.index(step)
    return tuple(id for id in missed(playbook, run) if ids.index(id) < place)


def filled(step: PlaybookStep, said: Mapping[str, Filled], known: Mapping[str, Filled]) -> dict[str, Filled]:
    """What is filled in at a step: typed values as they are, texts read by their field; what is empty is left out.

    Raises ValueError, naming the field, where a value is none of it, nobody asked for it, or a required one is missing.
    """
    fields = {field.id: field for field in step.fields}
    found: dict[str, Filled] = {}
    for name, value in said.items():
        field = fields.get(name)
        if field is None:
            raise ValueError(f"this step has no field {name[:60]!r}; it has {', '.join(fields) or 'none'}")
        read = read_value(field, value) if isinstance(value, str) else value
        if read is not None and (why := misfit(field, read)):
            raise ValueError(why)
        if read is not None:
            found[name] = read
    lacking = [field.id for field in step.fields if field.required and field.id not in found and field.id not in known]
    if lacking:
        raise ValueError(f"this step needs {', '.join(lacking)} to be filled in")
    return found
