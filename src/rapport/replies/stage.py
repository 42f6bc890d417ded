"""The stage that lets replies out: text, checks, approval where the rules ask for it, and one outgoing part after the other."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import cast

from rapport.ledger.entry import New
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    ApprovalAsked,
    Deciding,
    DraftApproved,
    DraftRefused,
    DraftReturned,
    DraftWithdrawn,
    DraftWritten,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.reply import Draft, DraftState
from rapport.replies.approval import approval_rules, house_of
from rapport.replies.check import FindPersonal, refusal
from rapport.replies.eligibility import May, anything, unallowed
from rapport.replies.leaving import done, fact_of, queued, refused
from rapport.replies.operations import moderate
from rapport.replies.sends import give_up, retry_send
from rapport.replies.writing import Fit, written

SENIOR = frozenset({"supervisor", "administrator"})
Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def stage(fit: Fit, find_personal: FindPersonal, may: May = anything) -> Stage:
    """The replies stage. `fit` says the exact parts that a network would be given; `find_personal` where a text is personal.

    `may`: why a network's rules do not let a reply out now.
    """
    acts: Mapping[str, Act] = {
        "reply": partial(_reply, fit, find_personal, may),
        "approve": partial(_approve, fit, find_personal, may),
        "return": _return,
        "withdraw": _withdraw,
        "moderate": partial(moderate, fit, find_personal),
        "retry_send": retry_send,
        "give_up": give_up,
    }

    def act(entry: Written, rows: Rows) -> Iterable[New]:
        fact = cast(ActionTaken, entry.fact)
        chosen = acts.get(fact.do)
        return chosen(entry, fact, rows) if chosen is not None else ()

    return Stage("replies", {ActionTaken: act}, due={"send": lambda reminder, rows: ()})


def _reply(fit: Fit, find_personal: FindPersonal, may: May, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    obstacle = _obstacle(conversation, fact, rows)
    if conversation is None or obstacle:
        yield refused(entry, fact, rows, obstacle)
        return
    words = entry.content if isinstance(entry.content, Words) else Words()
    reach = Reach(fact.reach) if fact.reach else conversation.reach
    if why := unallowed(may, conversation, reach, rows):
        yield refused(entry, fact, rows, why)
        return
    agent = rows.centre.agents.get(fact.agent)
    house = house_of(rows.centre, agent, conversation)
    deciding = written(words, reach, conversation, house, rows, fit=fit, find_personal=find_personal)
    id = derived_id(fact.action, "draft")
    message = derived_id(id, "message")
    draft = DraftWritten(id, conversation.id, fact.agent, reach, message)
    yield fact_of(entry, draft, conversation, rows, deciding)
    refusing = refusal(deciding.findings)
    if refusing is not None:
        yield fact_of(entry, DraftRefused(id, conversation.id, refusing.rule), conversation, rows)
        yield refused(entry, fact, rows, f"{refusing.rule}: {refusing.reason}")
        return
    rules = approval_rules(house, agent, reach, deciding.findings)
    if rules:
        yield fact_of(entry, ApprovalAsked(id, conversation.id, rules), conversation, rows)
    else:
        yield fact_of(entry, DraftApproved(id, conversation.id), conversation, rows, deciding)
        yield from queued(entry, id, reach, conversation, deciding, rows)
    yield done(entry, fact, rows, id)


def _obstacle(conversation: Conversation | None, fact: ActionTaken, rows: Rows) -> str:
    """Why nothing can be written here now; "" where it can."""
    if conversation is None:
        return "There is no such conversation."
    if fact.reach not in ("", *Reach):
        return f"A reply is public or private, got {fact.reach!r}."
    if conversation.state is State.RESOLVED:
        return "This conversation is resolved; reopen it to write in it."
    agent = rows.centre.agents.get(fact.agent)
    if conversation.agent != fact.agent and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: {fact.agent} does not have this conversation; take it or accept its offer first."
    if conversation.draft is not None:
        return "A reply of this conversation waits for approval; withdraw it to write another."
    return ""


def _asked(fact: ActionTaken, rows: Rows) -> tuple[Draft, Conversation] | str:
    """The draft that waits for a decision with its conversation, or why there is none."""
    conversation = rows.get(Conversation, fact.conversation)
    draft = rows.get(Draft, fact.draft or (conversation.draft if conversation else None))
    if draft is None:
        return "No reply waits for approval here."
    conversation = rows.get(Conversation, draft.conversation)
    if draft.state is not DraftState.ASKED or conversation is None:
        return f"This reply is {draft.state} already."
    return draft, conversation


def _approve(fit: Fit, find_personal: FindPersonal, may: May, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    found = _asked(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    if draft.agent == fact.agent:
        yield refused(entry, fact, rows, "own-text: nobody approves their own text; somebody else must see it.")
        return
    if why := unallowed(may, conversation, draft.reach, rows):
        yield refused(entry, fact, rows, why)
        return
    words = entry.content if isinstance(entry.content, Words) else Words()
    edited = words.text if words.text.strip() and words.text.strip() != draft.text.strip() else ""
    deciding = Deciding(draft.text, draft.parts, draft.findings, subject=draft.subject)
    if edited:
        house = house_of(rows.centre, rows.centre.agents.get(draft.agent), conversation)
        anew = written(
            Words(text=edited, subject=draft.subject),
            draft.reach,
            conversation,
            house,
            rows,
            fit=fit,
            find_personal=find_personal,
        )
        refusing = refusal(anew.findings)
        if refusing is not None:
            yield refused(entry, fact, rows, f"{refusing.rule}: {refusing.reason}")
            return
        deciding = Deciding(draft.text, anew.parts, anew.findings, edited=edited, subject=draft.subject)
    approved = DraftApproved(draft.id, conversation.id, fact.agent)
    yield fact_of(entry, approved, conversation, rows, deciding)
    yield from queued(entry, draft.id, draft.reach, conversation, deciding, rows)
    yield done(entry, fact, rows, draft.id)


def _return(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    found = _asked(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    words = entry.content if isinstance(entry.content, Words) else Words()
    returned = DraftReturned(draft.id, conversation.id, fact.agent)
    yield fact_of(entry, returned, conversation, rows, Deciding(draft.text, reason=words.reason or words.text))
    yield done(entry, fact, rows, draft.id)


def _withdraw(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    found = _asked(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    if draft.agent != fact.agent:
        yield refused(entry, fact, rows, f"not-yours: only {draft.agent}, who wrote it, can withdraw this reply.")
        return
    yield fact_of(entry, DraftWithdrawn(draft.id, conversation.id, fact.agent), conversation, rows)
    yield done(entry, fact, rows, draft.id)
