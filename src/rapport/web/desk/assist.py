"""Suggestions at the desk: a reply, a summary, a translation beside the original. An agent puts one into the composer, or not.

A suggestion is never sent from here: what is put into the composer is written, checked and approved like anything else.
"""

from typing import Annotated, Any, cast
from urllib.parse import urlsplit

import msgspec
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.assist.asking import KINDS, Ask, Assist, Kind, Line, Suggestion
from rapport.errors import AssistFailed, BadInput, Conflict
from rapport.ledger.tables import read_rows, read_where
from rapport.model.bilingual import said_in
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Standing
from rapport.model.person import Person
from rapport.model.statement import digest_of
from rapport.understanding.words import meaning_words
from rapport.web.acting import act
from rapport.web.desk.afterwards import read_afterwards
from rapport.web.desk.composing import voice_of
from rapport.web.desk.filling import filled, values_of
from rapport.web.desk.page import chosen_one, desk_page, seated
from rapport.web.desk.shown import Suggested
from rapport.web.desk.typing_now import LONGEST, keep_text
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.links import links_in
from rapport.web.office import Office
from rapport.web.security import AnyRequest, Who, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
WRITE = needs("desk.write")
MOST_LINES = 30
IN_IT = "conversation is not null and conversation = $2 order by at desc, id desc limit $3"
_ASKED = msgspec.json.Decoder(dict[str, str])


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A suggestion by the API. `model` `rapport`: the house's own words; `warnings`: what was taken out of it."""

    text: str
    model: str
    prompt: str = ""
    warnings: tuple[str, ...] = ()


def assist_of(office: Office) -> Assist | None:
    """Who suggests, as `app` handed it in."""
    return cast("Assist | None", office.memory.get("assist"))


def saved_for(centre: Centre, who: Who, conversation: Conversation, last: str, language: str) -> tuple[str, ...]:
    """The saved replies that fit, the best first: of the same intent, then by the words that they share with what was said."""
    said = {*meaning_words(last), *meaning_words(conversation.intent.replace("-", " ").replace("_", " "))}
    values = values_of(centre, who, conversation, voice_of(centre, conversation.account))
    ranked = []
    for reply in centre.replies.values():
        text = reply.texts.get(language, "")
        same = bool(reply.intent) and reply.intent == conversation.intent
        shared = len(said & set(meaning_words(f"{reply.id} {reply.title} {text}".replace("-", " "))))
        if text and (same or shared):
            ranked.append((not same, -shared, reply.id, filled(text, values)))
    return tuple(text for *_, text in sorted(ranked))


async def ask_of(office: Office, who: Who, centre: Centre, id: bytes, kind: Kind, message: bytes | None, tongue: str) -> Ask:
    """What is asked for a conversation. `tongue`: of the page, in which summaries and translations are read."""
    async with office.store.within(who.tenant, readonly=True) as db:
        (conversation,) = await read_rows(db, who.tenant, Conversation, [id])
        newest = await read_where(db, who.tenant, Message, IN_IT, id, MOST_LINES)
        messages, after = await read_afterwards(db, who, conversation, list(reversed(newest)))
        people = await read_rows(db, who.tenant, Person, [conversation.person])
    held = (Standing.HELD, Standing.WITHDRAWN)
    shown = [m for m in messages if m.standing not in held and m.text.strip() and after[m.id].deleted_at is None]
    said = [m for m in shown if m.direction is not Direction.NOTE]
    theirs = [m for m in said if m.direction is Direction.IN]
    if kind == "translation":
        said = [m for m in shown if m.id == message] if message else theirs[-1:]
    if not said:
        raise BadInput("there is nothing to work with in this conversation yet")
    language = conversation.language or (centre.profile.languages[0] if centre.profile.languages else "es")
    saved = saved_for(centre, who, conversation, theirs[-1].text if theirs else "", language) if kind == "reply" else ()
    ours = [m.text for m in said if m.direction is Direction.OUT]
    names = [conversation.name, *(p.name for p in people), *(m.author for m in theirs)]
    return Ask(
        kind,
        tuple(Line(m.text, m.direction is Direction.OUT) for m in said),
        language if kind == "reply" else tongue,
        saved,
        tuple(dict.fromkeys(name for name in names if name)),
        hosts_of(office, (*saved, *ours)),
    )


def hosts_of(office: Office, texts: tuple[str, ...]) -> frozenset[str]:
    """The hosts of links that may stand in a suggestion: our own, and those in what we say already."""
    hosts = [link.host for text in texts for link in links_in(text)] + [urlsplit(office.public_url).hostname or ""]
    return frozenset(host.casefold().removeprefix("www.") for host in hosts if host)


async def suggested(request: AnyRequest, conversation: str, kind: str, message: bytes | None) -> tuple[Suggestion, Ask]:
    """A suggestion, on record. Raises AssistFailed, BadInput, Conflict."""
    if kind not in KINDS:
        raise BadInput(f"a suggestion is one of {', '.join(KINDS)}, got {kind[:40]!r}")
    office, who = office_of(request), current(request)
    async with seated(request) as seat:
        id, centre = (await chosen_one(seat, conversation)).id, seat.centre
    assist = assist_of(office)
    if assist is None:
        raise AssistFailed("nobody suggests here")
    ask = await ask_of(office, who, centre, id, kind, message, language_of(request))
    made = await assist.suggest(who.tenant, ask)
    named = "|".join((kind, made.model.replace("|", " ")[:120] or "model", made.prompt, digest_of(made.text)))
    await act(office, who, "suggested", conversation=id, message=message, argument=named)
    return made, ask


@post("/desk/{conversation:str}/suggest", opt=WRITE, include_in_schema=False)
async def suggest(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Show a suggestion beside the conversation."""
    kind = data.get("kind", "reply")
    message = asked_id(data["message"], "message") if data.get("message") else None
    try:
        made, ask = await suggested(request, conversation, kind, message)
    except (AssistFailed, BadInput, Conflict) as failed:
        shown = Suggested(kind, problem=retell(language_of(request), str(failed)))
        return await desk_page(request, conversation, suggested=shown)
    original = ask.lines[-1].text if kind == "translation" else ""
    return await desk_page(
        request, conversation, suggested=Suggested(kind, made.text, made.model, made.prompt, made.warnings, original)
    )


@post("/desk/{conversation:str}/use", opt=WRITE, include_in_schema=False)
async def use(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Put a suggestion into the composer, where it is as if the agent had typed it."""
    id = asked_id(conversation, "conversation")
    await keep_text(office_of(request), current(request), id, data.get("text", "")[:LONGEST])
    return go(f"/desk/{conversation}#composer")


@post(
    "/api/conversations/{conversation:str}/suggestions",
    opt=WRITE
    | {"gives": Answer, "says": "A suggested text: kind is reply, summary or translation (then message may name one)"},
    status_code=200,
)
async def by_api(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """The same by the API."""
    body = await request.body()
    asked = _ASKED.decode(body) if body else {}
    message = asked_id(asked["message"], "message") if asked.get("message") else None
    try:
        made, _ = await suggested(request, conversation, asked.get("kind", "reply"), message)
    except AssistFailed as failed:
        raise Conflict(said_in(str(failed), "en")) from None
    answer = Answer(made.text, made.model, made.prompt, made.warnings)
    return Response(msgspec.json.encode(answer), media_type="application/json")


HANDLERS = [suggest, use, by_api]
