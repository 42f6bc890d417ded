"""Commands on what matching learns: teach a model from a tenant's log, and say what patience may gain."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rapport.app.centre_files import number_of
from rapport.app.digesting import digest_once
from rapport.app.house import House, open_house
from rapport.centre.apply import current_things
from rapport.centre.things import body_of
from rapport.clock import SystemClock
from rapport.errors import BadInput, NotFound
from rapport.matching.learning import gate
from rapport.matching.learning.features import NAMES
from rapport.matching.learning.offpolicy import LEAST_SAMPLE
from rapport.matching.outcomes import DAYS, Decided, decisions_of
from rapport.matching.replaying import logged_needs
from rapport.matching.roster import make_roster
from rapport.matching.simulator.replay import Expected, expected_gain
from rapport.matching.teaching import Lesson, teach
from rapport.matching.valuing import NAME, Valuer, valuer_of
from rapport.model.centre import Centre, Thing, read_centre
from rapport.settings import Settings

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """How to learn. `off`: features that are not looked at, None: as before. `pretend`: change nothing."""

    days: float = DAYS
    off: tuple[str, ...] | None = None
    pretend: bool = False


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of it. `present`: the version that served before; `decisions`: with a known outcome; `good`: resolved."""

    tenant: str
    present: str
    decisions: int
    good: int
    lesson: Lesson
    promoted: bool


async def learn(settings: Settings, url: str, master: bytes, tenant: str, wish: Wish, told: Told) -> Learnt:
    """Teach, judge, and where it serves set a tenant's model. Raises NotFound, BadInput."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await number_of(house, tenant)
        found = await learn_in(house, number, tenant, wish, told)
        if found.promoted:
            await digest_once(house, number)
        return found
    finally:
        await house.aclose()


async def learn_in(house: House, number: int, tenant: str, wish: Wish, told: Told) -> Learnt:
    """The same in a house that is open; a model that serves is appended, and not digested yet."""
    known = await material_of(house, number, tenant, wish)
    told(f"read {len(known.decided)} decisions with their outcomes; teaching ...")
    lesson = taught_from(known)
    promoted = lesson.verdict.serves and not wish.pretend
    if promoted:
        await house.intake.set_things(number, [("model", NAME, body_of(lesson.thing))], by="rapport matching learn")
    return Learnt(tenant, known.present, len(known.decided), sum(one.good for one in known.decided), lesson, promoted)


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is taught from, as `teach` takes it; it can be pickled."""

    decided: list[Decided]
    teams: dict[str, str]
    present: str
    off: tuple[str, ...]
    explored: float


async def material_of(house: House, number: int, tenant: str, wish: Wish) -> Material:
    """A tenant's decisions with their outcomes. Raises NotFound where there are none, BadInput."""
    if unknown := sorted(set(wish.off or ()) - set(NAMES[1:])):
        raise BadInput(f"{', '.join(unknown)} is no feature that can be switched off; those are {', '.join(NAMES[1:])}")
    centre = await centre_of(house, number)
    valuer = valuer_of(make_roster(centre))
    async with house.within(number) as db:
        decided = await decisions_of(db, number, house.clock.now(), wish.days)
    if not decided:
        raise NotFound(
            f"no decision of {tenant!r} has an outcome that is {wish.days:g} days old: "
            + ("wait, or give fewer --days" if centre.profile.matching == "patient" else _PATIENT)
        )
    teams = {agent.id: agent.team for agent in centre.agents.values()}
    off = tuple(valuer.off if wish.off is None else wish.off)
    return Material(decided, teams, valuer.version, off, centre.profile.explored)


def taught_from(known: Material) -> Lesson:
    """The model that it teaches, and the verdict on it."""
    return teach(known.decided, known.teams, known.present, off=known.off, explored=known.explored)


_PATIENT = (
    'set matching = "patient" in [centre], with explored = 0.03, and apply; only patient decisions are on record for this'
)


async def gain(
    settings: Settings, url: str, master: bytes, tenant: str, needs: int, seed: int, told: Told
) -> tuple[Expected, str]:
    """What patience may gain for a tenant, and by what its pairs were valued. Raises NotFound, BadInput."""
    if not 1 <= needs <= 20_000:
        raise BadInput(f"needs must be in [1, 20000], got {needs}")
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await number_of(house, tenant)
        valuer = valuer_of(make_roster(await centre_of(house, number)))
        async with house.within(number) as db:
            logged = await logged_needs(db, number, valuer, needs)
    finally:
        await house.aclose()
    told(f"read {len(logged.arrival)} needs; replaying them under both policies, which takes a minute or two ...")
    return expected_gain(logged, seed), _valued_by(valuer)


def _valued_by(valuer: Valuer) -> str:
    return "the built-in likelihood, which is an assumption" if valuer.weights is None else f"the model {valuer.version}"


async def centre_of(house: House, number: int) -> Centre:
    """A tenant's centre as it stands."""
    now = house.clock.now()
    things = await current_things(house.within, number)
    return read_centre(Thing(f"{kind}/{name}", body, now) for (kind, name), body in things.items())


def as_json(found: Learnt) -> dict[str, Any]:  # Any: numbers and texts by name
    """What came of learning as one JSON object; figures that nothing can be said of are null."""
    verdict = {name: getattr(found.lesson.verdict, name) for name in found.lesson.verdict.__struct_fields__}
    finite = {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in verdict.items()}
    return {
        "tenant": found.tenant,
        "present": found.present,
        "model": found.lesson.thing.version,
        "off": list(found.lesson.thing.off),
        "decisions": found.decisions,
        "resolved": found.good,
        "taught": found.lesson.taught,
        "promoted": found.promoted,
        "verdict": finite,
    }


def in_words(found: Learnt) -> str:
    """What came of learning, for people."""
    verdict = found.lesson.verdict
    lines = [
        f"{found.decisions} decisions with a known outcome, {found.good} resolved at first contact; "
        f"taught by the first {found.lesson.taught}, judged by {verdict.decisions} later ones of {found.present}",
        gate.in_words(verdict, "en"),
    ]
    if verdict.decisions > 1:
        lines.append(
            f"effective sample {verdict.sample:.0f} ({LEAST_SAMPLE:.0f} needed), mean weight {verdict.covered:.2f}, "
            f"IPS {100 * verdict.ips:.1f} %, SNIPS {100 * verdict.snips:.1f} %, doubly robust {100 * verdict.robust:.1f} % "
            f"against {100 * verdict.current:.1f} %; gain {100 * verdict.gain:+.1f} points, "
            f"95 % from {100 * verdict.low:+.1f} to {100 * verdict.high:+.1f}"
        )
    said = "serves from now on" if found.promoted else "would serve" if verdict.serves else "does not serve"
    return "\n".join(
        [*lines, f"model {found.lesson.thing.version} {said}" + ("" if found.promoted else f"; {found.present} stays")]
    )
