"""The week in stories, to print: the story of the week, what turned it, promises, what rises, what sets ends apart."""

from datetime import date, datetime

import msgspec
from litestar import Response, get

from rapport.measures.stories.told import BROKEN, KEPT, OPEN, Cluster, Contrast, Mined, Promise, Rising, Story
from rapport.model.share import wilson
from rapport.web.desk.page import seated
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest
from rapport.web.stories.library import look
from rapport.web.stories.page import SEE
from rapport.web.stories.shown import counts, sides, week_name, week_of

MOST_RESCUES, MOST_PROMISES, MOST_CLUSTERS, MOST_PHRASES = 5, 4, 8, 6


class Evidence(msgspec.Struct, frozen=True):
    """Where a sentence stands: a number on paper, an address on a screen."""

    number: int
    story: Story


class DigestPage(msgspec.Struct, frozen=True):
    """The page. `of_week`: the story of the week; `numbers`: of the stories that are quoted, by their ids in hexadecimal.

    `kept`: the share of promises that were kept, and between what bounds it lies.
    """

    week: str
    first: date
    last: date
    before: str
    after: str
    mined: Mined | None
    made_at: datetime | None
    share: float | None
    counts: dict[str, int]
    of_week: Story | None = None
    rescued: tuple[Story, ...] = ()
    broken: tuple[tuple[Story, Promise], ...] = ()
    rising: tuple[Rising, ...] = ()
    openings: tuple[Contrast, ...] = ()
    answers: tuple[Contrast, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    kept: tuple[float, float, float] | None = None
    evidence: tuple[Evidence, ...] = ()
    numbers: dict[str, int] = {}


@get("/stories/digest", opt=SEE, include_in_schema=False)
async def digest(request: AnyRequest) -> Response[str]:
    """The digest of a week."""
    async with seated(request) as seat:
        today = seat.office.clock.now().astimezone(zone_named(seat.centre.profile.zone)).date()
        span = week_of(str(request.query_params.get("week", "")), today)
        looked = await look(seat, span)
    mined = looked.mined
    page = DigestPage(
        week=week_name(span.start),
        first=date.fromordinal(span.start),
        last=date.fromordinal(span.end - 1),
        before=week_name(span.start - 7),
        after=week_name(span.end) if span.end <= today.toordinal() else "",
        mined=mined,
        made_at=looked.at,
        share=looked.share,
        counts=counts(mined) if mined else {},
    )
    return await render(request, "stories_digest.html", _told(page, mined) if mined else page)


def _told(page: DigestPage, mined: Mined) -> DigestPage:
    of_week = next((story for story in mined.stories if story.part("complication") and story.outcome != OPEN), None)
    rescued = tuple(story for story in mined.stories if story.turned and story is not of_week)[:MOST_RESCUES]
    broken = tuple(mined.promised(BROKEN)[:MOST_PROMISES])
    settled = page.counts[KEPT] + page.counts[BROKEN]
    quoted = [*([of_week] if of_week else []), *rescued, *(story for story, _ in broken)]
    rising, openings, answers = mined.rising[:MOST_PHRASES], sides(mined.openings), sides(mined.answers)
    quotes = [one.quotes[:1] for one in rising] + [one.quotes[:1] for one in (*openings, *answers)]
    quoted += [mined.by_id[quote.story] for found in quotes for quote in found if quote.story in mined.by_id]
    quoted += [mined.by_id[cluster.stories[0]] for cluster in mined.clusters[:MOST_CLUSTERS]]
    ordered = list({story.id: story for story in quoted}.values())
    return msgspec.structs.replace(
        page,
        of_week=of_week,
        rescued=rescued,
        broken=broken,
        rising=rising,
        openings=openings,
        answers=answers,
        clusters=mined.clusters[:MOST_CLUSTERS],
        kept=(page.counts[KEPT] / settled, *wilson(page.counts[KEPT], settled)) if settled else None,
        evidence=tuple(Evidence(number, story) for number, story in enumerate(ordered, 1)),
        numbers={story.id.hex(): number for number, story in enumerate(ordered, 1)},
    )


HANDLERS = [digest]
