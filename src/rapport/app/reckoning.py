"""The reckoning of a study: what patience may gain, what a lesson teaches; each in a child process of its own.

It reads everything that learns and simulates: `studying` imports it when somebody asks.
"""

import asyncio

from rapport.app.apart import Tell, apart
from rapport.app.house import House
from rapport.app.learning import Material, Wish, centre_of, material_of, taught_from
from rapport.app.progress import teller
from rapport.app.schooling import schooled_in
from rapport.centre.things import body_of
from rapport.errors import NotFound
from rapport.matching.learning import gate
from rapport.matching.replaying import logged_needs
from rapport.matching.roster import make_roster
from rapport.matching.simulator.replay import ROUNDS, Expected, Logged, expected_gain
from rapport.matching.teaching import Lesson
from rapport.matching.valuing import valuer_of
from rapport.measures import studies
from rapport.measures.studies import GAIN, READER, GainFound, LessonFound, ReaderFound

MOST_NEEDS = 2_000
SEED = 1
NOTHING_YET = "no decision has an outcome of a week ago yet: put Patient in force with some chance, and let conversations end"


async def reckoned(house: House, tenant: int, name: str) -> GainFound | LessonFound | ReaderFound:
    """What one of `studies.NAMES`, or `READER`, found. Raises RapportError where it cannot be reckoned."""
    if name == READER:
        return await schooled_in(house, tenant, told=teller(house, tenant, READER, 0))
    return await (_gain if name == GAIN else _lesson)(house, tenant)


async def _gain(house: House, tenant: int) -> GainFound:
    valuer = await asyncio.to_thread(valuer_of, make_roster(await centre_of(house, tenant)))
    async with house.within(tenant) as db:
        logged = await logged_needs(db, tenant, valuer, MOST_NEEDS)
    said: Expected = await apart(replayed, logged, SEED, told=teller(house, tenant, GAIN, ROUNDS))
    return gain_found(said, "" if valuer.weights is None else valuer.version)


def replayed(logged: Logged, seed: int, tell: Tell) -> Expected:
    """What may be gained: in the child."""
    return expected_gain(logged, seed, told=tell)


def gain_found(said: Expected, valued_by: str) -> GainFound:
    """What was expected, as the page reads it."""
    return GainFound(
        said.reason,
        said.needs,
        said.choices,
        said.plain,
        said.ours,
        said.gain,
        said.low,
        said.high,
        said.words("es"),
        said.words("en"),
        valued_by,
    )


async def _lesson(house: House, tenant: int) -> LessonFound:
    try:
        known = await material_of(house, tenant, "", Wish(pretend=True))
    except NotFound:
        raise NotFound(NOTHING_YET) from None
    lesson: Lesson = await apart(taught_apart, known, told=teller(house, tenant, studies.LESSON, 0))
    return lesson_found(known, lesson)


def taught_apart(known: Material, tell: Tell) -> Lesson:
    """The lesson: in the child."""
    tell(0)
    return taught_from(known)


def lesson_found(known: Material, lesson: Lesson) -> LessonFound:
    """What was taught, as the page reads it."""
    return LessonFound(
        lesson.thing.version,
        known.present,
        lesson.verdict.serves,
        len(known.decided),
        sum(one.good for one in known.decided),
        lesson.taught,
        lesson.verdict.decisions,
        gate.in_words(lesson.verdict, "es"),
        gate.in_words(lesson.verdict, "en"),
        body_of(lesson.thing),
    )
