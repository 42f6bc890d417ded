"""What humans do in a rehearsal: found on their desks, done by the same way in as a browser's, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.message import Message, Reach
from rapport.model.need import Offer
from rapport.model.reply import Draft, Outcome, Outgoing
from rapport.rehearsal.checks import UPON_NOTHING
from rapport.rehearsal.house import House
from rapport.rehearsal.tables import ActionTable

OF_OFFER = frozenset({"accept", "decline"})
OF_DRAFT = frozenset({"approve", "return", "withdraw", "unsend"})
OF_OUTGOING = frozenset({"retry_send", "give_up"})
OF_HELD = frozenset({"release"})
WITH_REASON = frozenset({"return", "transfer", "hand_over", "take_over", "assign"})
OF_MESSAGE = frozenset({"correct"})
OF_WORKFORCE = frozenset({"answer_burst", "ask_swap", "answer_swap", "decide_swap", "take_roster"})


@dataclass(frozen=True, slots=True)
class Upon:
    """What an action is done upon; `missing` says why it cannot be done at all."""

    conversation: bytes | None = None
    offer: bytes | None = None
    draft: bytes | None = None
    outgoing: bytes | None = None
    message: bytes | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an action: `reason` why it took no effect; `is_impossible`: there was nothing to do it upon."""

    reason: str = ""
    is_impossible: bool = False


async def find_upon(db: asyncpg.Connection, tenant: int, action: ActionTable, message: bytes | None) -> Upon:
    """What stands on the agent's desk for this action."""
    if action.do in UPON_NOTHING:
        return Upon()
    if action.do in OF_HELD:
        return Upon(conversation=message)
    found = await read_rows(db, tenant, Message, [message]) if message is not None else []
    conversation = found[0].conversation if found else None
    if conversation is None:
        return Upon(missing=f"{action.message} belongs to no conversation")
    if action.do in OF_OFFER:
        return await _offer(db, tenant, action, conversation)
    if action.do in OF_DRAFT:
        return await _draft(db, tenant, action, conversation)
    if action.do in OF_OUTGOING:
        parts = await read_where(
            db, tenant, Outgoing, "conversation = $2 and state = 'unknown' order by at, part", conversation
        )
        return Upon(conversation, outgoing=parts[0].id) if parts else Upon(missing="no part of a reply is in doubt")
    return Upon(conversation, message=message if action.do in OF_MESSAGE else None)


async def _offer(db: asyncpg.Connection, tenant: int, action: ActionTable, conversation: bytes) -> Upon:
    offers = await read_where(db, tenant, Offer, "conversation = $2 and state = 'open' order by made_at desc", conversation)
    mine = [offer for offer in offers if offer.agent == action.agent]
    if mine:
        return Upon(conversation, offer=mine[0].id)
    has = (await read_rows(db, tenant, Conversation, [conversation]))[0].agent
    whose = ", ".join(offer.agent for offer in offers)
    said = f"it is offered to {whose}" if whose else f"{has} has it" if has else "it is offered to nobody"
    return Upon(missing=f"{action.message} is not offered to {action.agent}: {said}")


async def _draft(db: asyncpg.Connection, tenant: int, action: ActionTable, conversation: bytes) -> Upon:
    drafts = await read_where(db, tenant, Draft, "conversation = $2 order by at desc, id desc", conversation)
    waiting = [draft for draft in drafts if draft.state == "asked"] or (drafts if action.do in ("withdraw", "unsend") else [])
    if waiting:
        return Upon(conversation, draft=waiting[0].id)
    stands = f"the last draft is {drafts[0].state}" if drafts else "no reply was written"
    return Upon(missing=f"no draft for {action.message} waits for approval: {stands}")


async def do_action(house: House, action: ActionTable, message: bytes | None, start: datetime, nth: int) -> Done:
    """Do it and settle; what became of it."""
    async with house.within(house.tenant) as db:
        upon = await find_upon(db, house.tenant, action, message)
    if upon.missing:
        return Done(upon.missing, is_impossible=True)
    reach = "" if action.public is None else Reach.PUBLIC if action.public else Reach.PRIVATE
    argument = action.disposition or action.to or action.argument
    if action.do == "change_today":
        argument = _otherwise(action, start)
    elif action.do in OF_WORKFORCE:
        async with house.within(house.tenant) as db:
            argument = await _of_workforce(db, house.tenant, action)
    elif action.until is not None:
        argument = (start + action.until).isoformat()
    id = await house.intake.act(
        house.tenant,
        action.agent,
        action.do,
        conversation=upon.conversation,
        offer=upon.offer,
        draft=upon.draft,
        outgoing=upon.outgoing,
        message=upon.message,
        reach=reach,
        argument=argument,
        text=action.text,
        reason=action.text if action.do in WITH_REASON else "",
        values=action.values,
        once=f"rehearsal {nth}",
    )
    await house.settle()
    return Done(await _outcome(house, id))


def _otherwise(action: ActionTable, start: datetime) -> str:
    """What `change_today` asks for: `argument` names the piece, `set` its fields, `until` the end, `text` says why."""
    thing, _, name = action.argument.partition("/")
    until = (start + (action.until or timedelta())).isoformat()
    return msgspec.json.encode({"thing": thing, "name": name, "set": action.set, "until": until, "why": action.text}).decode()


async def _of_workforce(db: asyncpg.Connection, tenant: int, action: ActionTable) -> str:
    """What is said of the burst that is under way, or of shifts: `argument` is the step or the answer, `set` what is asked."""
    if action.do in ("ask_swap", "take_roster"):
        return msgspec.json.encode(action.set).decode()
    burst = action.do == "answer_burst"
    table, where = ("burst", "ended_at is null") if burst else ("shift_ask", "state in ('asked', 'agreed')")
    found = await db.fetchval(f"select id from {table} where tenant = $1 and {where} order by id desc limit 1", tenant)
    of = found.hex() if found is not None else ""
    said = {"burst": of, "step": action.argument} if burst else {"ask": of, "do": action.argument, "why": action.text}
    return msgspec.json.encode(said).decode()


async def crossed(house: House) -> bytes | None:
    """The message by which a conversation came here from another centre, the latest; None where none did."""
    async with house.within(house.tenant) as db:
        found: bytes | None = await db.fetchval(
            "select id from message where tenant = $1 and channel = 'crossing' and direction = 'in' order by at desc limit 1",
            house.tenant,
        )
    return found


async def _outcome(house: House, action: bytes) -> str:
    async with house.within(house.tenant) as db:
        found = await read_rows(db, house.tenant, Outcome, [action])
    if not found:
        return "nothing became of it"
    return "" if found[0].ok else found[0].reason or "it was refused"


async def offers_to_take(house: House, agents: list[str], messages: list[str]) -> list[Offer]:
    """The open offers that lie before these agents, or that are of these messages (by key), oldest first."""
    where = """state = 'open' and (agent = any($2::text[]) or exists (select 1 from message m where m.tenant = $1
        and m.conversation = offer.conversation and m.direction = 'in' and m.key = any($3::text[]))) order by made_at, id"""
    async with house.within(house.tenant) as db:
        return await read_where(db, house.tenant, Offer, where, agents, messages)
