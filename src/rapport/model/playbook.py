"""Playbook and Rule: repeatable work as data; what either does by itself is a Deed. Run: a playbook in a conversation."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Literal, get_args

import msgspec

from rapport.model.ids import Id

FieldType = Literal["text", "number", "flag", "choice", "date"]
Filled = float | str | bool
Doing = Literal["reply", "note", "label", "transfer", "snooze", "task", "hook", "close"]
DEEDS: tuple[str, ...] = get_args(Doing)


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be filled in at a step. `choices`: what a `choice` may be; `required`: the step is not done without it."""

    id: str
    label: dict[str, str] = {}
    type: FieldType = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


class Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing done by itself. `argument`: a saved reply, a label, an agent or team, a hook, a span (`2h`), a disposition.

    `text`: what a note, a task or a reply without a saved one says, by language.
    """

    do: Doing
    argument: str = ""
    text: dict[str, str] = {}


class PlaybookStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do. `required`: before the conversation may be closed. `id` "": its number, from 1.

    `when`: values that earlier fields must have for it to be asked for, each one or any of several; empty: always.
    `actions`: done by themselves when the step is done; a reply is put before the agent, a bot sends it.
    """

    text: dict[str, str]
    required: bool = False
    id: str = ""
    fields: tuple[Field, ...] = ()
    actions: tuple[Deed, ...] = ()
    when: dict[str, Filled | list[Filled]] = {}


class Playbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Repeatable steps for a kind of issue; offered where the intent is its own."""

    id: str
    steps: tuple[PlaybookStep, ...]
    intent: str = ""
    title: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Raise ValueError where a step, a field or a branch cannot be followed."""
        check_playbook(self)


Event = Literal[
    "opened", "continued", "reopened", "resolved", "accepted", "transferred", "woken", "wrapped_up", "replied", "near", "missed"
]
EVENTS: tuple[str, ...] = get_args(Event)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done by itself when something happens. `when`: an expression over the conversation; "" holds always.

    `on`: events of a conversation; `near` and `missed` are those of a service target. `enabled` False: it is only tried.
    """

    id: str
    on: tuple[Event, ...]
    actions: tuple[Deed, ...]
    when: str = ""
    title: dict[str, str] = {}
    enabled: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError where it would never do anything, or a deed is not whole."""
        if not self.on or not self.actions:
            raise ValueError(
                f"a rule has at least one event and one action, {self.id!r} has {len(self.on)} and {len(self.actions)}"
            )
        for deed in self.actions:
            check_deed(deed, f"rule {self.id}")


class Edition(msgspec.Struct, frozen=True):
    """A playbook or a rule as it was at some version. `id` is `kind/name@number`, `body` its JSON."""

    id: str
    body: bytes
    at: datetime


class Run(msgspec.Struct, frozen=True):
    """A playbook under way in a conversation, whose id is this one's. `edition`: the number of the version it follows.

    `done`: who did each step and when, as ISO text; `values`: what was filled in; `strayed`: steps done before one that is
    required; `ended_at` None: it goes on. `missed`: the required steps that were open at its end.
    """

    id: Id
    playbook: str
    edition: int
    begun_at: datetime
    by: str = ""
    done: dict[str, tuple[str, str]] = {}
    values: dict[str, Filled] = {}
    strayed: tuple[str, ...] = ()
    ended_at: datetime | None = None
    missed: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True):
    """Something that somebody is to do for a conversation. `to`: an agent or a team, "" for whoever has it."""

    id: Id
    conversation: Id
    text: str
    to: str
    at: datetime
    by: str = ""
    done_at: datetime | None = None
    done_by: str = ""


def step_ids(playbook: Playbook) -> tuple[str, ...]:
    """What each step is called: its id, else its number from 1."""
    return tuple(step.id or str(nth) for nth, step in enumerate(playbook.steps, 1))


def check_playbook(playbook: Playbook) -> None:
    """Raise ValueError where steps share an id, or a field, a branch or an action cannot be followed."""
    ids = step_ids(playbook)
    if twice := next((id for nth, id in enumerate(ids) if id in ids[:nth]), None):
        raise ValueError(f"two steps of playbook {playbook.id!r} are called {twice!r}; give each an id of its own")
    known: dict[str, Field] = {}
    for id, step in zip(ids, playbook.steps, strict=True):
        place = f"step {id} of playbook {playbook.id}"
        for name, wanted in step.when.items():
            _check_branch(place, name, wanted, known)
        for deed in step.actions:
            check_deed(deed, place)
        for field in step.fields:
            if field.id in known or not field.id:
                raise ValueError(f"{place}: the field {field.id!r} is there twice or has no name; give each an id of its own")
            if (field.type == "choice") != bool(field.choices):
                raise ValueError(f"{place}: the field {field.id!r} needs choices if it is a choice, and only then")
            known[field.id] = field


def _check_branch(place: str, name: str, wanted: Filled | list[Filled], known: Mapping[str, Field]) -> None:
    field = known.get(name)
    if field is None:
        said = ", ".join(known) or "none"
        raise ValueError(f"{place}: when looks at {name!r}, which no earlier step fills in; those do: {said}")
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if why := misfit(field, one):
            raise ValueError(f"{place}: when can never hold, as {why}")


def check_deed(deed: Deed, place: str) -> None:
    """Raise ValueError where an action lacks what it needs."""
    if deed.do in ("note", "task") and not any(text.strip() for text in deed.text.values()):
        raise ValueError(f'{place}: {deed.do} needs words; add text = {{ en = "...", es = "..." }}')
    if deed.do in ("label", "hook", "snooze") and not deed.argument.strip():
        raise ValueError(f"{place}: {deed.do} needs an argument: a label, the id of a hook, or a span such as 2h")
    if deed.do == "reply" and not deed.argument.strip() and not any(text.strip() for text in deed.text.values()):
        raise ValueError(f"{place}: reply needs the id of a saved reply as argument, or a text")


def misfit(field: Field, value: Filled) -> str:
    """Why a value is none of a field's; "" where it is one."""
    if field.type == "flag":
        return "" if isinstance(value, bool) else f"{field.id} is yes or no, got {value!r}"
    if field.type == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        return "" if is_number else f"{field.id} is a number, got {value!r}"
    if not isinstance(value, str):
        return f"{field.id} is a text, got {value!r}"
    if field.type == "choice" and value not in field.choices:
        return f"{field.id} is one of {', '.join(field.choices)}, got {value[:60]!r}"
    if field.type == "date":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return f"{field.id} is a day such as 2026-03-03, got {value[:60]!r}"
    return ""


def read_value(field: Field, text: str) -> Filled | None:
    """What somebody wrote into a field; None where it is empty. Raises ValueError where it is none of its values."""
    said = text.strip()
    if not said:
        return None
    value: Filled = said
    if field.type == "flag":
        value = {"yes": True, "no": False, "true": True, "false": False}.get(said, said)
    elif field.type == "number":
        with suppress(ValueError):
            number = float(said.replace(",", "."))
            value = number if isfinite(number) else said
    if why := misfit(field, value):
        raise ValueError(why)
    return value


def said_in(texts: Mapping[str, str], language: str) -> str:
    """A text by language, in this one where there is one, else in the first that there is."""
    return texts.get(language) or texts.get(language[:2]) or next(iter(texts.values()), "")
