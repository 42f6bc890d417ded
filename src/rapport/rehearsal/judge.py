"""Judging: each key of an expectation against what is on record; None when it is met, else what happened instead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rapport.model.message import Standing
from rapport.model.need import Offer, OfferState
from rapport.model.reply import OutgoingState
from rapport.rehearsal.checks import one_or_more
from rapport.rehearsal.seen import Seen
from rapport.rehearsal.spans import show_span
from rapport.rehearsal.tables import ExpectTable


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation, what is on record of its message, and of the others that it names. `bots`: the tenant's bots."""

    expect: ExpectTable
    seen: Seen
    others: dict[str, Seen]
    start: datetime
    bots: frozenset[str]
    sent: int = 0  # parts of replies that went out: of the conversation, or of the tenant when no message is named
    served: tuple[int, int] = (0, 0)  # of the crowd: put to an agent in time, all
    burst: str = "none"  # the kind of the burst that is under way

    def since_start(self, at: datetime) -> str:
        """A time as the file counts it."""
        return show_span(at - self.start)


def trail(case: Case) -> str:
    """What happened to the message, in one line."""
    seen = case.seen
    if seen.message is None:
        return "the message is not on record"
    if seen.message.standing == Standing.HELD:
        return f"it was held ({seen.message.reason or 'by the guard'})"
    if seen.conversation is None:
        return "it belongs to no conversation"
    offers = ", then ".join(_offer_line(case, offer) for offer in seen.offers[-4:])
    has = f"{seen.conversation.agent} has it" if seen.conversation.agent else "nobody has it"
    return f"{f'offered to {offers}' if offers else 'offered to nobody'}; {has}, {seen.conversation.state}"


def _offer_line(case: Case, offer: Offer) -> str:
    why = ", ".join(dict.fromkeys(term.value or term.attribute for term in offer.why.terms[:4]))
    ended = f", {offer.state}" if offer.state not in (OfferState.OPEN, OfferState.ACCEPTED) else ""
    return f"{offer.agent} at {case.since_start(offer.made_at)}{f' because of {why}' if why else ''}{ended}"


def _in_time(case: Case, agents: tuple[str, ...]) -> list[Offer]:
    after = case.start + case.expect.after if case.expect.after is not None else None
    return [o for o in case.seen.offers if (not agents or o.agent in agents) and (after is None or o.made_at >= after)]


def _offered_to(case: Case) -> str | None:
    found = _in_time(case, one_or_more(case.expect.offered_to))
    holder = case.seen.conversation.agent if case.seen.conversation else ""
    has_it = case.expect.after is None and holder in one_or_more(case.expect.offered_to)
    return None if found or has_it else trail(case)


def _not_offered_to(case: Case) -> str | None:
    found = _in_time(case, one_or_more(case.expect.not_offered_to))
    return f"it was offered to {_offer_line(case, found[0])}" if found else None


def _offered_within(case: Case) -> str | None:
    expect, message = case.expect, case.seen.message
    offers = _in_time(case, one_or_more(expect.offered_to))
    if message is None or not offers or expect.offered_within is None:
        return trail(case)
    took = min((offer.made_at - message.at for offer in offers if offer.made_at >= message.at), default=None)
    if took is not None and took <= expect.offered_within:
        return None
    return f"that took {show_span(took)}" if took is not None else trail(case)


def _because(case: Case) -> str | None:
    offers = _in_time(case, one_or_more(case.expect.offered_to))
    if not offers:
        return trail(case)
    missing = [word for word in case.expect.because or () if not any(_names(offer, word) for offer in offers)]
    if not missing:
        return None
    terms = offers[-1].why.terms
    named = ", ".join(" ".join(filter(None, (term.attribute, term.value))) for term in terms) or "nothing"
    return f"{offers[-1].agent} was chosen because of {named}, without {', '.join(missing)}"


def _names(offer: Offer, word: str) -> bool:
    wanted = _folded(word)
    return any(wanted in _folded(f"{t.attribute} | {t.value} | {t.evidence}") for t in offer.why.terms)


def _folded(text: str) -> str:
    return text.casefold().replace("_", "-")


def _state(case: Case) -> str | None:
    conversation = case.seen.conversation
    if conversation is None:
        return trail(case)
    return None if conversation.state == case.expect.state else f"it is {conversation.state}: {trail(case)}"


def _shown(case: Case) -> str | None:
    missing = [kind for kind in case.expect.shown or () if kind not in case.seen.journey]
    return f"beside it stands {', '.join(case.seen.journey) or 'no journey event'}" if missing else None


def _held(case: Case) -> str | None:
    if case.seen.message is None:
        return trail(case)
    is_held = case.seen.message.standing == Standing.HELD
    return None if is_held == case.expect.held else trail(case) if is_held else f"it was let through: {trail(case)}"


