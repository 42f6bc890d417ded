"""Offering: a pair that was decided becomes the facts of an offer, with every reason for it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from rapport.ledger.entry import New
from rapport.ledger.views import Rows
from rapport.matching.board import next_decision
from rapport.matching.expression import parse
from rapport.matching.plan import plan_called, step_of
from rapport.matching.policy.decide import Decision
from rapport.matching.roster import Roster
from rapport.matching.seating import Ask, Eligible
from rapport.matching.stems import plain
from rapport.matching.value import VERSION, terms
from rapport.matching.valuing import Valuer, reasons
from rapport.matching.wants import Wants
from rapport.model.fact import NeedWidened, OfferAccepted, OfferMade
from rapport.model.ids import derived_id, named_id
from rapport.model.need import Explanation, Need, Option, Term

MOST_TERMS = 12


class Match(NamedTuple):
    """A need and the agent who was chosen, by position in the roster, and what was known of the choice."""

    need: Need
    wants: Wants
    ask: Ask
    eligible: Eligible
    agent: int
    slot: str
    score: float = 0.0
    others: tuple[tuple[str, float], ...] = ()
    free_now: bool = False
    mode: str = "best"
    decision: Decision | None = None
    options: tuple[Option, ...] = ()
    valuer: Valuer | None = None  # what the options were valued with


def offer(match: Match, open_offers: Mapping[str, Collection[bytes]], rows: Rows) -> Iterable[New]:
    """The facts that put a need to an agent. A bot takes it at once. `open_offers`: those of each agent."""
    need, conversation = match.need, match.wants.conversation
    roster = match.wants.roster
    agent = roster.agents[match.agent]
    id = offer_id(need, agent.id, rows)
    seconds = plan_called(roster.centre, need.plan, need.slot).offer_seconds
    # Who has other offers to look at first gets longer, so that a full desk is not taken for an empty one.
    expires_at = rows.now + timedelta(seconds=seconds * (1 + len(open_offers.get(agent.id, ()))))
    made = OfferMade(id, need.id, agent.id, match.slot, expires_at)
    why = explanation(match)
    yield _new(id, made, need.id, rows.now, why, conversation.handle)
    if agent.bot:
        yield _new(id, accepted(id, need, agent.id, match.slot, rows.now, bot=True), need.id, rows.now)


def accepted(offer: bytes, need: Need, agent: str, slot: str, now: datetime, *, bot: bool = False) -> OfferAccepted:
    """The fact that an agent took what was offered."""
    waited = max(0.0, (now - need.since).total_seconds())
    return OfferAccepted(offer, need.id, agent, derived_id(offer, "interaction"), slot, bot, waited)


def offer_id(need: Need, agent: str, rows: Rows) -> bytes:
    """An id for an offer that is made now."""
    return named_id(rows.now, "offer", need.id, agent, next_decision(rows))


def widened(need: Need, step: int, until: datetime | None, rows: Rows) -> New:
    """The fact that a need went on to another step."""
    id = named_id(rows.now, "widened", need.id, step, next_decision(rows))
    return New(id, rows.now, need.id, NeedWidened(need.id, step, until))


def _new(
    offer: bytes,
    fact: OfferMade | OfferAccepted,
    subject: bytes,
    at: datetime,
    why: Explanation | None = None,
    owner: bytes | None = None,
) -> New:
    return New(derived_id(offer, fact.number), at, subject, fact, why, owner)


def explanation(match: Match) -> Explanation:
    """Everything that spoke for the agent who was chosen."""
    found = terms(match.wants, match.agent, match.ask.bots)
    valuer = match.valuer if match.options else None
    if valuer is not None:
        found = reasons(found, match.wants, valuer, match.agent, match.options[0].terms)
    found += _asked(match, found)
    if match.free_now:
        found.append(Term("idle", "free", 0.0))
    return Explanation(
        plan=match.ask.plan,
        step=match.ask.step,
        considered=len(match.wants.roster.agents),
        removed=dict(match.eligible.removed),
        terms=tuple(found[:MOST_TERMS]),
        score=match.score,
        others=match.others,
        version=valuer.version if valuer is not None else VERSION,
        mode=match.mode,
        options=match.options,
        **_decided(match.decision),
    )


def _decided(decision: Decision | None) -> dict[str, Any]:  # Any: fields of Explanation
    if decision is None:
        return {}
    return {
        "likely": round(decision.value, 4),
        "price": round(decision.price, 4),
        "hope": round(decision.wait, 4),
        "surplus": round(decision.surplus, 4),
        "propensity": round(decision.propensity, 6),
        "drawn": bool(decision.drawn),
    }


def _asked(match: Match, named: list[Term]) -> list[Term]:
    """What the transfer, the plan's step and its preferences asked for, as far as it is not named yet."""
    roster, ask = match.wants.roster, match.ask
    agent, record = roster.agents[match.agent], roster.records[match.agent]
    found: list[Term] = []
    if ask.target and plain(ask.target) in (plain(agent.id), plain(agent.team)):
        found.append(Term("transfer", ask.target, 0.0))
    step = step_of(plan_called(roster.centre, ask.plan, ask.kind), ask.step)
    if step.prefer:
        need = match.wants.record_with(ask.values)
        found += [Term("prefer", rule, weight) for rule, weight in step.prefer.items() if parse(rule)(record, need)]
    for path in _told(step.require):
        if len(path) > 1:
            level = _level(roster, path, match.agent)
            if level > 0 and all((term.attribute, term.value) != path[:2] for term in named):
                found.append(Term(path[0], path[1], 0.0, "plan"))
        elif isinstance(record.get(path[0]), str | bool | float):
            found.append(Term(path[0], str(record[path[0]]), 0.0, "plan"))
    return found


@lru_cache(maxsize=1024)
def _told(require: str) -> tuple[tuple[str, ...], ...]:
    """What of an agent a step looks at and is told where it is so: levels by name, and attributes of one value."""
    paths = sorted(parse(require).agent_paths)
    levels = {path for path in paths if len(path) > 1 and path[0] in ("skills", "interests")}
    return tuple(path for path in paths if path in levels or (len(path) == 1 and path[0] not in ("languages", "skills")))


def _level(roster: Roster, path: tuple[str, ...], agent: int) -> float:
    names = roster.skills if path[0] == "skills" else roster.interests
    return float(names.levels[names.names.index(path[1]), agent]) if path[1] in names.names else 0.0
