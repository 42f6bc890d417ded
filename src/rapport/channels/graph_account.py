"""What a page on Facebook and a professional account on Instagram have in common: windows, private messages, finding them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from rapport.channels.channel import Eligibility, Exchange, Field, Fitted, Op, Part, Wording
from rapport.channels.graph_api import GraphApi, RefusedByGraph
from rapport.channels.graph_messaging import Kept
from rapport.channels.graph_sweep import with_person
from rapport.channels.graph_webhook import at
from rapport.channels.limits import Limits
from rapport.channels.part import File
from rapport.channels.splitting import split
from rapport.channels.units import measure
from rapport.channels.wire import those_opened
from rapport.errors import Unavailable
from rapport.model.message import Reach

ACTIONS = {Op.REACT: "react", Op.UNREACT: "unreact", Op.MARK_READ: "mark_seen"}
OUTSIDE_WINDOW = (10, 2018278)  # "This message is sent outside of allowed window"
SLACK = timedelta(minutes=2)  # between the network's clock and ours
TELLABLE = timedelta(seconds=30)
HUMAN = Field(
    "human_agent", Wording("Permiso Human Agent (7 días)", "Human Agent permission (7 days)"), "no", choices=("yes", "no")
)


_kept = msgspec.json.Decoder(Kept)


class Sent(msgspec.Struct, frozen=True):
    """The answer to a private message."""

    message_id: str


def eligible(exchange: Exchange, now: datetime, limits: Limits, is_public: Callable[[str], bool], human: bool) -> Eligibility:
    """In public always; privately within the windows. `is_public`: whether a key is of a comment or post; `human`: 7 days."""
    if exchange.reach is Reach.PUBLIC:
        if is_public(exchange.key) or not exchange.key:
            return Eligibility(True)
        return _no("A un mensaje privado no se le responde en público.", "A private message is not answered in public.")
    if exchange.heard_at is None:
        return _no("Esta persona no nos ha escrito.", "This person has not written to us.")
    if exchange.key and is_public(exchange.key):
        return _private_reply(exchange, exchange.heard_at + limits.window("private_reply"), now)
    until = exchange.heard_at + limits.window("human_agent" if human else "reply")
    if now < until:
        return Eligibility(True, until=until)
    return _no(
        "La persona escribió hace demasiado; la red solo deja responder cuando vuelva a escribir.",
        "The person wrote too long ago; the network lets us answer only when they write again.",
    )


def _private_reply(exchange: Exchange, until: datetime, now: datetime) -> Eligibility:
    if exchange.answered:
        return _no("A un comentario solo se le responde en privado una vez.", "A comment is answered privately only once.")
    if now < until:
        note = Wording("Una sola respuesta privada a este comentario.", "One single private reply to this comment.")
        return Eligibility(True, note, until)
    return _no("Pasaron los 7 días para responder en privado.", "The 7 days for a private reply are over.")


def _no(es: str, en: str) -> Eligibility:
    return Eligibility(False, Wording(es, en))


def may(op: Op, ops: frozenset[Op]) -> Eligibility | None:
    """The refusal of what the account cannot do at all; None: it can."""
    return None if op in ops else _no("Esta red no lo permite.", "This network does not allow it.")


def fit(text: str, limits: Limits) -> Fitted:
    """The parts of a text within the network's limit, and how many they are."""
    parts = tuple(split(text, limits.text_limit, lambda part: measure(part, limits.unit)))
    many = Wording(f"Sale en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
    return Fitted(parts, limits.text_limit, limits.unit, (many,) if len(parts) > 1 else ())


class _Attached(msgspec.Struct, frozen=True):
    attachment_id: str


async def upload(api: GraphApi, page: str, file: File) -> dict[str, object]:
    """What a message says of a file that Meta has now. May be done twice. Raises Refused, Unavailable."""
    kind = file.type.partition("/")[0]
    kind = kind if kind in ("image", "audio", "video") else "file"
    said = msgspec.json.encode({"attachment": {"type": kind, "payload": {"is_reusable": True}}}).decode()
    kept: _Attached = await api.upload(f"/{page}/message_attachments", {"message": said}, "filedata", file, _Attached)
    return {"type": kind, "payload": {"attachment_id": kept.attachment_id}}


async def send_private(
    api: GraphApi, page: str, recipient: dict[str, str], text: str, *, human: bool, file: dict[str, object] | None = None
) -> str:
    """Give a private message to the network; its key. After a refusal for the 24 hours, once more as a human's.

    `file`: what `upload` gave, in place of the text.

    Raises:
        Refused, Unavailable, OutcomeUnknown
    """
    body = {"recipient": recipient, "messaging_type": "RESPONSE", "message": {"attachment": file} if file else {"text": text}}
    try:
        sent: Sent = await api.send(f"/{page}/messages", body, Sent)
    except RefusedByGraph as error:  # it was not taken, so nothing can go out twice
        if not human or "id" not in recipient or (error.code, error.subcode) != OUTSIDE_WINDOW:
            raise
        tagged = body | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        sent = await api.send(f"/{page}/messages", tagged, Sent)
    return sent.message_id


async def gesture(api: GraphApi, page: str, person: str, op: Op, key: str, sign: str) -> None:
    """Put our sign on a private message, take it back, or show that the person's messages were seen. Twice is once.

    Raises:
        Refused, Unavailable, OutcomeUnknown
    """
    body: dict[str, object] = {"recipient": {"id": person}, "sender_action": ACTIONS[op]}
    if op is not Op.MARK_READ:
        body["payload"] = {"message_id": key} | ({"reaction": sign} if op is Op.REACT else {})
    await api.change(f"/{page}/messages", body)


async def find_private(api: GraphApi, page: str, platform: str, part: Part, near: datetime, ours: frozenset[str]) -> str | None:
    """The key of our message to that person that says the same, since about then; `ours`: our ids and names.

    Raises:
        Unavailable, Refused
    """
    for kept in those_opened(await with_person(api, page, platform, part.to.partition(":")[2] or part.to), _kept):
        recent = at(kept.created_time, near) >= near - SLACK
        mine = not ours.isdisjoint((str(kept.sender.id), kept.sender.username))
        if mine and recent and same(kept.message, part.text):
            return kept.id
    return None


def same(one: str | None, other: str) -> bool:
    """Whether two texts differ in nothing but their blanks."""
    return (one or "").split() == other.split()


def still_coming(now: datetime, near: datetime) -> None:
    """Raises Unavailable while the network may still be taking what it was given at about `near`."""
    if now - near < TELLABLE:
        raise Unavailable("the network may still be taking it", TELLABLE)
