"""Things of a centre as a file's tables say them: `[centre]`, `[[brand]]`, `[[channel]]`, `[[plan]]` and so on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from rapport.centre.tables import read_table
from rapport.centre.toml_text import Document, Step
from rapport.errors import BadInput, CentreError
from rapport.model.agent import Agent
from rapport.model.centre import KINDS, MOST_EXPLORED, Account, Policy, Profile
from rapport.model.need import MOST_OFFERS, Plan
from rapport.model.playbook import Rule
from rapport.model.pool import Pool
from rapport.model.written_pattern import check_banned

Key = tuple[str, str]
Things = dict[Key, bytes]
CheckExpression = Callable[[str], object]
Place = Callable[..., str]  # where a field of a thing stands, as `file:line`; steps of its path


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing and where it stands in its file. `place` takes the steps to one of its fields."""

    kind: str
    value: msgspec.Struct
    place: Place


CheckAll = Callable[[Sequence[Placed]], None]  # raises CentreError where things do not fit together

# How a table of a file is headed, and the kind of thing that it says.
LEARNT = ("model", "reader")  # stand in no file: they were learnt from the record
HEADERS = {"channel": "account"} | {kind: kind for kind in KINDS if kind not in ("centre", "account", *LEARNT)}
_HEADER_OF = {kind: header for header, kind in HEADERS.items()} | {kind: kind for kind in ("centre", *LEARNT)}
_SECRET_WORDS = ("password", "secret", "token", "api_key", "private_key")


def header_of(kind: str) -> str:
    """How a file heads a thing of this kind."""
    return _HEADER_OF[kind]


def body_of(value: msgspec.Struct) -> bytes:
    """A thing's JSON, the same for the same value."""
    return msgspec.json.encode(value, order="deterministic")


def key_of(kind: str, value: msgspec.Struct) -> Key:
    """The kind and name under which a thing is set."""
    return kind, str(value.id)  # type: ignore[attr-defined]  # every thing has an id


def read_one(kind: str, table: Any, document: Document, path: tuple[Step, ...]) -> msgspec.Struct:  # Any: plain TOML
    """The thing that a table says. Raises CentreError with its place."""
    value = read_table(KINDS[kind], table, document, path)
    name = key_of(kind, value)[1]
    if not name.strip() or name != name.strip() or any(ord(c) < 32 for c in name):
        raise CentreError(f"{document.place(*path, 'id')}: id is {name!r}; write a short name without spaces around it")
    if isinstance(value, Account):
        _refuse_plain_secrets(value, document, path)
    if isinstance(value, Plan):
        _refuse_endless_steps(value, document, path)
    if isinstance(value, Profile):
        _refuse_much_chance(value, document, path)
    if isinstance(value, Policy):
        _refuse_no_patterns(value, document, path)
    return value


def _refuse_endless_steps(plan: Plan, document: Document, path: tuple[Step, ...]) -> None:
    """Raise CentreError where a plan has no step, or one that is never reached."""
    if not plan.steps:
        raise CentreError(
            f"{document.place(*path, 'steps')}: plan {plan.id!r} has no step; add [[steps]] with require and seconds"
        )
    for nth, step in enumerate(plan.steps[:-1]):
        if step.seconds <= 0:
            place = document.place(*path, "steps", nth, "seconds")
            raise CentreError(
                f"{place}: seconds of step {nth + 1} is {step.seconds:g}, so no later step is reached; write above 0"
            )
    if plan.offer_seconds <= 0:
        place = document.place(*path, "offer_seconds")
        raise CentreError(f"{place}: offer_seconds is {plan.offer_seconds:g}; write how long an agent has to answer, above 0")
    if not 1 <= plan.offers <= MOST_OFFERS:
        place = document.place(*path, "offers")
        raise CentreError(f"{place}: offers is {plan.offers}; write to how many agents at once it is put, 1 to {MOST_OFFERS}")


def _refuse_much_chance(profile: Profile, document: Document, path: tuple[Step, ...]) -> None:
    if not 0.0 <= profile.explored <= MOST_EXPLORED:
        place = document.place(*path, "explored")
        raise CentreError(f"{place}: explored is {profile.explored:g}; write a share of needs, 0 to {MOST_EXPLORED:g}")


def _refuse_no_patterns(policy: Policy, document: Document, path: tuple[Step, ...]) -> None:
    for nth, word in enumerate(policy.banned):
        try:
            check_banned(word)
        except BadInput as error:
            place = document.place(*path, "banned", nth)
            raise CentreError(f"{place}: {error}; write what RE2 knows, without look-around and back-references") from None


def _refuse_plain_secrets(account: Account, document: Document, path: tuple[Step, ...]) -> None:
    for name, value in account.settings.items():
        if name.casefold().endswith(_SECRET_WORDS) and value and not value.startswith("secret:"):
            place = document.place(*path, "settings", name)
            raise CentreError(
                f"{place}: the {name} of channel {account.id!r} stands in the file; credentials never do: "
                f'write {name} = "secret:{account.id}-{name}" and store the value under that name'
            )


def placed(kind: str, value: msgspec.Struct, document: Document, path: tuple[Step, ...]) -> Placed:
    """A thing that a table of a document says."""
    return Placed(kind, value, lambda *steps: document.place(*path, *steps))


def read_lists(document: Document, check: CheckExpression | None = None) -> list[Placed]:
    """Every `[[...]]` thing of a document. Keys that head no thing are left alone."""
    found: list[Placed] = []
    for header, kind in HEADERS.items():
        tables = document.values.get(header, [])
        if not isinstance(tables, list):
            raise CentreError(f"{document.place(header)}: {header} must be a list of tables; write [[{header}]] above each")
        for nth, table in enumerate(tables):
            value = read_one(kind, table, document, (header, nth))
            check_expressions(value, document, (header, nth), check)
            found.append(placed(kind, value, document, (header, nth)))
    return found


def expressions_of(value: msgspec.Struct) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every expression of a thing, with the steps to it."""
    if isinstance(value, Plan):
        yield ("when",), value.when
        for nth, step in enumerate(value.steps):
            yield ("steps", nth, "require"), step.require
            yield from ((("steps", nth, "prefer", text), text) for text in step.prefer)
    elif isinstance(value, Rule):
        yield ("when",), value.when
    elif isinstance(value, Pool):
        yield ("who",), value.who
    elif isinstance(value, Agent | Policy):
        yield from ((("never", nth), text) for nth, text in enumerate(value.never))


def check_expressions(value: msgspec.Struct, document: Document, path: tuple[Step, ...], check: CheckExpression | None) -> None:
    """Raise CentreError where a thing holds what is no expression: `check` parses one and raises BadInput or ValueError."""
    for place, text in expressions_of(value) if check is not None else ():
        if text and check is not None:
            _check_one(text, document, (*path, *place), check)


def _check_one(text: str, document: Document, place: tuple[Step, ...], check: CheckExpression) -> None:
    try:
        check(text)
    except (BadInput, ValueError) as error:
        raise CentreError(f"{document.place(*place)}: {text!r} is not an expression: {error}") from None
