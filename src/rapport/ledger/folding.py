"""The folds of what belongs to no stage: messages as they came, outcomes, entries set aside, the centre's things."""

from typing import cast

from rapport.ledger import news
from rapport.ledger.views import AllFolds, Fold, Folds, Rows, Written
from rapport.model.centre import Thing
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    CentreRemoved,
    CentreSet,
    EntryDigested,
    EntrySetAside,
    Fact,
    MessageReceived,
    MessageUnreadable,
    RawBytes,
    ReminderFell,
)
from rapport.model.message import Direction, Message, Reach, Said, Standing
from rapport.model.reply import Aside, Outcome, Reminder

ERASED = Said(text="", handle="")


def together(*views: Folds) -> AllFolds:
    """The folds of several views, by the kind of fact, in the order in which they are named."""
    found: dict[type[Fact], tuple[Fold, ...]] = {}
    for folds in views:
        for kind, one in folds.items():
            found[kind] = (*found.get(kind, ()), one)
    return found


def fold(entry: Written, rows: Rows, views: AllFolds) -> None:
    """Fold one entry into the rows of every view that knows its kind."""
    for one in views.get(type(entry.fact), ()):
        one(entry, rows)


def _message_received(entry: Written, rows: Rows) -> None:
    fact = cast(MessageReceived, entry.fact)
    said = entry.content if isinstance(entry.content, Said) else ERASED
    rows.put(
        Message(
            id=fact.message,
            at=fact.said_at,
            direction=Direction.IN,
            standing=Standing.RECEIVED,
            reach=fact.reach,
            account=fact.account,
            channel=fact.channel,
            key=fact.key,
            thread=fact.thread,
            in_reply_to=fact.in_reply_to,
            handle=fact.handle,
            author=said.name or said.handle.partition(":")[2],
            subject=said.subject,
            text=said.text,
            html=said.html,
            media=said.media,
            actionable=not fact.automatic,
            automatic=fact.automatic,
            kind=fact.kind,
        )
    )


def _message_unreadable(entry: Written, rows: Rows) -> None:
    fact = cast(MessageUnreadable, entry.fact)
    raw = entry.content if isinstance(entry.content, RawBytes) else RawBytes(b"", "")
    rows.put(
        Message(
            id=fact.message,
            at=entry.at,
            direction=Direction.IN,
            standing=Standing.UNREADABLE,
            reach=Reach.PRIVATE,
            account=fact.account,
            channel=fact.channel,
            key=fact.key,
            handle=fact.handle,
            author=raw.handle.partition(":")[2],
            reason=raw.reason,
            kind=fact.kind,
        )
    )


def _action_done(entry: Written, rows: Rows) -> None:
    fact = cast(ActionDone, entry.fact)
    rows.put(Outcome(fact.action, entry.at, ok=True, result=fact.result))


def _action_refused(entry: Written, rows: Rows) -> None:
    fact = cast(ActionRefused, entry.fact)
    rows.put(Outcome(fact.action, entry.at, ok=False, reason=fact.reason))


def _set_aside(entry: Written, rows: Rows) -> None:
    fact = cast(EntrySetAside, entry.fact)
    before = rows.get(Aside, fact.entry)
    retried = before.retried + 1 if before and fact.retried else 0
    rows.put(Aside(fact.entry, fact.seq, entry.at, fact.stage, fact.reason, retried))


def _digested(entry: Written, rows: Rows) -> None:
    rows.change(Aside, cast(EntryDigested, entry.fact).entry, done=True)


def _reminder_fell(entry: Written, rows: Rows) -> None:
    rows.drop(Reminder, cast(ReminderFell, entry.fact).reminder)


def _centre_set(entry: Written, rows: Rows) -> None:
    fact = cast(CentreSet, entry.fact)
    rows.put(Thing(f"{fact.thing}/{fact.name}", fact.body, entry.at))


def _centre_removed(entry: Written, rows: Rows) -> None:
    fact = cast(CentreRemoved, entry.fact)
    rows.drop(Thing, f"{fact.thing}/{fact.name}")


FOLDS: Folds = {
    MessageReceived: _message_received,
    MessageUnreadable: _message_unreadable,
    ActionDone: _action_done,
    ActionRefused: _action_refused,
    EntrySetAside: _set_aside,
    EntryDigested: _digested,
    ReminderFell: _reminder_fell,
    CentreSet: _centre_set,
    CentreRemoved: _centre_removed,
    **news.FOLDS,
}
OWN = together(FOLDS)
