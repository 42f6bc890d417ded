"""What becomes of a burst: the steps that the centre takes by itself, those that somebody presses, and its view."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Step, Written
from rapport.matching.answers import done, refused
from rapport.matching.bursting.plan import STEPS, may_be_told, reply
from rapport.model.burst import Burst, BurstTaken
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Fact
from rapport.model.fact_workforce import BurstAnswered, BurstBegan, BurstFollowed, ShiftAnswered
from rapport.model.ids import read_id
from rapport.model.shift_ask import ShiftAsk

FIGURES = ("kind", "came", "above", "to_come", "lasts", "held", "voices", "people", "waits")


class Pressed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `answer_burst` asks for."""

    burst: str
    step: str


_pressed = msgspec.json.Decoder(Pressed)


def running(rows: Rows) -> Burst | None:
    """The burst that is under way."""
    return next((burst for burst in rows.all(Burst) if burst.ended_at is None), None)


def _began(entry: Written, rows: Rows) -> Iterable[New]:
    """The steps that the centre takes by itself. Of a brigade none: what is held needs nobody, and nobody is answered."""
    fact = cast(BurstBegan, entry.fact)
    burst = rows.get(Burst, fact.burst)
    if burst is not None and fact.kind == "real" and burst.seen_at == entry.at:  # told a second time, it is known already
        yield from _by_itself(entry, burst, rows)


def _followed(entry: Written, rows: Rows) -> Iterable[New]:
    """What turns out to be real is met as one that began so; who was called in and said nothing need not come any more."""
    fact = cast(BurstFollowed, entry.fact)
    burst = rows.get(Burst, fact.burst)
    if burst is None:
        return
    if not fact.ended:
        if fact.kind == "real":
            yield from _by_itself(entry, burst, rows)
        return
    for ask in rows.all(ShiftAsk):
        if ask.open and ask.burst == burst.id:
            yield follows(entry, ShiftAnswered(ask.id, "over", "", ask.to), subject=ask.id, at=rows.now)


def _by_itself(entry: Written, burst: Burst, rows: Rows) -> Iterable[New]:
    for nth, step in enumerate(rows.centre.profile.burst_does):
        if burst.took(step) is None:
            try:
                yield from _taken(entry, burst, step, "", rows, nth)
            except BadInput:
                continue  # there is nothing to do for this step: it stands on the page to be pressed, with the reason


def _taken(entry: Written, burst: Burst, step: str, by: str, rows: Rows, nth: int = 0) -> list[New]:
    """The facts of a step. Raises BadInput where there is nothing to do."""
    facts, names = STEPS[step](entry, burst, by, rows)
    told = follows(entry, BurstAnswered(burst.id, step, by, names), subject=burst.id, at=rows.now, nth=nth)
    return [told, *facts]


def _press(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        asked = _pressed.decode(fact.argument.encode())
        facts = _taken(entry, _open(asked, rows), asked.step, fact.agent, rows)
    except (BadInput, msgspec.MsgspecError) as wrong:
        yield refused(entry, fact, rows, str(wrong))
        return
    yield from facts
    yield done(entry, fact, rows, None)


def _open(asked: Pressed, rows: Rows) -> Burst:
    """The burst that is meant. Raises BadInput where it is over, or the step is taken."""
    burst = rows.get(Burst, read_id(asked.burst))
    if burst is None or burst.ended_at is not None:
        raise BadInput("This burst is over.")
    if asked.step not in STEPS:
        raise BadInput(f"A step is one of {', '.join(STEPS)}, got {asked.step[:40]!r}.")
    if (before := burst.took(asked.step)) is not None:
        raise BadInput(f"{before.by} has done this already." if before.by else "This was done by itself already.")
    return burst


def told(entry: Written, conversation: Conversation, rows: Rows) -> Iterable[New]:
    """Whoever comes while the holding reply goes out has it too; nobody, once it turns out to be a brigade."""
    burst = running(rows)
    if burst is None or burst.kind != "real" or burst.took("holding") is None:
        return
    if rows.centre.profile.burst_reply not in rows.centre.replies:
        return
    if may_be_told(conversation, burst, rows):
        yield reply(entry, conversation, burst, rows)


# ---- views


def _began_folded(entry: Written, rows: Rows) -> None:
    fact = cast(BurstBegan, entry.fact)
    figures = {name: getattr(fact, name) for name in (*FIGURES, "since", "usual")}
    known = {name: figures[name] for name in FIGURES}
    if rows.change(Burst, fact.burst, **known) is None:
        rows.put(Burst(fact.burst, seen_at=entry.at, **figures))


def _followed_folded(entry: Written, rows: Rows) -> None:
    fact = cast(BurstFollowed, entry.fact)
    figures = {name: getattr(fact, name) for name in FIGURES}
    rows.change(Burst, fact.burst, seen_at=entry.at, ended_at=entry.at if fact.ended else None, **figures)


def _answered_folded(entry: Written, rows: Rows) -> None:
    fact = cast(BurstAnswered, entry.fact)
    burst = rows.get(Burst, fact.burst)
    if burst is not None:
        taken = (*burst.taken, BurstTaken(fact.step, fact.by, entry.at, fact.names))
        rows.change(Burst, fact.burst, taken=taken)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"answer_burst": _press}
STEPS_OF: Mapping[type[Fact], Step] = {BurstBegan: _began, BurstFollowed: _followed}
FOLDS: Folds = {BurstBegan: _began_folded, BurstFollowed: _followed_folded, BurstAnswered: _answered_folded}
