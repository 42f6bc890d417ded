"""Search: every word that was said, in both languages, with the stretch in which it stands; as a page and for programs."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Response, get

from rapport.conversations.search import Answer, Hit, is_note, search
from rapport.errors import BadInput
from rapport.model.ids import Id, read_id, show_id
from rapport.model.message import Direction
from rapport.web.desk.page import READ, seated
from rapport.web.desk.reading import names_of
from rapport.web.desk.snippets import Run, snippet
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of

LONGEST = 200  # characters of a question
PAGE = 30
EARLIEST, LATEST = 1971, 9000  # years to which a place may lead
MOST = timedelta(seconds=5)  # that one search may take


class Found(msgspec.Struct, frozen=True):
    """A conversation, and the stretch of it in which it was found. `message` None: its name or subject."""

    conversation: Id
    name: str
    channel: str
    kind: str
    public: bool
    state: str
    at: datetime
    runs: tuple[Run, ...]
    who: str = ""  # the agent who wrote it
    note: bool = False
    message: Id | None = None
    more: int = 0


class SearchPage(msgspec.Struct, frozen=True):
    """What was asked and found. `following`: the address of what comes after; `asked` False: the question has no word."""

    question: str
    found: tuple[Found, ...] = ()
    following: str = ""
    asked: bool = False


class FoundLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place where it was found. `text`: the stretch around it, with ** around what was asked for."""

    conversation: str
    at: datetime
    text: str
    name: str = ""
    channel: str = ""
    state: str = ""
    message: str = ""
    note: bool = False
    more: int = 0


class FoundLines(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of places, the newest first; `next` absent: there are no more."""

    found: tuple[FoundLine, ...]
    next: str = ""


def shown(hit: Hit, words: tuple[str, ...], names: dict[str, str]) -> Found:
    """A hit as a page shows it."""
    c, m = hit.conversation, hit.message
    text = (m.text or m.subject) if m else " · ".join(part for part in (c.name, c.subject) if part)
    who = names.get(m.agent, m.agent) if m and m.direction is not Direction.IN else ""
    return Found(
        c.id, c.name, (m.channel if m else "") or c.channel, c.kind.value, (m.reach if m else c.reach) == "public",
        c.state.value, hit.at, snippet(text, words), who, is_note(hit), m.id if m else None, hit.more,
    )  # fmt: skip


def _after(text: str) -> tuple[datetime, bytes] | None:
    at, _, id = text.rpartition("~")
    found = read_id(id)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (when, found) if found and when.tzinfo and EARLIEST <= when.year <= LATEST else None


def _place(answer: Answer) -> str:
    at, id = answer.before or (None, b"")
    return f"{at.isoformat().replace('+00:00', 'Z')}~{show_id(id)}" if at else ""


async def ask(request: AnyRequest, question: str, after: str) -> tuple[Answer, dict[str, str]]:
    """What a question finds within the wall of whoever asks, and what agents are called."""
    async with seated(request) as seat:
        names = names_of(seat.centre)
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True, at_most=MOST) as db:
        answer = await search(db, who.tenant, question, now=office.clock.now(), before=_after(after), limit=PAGE)
    return answer, names


@get("/search", opt=READ, include_in_schema=False)
async def search_page(request: AnyRequest) -> Response[str]:
    """What was found, the newest first."""
    question = str(request.query_params.get("q", ""))[:LONGEST]
    if not question.strip():
        return await render(request, "search.html", SearchPage(question))
    answer, names = await ask(request, question, str(request.query_params.get("after", ""))[:90])
    place = _place(answer)
    following = "/search?" + urlencode({"q": question, "after": place}) if place else ""
    found = tuple(shown(hit, answer.words, names) for hit in answer.hits)
    return await render(request, "search.html", SearchPage(question, found, following, bool(answer.words)))


@get(
    "/api/search",
    opt=needs("desk.read")
    | {
        "gives": FoundLines,
        "says": "Every word that was said, in messages, notes, names and subjects, the newest first",
        "asks": {"q": 'words, "phrases", -words that must not be there', "after": "`next` of the page before"},
    },
)
async def search_api(request: AnyRequest) -> Response[bytes]:
    """A page of what was found."""
    question = str(request.query_params.get("q", ""))[:LONGEST]
    if not question.strip():
        raise BadInput("q must have a word to look for")
    answer, names = await ask(request, question, str(request.query_params.get("after", ""))[:90])
    lines = tuple(_line(shown(hit, answer.words, names)) for hit in answer.hits)
    said: Any = FoundLines(lines, _place(answer))  # Any: msgspec's encoder takes anything
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def _line(one: Found) -> FoundLine:
    text = "".join(f"**{run.text}**" if run.mark else run.text for run in one.runs)
    return FoundLine(
        show_id(one.conversation), one.at, text, one.name, one.channel, one.state,
        show_id(one.message) if one.message else "", one.note, one.more,
    )  # fmt: skip


HANDLERS = [search_page, search_api]
