"""Transcripts of calls handed in: by a form, or POST /api/transcripts; each is on its person's record, and a story."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.errors import BadInput
from rapport.measures.stories.reading import EPOCH
from rapport.measures.stories.transcripts import Spoken, read_transcript, sides
from rapport.model.story import TRANSCRIPT, TRANSCRIPT_SOURCE
from rapport.web.desk.page import seated
from rapport.web.going import go
from rapport.web.languages import retell, zone_named
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import AnyRequest, Who, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Transcript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call. `handle`: who called, as in phone:+525512345678; `text`: WebVTT, SubRip or plain lines, in place of `lines`.

    `id` names it once: the same again changes nothing. `agent`: ours who spoke; otherwise speakers are Agent and Customer.
    """

    handle: str
    started_at: datetime
    lines: tuple[Spoken, ...] = ()
    text: str = ""
    agent: str = ""
    id: str = ""
    language: str = ""
    intent: str = ""


class TranscriptTaken(msgspec.Struct, frozen=True):
    """Durably taken in; `new` false: we already had it. `lines`: how many are in it."""

    id: str
    new: bool
    lines: int


class TranscriptsPage(msgspec.Struct, frozen=True):
    """The form, with what was said in it; `taken`: how many lines were taken in just now, -1 for none."""

    said: dict[str, str]
    problem: str = ""
    taken: int = -1


_decode = msgspec.json.Decoder(Transcript)


async def take(office: Office, tenant: int, given: Transcript) -> TranscriptTaken:
    """Take a transcript in. Raises BadInput."""
    network, _, name = given.handle.strip().partition(":")
    if not network or not name.strip():
        raise BadInput(f"handle must say who called, as in phone:+525512345678, got {given.handle[:60]!r}")
    if given.started_at.tzinfo is None:
        raise BadInput(f"started_at must have a zone, got {given.started_at.isoformat()}; add Z or an offset")
    if given.started_at > office.clock.now():
        raise BadInput(f"started_at is in the future: {given.started_at.isoformat()}; say when the call began")
    if given.started_at < EPOCH:
        raise BadInput(f"started_at is before 1970: {given.started_at.isoformat()}; say when the call began")
    text = msgspec.json.encode(given.lines).decode() if given.lines else given.text
    said = sides(await asyncio.to_thread(read_transcript, text), given.agent)
    plain = msgspec.json.encode([given.handle.strip(), given.started_at.astimezone(UTC), said])
    id = given.id[:200] or sha256(plain).hexdigest()
    data: dict[str, Any] = {"lines": [{"by": by, "s": start, "text": text} for by, start, text in said]}  # Any: plain JSON
    data |= {"agent": given.agent[:80], "language": given.language[:8], "intent": given.intent[:80], "turns": len(said)}
    new = await office.intake.event(tenant, given.handle.strip(), TRANSCRIPT, TRANSCRIPT_SOURCE, id, given.started_at, data)
    return TranscriptTaken(id, new, len(said))


@post(
    "/api/transcripts",
    opt=needs("events.write") | {"takes": Transcript, "gives": TranscriptTaken, "says": "A call's transcript, for stories"},
)
async def told(request: AnyRequest) -> Response[bytes]:
    """Take a transcript in, for programs."""
    taken = await take(office_of(request), current(request).tenant, _decode.decode(await request.body()))
    status = 202 if taken.new else 200
    return Response(msgspec.json.encode(taken), media_type=MediaType.JSON, status_code=status)


@get("/stories/transcripts", opt=needs("stories.share"), include_in_schema=False)
async def form(request: AnyRequest) -> Response[str]:
    """The form."""
    number = str(request.query_params.get("taken", ""))
    taken = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else -1
    return await render(request, "stories_transcripts.html", TranscriptsPage({}, taken=taken))


@post("/stories/transcripts", opt=needs("stories.share"), include_in_schema=False)
async def handed_in(request: AnyRequest, data: Form) -> Response[Any]:
    """Take in what was filled in; where it cannot be read, the form comes back with every letter of it."""
    who: Who = current(request)
    try:
        async with seated(request) as seat:
            zone = zone_named(seat.centre.profile.zone)
        given = Transcript(
            handle=data.get("handle", ""),
            started_at=_moment(data.get("started_at", "")).replace(tzinfo=zone),
            text=data.get("text", ""),
            agent=data.get("agent", "").strip(),
        )
        taken = await take(office_of(request), who.tenant, given)
    except BadInput as wrong:
        page = TranscriptsPage(dict(data), retell(language_of(request), str(wrong)))
        return await render(request, "stories_transcripts.html", page, status=400)
    return go(f"/stories/transcripts?taken={taken.lines}")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=None)
    except ValueError:
        raise BadInput(f"when the call began must be a day and a time, got {text[:20]!r}") from None


HANDLERS = [told, form, handed_in]
