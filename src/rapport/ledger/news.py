"""What a network tells of messages that are there, as facts; and the fold that keeps it beside them, whichever comes first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, cast

import asyncpg
from msgspec.structs import replace

from rapport.ledger.cards import kept
from rapport.ledger.cleaning import clean
from rapport.ledger.entry import New
from rapport.ledger.journey import EventTold, seen
from rapport.ledger.owners import open_keys
from rapport.ledger.seal import Keys
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.call import call_id
from rapport.model.centre import Account
from rapport.model.fact import (
    CallEnded,
    CallKeyed,
    CallLegEnded,
    CallStarted,
    Changed,
    Fact,
    Keyed,
    MessageDeleted,
    MessageEdited,
    ReactionSeen,
    ReceiptSeen,
)
from rapport.model.ids import named_id
from rapport.model.message import Incoming, Message, Unreadable
from rapport.model.news import Called, CallStep, Deletion, Edit, Happening, News, Reaction, Report
from rapport.model.sequel import Sequel, Version, reacted, sequel_id, told_anew

LONGEST_SIGN = 40
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Told = Incoming | Unreadable | News
KNOWN = "select source_id, subject from entry where tenant = $1 and source = $2 and source_id = any($3::text[])"
TO = """select s.id, o.handle from sequel s join outgoing o on o.tenant = s.tenant and o.id = s.outgoing
where s.tenant = $1 and s.id = any($2::uuid[]) and o.handle is not null"""


TOLD = """select source, source_id, subject from entry
where tenant = $1 and source = any($2::text[]) and source_id = any($3::text[])"""


class Known(NamedTuple):
    """What is on record: our messages and whom parts went to, by the network's key; `before`: earlier names of happenings by
    their source and key.
    """

    messages: Mapping[str, bytes] = {}
    to: Mapping[str, bytes] = {}
    before: Mapping[tuple[str, str], str] = {}


def name_of(told: Told, channel: str) -> str:
    """Whose it is, as the name of a handle; of what names nobody, one that stands for the network's own words."""
    if isinstance(told, Report):
        return f"{channel}:reports"
    return told.handle or f"{channel}:unreadable"


async def find_known(db: asyncpg.Connection, keys: Keys, tenant: int, account: str, told: Sequence[Told]) -> Known:
    """Our messages by what the network calls them, and whom the parts went to that it reports of, as far as we have them."""
    of = {clean(news.of) for news in told if not isinstance(news, Incoming | Unreadable)}
    messages = dict(await db.fetch(KNOWN, tenant, f"in:{account}", list(of)))
    reported = {sequel_id(account, clean(report.of)): clean(report.of) for report in told if isinstance(report, Report)}
    found = await db.fetch(TO, tenant, list(reported)) if reported else []
    to = {reported[id]: handle for id, handle in found}
    await open_keys(db, keys, tenant, set(to.values()))
    happened = [one for one in told if isinstance(one, Happening)]
    return Known(messages, to, await _called_before(db, keys, tenant, happened) if happened else {})


async def _called_before(
    db: asyncpg.Connection, keys: Keys, tenant: int, told: Sequence[Happening]
) -> dict[tuple[str, str], str]:
    """Happenings that are on record under a name of an earlier version, by their source and key.

    A name that came from another account as well counts only for the same moment: that is what the id is made of.
    """
    tried: dict[tuple[str, str], tuple[str, bytes | None]] = {}
    for one in told:
        source = f"event:{clean(one.source)}"
        for name in _called(keys, tenant, one.was) if one.was else ():
            tried[source, name] = one.key, named_id(one.at, tenant, one.source, name)
        for name in _called(keys, tenant, one.key):
            tried[source, name] = one.key, None
    names = [name for _, name in tried]
    found = {(source, name): id for source, name, id in await db.fetch(TOLD, tenant, list({s for s, _ in tried}), names)}
    there = {place: tried[place] for place, id in found.items() if place in tried and tried[place][1] in (None, id)}
    return {(source, key): name for (source, name), (key, _) in there.items()}


def _called(keys: Keys, tenant: int, name: str) -> tuple[str, str]:
    """As `journey.nameless` may have called it: as it is, or by its digest."""
    said = clean(name)
    return said, keys.digest(tenant, f"called|{said}").hex()


