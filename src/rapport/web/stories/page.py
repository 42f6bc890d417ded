"""Stories: the library of a period with its search, one story with its evidence, and who may read it."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.measures.stories.keeping import kept_stories, kept_story
from rapport.measures.stories.told import BROKEN, Line, Mined, Promise, Story, Talk
from rapport.model.fact import StoryKept, StoryLetGo
from rapport.model.story import KeptStory
from rapport.people.context import purposes_of
from rapport.web.desk.page import Seat, seated
from rapport.web.going import asked_id, go
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.stories.library import answers_of, look, one_story
from rapport.web.stories.shown import KINDS, PERIODS, SHOWN, Wanted, chosen, counts, span_of, wanted_of, week_name

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
SEE, SHARE = needs("stories.read"), needs("stories.share")
MOST_LISTED = 6  # rescue lines and promises that the library shows


class StoriesPage(msgspec.Struct, frozen=True):
    """The library. `mined`: None while the first look is mined, of which `share` is done; `made_at`: when it was."""

    wanted: Wanted
    first: date
    last: date
    periods: tuple[str, ...]
    kinds: tuple[str, ...]
    mined: Mined | None
    made_at: datetime | None
    share: float | None
    counts: dict[str, int]
    stories: tuple[Story, ...]
    found: int
    more: str
    rescued: tuple[Story, ...]
    broken: tuple[tuple[Story, Promise], ...]
    intents: tuple[str, ...]
    kept: tuple[KeptStory, ...]
    week: str


class LineShown(msgspec.Struct, frozen=True):
    """A line of the talk and its number, by which the parts name it."""

    number: int
    line: Line


class StoryPage(msgspec.Struct, frozen=True):
    """One story. `story`: None where nothing is left in it; `numbers`: of lines, by their ids in hexadecimal."""

    id: bytes
    story: Story | None
    talk: Talk
    lines: tuple[LineShown, ...]
    numbers: dict[str, int]
    kept: KeptStory | None
    purposes: tuple[tuple[str, str], ...]
    may_share: bool
    may_drill: bool


def _today(seat: Seat) -> date:
    return seat.office.clock.now().astimezone(zone_named(seat.centre.profile.zone)).date()


@get("/stories", opt=SEE, include_in_schema=False)
async def stories(request: AnyRequest) -> Response[str]:
    """The library."""
    async with seated(request) as seat:
        wanted, today = wanted_of({name: str(word) for name, word in request.query_params.items()}), _today(seat)
        span = span_of(wanted, today)
        looked = await look(seat, span)
        kept = await kept_stories(seat.db, seat.who.tenant)
    mined = looked.mined
    found = chosen(mined, wanted) if mined else []
    page = StoriesPage(
        wanted=wanted,
        first=date.fromordinal(span.start),
        last=date.fromordinal(span.end - 1),
        periods=tuple(PERIODS),
        kinds=KINDS,
        mined=mined,
        made_at=looked.at,
        share=looked.share,
        counts=counts(mined) if mined else {},
        stories=tuple(found[: wanted.most]),
        found=len(found),
        more=wanted.query(show=str(wanted.most + SHOWN)) if len(found) > wanted.most else "",
        rescued=tuple(story for story in mined.stories if story.turned)[:MOST_LISTED] if mined else (),
        broken=tuple(mined.promised(BROKEN)[:MOST_LISTED]) if mined else (),
        intents=tuple(sorted({story.intent for story in mined.stories if story.intent})) if mined else (),
        kept=tuple(kept),
        week=week_name(today.toordinal() - today.weekday() - 7),
    )
    return await render(request, "stories.html", page)


@get("/stories/{story:str}", opt=SEE, include_in_schema=False)
async def story(request: AnyRequest, story: FromPath[str]) -> Response[str]:
    """One story, as it stands now."""
    id = asked_id(story, "story")
    answers = await answers_of(office_of(request), current(request).tenant)
    async with seated(request) as seat:
        found = await one_story(seat, id, answers)
        kept = await kept_story(seat.db, seat.who.tenant, id)
        purposes = purposes_of(seat.centre)
        if found is None:
            raise NotFound("there is no such story; its conversation may belong to another centre, or be erased")
        told, talk = found
        page = StoryPage(
            id=id,
            story=told,
            talk=talk,
            lines=tuple(LineShown(number, line) for number, line in enumerate(talk.lines, 1)),
            numbers={line.id.hex(): number for number, line in enumerate(talk.lines, 1)},
            kept=kept,
            purposes=tuple((name, purpose.title.get(seat.language, name)) for name, purpose in sorted(purposes.items())),
            may_share=seat.who.may("stories.share"),
            may_drill=seat.who.may("desk.read") and not talk.call,
        )
    return await render(request, "story.html", page)


@post("/stories/{story:str}/keep", opt=SHARE, include_in_schema=False)
async def keep(request: AnyRequest, story: FromPath[str], data: Form) -> Response[Any]:
    """Keep a story, and share it for the purposes that are ticked; or let it go."""
    id, office, who = asked_id(story, "story"), office_of(request), current(request)
    answers = await answers_of(office, who.tenant)
    async with seated(request) as seat:
        found = await one_story(seat, id, answers)
        kept, known = await kept_story(seat.db, who.tenant, id), set(purposes_of(seat.centre))
    if data.get("do") == "let-go" and (kept or found):  # also where its person is erased
        await office.intake.record(who.tenant, [StoryLetGo(id, who.agent)])
        return go(f"/stories/{id.hex()}" if found else "/stories")
    if found is None or found[0] is None:
        raise NotFound("there is no such story; its conversation may belong to another centre, or be erased")
    wished = sorted(name.removeprefix("for-") for name in data if name.startswith("for-"))
    strange = [name for name in wished if name not in known]
    if strange:
        raise BadInput(f"purpose must be one of {', '.join(sorted(known))}, got {strange[0][:60]!r}; a centre adds its own")
    await office.intake.record(who.tenant, [StoryKept(id, who.agent, tuple(wished), found[1].call)])
    return go(f"/stories/{id.hex()}")


HANDLERS = [stories, story, keep]
