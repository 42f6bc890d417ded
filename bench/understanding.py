"""How well and how fast what ships reads: our own messages, each by a reader that was trained without it.

Keys: for es, en and mixed messages the shares intent_right, intent_wrong (the rest is said to be unknown), feeling_right and
urgency_right (told to be for today or not); language_right of es and en; messages and held_back; per_s (messages a second of
CPU, 256 at once), one_p50_us and one_p99_us (of one message, CPU time of this thread).

`full` holds back each of five parts in turn, `small` the first of them. `--data DIR`: a folder of public sets as
`_labelled_sets` knows them; what it has is measured, with floor, goal and anchor beside each figure.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _labelled_sets import measured

from rapport.model.reading import Reading
from rapport.understanding.reader import Reader, shipped
from rapport.understanding.train import Example, examples, messages, train

PARTS = 5
HELD = {"small": 1, "full": PARTS}
PRESSING, PRESSED = 0.5, 2  # a reading's urgency, and a label's, from which a message is for today
AT_ONCE, ROUNDS, SINGLE = 256, 20, 2_000


def read_apart(held: int, seed: int) -> Iterator[tuple[Example, Reading]]:
    """Each message of the first `held` parts, with the reading of a reader that was trained on all the others."""
    known = list(messages())
    others = examples()[len(known) :]
    order = random.Random(seed).sample(range(len(known)), len(known))
    for part in range(held):
        apart = sorted(order[part::PARTS])
        left = set(apart)
        reader = Reader(train([one for place, one in enumerate(known) if place not in left] + others), "bench")
        chosen = [known[place] for place in apart]
        yield from zip(chosen, reader.read([one.text for one in chosen]), strict=True)


def shares(read: Iterator[tuple[Example, Reading]]) -> dict[str, float]:
    """What was right, by language."""
    told: Counter[tuple[str, str]] = Counter()
    for example, reading in read:
        tongue = example.language or "mixed"
        told[tongue, "all"] += 1
        told[tongue, "intent_right"] += reading.intent == example.intent
        told[tongue, "intent_wrong"] += reading.intent not in ("", example.intent)
        told[tongue, "feeling_right"] += reading.emotion == example.emotion
        told[tongue, "urgency_right"] += (reading.urgency >= PRESSING) == ((example.urgency or 0) >= PRESSED)
        told[tongue, "language_right"] += reading.language == example.language
    whole: dict[str, float] = {
        f"{tongue}_{what}": round(count / told[tongue, "all"], 4)
        for (tongue, what), count in sorted(told.items())
        if what != "all" and (tongue, what) != ("mixed", "language_right")
    }
    return whole | {"held_back": sum(count for (_, what), count in told.items() if what == "all")}


def speed() -> dict[str, float]:
    """How fast the shipped reader is, on our own messages."""
    reader, texts = shipped(), [one.text for one in messages()]
    reader.read(texts)
    begun = time.thread_time_ns()
    for nth in range(ROUNDS):
        reader.read(texts[nth * 64 : nth * 64 + AT_ONCE])
    batch = (time.thread_time_ns() - begun) / (ROUNDS * AT_ONCE)
    times = []
    for nth in range(SINGLE):
        start = time.thread_time_ns()
        reader.read([texts[nth % len(texts)]])
        times.append(time.thread_time_ns() - start)
    return {
        "per_s": round(1e9 / batch),
        "one_p50_us": round(float(np.percentile(times, 50)) / 1e3, 1),
        "one_p99_us": round(float(np.percentile(times, 99)) / 1e3, 1),
    }


def run(scale: str = "small", seed: int = 1, data: Path | None = None) -> dict[str, Any]:
    """Train without a part of our messages, and read it; with a folder of `data`, its sets of labelled texts too."""
    own = {"messages": len(list(messages())), **shares(read_apart(HELD[scale], seed)), **speed()}
    return own | (measured(data) if data else {})