def news_of(
    tenant: int,
    account: Account,
    news: News,
    now: datetime,
    owners: Mapping[str, bytes],
    known: Known,
    keys: Keys,
) -> New:
    """The fact that a piece of news is."""
    if isinstance(news, Happening):
        told = EventTold(news.handle, news.kind, news.source, news.key, news.at, news.data)
        new = seen(keys, tenant, told, owners[name_of(news, account.channel)], now)
        return replace(new, source_id=known.before.get((f"event:{clean(news.source)}", news.key), new.source_id))
    key, of, messages = clean(news.key), clean(news.of), known.messages
    at = min(max(news.at, LONG_AGO), now)
    owner = owners[name_of(news, account.channel)]
    message = messages.get(of)
    if isinstance(news, Called):
        return _call(tenant, account, news, at, now, owner, message)
    fact: MessageEdited | MessageDeleted | ReactionSeen | ReceiptSeen
    content = Changed(handle=clean(getattr(news, "handle", "")))
    if isinstance(news, Edit):
        fact = MessageEdited(account.id, account.channel, of, owner, at, message)
        content = replace(content, text=kept(news.text), html=kept(news.html))
    elif isinstance(news, Deletion):
        fact = MessageDeleted(account.id, account.channel, of, owner, at, message)
    elif isinstance(news, Reaction):
        sign = clean(news.sign)[:LONGEST_SIGN]
        fact = ReactionSeen(account.id, account.channel, of, owner, sign, at, news.taken_back, message)
    else:
        owner = known.to.get(of, owner)
        fact = ReceiptSeen(account.id, account.channel, of, owner, news.delivery, at)
        content = Changed(reason=clean(news.reason))
    id = named_id(at, tenant, "news", account.id, key)
    return New(id, now, message or sequel_id(account.id, of), fact, content, owner, f"news:{account.id}", key)


def _call(tenant: int, account: Account, told: Called, at: datetime, now: datetime, owner: bytes, message: bytes | None) -> New:
    """What happened to a call, as a fact."""
    call, key, content = call_id(account.id, clean(told.of)), clean(told.key), None
    argument, reason = clean(told.argument), clean(told.reason)
    fact: Fact
    match told.step:
        case CallStep.STARTED:
            fact = CallStarted(call, account.id, account.channel, clean(told.of), owner, at, argument, message)
        case CallStep.KEYED:
            fact, content = CallKeyed(call, account.id, owner, at, message), Keyed(argument)
        case CallStep.LEG_ENDED:
            fact = CallLegEnded(call, account.id, owner, argument, at, reason, message)
        case CallStep.ENDED:
            fact = CallEnded(call, account.id, owner, at, reason, message)
    id = named_id(at, tenant, "call", account.id, key)
    return New(id, now, message or call, fact, content, owner, f"call:{account.id}", key)


def sequel_of(rows: Rows, account: str, key: str) -> Sequel:
    """The sequel of what the account's network calls `key`, as it is so far."""
    id = sequel_id(account, key)
    return rows.get(Sequel, id) or Sequel(id, account, key)


def _linked(sequel: Sequel, message: bytes | None, handle: bytes) -> Sequel:
    return replace(sequel, message=sequel.message or message, handle=sequel.handle or handle)


def _edited(entry: Written, rows: Rows) -> None:
    fact = cast(MessageEdited, entry.fact)
    said = entry.content if isinstance(entry.content, Changed) else Changed()
    edit(
        rows,
        _linked(sequel_of(rows, fact.account, fact.of), fact.message, fact.handle),
        Version(fact.edited_at, said.text, said.html),
    )


def edit(rows: Rows, sequel: Sequel, version: Version) -> None:
    """Put a version into a sequel, and what is said last into the message."""
    message = rows.get(Message, sequel.message)
    now = told_anew(sequel, version, message)
    rows.put(now)
    if message is not None:
        rows.put(replace(message, text=now.versions[-1].text, html=now.versions[-1].html))


def _deleted(entry: Written, rows: Rows) -> None:
    fact = cast(MessageDeleted, entry.fact)
    sequel = _linked(sequel_of(rows, fact.account, fact.of), fact.message, fact.handle)
    rows.put(replace(sequel, deleted_at=min(sequel.deleted_at or fact.deleted_at, fact.deleted_at)))


def _reacted(entry: Written, rows: Rows) -> None:
    fact = cast(ReactionSeen, entry.fact)
    sequel = sequel_of(rows, fact.account, fact.of)
    linked = replace(sequel, message=sequel.message or fact.message)
    rows.put(reacted(linked, fact.sign, -1 if fact.taken_back else 1))


FOLDS: Folds = {MessageEdited: _edited, MessageDeleted: _deleted, ReactionSeen: _reacted}
