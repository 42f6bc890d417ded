"""Sampling: which conversations of a period are reviewed: the same count of each agent, by a seed that nobody chose. Pure.

A drawn key follows from the seed and the candidate alone, so who looks, when and how often changes nothing; the keys are those
of Efraimidis and Spirakis (Weighted random sampling with a reservoir, Information Processing Letters 97, 2006): the largest
`log(u) / weight` are a sample without replacement by weight.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from math import log
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rapport.model.review import FILL, RANDOM, RISK, Every

FINE = 1 << 53
SECOND_REVIEW = b"second"
RISK_DRAW = b"risk"


class Candidate(NamedTuple):
    """One agent's work on a conversation. `id`: of the interaction; `why`: the risks that it shows, `weight` their sum."""

    id: bytes
    conversation: bytes
    agent: str
    weight: float = 0.0
    why: tuple[str, ...] = ()


class Drawn(NamedTuple):
    """A candidate that is reviewed. `kind`: random, risk, or fill where an agent had too few of those that show a risk."""

    candidate: Candidate
    kind: str
    twice: bool


def seed_of(plan: str, starts: datetime, ends: datetime, leaf: bytes) -> bytes:
    """The seed of a period's sample. `leaf`: of the ledger's last entry before its end, which nobody can choose."""
    said = f"{plan}\n{int(starts.timestamp() * 1000)}\n{int(ends.timestamp() * 1000)}\n".encode()
    return sha256(said + leaf).digest()


def key_of(seed: bytes, id: bytes, weight: float = 1.0) -> float:
    """The key by which a candidate is drawn, at most 0: the larger the sooner."""
    number = int.from_bytes(sha256(seed + id).digest()[:8], "big") >> 11
    return log((number + 0.5) / FINE) / weight


def _risk_key(seed: bytes, one: Candidate) -> float:
    """A key of its own: who was not drawn at random has small keys, by which weights would not tell."""
    return key_of(seed + RISK_DRAW, one.id, one.weight)


def digest_of(candidates: Iterable[Candidate]) -> str:
    """What the candidates were, in 64 hexadecimal digits, so that a later look can tell whether they are the same."""
    found = sha256()
    for one in sorted(candidates):
        found.update(one.id + one.agent.encode() + b"\x00")
    return found.hexdigest()


def drawn(candidates: Sequence[Candidate], seed: bytes, *, each: int, risky: int = 0, twice: float = 0.0) -> list[Drawn]:
    """Of each agent `each` candidates, or all where there are fewer; `risky` of these among those that show a risk.

    The random ones are drawn first and from everything, so that they stand for everything. `twice`: the share in [0, 1] that
    two reviewers see.
    """
    found: list[Drawn] = []
    for _, own in sorted(_by_agent(candidates).items()):
        order = sorted(own, key=lambda one: (-key_of(seed, one.id), one.id))
        chance, rest = order[: max(0, each - risky)], order[max(0, each - risky) :]
        shown = sorted((one for one in rest if one.weight > 0), key=lambda one: (-_risk_key(seed, one), one.id))
        risk = shown[:risky]
        fill = [one for one in rest if one not in risk][: risky - len(risk)]
        for kind, picked in ((RANDOM, chance), (RISK, risk), (FILL, fill)):
            found += [Drawn(one, kind, _twice(seed, one.id, twice)) for one in picked]
    return sorted(found, key=lambda one: sha256(seed + b"order" + one.candidate.id).digest())


def _by_agent(candidates: Iterable[Candidate]) -> Mapping[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        found[one.agent].append(one)
    return found


def _twice(seed: bytes, id: bytes, share: float) -> bool:
    number = int.from_bytes(sha256(seed + SECOND_REVIEW + id).digest()[:8], "big") >> 11
    return number < share * FINE


def periods(every: Every, now: datetime, zone: ZoneInfo, since: datetime, most: int = 4) -> list[tuple[datetime, datetime]]:
    """The latest periods that are over and ended at `since` or later, newest first: days, weeks from Monday, or months."""
    found: list[tuple[datetime, datetime]] = []
    last = _first_of(every, now.astimezone(zone).date())
    while len(found) < most:
        first = _first_of(every, last - timedelta(days=1))
        starts, ends = (datetime.combine(day, time(), zone) for day in (first, last))
        if ends < since:
            break
        found.append((starts, ends))
        last = first
    return found


def _first_of(every: Every, day: date) -> date:
    """The first day of the period in which a day is."""
    if every == "day":
        return day
    return day - timedelta(days=day.weekday()) if every == "week" else day.replace(day=1)
