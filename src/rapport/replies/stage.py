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
    ConversationRead,
    DraftApproved,
    DraftRefused,
    DraftWritten,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.replies.approval import SENIOR, asked, house_of
from rapport.replies.calling import tell_approver
from rapport.replies.check import FindPersonal, refusal
from rapport.replies.deciding import APPROVAL, approve, expire, give_back, withdraw
from rapport.replies.eligibility import May, anything, unallowed
from rapport.replies.leaving import done, fact_of, queued, refused
from rapport.replies.operations import moderate
from rapport.replies.reading_marks import mark_read
from rapport.replies.sends import give_up, retry_send
from rapport.replies.times import chosen_time, ends_at, leaves_at
from rapport.replies.undoing import unsend
from rapport.replies.writing import Carry, Fit, Judges, ReadLanguage, no_files, no_language, occasion_of, written

Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def stage(
    fit: Fit,
    find_personal: FindPersonal,
    may: May = anything,
    language: ReadLanguage = no_language,
    carry: Carry = no_files,
    ours: str = "",
) -> Stage:
    """The replies stage. `fit` says the exact parts that a network would be given; `find_personal` where a text is personal.

    `may`: why a network's rules do not let a reply out now; `language`: of a text, "" where it cannot be told.
    `carry`: how files go with it; `ours`: where the house's own public pages begin.
    """
    judges = Judges(fit, find_personal, may, language, carry, ours)
    acts: Mapping[str, Act] = {
        "reply": partial(_reply, judges),
        "approve": partial(approve, judges),
        "return": give_back,
        "withdraw": withdraw,
        "unsend": unsend,
        "moderate": partial(moderate, judges),
        "retry_send": retry_send,
        "give_up": give_up,
        "tell_approver": tell_approver,
    }

    def act(entry: Written, rows: Rows) -> Iterable[New]:
        fact = cast(ActionTaken, entry.fact)
        chosen = acts.get(fact.do)
        return chosen(entry, fact, rows) if chosen is not None else ()

    return Stage(
        "replies", {ActionTaken: act, ConversationRead: mark_read}, due={"send": lambda reminder, rows: (), APPROVAL: expire}
    )


def _reply(judges: Judges, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    send_at = chosen_time(fact.argument, rows)
    obstacle = _obstacle(conversation, fact, rows) or (send_at if isinstance(send_at, str) else "")
    if conversation is None or obstacle or isinstance(send_at, str):
        yield refused(entry, fact, rows, obstacle)
        return
    words = entry.content if isinstance(entry.content, Words) else Words()
    reach = Reach(fact.reach) if fact.reach else conversation.reach
    if why := unallowed(judges.may, conversation, reach, rows, at=send_at):
        yield refused(entry, fact, rows, why)
        return
    agent = rows.centre.agents.get(fact.agent)
    house = house_of(rows.centre, agent, conversation)
    deciding = written(words, reach, conversation, house, rows, judges, agent)
    id = derived_id(fact.action, "draft")
    draft = DraftWritten(id, conversation.id, fact.agent, reach, derived_id(id, "message"), send_at)
    yield fact_of(entry, draft, conversation, rows, deciding)
    refusing = refusal(deciding.findings)
    if refusing is not None:
        yield fact_of(entry, DraftRefused(id, conversation.id, refusing.rule), conversation, rows)
        yield refused(entry, fact, rows, f"{refusing.rule}: {refusing.reason}")
        return
    must = asked(house, occasion_of(agent, reach, conversation, deciding, rows))
    if must.rules:
        until = ends_at(must.tiers[0], rows.now) if must.tiers else None
        yield fact_of(entry, ApprovalAsked(id, conversation.id, must.rules, must.tiers, until), conversation, rows)
    else:
        yield fact_of(entry, DraftApproved(id, conversation.id), conversation, rows, deciding)
        yield from queued(entry, id, reach, conversation, deciding, rows, leaves_at(house, send_at, rows.now))
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
    if agent is None and fact.agent.startswith("rule:"):
        return (
            ""
            if conversation.draft is None
            else "A reply of this conversation waits for approval; withdraw it to write another."
        )
    if fact.agent not in (conversation.agent, *conversation.beside) and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: {fact.agent} does not have this conversation; take it or accept its offer first."
    if conversation.draft is not None:
        return "A reply of this conversation waits for approval; withdraw it to write another."
    return ""
