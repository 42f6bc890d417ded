"""Surveys in the reports: who was asked, who answered, and what the scores are when each group counts as it was asked."""

import asyncio

import msgspec
from litestar import Response, get

from rapport.conversations.reading import moods_of
from rapport.measures.definitions import BY_ID, Measure
from rapport.measures.responding import MOST_MOODS, Group, Responding, Weighted, asked_rows, ids_of, responding, some_of
from rapport.web.desk.page import seated
from rapport.web.measures.reports_asked import PERIODS, Wanted
from rapport.web.measures.reports_page import SEE, asked_of, called, following_of, narrowed_by
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, office_of

MOST_GROUPS = 12
SHOWN = ("kind", "channel", "language", "mood", "team")


class Scored(msgspec.Struct, frozen=True):
    """A measure with its figures."""

    measure: Measure
    found: Weighted


class Grouped(msgspec.Struct, frozen=True):
    """Groups of one dimension, with what each is called; `more`: how many are not shown."""

    dimension: str
    groups: tuple[tuple[Group, str], ...]
    more: int


class SurveysPage(msgspec.Struct, frozen=True):
    """The page. `surveys`: how many are set up to send themselves."""

    wanted: Wanted
    found: Responding
    scores: tuple[Scored, ...]
    hidden: tuple[Measure, ...]
    groups: tuple[Grouped, ...]
    periods: tuple[str, ...]
    narrowed: tuple[tuple[str, str, str], ...]
    report: str
    surveys: int
    may_set: bool


@get("/reports/surveys", opt=SEE, include_in_schema=False)
async def surveys(request: AnyRequest) -> Response[str]:
    """Who was asked and who answered."""
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        folded = await following.catch_up(seat.db, seat.who.tenant)
        moods = await moods_of(seat.db, seat.who.tenant, ids_of(some_of(asked_rows(folded, wanted.asked), MOST_MOODS)))
        found = await asyncio.to_thread(responding, folded, wanted.asked, moods)
        groups = tuple(
            Grouped(
                name,
                tuple((one, called(name, one.word, seat.centre)) for one in found.groups[name][:MOST_GROUPS]),
                max(0, len(found.groups[name]) - MOST_GROUPS),
            )
            for name in SHOWN
        )
        page = SurveysPage(
            wanted=wanted,
            found=found,
            scores=tuple(Scored(BY_ID[one.measure], one) for one in found.scores),
            hidden=tuple(BY_ID[name] for name in found.hidden),
            groups=groups,
            periods=tuple(PERIODS),
            narrowed=narrowed_by(wanted, seat.centre),
            report=f"/reports?{wanted.query()}",
            surveys=len(seat.centre.surveys),
            may_set=seat.who.may("centre.write"),
        )
    return await render(request, "reports_surveys.html", page)


HANDLERS = [surveys]
