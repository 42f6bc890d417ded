"""The view of replies: drafts, the outbox, and our own messages with how far they have got."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.news import sequel_of
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    Deciding,
    DraftApproved,
    DraftRefused,
    DraftReturned,
    DraftWithdrawn,
    DraftWritten,
    MessageSent,
    ReplyQueued,
    SendPutOff,
    SendRefused,
    SendRetried,
    SendUnknown,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.message import ChannelKind, Direction, Message, Standing
from rapport.model.news import Delivery
from rapport.model.person import Handle
from rapport.model.reply import Draft, DraftState, Outgoing, OutgoingState, Reminder
from rapport.model.statement import Statement, digest_of
from rapport.replies import operations, receipts, tiers, undoing
from rapport.replies.claims import claims_of
from rapport.replies.receipts import linked, settle
from rapport.replies.record import zone_of


def _deciding(entry: Written) -> Deciding:
    return entry.content if isinstance(entry.content, Deciding) else Deciding("")


def _reason(entry: Written) -> str:
    return entry.content.reason if isinstance(entry.content, Words) else ""


def _written(entry: Written, rows: Rows) -> None:
    fact = cast(DraftWritten, entry.fact)
    said = _deciding(entry)
    rows.put(
        Draft(
            id=fact.draft,
            conversation=fact.conversation,
            agent=fact.agent,
            at=entry.at,
            reach=fact.reach,
            state=DraftState.ASKED,
            text=said.text,
            parts=said.parts,
            findings=said.findings,
            subject=said.subject,
            send_at=fact.send_at,
            files=said.files,
            carried=said.carried,
        )
    )


def _approved(entry: Written, rows: Rows) -> None:
    fact = cast(DraftApproved, entry.fact)
    said = _deciding(entry)
    tiers.given(rows, fact.draft, fact.by, entry.at, said)
    rows.change(
        Draft, fact.draft, state=DraftState.APPROVED, approver=fact.by, edited=said.edited, parts=said.parts,
        carried=said.carried, findings=said.findings, decided_at=entry.at,
    )  # fmt: skip


def _returned(entry: Written, rows: Rows) -> None:
    fact = cast(DraftReturned, entry.fact)
    reason = _deciding(entry).reason
    rows.change(Draft, fact.draft, state=DraftState.RETURNED, approver=fact.by, reason=reason, decided_at=entry.at)


def _refused(entry: Written, rows: Rows) -> None:
    fact = cast(DraftRefused, entry.fact)
    rows.change(Draft, fact.draft, state=DraftState.REFUSED, reason=fact.rule, decided_at=entry.at)


def _withdrawn(entry: Written, rows: Rows) -> None:
    fact = cast(DraftWithdrawn, entry.fact)
    rows.change(Draft, fact.draft, state=DraftState.WITHDRAWN, decided_at=entry.at)


def _queued(entry: Written, rows: Rows) -> None:
    fact = cast(ReplyQueued, entry.fact)
    words = entry.content if isinstance(entry.content, Words) else Words()
    handle = rows.get(Handle, fact.handle)
    rows.put(
        Outgoing(
            id=fact.outgoing,
            message=fact.message,
            conversation=fact.conversation,
            account=fact.account,
            channel=fact.channel,
            reach=fact.reach,
            at=fact.not_before or entry.at,
            part=fact.part,
            text=words.text,
            to=handle.name if handle else "",
            subject=words.subject,
            in_reply_to=fact.in_reply_to,
            thread=fact.thread,
            handle=fact.handle,
            parts=fact.parts,
            not_before=fact.not_before,
            files=words.files,
        )
    )
    if fact.part == 0:
        message = _message(entry, fact, words, rows)
        rows.put(message)
        rows.put(_statement(entry, fact, message, rows))


def _statement(entry: Written, fact: ReplyQueued, message: Message, rows: Rows) -> Statement:
    """What we said, as later replies are compared with it."""
    today = entry.at.astimezone(zone_of(rows.centre)).date()
    claims = claims_of(message.text, today)
    return Statement(
        fact.message, entry.at, fact.person, fact.brand, fact.reach, fact.intent, message.agent, digest_of(message.text), claims
    )


def _message(entry: Written, fact: ReplyQueued, words: Words, rows: Rows) -> Message:
    """Our own message as the conversation shows it: one, whatever number of parts it needs."""
    draft = rows.get(Draft, fact.draft)
    conversation = rows.get(Conversation, fact.conversation)
    agent = draft.agent if draft else ""
    known = rows.centre.agents.get(agent)
    return Message(
        id=fact.message,
        at=entry.at,
        direction=Direction.OUT,
        standing=Standing.QUEUED,
        reach=fact.reach,
        account=fact.account,
        channel=fact.channel,
        thread=fact.thread,
        in_reply_to=fact.in_reply_to,
        handle=fact.handle,
        person=conversation.person if conversation else None,
        conversation=fact.conversation,
        agent=agent,
        author=(known.name if known else "") or agent,
        subject=words.subject,
        text=(draft.edited or draft.text) if draft else words.text,
        kind=conversation.kind if conversation else ChannelKind.SOCIAL,
        media=draft.files if draft else words.files,
    )


def _sent(entry: Written, rows: Rows) -> None:
    fact = cast(MessageSent, entry.fact)
    before = rows.get(Outgoing, fact.outgoing)
    if before is None:
        return
    tries = max(before.tries, fact.attempt)
    outgoing = replace(before, state=OutgoingState.SENT, key=fact.key, reason="", not_before=None, tries=tries)
    if fact.key:
        outgoing = linked(rows, outgoing, fact.key)
    rows.put(outgoing)
    message = rows.get(Message, outgoing.message)
    if message is None:
        return
    key = fact.key if outgoing.part == 0 else message.key
    is_whole = outgoing.part == outgoing.parts - 1  # parts go one after the other, so the last one ends it
    rows.put(replace(message, key=key, standing=Standing.SENT if is_whole else Standing.QUEUED, reason=""))
    if fact.key:
        settle(rows, outgoing.id, sequel_of(rows, outgoing.account, fact.key))


def _failed(entry: Written, rows: Rows) -> None:
    fact = cast(SendRefused | SendUnknown, entry.fact)
    before = rows.get(Outgoing, fact.outgoing)
    if before is None or before.state is OutgoingState.SENT:  # found after all; what an older attempt says is of no account
        return
    is_refused = isinstance(fact, SendRefused)
    state = OutgoingState.REFUSED if is_refused else OutgoingState.UNKNOWN
    reason = _reason(entry)
    rows.put(replace(before, state=state, reason=reason, tries=max(before.tries, fact.attempt), not_before=None))
    if before.op:
        return
    standing = Standing.REFUSED if is_refused else Standing.UNKNOWN
    rows.change(Message, before.message, standing=standing, reason=reason)


def _put_off(entry: Written, rows: Rows) -> None:
    fact = cast(SendPutOff, entry.fact)
    before = rows.get(Outgoing, fact.outgoing)
    if before is None or before.state is not OutgoingState.QUEUED or fact.attempt <= before.tries:
        return
    rows.put(replace(before, reason=_reason(entry), tries=fact.attempt, not_before=fact.not_before))
    rows.put(Reminder(derived_id(before.id, "reminder", "send"), fact.not_before, "send", before.id))


def _retried(entry: Written, rows: Rows) -> None:
    fact = cast(SendRetried, entry.fact)
    before = rows.get(Outgoing, fact.outgoing)
    if before is None:
        return
    failed = before.delivery is Delivery.FAILED and not fact.give_up
    outgoing = replace(
        before,
        state=OutgoingState.RECALLED if fact.give_up else OutgoingState.QUEUED,
        not_before=entry.at if failed else None,  # its network says that it never arrived: nothing is to be looked for
        delivery=Delivery.QUEUED if failed else before.delivery,
        anew=before.anew + failed,
    )
    rows.put(outgoing)
    if not fact.give_up and not outgoing.op:
        rows.change(Message, outgoing.message, standing=Standing.QUEUED, reason="")


FOLDS: Folds = {
    DraftWritten: _written,
    DraftApproved: _approved,
    DraftReturned: _returned,
    DraftRefused: _refused,
    DraftWithdrawn: _withdrawn,
    ReplyQueued: _queued,
    MessageSent: _sent,
    SendRefused: _failed,
    SendUnknown: _failed,
    SendPutOff: _put_off,
    SendRetried: _retried,
    **tiers.FOLDS,
    **undoing.FOLDS,
    **receipts.FOLDS,
    **operations.FOLDS,
}
