"""One expectation judged: what is on record is read, and each of its keys gets a verdict."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.model.burst import Burst
from rapport.model.conversation import Conversation
from rapport.model.message import Message, Standing
from rapport.model.need import Offer
from rapport.model.reply import OutgoingState
from rapport.rehearsal.house import House
from rapport.rehearsal.judge import JUDGES, Case
from rapport.rehearsal.report import Verdict
from rapport.rehearsal.seen import Seen, count_sent, see
from rapport.rehearsal.tables import JUDGED, ExpectTable
from rapport.rehearsal.wording import sentence

FindId = Callable[[str], bytes]


async def judge(
    house: House,
    expect: ExpectTable,
    start: datetime,
    *,
    id_of: FindId,
    crowd: Sequence[bytes],
    bots: frozenset[str],
    notes: Sequence[str],
) -> list[Verdict]:
    """A verdict for each key that the expectation gives, by what is on record now.

    `crowd`: the messages that a share is of; `notes`: what could not be done upon its message, to tell beside a reason.
    """
    async with house.within(house.tenant) as db:
        case = await _case(db, house.tenant, expect, start, id_of=id_of, crowd=crowd, bots=bots)
    verdicts = []
    for key in JUDGED:
        if getattr(expect, key) is not None:
            instead = JUDGES[key](case) or ""
            told = "; ".join([instead, *notes]) if instead else ""
            verdicts.append(Verdict(expect.place, sentence(expect, key), told))
    return verdicts


async def _case(
    db: asyncpg.Connection,
    tenant: int,
    expect: ExpectTable,
    start: datetime,
    *,
    id_of: FindId,
    crowd: Sequence[bytes],
    bots: frozenset[str],
) -> Case:
    seen = await see(db, tenant, id_of(expect.message)) if expect.message else Seen(None)
    named = [name for name in (expect.same_conversation_as, expect.same_person_as) if name is not None]
    others = {name: await see(db, tenant, id_of(name)) for name in named}
    sent = sum(part.state == OutgoingState.SENT for part in seen.outgoing)
    if not expect.message and expect.messages_sent is not None:
        sent = await count_sent(db, tenant)
    served = await _served(db, tenant, crowd, expect.within) if expect.served_share is not None else (0, 0)
    bursts = await read_where(db, tenant, Burst, "ended_at is null") if expect.burst is not None else []
    return Case(expect, seen, others, start, bots, sent, served, bursts[0].kind if bursts else "none")


async def _served(db: asyncpg.Connection, tenant: int, crowd: Sequence[bytes], within: timedelta | None) -> tuple[int, int]:
    """How many messages were put to an agent in time, or went on with what an agent had; and how many there are."""
    messages = await read_rows(db, tenant, Message, crowd)
    ids = list({message.conversation for message in messages if message.conversation is not None})
    held = {c.id: c.agent for c in await read_rows(db, tenant, Conversation, ids)}
    offers: dict[bytes, list[datetime]] = {}
    for offer in await read_where(db, tenant, Offer, "conversation = any($2::uuid[])", ids):
        offers.setdefault(offer.conversation, []).append(offer.made_at)
    served = 0
    for message in messages:
        if message.conversation is None or message.standing == Standing.HELD:
            continue
        times = offers.get(message.conversation, [])
        took = min((at - message.at for at in times if at >= message.at), default=None)
        was_theirs = took is None and bool(held.get(message.conversation)) and any(at < message.at for at in times)
        served += was_theirs or (took is not None and (within is None or took <= within))
    return served, len(messages)
