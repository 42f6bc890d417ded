"""GET /api/stories, and /stories/shared on paper: what a department may read of the stories that are kept, on record."""

from datetime import datetime

import msgspec
from litestar import MediaType, Response, get

from rapport.errors import BadInput
from rapport.measures.stories.keeping import kept_stories
from rapport.measures.stories.reading import at_ms
from rapport.measures.stories.sharing import for_purpose
from rapport.measures.stories.told import Story
from rapport.model.ids import show_id
from rapport.model.purpose import Purpose
from rapport.people.context import agreed, purpose_for
from rapport.people.reading import person as read_person
from rapport.web.desk.page import Seat, seated
from rapport.web.masks import unmasked
from rapport.web.on_record import on_record
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.stories.library import answers_of, one_story

MOST = 50  # stories that are told at once, those that were kept last


class PartTold(msgspec.Struct, frozen=True):
    """A sentence of a story and its evidence. `message`: the line that it stands in; `by`: them, or us."""

    part: str
    text: str
    message: str
    by: str
    at: datetime


class PromiseTold(msgspec.Struct, frozen=True):
    """A promise of ours. `state`: kept, broken or open."""

    text: str
    message: str
    state: str
    at: datetime
    until: datetime | None = None


class StoryTold(msgspec.Struct, frozen=True):
    """A story that is shared. `outcome`: well, badly or open; nobody is named in it."""

    id: str
    at: datetime
    channel: str
    subject: str
    outcome: str
    parts: tuple[PartTold, ...]
    promises: tuple[PromiseTold, ...]


class SharedPage(msgspec.Struct, frozen=True):
    """What is shared for a purpose."""

    purpose: Purpose
    title: str
    stories: tuple[Story, ...]


async def _shared(request: AnyRequest) -> tuple[Purpose, list[Story]]:
    """What is shared for the purpose that is asked for; that it was read is on record before it is told.

    Raises BadInput, NotAllowed.
    """
    answers = await answers_of(office_of(request), current(request).tenant)
    async with seated(request) as seat:
        who, name = seat.who, str(request.query_params.get("purpose", "")).strip()
        if not name:
            raise BadInput("purpose must say what it is for, got nothing; add ?purpose=…")
        purpose = purpose_for(seat.centre, name, (who.role, who.agent, who.name))
        found: list[Story] = []
        for kept in [one for one in await kept_stories(seat.db, who.tenant) if name in one.purposes]:
            if len(found) == MOST:
                break
            told = await one_story(seat, kept.id, answers)
            story = for_purpose(told[0], kept, purpose) if told and told[0] else None
            if story is not None and await _may_tell(seat, story, purpose):
                found.append(story)
    await on_record(seat.office, seat.who, purpose.id, *dict.fromkeys(story.person for story in found))
    return purpose, found


async def _may_tell(seat: Seat, story: Story, purpose: Purpose) -> bool:
    """Whether its person agreed, where the purpose asks for that."""
    if not purpose.consent:
        return True
    known = await read_person(seat.db, seat.who.tenant, story.person)
    ids = known.ids if known else (story.person,)
    return await agreed(seat.db, seat.who.tenant, ids, purpose.id, seat.office.clock.now())


@get(
    "/api/stories",
    opt=needs("context.read")
    | {"gives": tuple[StoryTold, ...], "says": "The stories that are shared for a purpose", "asks": {"purpose": "required"}},
)
async def told(request: AnyRequest) -> Response[bytes]:
    """What is shared for a purpose, for programs."""
    _, found = await _shared(request)
    said = [_told(story) for story in found]
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def _told(story: Story) -> StoryTold:
    return StoryTold(
        show_id(story.id),
        at_ms(story.at),
        story.channel,
        story.intent,
        story.outcome,
        tuple(
            PartTold(p.which, unmasked(p.text, "en"), show_id(p.line), "them" if p.theirs else "us", at_ms(p.at))
            for p in story.parts
        ),
        tuple(
            PromiseTold(unmasked(p.text, "en"), show_id(p.line), p.state, at_ms(p.at), at_ms(p.until) if p.until else None)
            for p in story.promises
        ),
    )


@get("/stories/shared", opt=needs("context.read"), include_in_schema=False)
async def shared(request: AnyRequest) -> Response[str]:
    """What is shared for a purpose, on a page to print."""
    purpose, found = await _shared(request)
    title = purpose.title.get(current(request).language, purpose.id)
    return await render(request, "stories_shared.html", SharedPage(purpose, title, tuple(found)))


HANDLERS = [told, shared]
