"""Drawing a sample: which periods a plan may draw, what it draws, and whether the record still gives the same."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec

from rapport.audit.about import seq_at
from rapport.centre.reading import body_of_thing, set_at
from rapport.errors import BadInput, Conflict, NotFound
from rapport.ledger.read import head_of
from rapport.measures.folding import Folded
from rapport.measures.quality.candidates import candidates_of, draw_of
from rapport.measures.quality.drawing import Draw
from rapport.measures.quality.sampling import digest_of, drawn, periods
from rapport.model.review import RANDOM, SamplingPlan
from rapport.model.reviewed import Reviewable, Sample, sample_id, version_of
from rapport.web.desk.page import Seat
from rapport.web.languages import zone_named
from rapport.web.measures.reports_page import following_of

LOW = "low-survey"
A_MOMENT = timedelta(seconds=1)


class PeriodShown(msgspec.Struct, frozen=True):
    """A period that is over. `sample`: what was drawn of it; None: nothing yet."""

    starts: datetime
    ends: datetime
    sample: Sample | None = None

    @property
    def last(self) -> datetime:
        """A moment of its last day."""
        return self.ends - A_MOMENT


class PlanShown(msgspec.Struct, frozen=True):
    """A sampling plan and its latest periods; `waits`: none has ended since it was set."""

    plan: SamplingPlan
    title: dict[str, str]
    periods: tuple[PeriodShown, ...]
    has_card: bool


class Checked(msgspec.Struct, frozen=True):
    """Whether the record gives the same sample again. `now`: candidates as they are now, fewer once somebody was erased."""

    same: bool
    now: int


async def plans_shown(seat: Seat, samples: Collection[Sample]) -> tuple[PlanShown, ...]:
    """Every plan with the periods that it may draw, the latest first."""
    drawn_already = {sample.id: sample for sample in samples}
    now, zone = seat.office.clock.now(), zone_named(seat.centre.profile.zone)
    found = []
    for plan in sorted(seat.centre.samplings.values(), key=lambda one: one.id):
        since = await _set_at(seat, plan.id)
        card = seat.centre.scorecards.get(plan.scorecard)
        shown = tuple(
            PeriodShown(starts, ends, drawn_already.get(sample_id(plan.id, starts, ends)))
            for starts, ends in periods(plan.every, now, zone, since)
        )
        title = card.title if card else {"en": plan.scorecard, "es": plan.scorecard}
        found.append(PlanShown(plan, title, shown, card is not None))
    return tuple(found)


async def _set_at(seat: Seat, plan: str) -> datetime:
    return await set_at(seat.db, seat.who.tenant, "sampling", plan) or seat.office.clock.now()


async def drawing(seat: Seat, name: str, starts: str) -> Draw:
    """What a plan draws of the period that begins then; whoever asks holds the lock of `following_of`, taken before the seat.

    Raises:
        NotFound, BadInput, Conflict.
    """
    plan, body = seat.centre.samplings.get(name), await body_of_thing(seat.db, seat.who.tenant, "sampling", name)
    if plan is None or body is None:
        raise NotFound(f"the centre has no sampling plan {name[:60]!r}")
    zone = zone_named(seat.centre.profile.zone)
    over = periods(plan.every, seat.office.clock.now(), zone, await _set_at(seat, name))
    period = next((one for one in over if one[0].isoformat() == starts), None)
    if period is None:
        raise BadInput(f"the plan {name[:60]!r} draws no period that begins at {starts[:40]!r}; choose one of those shown")
    last = await seq_at(seat.db, seat.who.tenant, period[1], await head_of(seat.db, seat.who.tenant)) - 1
    low = await said_low(seat, plan)
    return await draw_of(
        seat.db, seat.who.tenant, plan, seat.centre.agents, period, version=version_of(body), last=last, said_low=low
    )  # fmt: skip


async def said_low(seat: Seat, plan: SamplingPlan) -> Callable[[bytes], bool]:
    """Whether the survey about a conversation came back low; whoever asks holds the lock. Raises Conflict while it is read."""
    if not plan.risky or LOW not in plan.weights():
        return lambda conversation: False
    following = following_of(seat.office, seat.who.tenant)
    folded = await following.catch_up(seat.db, seat.who.tenant)
    if following.share < 1:
        raise Conflict("the record is still being read, so we cannot tell yet whose survey was low; try again in a minute")
    return lambda conversation: is_low(folded, conversation)


def is_low(folded: Folded, conversation: bytes) -> bool:
    """Whether somebody said that it was bad: 1 or 2 of 5, hard to get settled, not settled, or 0 to 6 of 10."""
    row = folded.rows.get(conversation)
    if row is None:
        return False
    bounds = {"satisfied": 2, "effort": 3, "solved": 0, "recommends": 6}
    return any(0 <= int(folded.talks.arrays[name][row]) <= most for name, most in bounds.items())


async def checked(seat: Seat, sample: Sample, items: Collection[Reviewable]) -> Checked | None:
    """Draw the random part again by the seed on record; None where the plan is gone or has changed since."""
    plan, body = seat.centre.samplings.get(sample.plan), await body_of_thing(
        seat.db, seat.who.tenant, "sampling", sample.plan
    )  # fmt: skip
    if plan is None or body is None or version_of(body) != sample.version:
        return None
    period = sample.starts, sample.ends
    found = await candidates_of(seat.db, seat.who.tenant, plan, seat.centre.agents, period, lambda conversation: False)
    if digest_of(found) != sample.digest:
        return Checked(False, len(found))
    again = drawn(found, bytes.fromhex(sample.seed), each=plan.per_agent, risky=plan.risky, twice=plan.twice)
    ours = {(one.candidate.conversation, one.candidate.agent) for one in again if one.kind == RANDOM}
    return Checked(ours == {(one.conversation, one.agent) for one in items if one.kind == RANDOM}, len(found))
