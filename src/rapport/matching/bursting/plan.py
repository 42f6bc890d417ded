"""The plan for a burst, one step at a time: widen who may be asked, call people in, tell who waits how long it really takes."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.duty.legal import SPAN, first_of, newly_wrong
from rapport.matching.duty.turns import turns_from, written_anew
from rapport.matching.plan import BUILT_IN, SPEAKS
from rapport.matching.shifts import DAY, zone_of
from rapport.matching.strain import shift_of
from rapport.matching.today import Asked, otherwise, reminded_of
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.burst import BURST_RULE as CAUSE, MOST_TOLD, Burst, holding_action, holding_draft
from rapport.model.conversation import Conversation, State
from rapport.model.fact import TodayChanged, Words
from rapport.model.fact_work import ActionCaused
from rapport.model.fact_workforce import ShiftAsked
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.need import Need
from rapport.model.playbook import said_in
from rapport.model.reply import Draft
from rapport.model.shift_ask import ShiftAsk

MOST_CALLED = 20
ANSWERING = ("agent", "approver", "supervisor")  # the roles of those who are there to answer
LEAST_LASTS, MOST_LASTS = timedelta(hours=1), timedelta(hours=12)
LAST_OF_ALL = -1_000_000  # the priority of what stands for the built-in plan: after every plan of the centre
WHY = "burst"  # the reason that stands at a plan which was widened; pages say it in the reader's language
AUTOMATED = {"en": "Automated answer", "es": "Respuesta automática"}
SPANS = {"en": ("{} minutes", "{} hours"), "es": ("{} minutos", "{} horas")}
Taken = tuple[list[New], tuple[str, ...]]  # the facts of a step, and what it was done to


def widen(entry: Written, burst: Burst, by: str, rows: Rows) -> Taken:
    """Every plan begins with its widest step, for as long as the burst is thought to last. Raises BadInput."""
    found: list[New] = []
    names = []
    until = _until(burst, rows.now).isoformat()
    plans = {
        plan.id: {"steps": msgspec.to_builtins(plan.steps[-1:])} for plan in rows.centre.plans.values() if len(plan.steps) > 1
    }
    if all(plan.when for plan in rows.centre.plans.values()):
        plans[BUILT_IN] = {"steps": [{"require": SPEAKS, "seconds": 10.0}, {"require": ""}], "priority": LAST_OF_ALL}
    for name, fields in sorted(plans.items()):
        try:
            today = otherwise(Asked("plan", name, fields, until, WHY), by or CAUSE, rows)
        except (BadInput, msgspec.MsgspecError):
            continue  # changed for today already, or it cannot be followed so: it stays as it is
        changed = TodayChanged(today.id, msgspec.json.encode(today))
        found.append(follows(entry, changed, subject=reminded_of(today.id), at=rows.now, nth=len(found)))
        names.append(name)
    if not found:
        raise BadInput("Every plan is as wide as it can be, or changed for today already.")
    return found, tuple(names)


def call_in(entry: Written, burst: Burst, by: str, rows: Rows) -> Taken:
    """Those who are free and may legally come are asked whether they do, as many as are missing. Raises BadInput."""
    centre = rows.centre
    asked = {ask.to for ask in rows.all(ShiftAsk) if ask.open}
    free = sorted((agent for agent in centre.agents.values() if _may_come(agent, asked, rows)), key=lambda agent: agent.id)
    found: list[New] = []
    for agent in free:
        turn = _call(agent, burst, rows)
        if turn is None:
            continue
        day, begin, end = turn
        id = derived_id(burst.id, "call_in", agent.id)
        until = _until(burst, rows.now)
        fact = ShiftAsked(id, "call_in", "", agent.id, day, begin, end, until, burst=burst.id)
        found.append(follows(entry, fact, subject=id, at=rows.now))
        if len(found) >= min(burst.people, MOST_CALLED):
            break
    if not found:
        raise BadInput("Nobody who is not at work may legally come now.")
    return found, tuple(new.fact.to for new in found if isinstance(new.fact, ShiftAsked))


def _may_come(agent: Agent, asked: set[str], rows: Rows) -> bool:
    now = rows.get(AgentNow, agent.id)
    here = now is not None and now.presence not in (Presence.OFFLINE,)
    return not (agent.bot or here or agent.id in asked) and agent.role in ANSWERING


def _call(agent: Agent, burst: Burst, rows: Rows) -> tuple[str, int, int] | None:
    """The turn that somebody would come for: from the next quarter on; None where it would not be legal, or they work then."""
    centre, zone = rows.centre, agent.timezone or rows.centre.profile.zone
    wall = rows.now.astimezone(zone_of(zone))
    ahead, begin = divmod(15 * ceil((wall.hour * 60 + wall.minute + 1) / 15), DAY)
    end = begin + max(60, 15 * ceil((_until(burst, rows.now) - rows.now) / timedelta(minutes=15)))
    day = wall.date() + timedelta(days=ahead)
    texts, first = shift_of(agent, centre), first_of(day)
    before = turns_from(agent.id, texts, zone, first, 2 * SPAN)
    if any(turn.begins <= rows.now < turn.ends for turn in before):
        return None
    mine = [(turn.start, turn.end) for turn in before if turn.day == day]
    after = turns_from(agent.id, written_anew(texts, day, [*mine, (begin, end)], day), zone, first, 2 * SPAN)
    return None if newly_wrong(before, after, centre.profile) else (day.isoformat(), begin, end)


def holding(entry: Written, burst: Burst, by: str, rows: Rows) -> Taken:
    """Who waits in private is told how long it takes; whoever comes while the burst runs will be too. Raises BadInput."""
    name = rows.centre.profile.burst_reply
    if name not in rows.centre.replies:
        raise BadInput(
            "The centre names no reply for a burst: write `burst_reply`, the name of a saved one, with {wait} in it."
        )
    waiting = sorted(rows.all(Need), key=lambda need: (need.since, need.id))
    found: list[New] = []
    for need in waiting[:MOST_TOLD]:
        conversation = rows.get(Conversation, need.id)
        if conversation is not None and may_be_told(conversation, burst, rows):
            found.append(reply(entry, conversation, burst, rows, nth=len(found)))
    return found, (name,)


def may_be_told(conversation: Conversation, burst: Burst, rows: Rows) -> bool:
    """Whether a holding reply goes there: private, open, nobody has it, and it was not told. A public one is seen by all."""
    is_told = rows.knows(Draft, holding_draft(burst.id, conversation.id))
    alone = not is_told and not conversation.agent and not conversation.bot
    return alone and conversation.state is State.OPEN and conversation.reach is Reach.PRIVATE and conversation.draft is None


def reply(entry: Written, conversation: Conversation, burst: Burst, rows: Rows, nth: int = 0) -> New:
    """The holding reply of a conversation, in its own language, with the wait as it is now."""
    saved = rows.centre.replies[rows.centre.profile.burst_reply]
    language = conversation.language or next(iter(rows.centre.profile.languages), "es")
    text = said_in(saved.texts, language).replace("{wait}", span_said(burst.waits, language))
    text = f"{text}\n{AUTOMATED.get(language[:2], AUTOMATED['en'])}"
    action = holding_action(burst.id, conversation.id)
    fact = ActionCaused(action, CAUSE, "reply", conversation.id, cause=CAUSE, handle=conversation.handle)
    owner = conversation.handle
    return follows(entry, fact, subject=conversation.id, at=rows.now, content=Words(text), owner=owner, nth=nth)


def span_said(seconds: float, language: str) -> str:
    """A wait in words, rounded up to five minutes, from two hours on to whole hours: better said too long than too short."""
    minutes, hours = SPANS.get(language[:2], SPANS["en"])
    if seconds <= 7200.0:
        return minutes.format(max(5, 5 * ceil(seconds / 300.0)))
    return hours.format(ceil(seconds / 3600.0))


def _until(burst: Burst, now: datetime) -> datetime:
    return now + min(max(timedelta(seconds=burst.lasts), LEAST_LASTS), MOST_LASTS)


STEPS: Mapping[str, Callable[[Written, Burst, str, Rows], Taken]] = {"widen": widen, "call_in": call_in, "holding": holding}