def _read(name: str) -> Callable[[Case], str | None]:
    def judge(case: Case) -> str | None:
        if case.seen.message is None:
            return trail(case)
        value = getattr(case.seen.message, name)
        return None if value == getattr(case.expect, name) else f"its {name} was read as {value or 'unknown'}"

    return judge


def _urgency_at_least(case: Case) -> str | None:
    if case.seen.message is None or case.expect.urgency_at_least is None:
        return trail(case)
    urgency = case.seen.message.urgency
    return None if urgency >= case.expect.urgency_at_least else f"its urgency was read as {urgency:.2f}"


def _sent(case: Case) -> str | None:
    parts = case.seen.outgoing
    is_sent = any(part.state == OutgoingState.SENT for part in parts)
    if is_sent == case.expect.sent:
        return None
    if is_sent:
        return "a reply was sent"
    stuck = ", ".join(f"{part.state}{f' ({part.reason})' if part.reason else ''}" for part in parts)
    return f"nothing was sent: {stuck or _drafted(case)}"


def _drafted(case: Case) -> str:
    states = ", ".join(f"a draft of {draft.agent} is {draft.state}" for draft in case.seen.drafts)
    return states or "no reply was written"


def _needs_approval(case: Case) -> str | None:
    was_asked = bool(case.seen.asked)
    if was_asked == case.expect.needs_approval:
        return None
    if was_asked:
        return f"approval was asked ({', '.join(case.seen.asked[-1][1].rules) or 'no rule named'})"
    return f"no approval was asked: {_drafted(case)}"


def _refused_by(case: Case) -> str | None:
    rules = [fact.rule for _, fact in case.seen.refused]
    if case.expect.refused_by in rules:
        return None
    return f"it was refused by {', '.join(rules)}" if rules else f"no reply was refused: {_drafted(case)}"


def _flagged(case: Case) -> str | None:
    found = {finding.rule for draft in case.seen.drafts for finding in draft.findings}
    missing = [rule for rule in case.expect.flagged or () if rule not in found]
    return f"the checks found {', '.join(sorted(found)) or 'nothing'}: {_drafted(case)}" if missing else None


def _handed(case: Case) -> str | None:
    missing = [words for words in case.expect.handed or () if words not in case.seen.before]
    return f"{', '.join(map(repr, missing))} does not stand there: {trail(case)}" if missing else None


def _not_handed(case: Case) -> str | None:
    found = [words for words in case.expect.not_handed or () if words in case.seen.before]
    return f"{', '.join(map(repr, found))} stands there" if found else None


def _same_conversation_as(case: Case) -> str | None:
    mine, other = case.seen.conversation, case.others[case.expect.same_conversation_as or ""].conversation
    return None if mine is not None and other is not None and mine.id == other.id else "it is in another conversation"


def _same_person_as(case: Case) -> str | None:
    mine, other = case.seen.person, case.others[case.expect.same_person_as or ""].person
    return None if mine is not None and mine == other else "they are two persons"


def _bot(case: Case) -> str | None:
    offered = [offer.agent for offer in case.seen.offers if offer.state == OfferState.OPEN]
    agent = (case.seen.conversation.agent if case.seen.conversation else "") or (offered[-1] if offered else "")
    return None if agent and (agent in case.bots) == case.expect.bot else trail(case)


def _messages_sent(case: Case) -> str | None:
    return None if case.sent == case.expect.messages_sent else f"{case.sent} were sent"


def _served_share(case: Case) -> str | None:
    served, count = case.served
    if count and case.expect.served_share is not None and served >= case.expect.served_share * count - 1e-9:
        return None
    return f"{served} of {count} were, {served / count:.1%}" if count else "there was no message"


def _burst(case: Case) -> str | None:
    wanted = case.expect.burst
    return None if case.burst == wanted else f"there is {'no burst' if case.burst == 'none' else f'a {case.burst} one'}"


def _suggested(case: Case) -> str | None:
    missing = [name for name in case.expect.suggested or () if name not in case.seen.suggested]
    return f"beside it stands {', '.join(case.seen.suggested) or 'no article'}" if missing else None


JUDGES: dict[str, Callable[[Case], str | None]] = {
    "offered_to": _offered_to,
    "not_offered_to": _not_offered_to,
    "because": _because,
    "offered_within": _offered_within,
    "state": _state,
    "shown": _shown,
    "intent": _read("intent"),
    "language": _read("language"),
    "urgency_at_least": _urgency_at_least,
    "held": _held,
    "sent": _sent,
    "needs_approval": _needs_approval,
    "refused_by": _refused_by,
    "flagged": _flagged,
    "handed": _handed,
    "not_handed": _not_handed,
    "same_conversation_as": _same_conversation_as,
    "same_person_as": _same_person_as,
    "bot": _bot,
    "messages_sent": _messages_sent,
    "served_share": _served_share,
    "suggested": _suggested,
    "burst": _burst,
}
