"""The view of receipts: how far each part of ours has come, joined with the part whichever is known first."""

from collections.abc import Sequence
from typing import cast

import asyncpg
from msgspec.structs import replace

from rapport.ledger.news import sequel_of
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import Changed, OperationDone, ReceiptSeen
from rapport.model.message import Message, Standing
from rapport.model.news import Delivery, further
from rapport.model.reply import Outgoing, OutgoingState
from rapport.model.sequel import Sequel
from rapport.replies.outbox import receipt_id

MOST_ATTEMPTS = 12  # of an operation, whose receipts are looked for
_RECEIPTS = """select source_id, seq, leaf from entry
where source_id = any($2::text[]) and source = 'sent' and tenant = $1 and kind = $3"""
ARRIVED = frozenset({Delivery.DELIVERED, Delivery.READ})


async def proofs_of(db: asyncpg.Connection, tenant: int, operations: Sequence[bytes]) -> dict[bytes, str]:
    """The receipt of each operation that its network has done: its number in the ledger, and how its leaf begins."""
    if not operations:
        return {}
    names = {receipt_id(id, attempt): id for id in operations for attempt in range(1, MOST_ATTEMPTS + 1)}
    rows = await db.fetch(_RECEIPTS, tenant, list(names), OperationDone.number)
    return {names[row["source_id"]]: f"{row['seq']} · {row['leaf'].hex()[:12]}" for row in rows}


def linked(rows: Rows, outgoing: Outgoing, key: str) -> Outgoing:
    """The part with what its network reported of `key` before we knew that it is called so; from now on both are joined."""
    sequel = sequel_of(rows, outgoing.account, key)
    now = replace(sequel, outgoing=outgoing.id, message=outgoing.message, handle=outgoing.handle)
    rows.put(now)
    if sequel.versions and (message := rows.get(Message, outgoing.message)) is not None:
        rows.put(replace(message, text=sequel.versions[-1].text))
    return replace(outgoing, delivery=now.delivery)


def _reported(entry: Written, rows: Rows) -> None:
    fact = cast(ReceiptSeen, entry.fact)
    before = sequel_of(rows, fact.account, fact.of)
    delivery = further(before.delivery, fact.delivery)
    reason = entry.content.reason if isinstance(entry.content, Changed) else ""
    failed = delivery is Delivery.FAILED
    sequel = replace(before, delivery=delivery, reason=(reason or before.reason) if failed else "")
    rows.put(sequel)
    outgoing = rows.get(Outgoing, sequel.outgoing)
    if outgoing is not None and outgoing.key == fact.of:  # not one that was sent anew since
        rows.put(replace(outgoing, delivery=delivery))
        settle(rows, outgoing.id, sequel)


def settle(rows: Rows, id: bytes, sequel: Sequel) -> None:
    """What a report says of a part that was taken: it never arrived, so people must know; or it did after all."""
    outgoing = rows.get(Outgoing, id)
    if outgoing is None:
        return
    if sequel.delivery is Delivery.FAILED and outgoing.state is OutgoingState.SENT:
        rows.put(replace(outgoing, state=OutgoingState.REFUSED, reason=sequel.reason))
        rows.change(Message, outgoing.message, standing=Standing.REFUSED, reason=sequel.reason)
    elif sequel.delivery in ARRIVED and outgoing.state in (OutgoingState.REFUSED, OutgoingState.UNKNOWN):
        rows.put(replace(outgoing, state=OutgoingState.SENT, reason=""))
        rows.change(Message, outgoing.message, standing=Standing.SENT, reason="")


FOLDS: Folds = {ReceiptSeen: _reported}
