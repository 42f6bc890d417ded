"""Operations: what somebody asks to be done on a network to a message that is there, by the same outbox as a reply."""

from collections.abc import Iterable
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New
from rapport.ledger.news import edit, sequel_of
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.call import CALL
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Deciding, OperationAsked, OperationDone, Words
from rapport.model.ids import derived_id
from rapport.model.message import Direction, Message
from rapport.model.reply import MARK_READ, Outgoing, OutgoingState
from rapport.model.sequel import Sequel, Version
from rapport.replies.approval import APPROVERS, SENIOR, approval_rules, house_of
from rapport.replies.check import refusal
from rapport.replies.leaving import done, fact_of, refused
from rapport.replies.writing import Judges, occasion_of, written

OURS = frozenset({"delete", "edit"})
CROSS = "cross"  # what is asked of another centre, not of a message
OPERATIONS = OURS | {"hide", "unhide", "react", "unreact"}


def moderate(judges: Judges, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Lay an operation into the outbox: one for each part by which the network knows the message."""
    message = rows.get(Message, fact.message)
    conversation = rows.get(Conversation, message.conversation) if message else None
    words = entry.content if isinstance(entry.content, Words) else Words()
    parts = sorted(_parts(message, rows), key=lambda part: part[0]) if message else []
    obstacle = _obstacle(fact, message, conversation, words, parts, rows)
    if obstacle or message is None or conversation is None:
        yield refused(entry, fact, rows, obstacle or "There is no such message in a conversation.")
        return
    text = words.text
    if fact.argument == "edit":
        fitted, reason = _checked(judges, fact, message, conversation, words, rows)
        if reason:
            yield refused(entry, fact, rows, reason)
            return
        text = fitted
    for part, key in parts:
        id = derived_id(fact.action, "operation", part)
        asked = OperationAsked(
            id, message.id, conversation.id, message.handle or conversation.handle, message.account, message.channel,
            message.reach, fact.argument, key, fact.agent, part, len(parts),
        )  # fmt: skip
        yield fact_of(entry, asked, conversation, rows, Words(text=text, reason=words.reason), nth=part)
    yield done(entry, fact, rows, derived_id(fact.action, "operation", parts[0][0]))


def _parts(message: Message, rows: Rows) -> list[tuple[int, str]]:
    """(number, the network's name) of each part of the message that the network has."""
    if message.direction is Direction.IN:
        return [(0, message.key)] if message.key else []
    mine = (part for part in rows.all(Outgoing) if part.message == message.id and not part.op)
    return [(part.part, part.key) for part in mine if part.key and part.state is not OutgoingState.RECALLED]


def _obstacle(
    fact: ActionTaken,
    message: Message | None,
    conversation: Conversation | None,
    words: Words,
    parts: list[tuple[int, str]],
    rows: Rows,
) -> str:
    """Why it cannot be done; "" where it can."""
    op = fact.argument
    if message is None or conversation is None or message.direction is Direction.NOTE:
        return "There is no such message in a conversation."
    if op not in OPERATIONS:
        return f"An operation is one of {', '.join(sorted(OPERATIONS))}, got {op!r}."
    agent = rows.centre.agents.get(fact.agent)
    if conversation.agent != fact.agent and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: {fact.agent} does not have this conversation; take it or accept its offer first."
    if (message.direction is Direction.OUT) != (op in OURS):
        return "Only a message of ours can be taken down or edited; only one of theirs can be hidden or reacted to."
    if not parts:
        return "Its network does not have this message (yet)."
    if op in ("edit", "react", "unreact") and not words.text.strip():
        return "An edit needs words, and a reaction its sign."
    if op == "edit" and len(parts) > 1:
        return "A reply of several parts cannot be edited; take it down and write it again."
    return ""


def _checked(
    judges: Judges,
    fact: ActionTaken,
    message: Message,
    conversation: Conversation,
    words: Words,
    rows: Rows,
) -> tuple[str, str]:
    """(the text as the network would be given it, "") or ("", why it may not be said): an edit passes what a reply passes."""
    agent = rows.centre.agents.get(fact.agent)
    house = house_of(rows.centre, agent, conversation)
    deciding: Deciding = written(words, message.reach, conversation, house, rows, judges, agent)
    refusing = refusal(deciding.findings)
    if refusing is not None:
        return "", f"{refusing.rule}: {refusing.reason}"
    if len(deciding.parts) != 1:
        return "", "The new text does not fit into one message; take it down and write it again."
    occasion = occasion_of(agent, message.reach, conversation, deciding, rows)
    if approval_rules(house, occasion) and (agent is None or agent.role not in APPROVERS):
        return "", "An edit that would need approval is for who may approve; take it down and write a new reply."
    return deciding.parts[0], ""


def _asked(entry: Written, rows: Rows) -> None:
    fact = cast(OperationAsked, entry.fact)
    words = entry.content if isinstance(entry.content, Words) else Words()
    rows.put(
        Outgoing(
            id=fact.outgoing, message=fact.message, conversation=fact.conversation, account=fact.account, channel=fact.channel,
            reach=fact.reach, at=entry.at, part=fact.part, text=words.text, handle=fact.handle, parts=fact.parts, op=fact.op,
            target=fact.of, by=fact.by,
        )
    )  # fmt: skip


def _done(entry: Written, rows: Rows) -> None:
    fact = cast(OperationDone, entry.fact)
    outgoing = rows.change(Outgoing, fact.outgoing, state=OutgoingState.SENT, reason="", not_before=None)
    if outgoing is None or outgoing.op in (CALL, CROSS, MARK_READ):
        return
    sequel = sequel_of(rows, outgoing.account, outgoing.target)
    sequel = replace(sequel, message=outgoing.message, handle=sequel.handle or outgoing.handle)
    if outgoing.op == "edit":
        edit(rows, sequel, Version(fact.done_at, outgoing.text))
    else:
        rows.put(_changed(sequel, outgoing, fact))


def _changed(sequel: Sequel, outgoing: Outgoing, fact: OperationDone) -> Sequel:
    signs = () if fact.one_sign else tuple(sign for sign in sequel.ours if sign != outgoing.text)
    match outgoing.op:
        case "delete":
            return replace(sequel, deleted_at=fact.done_at, deleted_by=outgoing.by)
        case "hide":
            return replace(sequel, hidden_by=outgoing.by)
        case "unhide":
            return replace(sequel, hidden_by="")
        case "react":
            return replace(sequel, ours=(*signs, outgoing.text))
        case _:
            return replace(sequel, ours=signs)


FOLDS: Folds = {OperationAsked: _asked, OperationDone: _done}
