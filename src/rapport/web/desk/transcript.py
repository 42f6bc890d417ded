"""The transcript of a conversation: what was said to and by the customer, to read, to keep, or to send them by e-mail."""

from html import escape
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict
from rapport.model.conversation import Conversation
from rapport.model.ids import case_number
from rapport.model.message import ChannelKind, Direction, Message, Standing
from rapport.web.acting import act
from rapport.web.desk.page import READ, chosen_one, desk_page, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go
from rapport.web.languages import retell, say, show_day, show_time
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
MOST = 2000  # messages
LONGEST = 18_000  # characters of one that goes out as a reply
SAID = frozenset({Standing.RECEIVED, Standing.SENT})


class Line(msgspec.Struct, frozen=True):
    """One thing that was said. `when`: day and time as the reader's language writes them."""

    when: str
    who: str
    text: str
    files: tuple[str, ...] = ()
    note: bool = False


class Transcript(msgspec.Struct, frozen=True):
    """A whole transcript. `notes`: whether what the team wrote for itself is in it."""

    conversation: Conversation
    case: str
    title: str
    lines: tuple[Line, ...]
    notes: bool = False
    may_send: bool = False
    earlier: int = 0


def _line(message: Message, names: dict[str, str], visitor: str, language: str, zone: str) -> Line:
    who = message.author if message.direction is Direction.IN else names.get(message.agent, message.agent)
    when = f"{show_day(message.at, language, zone)} {show_time(message.at, language, zone)}"
    files = tuple(file.name or file.type for file in message.media)
    return Line(when, who or visitor, message.text or message.subject, files, message.direction is Direction.NOTE)


async def read_transcript(request: AnyRequest, conversation: str, *, notes: bool) -> Transcript:
    """The transcript of a conversation that whoever asks may see. Raises NotFound."""
    language = language_of(request)
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        messages, earlier = await talk.messages_of(seat.db, seat.who.tenant, one.id, limit=MOST)
        zone, names, may_write = seat.centre.profile.zone, names_of(seat.centre), seat.may_write
    shown = [m for m in messages if m.standing in SAID and (notes or m.direction is not Direction.NOTE)]
    lines = tuple(_line(m, names, one.name or say(language, "Visitor"), language, zone) for m in shown)
    title = one.subject or one.name or say(language, "Conversation")
    return Transcript(one, case_number(one.id), title, lines, notes, may_write and one.kind is ChannelKind.EMAIL, earlier)


def as_text(found: Transcript) -> str:
    """The transcript as plain text, one paragraph for each thing that was said."""
    parts = [f"{found.title} ({found.case})"]
    for line in found.lines:
        files = "".join(f"\n[{name}]" for name in line.files)
        parts.append(f"{line.when} · {line.who}{' *' if line.note else ''}\n{line.text}{files}")
    return "\n\n".join(parts) + "\n"


def _article(line: Line) -> str:
    files = "".join(f"<p>[{escape(name)}]</p>" for name in line.files)
    said = escape(line.text).replace("\n", "<br>")
    return f"<article><p><b>{escape(line.who)}</b> <small>{escape(line.when)}</small></p><p>{said}</p>{files}</article>"


def as_html(found: Transcript, language: str) -> str:
    """The transcript as a page of its own, without anything from elsewhere."""
    lines = "".join(map(_article, found.lines))
    title = escape(f"{found.title} ({found.case})")
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{lines}</html>\n'
    )


@get("/desk/{conversation:str}/transcript", opt=READ, include_in_schema=False)
async def transcript(request: AnyRequest, conversation: FromPath[str]) -> Response[Any]:
    """The transcript as a page; `as=text` and `as=html` give a file. `notes=1`: with what the team wrote for itself."""
    kind = str(request.query_params.get("as", ""))
    found = await read_transcript(request, conversation, notes=request.query_params.get("notes") == "1")
    if kind not in ("text", "html"):
        return await render(request, "transcript.html", found)
    body, media, end = (as_text(found), MediaType.TEXT, "txt") if kind == "text" else (
        as_html(found, language_of(request)), MediaType.HTML, "html"
    )  # fmt: skip
    headers = {"content-disposition": f'attachment; filename="{found.case}.{end}"', "cache-control": "no-store"}
    return Response(body, media_type=media, headers=headers)


@post("/desk/{conversation:str}/transcript", opt=needs("desk.write"), include_in_schema=False)
async def send_transcript(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Send it to the customer as a reply by e-mail: checked, approved and sent as any other reply."""
    office, who = office_of(request), current(request)
    found = await read_transcript(request, conversation, notes=False)
    if not found.may_send:
        raise BadInput("a transcript can be sent where the conversation is by e-mail; keep it as a file instead")
    text = as_text(found)
    if len(text) > LONGEST:
        text = "…\n" + text[-LONGEST:]
    try:
        await act(
            office, who, "reply", conversation=asked_id(conversation, "conversation"), text=text, reach="private",
            subject=f"Re: {found.title}", once=data.get("once", ""),
        )  # fmt: skip
    except Conflict as refused:
        return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)
    return go(f"/desk/{conversation}#conversation")


HANDLERS = [transcript, send_transcript]
