"""The world and its stream of needs, drawn from a seed in a fixed order, so that all policies of a seed meet the same needs."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
ARRIVALS_AFTER = 100  # the seeds of the needs and of what is seen wrong stand so far behind that of the agents
NOISE_AFTER = 200


class World(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters, each explained in world.toml."""

    agents: int
    dimensions: int
    intents: int
    skilled: float
    english_below: float
    spanish_above: float
    spanish: float
    base: float
    miss: float
    affinity: float
    known: float
    noise: float
    handle_seconds: float
    miss_handle: float
    patience_seconds: float
    arrivals: int
    warm_up: float
    spikes: list[tuple[float, float]]


def world(**changes: object) -> World:
    """The reference world, with some parameters changed."""
    found = tomllib.loads(files(__package__).joinpath("world.toml").read_text(encoding="utf-8"))
    return msgspec.convert(found | changes, World)


@dataclass(frozen=True, slots=True)
class Case:
    """One stream of needs before one set of agents; pairs are (needs, agents), times in seconds."""

    arrival: Floats  # (needs,), rising
    patience: Floats  # (needs,)
    handling: Floats  # (needs,), with the skill held
    luck: Floats  # (needs,), resolved where it is below the truth
    skilled: Bools  # pairs: speaks the language and has the skill
    able: Bools  # pairs: speaks the language, which is hard
    truth: Floats  # pairs: the chance that the need is resolved
    values: Floats  # pairs: what the policies see of it, -inf where the language is missing
    factor: Floats  # pairs: handle time against that with the skill
    customers: Floats  # (needs, dimensions)
    people: Floats  # (agents, dimensions)
    handle_seconds: float
    patience_seconds: float
    warm_up: float
    shifts: Floats | None = None  # (agents, 2), seconds from which and to which each is there; None: always

    @property
    def agents(self) -> int:
        """How many there are."""
        return int(self.able.shape[1])


def case(given: World, seed: int, load: float) -> Case:
    """The agents of `seed` and the needs that come at `load` times what they can do; `load` is not used with spikes."""
    rng = np.random.default_rng(seed)
    people = rng.normal(size=(given.agents, given.dimensions))
    taste = rng.normal(size=(given.dimensions, given.dimensions)) * given.affinity / given.dimensions
    tongue = rng.random(given.agents)
    skills = rng.random((given.agents, given.intents)) < given.skilled
    rng = np.random.default_rng(seed + ARRIVALS_AFTER)
    count = given.arrivals
    work = np.cumsum(rng.exponential(1.0, count)) * given.handle_seconds / given.agents
    customers = rng.normal(size=(count, given.dimensions))
    spanish = rng.random(count) < given.spanish
    holds = skills.T[rng.integers(0, given.intents, count)]
    patience = rng.exponential(given.patience_seconds, count)
    handling = rng.exponential(given.handle_seconds, count)
    luck = rng.random(count)
    able = np.where(spanish[:, None], tongue > given.spanish_above, tongue < given.english_below)
    truth, seen = _values(given, seed, holds, customers @ taste @ people.T)
    return Case(
        arrival=_spiked(work, given.spikes) if given.spikes else work / load,
        patience=patience,
        handling=handling,
        luck=luck,
        skilled=able & holds,
        able=able,
        truth=truth,
        values=np.where(able, seen, -np.inf),
        factor=np.where(holds, 1.0, given.miss_handle),
        customers=customers,
        people=people,
        handle_seconds=given.handle_seconds,
        patience_seconds=given.patience_seconds,
        warm_up=given.warm_up,
    )


def _values(given: World, seed: int, holds: Bools, affinity: Floats) -> tuple[Floats, Floats]:
    """The chance that each pair resolves the need, and what the policies see of it: (needs, agents)."""
    plain = given.base - given.miss * ~holds
    truth = _chance(plain + affinity)
    if given.noise == 0.0 and given.known == 1.0:
        return truth, truth
    wrong = np.random.default_rng(seed + NOISE_AFTER).normal(0.0, given.noise, truth.shape)
    return truth, _chance(plain + given.known * affinity + wrong)


def _chance(odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float64)


def _spiked(work: Floats, spikes: list[tuple[float, float]]) -> Floats:
    """When needs come that would come at `work` with load 1, under loads that alternate: (needs,) seconds."""
    loads, minutes = np.array(spikes).T
    rounds = int(np.ceil(work[-1] / (loads @ minutes * 60.0))) + 1
    lengths = np.tile(minutes * 60.0, rounds)
    times = np.concatenate(([0.0], np.cumsum(lengths)))
    done = np.concatenate(([0.0], np.cumsum(np.tile(loads, rounds) * lengths)))
    return np.asarray(np.interp(work, done, times), np.float64)
