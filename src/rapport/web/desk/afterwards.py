"""What became of the messages of a thread: edits, deletions, reactions, how far ours came, and what may be done to them."""

from collections.abc import Sequence

import asyncpg
from msgspec.structs import replace

from rapport.ledger.tables import read_rows, read_where
from rapport.measures.accounts import ops_of
from rapport.model.call import CALL
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.news import Delivery, further
from rapport.model.reply import MARK_READ, Outgoing, OutgoingState
from rapport.model.sequel import Sequel, as_it_stands, said_before, sequel_id
from rapport.replies.receipts import proofs_of
from rapport.web.desk.shown import Afterwards
from rapport.web.security import Who

OURS = frozenset({"delete", "edit"})
UNSHOWN = ("", CALL, MARK_READ)
THEIRS = frozenset({"hide", "unhide", "react", "unreact"})
SENIOR = frozenset({"supervisor", "administrator"})


async def read_afterwards(
    db: asyncpg.Connection, who: Who, conversation: Conversation, messages: Sequence[Message]
) -> tuple[list[Message], dict[bytes, Afterwards]]:
    """The messages as they stand now, and what became of each."""
    parts: dict[bytes, list[Outgoing]] = {m.id: [] for m in messages}
    for part in await read_where(db, who.tenant, Outgoing, "message = any($2::uuid[]) order by at, part", list(parts)):
        parts[part.message].append(part)
    keys = {m.id: _keys(m, parts[m.id]) for m in messages}
    ids = {sequel_id(m.account, key) for m in messages for key in keys[m.id]}
    sequels = {s.id: s for s in await read_rows(db, who.tenant, Sequel, ids)} if ids else {}
    may = who.may("desk.write") and (conversation.agent == who.agent or who.role in SENIOR)
    known = await ops_of(db, who.tenant, {m.account for m in messages}) if may else {}
    proofs = await proofs_of(db, who.tenant, [p.id for own in parts.values() for p in own if p.op == "delete"])
    found: dict[bytes, Afterwards] = {}
    shown: list[Message] = []
    for m in messages:
        own = [s for key in keys[m.id] if (s := sequels.get(sequel_id(m.account, key))) is not None]
        after = _afterwards(m, own, parts[m.id], done_to(known.get(m.account) or (), m.reach))
        found[m.id] = replace(after, proof=next((proofs[p.id] for p in parts[m.id] if p.id in proofs), ""))
        shown.append(as_it_stands(m, own[0]) if len(own) == 1 else m)
    return shown, found


def _keys(message: Message, parts: Sequence[Outgoing]) -> list[str]:
    keys = [part.key for part in parts if part.key and not part.op]
    return keys or ([message.key] if message.key else [])


def _afterwards(message: Message, own: Sequence[Sequel], parts: Sequence[Outgoing], known: frozenset[str]) -> Afterwards:
    over = (OutgoingState.SENT, OutgoingState.RECALLED)
    asked = tuple(part for part in parts if part.op not in UNSHOWN and part.state not in over)  # a call's stands in its own row
    ops = _ops(message, own, parts, known) - {part.op for part in asked}
    if not own:
        return Afterwards(asked=asked, ops=ops)
    counts: dict[str, int] = {}
    for sign, number in (pair for sequel in own for pair in sequel.shown):
        counts[sign] = counts.get(sign, 0) + number
    deleted = [s for s in own if s.deleted_at is not None]
    return Afterwards(
        earlier=said_before(message, own[0]) if len(own) == 1 else (),
        deleted_at=deleted[0].deleted_at if deleted else None,
        deleted_by=deleted[0].deleted_by if deleted else "",
        hidden_by=own[0].hidden_by,
        reactions=tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
        ours=own[0].ours,
        delivery=_delivery(own) if message.direction is Direction.OUT else "",
        asked=asked,
        ops=ops,
    )


def _delivery(own: Sequence[Sequel]) -> str:
    """How far the whole message has come: as far as its last part; "" where its network has reported nothing."""
    reported = [s.delivery for s in own]
    least = next((d for d in reported if all(further(d, other) is other for other in reported)), Delivery.QUEUED)
    return "" if least in (Delivery.QUEUED, Delivery.ACCEPTED, Delivery.SENT) else least.value


def done_to(kept: Sequence[str], reach: Reach) -> frozenset[str]:
    """What can be done to messages of a reach, of what `pipeline.health` keeps: a reach behind the colon is the only one."""
    return frozenset(op for op, _, only in (one.partition(":") for one in kept) if only in ("", reach))


def _ops(message: Message, own: Sequence[Sequel], parts: Sequence[Outgoing], known: frozenset[str]) -> frozenset[str]:
    """What the account can do, as far as it makes sense for this message now."""
    if any(s.deleted_at is not None for s in own) or message.direction is Direction.NOTE:
        return frozenset()
    if message.direction is Direction.OUT:
        sent = [part for part in parts if part.key and not part.op]
        single = frozenset() if len(sent) == 1 else frozenset({"edit"})
        return (known & OURS) - single if sent and message.standing is not Standing.QUEUED else frozenset()
    if not message.key or message.standing is Standing.UNREADABLE:
        return frozenset()
    hidden = any(s.hidden_by for s in own)
    return (known & THEIRS) - ({"hide"} if hidden else {"unhide"}) - (frozenset() if any(s.ours for s in own) else {"unreact"})
