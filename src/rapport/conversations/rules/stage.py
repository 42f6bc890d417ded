"""The stage of rules: an event, a condition, deeds. It does not see what follows from a rule, so rules cannot call rules."""

from collections.abc import Callable, Iterable
from functools import partial

from rapport.conversations.playbooks.deeds import done_by_itself
from rapport.conversations.playbooks.editions import newest
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Step, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationTransferred,
    ConversationWoken,
    Fact,
    OfferAccepted,
    ReplyQueued,
    WrappedUp,
)
from rapport.model.fact_work import RuleFired, TargetNear
from rapport.model.playbook import Rule

Holds = Callable[[str, Conversation, Rows], bool]  # whether an expression holds of a conversation
HEARD: tuple[type[Fact], ...] = (
    ConversationOpened,
    ConversationContinued,
    ConversationResolved,
    ConversationTransferred,
    ConversationWoken,
    OfferAccepted,
    WrappedUp,
    ReplyQueued,
    TargetNear,
)
_PLAIN: dict[type[Fact], str] = {
    ConversationOpened: "opened",
    ConversationResolved: "resolved",
    ConversationTransferred: "transferred",
    ConversationWoken: "woken",
    WrappedUp: "wrapped_up",
}


def stage(holds: Holds) -> Stage:
    """The stage of rules. `holds`: matching's expressions over a conversation."""
    steps: dict[type[Fact], Step] = dict.fromkeys(HEARD, partial(_heard, holds))
    return Stage("rules", steps, deaf=True)


def event_of(fact: Fact) -> str:
    """The event that a fact is to rules; "" where it is none."""
    if isinstance(fact, ConversationContinued):
        return "reopened" if fact.reopened else "continued"
    if isinstance(fact, OfferAccepted):
        return "" if fact.bot else "accepted"
    if isinstance(fact, ReplyQueued):
        return "" if fact.part else "replied"
    if isinstance(fact, TargetNear):
        return "missed" if fact.missed else "near"
    return _PLAIN.get(type(fact), "")


def fires(rule: Rule, fact: Fact, rows: Rows, holds: Holds) -> Conversation | None:
    """The conversation for which a rule is to act upon a fact; None: it does not."""
    if event_of(fact) not in rule.on:
        return None
    conversation = rows.get(Conversation, getattr(fact, "conversation", None))
    return conversation if conversation is not None and holds(rule.when, conversation, rows) else None


def _heard(holds: Holds, entry: Written, rows: Rows) -> Iterable[New]:
    for nth, rule in enumerate(sorted(rows.centre.rules.values(), key=lambda rule: rule.id)):
        conversation = fires(rule, entry.fact, rows, holds) if rule.enabled else None
        if conversation is None:
            continue
        edition = newest("rule", rule.id, rows)
        fired = RuleFired(conversation.id, rule.id, edition, event_of(entry.fact))
        new = follows(entry, fired, subject=conversation.id, at=rows.now, nth=nth)
        yield new
        name = f"rule:{rule.id}"
        yield from done_by_itself(new, rule.actions, conversation, rows, agent=name, cause=f"{name}@{edition}")
