"""POST /api/events and /api/people: what other departments know, as CloudEvents or plainly; each is taken once."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any

import msgspec
from litestar import Response, post

from rapport.errors import BadInput
from rapport.ledger.journey import EventTold
from rapport.model.attribute import Value
from rapport.model.journey import check_told, misfit
from rapport.model.story import TRANSCRIPT
from rapport.web.centre_now import centre_now
from rapport.web.idempotency import once
from rapport.web.office import Office
from rapport.web.security import AnyRequest, current, needs, office_of

MOST = 1_000


class JourneyEvent(msgspec.Struct, frozen=True):
    """A CloudEvent 1.0 about a person. `type` is what happened (`hotel.checked_in`); `subject` is a handle of theirs.

    `id` and `source` name it once: the same again changes nothing. Extension attributes are let pass.
    """

    type: str
    subject: str
    source: str = "api"
    id: str = ""
    time: datetime | None = None
    data: dict[str, Any] = {}  # Any: a department's own plain JSON
    specversion: str = "1.0"


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a person: the handles that are theirs, a name, attributes."""

    handles: tuple[str, ...]
    name: str = ""
    attributes: dict[str, Value] = {}
    source: str = "api"
    id: str = ""


class Noted(msgspec.Struct, frozen=True):
    """Durably taken in; `new` false: we already had it."""

    id: str
    new: bool = True


_one = msgspec.json.Decoder(JourneyEvent)
_many = msgspec.json.Decoder(list[JourneyEvent])
_declared = msgspec.json.Decoder(Declared)


def decode(body: bytes) -> tuple[list[JourneyEvent], bool]:
    """The events of a body, and whether it was one alone. Raises msgspec.ValidationError, BadInput."""
    if body.lstrip()[:1] != b"[":
        return [_one.decode(body)], True
    events = _many.decode(body)
    if len(events) > MOST:
        raise BadInput(f"at most {MOST} events at once, got {len(events)}; send them in parts")
    return events, False


def check(event: JourneyEvent) -> None:
    """Raise BadInput where an event cannot be used."""
    if event.specversion != "1.0":
        raise BadInput(f"specversion must be 1.0, got {event.specversion!r}")
    if ":" not in event.subject:
        raise BadInput(f"subject must be a handle such as email:ana@example.org, got {event.subject!r}")
    if not event.type or len(event.type) > 200:
        raise BadInput(f"type must say what happened, as in hotel.checked_in, got {event.type[:60]!r}")
    if event.type == TRANSCRIPT:
        raise BadInput("type call.transcript is kept for what was said in a call: hand it in at /api/transcripts")
    if event.time is not None and event.time.tzinfo is None:
        raise BadInput(f"time must have a zone, got {event.time.isoformat()}; add Z or an offset")


def _check_told(event: JourneyEvent, now: datetime) -> None:
    try:
        check_told(event.time or now, event.data, now)
    except ValueError as wrong:
        raise BadInput(str(wrong)) from None


async def _note(office: Office, tenant: int, events: Sequence[JourneyEvent], key: str) -> list[Noted]:
    kinds, now = (await centre_now(office, tenant)).events, office.clock.now()
    told = []
    for place, event in enumerate(events):
        try:
            check(event)
            _check_told(event, now)
            fault = misfit(kinds.get(event.type), event.data)
            if fault:
                raise BadInput(f"{event.type}: {fault}; see its schema in the centre's events")
        except BadInput as error:
            raise BadInput(f"event {place + 1} of {len(events)}: {error}") if len(events) > 1 else error from None
        id = event.id or (f"{key}/{place}" if key else token_hex(16))
        told.append(EventTold(event.subject, event.type, event.source, id, event.time or now, event.data))
    return [Noted(one.source_id, new) for one, new in zip(told, await office.intake.take_events(tenant, told), strict=True)]


@post(
    "/api/events",
    opt=needs("events.write")
    | {
        "takes": JourneyEvent | list[JourneyEvent],
        "gives": Noted | list[Noted],
        "says": "Hand in journey events: one CloudEvent, or a batch",
        "status": 202,
    },
)
async def hand_in_events(request: AnyRequest) -> Response[bytes]:
    """Take journey events in; structured or binary CloudEvents mode."""
    office, who = office_of(request), current(request)
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    events, alone = ([_binary(request, body)], True) if "ce-id" in request.headers else decode(body)

    async def answer(key: str) -> tuple[int, Any]:  # Any: one Noted or many
        noted = await _note(office, who.tenant, events, f"{who.agent}/{key}" if key else "")
        return 202, noted[0] if alone else noted

    return await once(request, body, answer)


def _binary(request: AnyRequest, body: bytes) -> JourneyEvent:
    """A CloudEvent whose attributes are headers and whose data is the body."""
    named = {name[3:]: value for name, value in request.headers.items() if name.startswith("ce-")}
    return msgspec.convert({**named, "data": msgspec.json.decode(body) if body else {}}, JourneyEvent, strict=False)


@post(
    "/api/people",
    opt=needs("events.write")
    | {
        "takes": Declared,
        "gives": Noted,
        "says": "Say which handles are one person's, and what is known of them",
        "status": 202,
    },
)
async def declare(request: AnyRequest) -> Response[bytes]:
    """Take in what is declared of a person."""
    office, who = office_of(request), current(request)
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    said = _declared.decode(body)
    if not said.handles or any(":" not in handle for handle in said.handles):
        raise BadInput(f"handles must name the person, as in email:ana@example.org, got {list(said.handles)[:3]}")

    async def answer(key: str) -> tuple[int, Noted]:
        id = said.id or (f"{who.agent}/{key}" if key else token_hex(16))
        new = await office.intake.declare(who.tenant, said.handles, said.name, said.attributes, said.source, id)
        return 202, Noted(id, new)

    return await once(request, body, answer)


HANDLERS = [hand_in_events, declare]
