"""Training of the head of signals: from `seed/signals`, and from our messages as the rules of signals take them.

A line of `seed/signals` has a tongue (s, e, x: both) and a text, under the signal that it shows in brackets, or `[none]`.
So has one of `seed/more_signals`, from which no other head learns anything: what is known from there alone has rows of its own.
{a|b} is each in turn: a line makes as many texts as its longest choice has parts. Who is asked for by rules in our messages is
no counter-example; nor are messages whose intent is the signal's own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rapport.understanding import model_files
from rapport.understanding.linear import Floats, fit_yes
from rapport.understanding.person import Person
from rapport.understanding.shown import KINDS, RUN
from rapport.understanding.signals import Signs
from rapport.understanding.words import prepare

STRENGTH = 9e-6
ALIKE = 6.0  # weight of a text of the seeds that shows nothing, of which most look alike, beside any other one
RARE, COMMON = 1e-6, 1e-4  # mean squares of a feature: of one that no text has, and of one that stays as it is
NONE = "none"
OWN_INTENT = {"person": "wants-person", "cancel": "leaving"}  # whose messages are asked for in ways that rules may miss
Told = tuple[set[str], str | None]  # what a text shows, and its intent
_LINE = re.compile(r"([sex]) (\S.*)")
_CHOICE = re.compile(r"\{([^{}]*)\}")


def texts() -> list[tuple[str, str]]:
    """Every text with the signal that it shows, "" for none. Raises ValueError with file and line where one cannot be read."""
    return [pair for file, body in model_files.signal_seeds().items() for pair in _read(file, body)]


def more_texts() -> list[tuple[str, str]]:
    """The same, of the texts from which only the signals learn."""
    return [pair for file, body in model_files.more_signal_seeds().items() for pair in _read(file, body)]


def _read(file: str, body: str) -> Iterator[tuple[str, str]]:
    kind = None
    for number, line in enumerate(body.splitlines(), 1):
        if line.startswith("[") and line.endswith("]"):
            kind = line[1:-1]
            if kind not in (*KINDS, NONE):
                raise ValueError(f"{file}:{number}: {kind!r} is no signal: one of {', '.join((*KINDS, NONE))}")
        elif line and not line.startswith("#"):
            said = _LINE.fullmatch(line)
            if said is None or kind is None:
                raise ValueError(f"{file}:{number}: a line is a tongue (s e x) and a text, under a signal in brackets")
            yield from ((text, "" if kind == NONE else kind) for text in spelt_out(said[2]))


def spelt_out(line: str) -> list[str]:
    """The texts of a line: as many as its longest choice has parts; the others' parts go round."""
    parts = [piece.split("|") if nth % 2 else [piece] for nth, piece in enumerate(_CHOICE.split(line))]
    made = []
    for turn in range(max(map(len, parts))):
        chosen = [part[(turn + nth // 2 * (turn // len(part))) % len(part)] for nth, part in enumerate(parts)]
        made.append(" ".join("".join(chosen).split()))
    return made


def taken(ours: Sequence[str]) -> list[set[str]]:
    """What the rules take each of our texts for."""
    person, signs = Person(model_files.table("person.toml")), Signs(model_files.table("signals.toml"))
    read = [prepare(text) for text in ours]
    return [
        {one.kind for one in signs.of(text.words, text.shown, text.raw)}
        | ({"wants-person"} if person.asked(text.words) else set())
        for text in read
    ]


def with_runs(texts: Sequence[list[str]], told: Sequence[Told]) -> tuple[list[list[str]], list[set[str]], list[str | None]]:
    """Texts with what they show and their intents; of those that show nothing every other run of RUN words too."""
    made = [(text, *one) for text, one in zip(texts, told, strict=True)]
    made += [
        (text[start : start + RUN], shows, intent)
        for text, shows, intent in made
        if not shows
        for start in range(0, len(text) - RUN, 2)
    ]
    return [one[0] for one in made], [one[1] for one in made], [one[2] for one in made]


def learnt(
    values: csr_array, shows: Sequence[set[str]], intents: Sequence[str | None], seeds: int
) -> Mapping[str, tuple[Floats, float]]:
    """For each signal its weights, (features,), and its bias.

    `values`: (texts, features); `intents`: None: not told; `seeds`: how many texts, the first ones, are of the seeds.
    """
    often = np.ones(len(shows), dtype=np.float32)
    often[[nth for nth in range(seeds) if not shows[nth]]] = ALIKE
    return {kind: _one(values, kind, shows, intents, often) for kind in KINDS}


def _one(
    values: csr_array, kind: str, shows: Sequence[set[str]], intents: Sequence[str | None], share: Floats
) -> tuple[Floats, float]:
    truth: NDArray[np.intp] = np.array([kind in one for one in shows], dtype=np.intp)
    open_ = [not true and OWN_INTENT.get(intent or "") == kind for true, intent in zip(truth, intents, strict=True)]
    kept = np.flatnonzero(~np.array(open_))
    often = np.bincount(truth[kept], weights=share[kept], minlength=2)
    weight = (share[kept] / often[truth[kept]]).astype(np.float32)
    ours = csr_array(values[kept])
    eased = _eased(ours, weight)
    ours.data *= eased[ours.indices]
    weights, bias = fit_yes(ours, truth[kept], weight, strength=STRENGTH)
    return weights * eased, bias


def _eased(values: csr_array, weight: Floats) -> Floats:
    """How much each feature is made larger while learning: (features,). What few texts have may so say as much as others."""
    squared = csr_array((values.data**2, values.indices, values.indptr), shape=values.shape)
    moment = squared.T @ (weight / weight.sum())
    eased: Floats = ((moment + RARE) ** -0.25 * COMMON**0.25).astype(np.float32)
    return eased
