"""POST /api/conversations/…/messages/…/moderate: hide, take down, edit or react to a message that is on its network."""

from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_rows
from rapport.model.ids import read_id, show_id
from rapport.model.message import Message
from rapport.replies.operations import OPERATIONS
from rapport.web.acting import act
from rapport.web.api.conversations import Became
from rapport.web.idempotency import once
from rapport.web.security import AnyRequest, current, needs, office_of


class Moderation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`op`: hide, unhide, react or unreact a message of theirs, delete or edit one of ours. `text`: the new words, or the sign.

    `reason`: why, for the record.
    """

    op: str
    text: str = ""
    reason: str = ""


_asked = msgspec.json.Decoder(Moderation)


@post(
    "/api/conversations/{conversation:str}/messages/{message:str}/moderate",
    opt=needs("desk.write")
    | {"takes": Moderation, "gives": Became, "says": f"Do to a message on its network: {', '.join(sorted(OPERATIONS))}"},
    status_code=200,
)
async def moderate(request: AnyRequest, conversation: FromPath[str], message: FromPath[str]) -> Response[bytes]:
    """Lay it into the outbox; `result` names the part, and what its network made of it stands beside the message."""
    office, who = office_of(request), current(request)
    talk, said = read_id(conversation), read_id(message)
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = _asked.decode(body)
    if asked.op not in OPERATIONS:
        raise BadInput(f"op must be one of {', '.join(sorted(OPERATIONS))}, got {asked.op[:40]!r}")
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await read_rows(db, who.tenant, Message, [said]) if said and talk else []
    if not found or found[0].conversation != talk:
        raise NotFound(f"no message {message[:40]} in a conversation {conversation[:40]}")

    async def answer(key: str) -> tuple[int, Any]:  # Any: Became
        outcome = await act(
            office, who, "moderate", conversation=talk, message=said, argument=asked.op, text=asked.text, reason=asked.reason,
            once=key,
        )  # fmt: skip
        if outcome is None:
            return 202, Became(False)
        return 200, Became(True, show_id(outcome.result) if outcome.result else "")

    return await once(request, body, answer)


HANDLERS = [moderate]
