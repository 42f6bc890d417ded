"""How surely what a conversation shows is found: the signals, on messages that were written apart from the rules.

Keys: for each signal its recall and precision (shares), found and missed and false ones in numbers; messages in all;
first_ for the same as it was when the rules first met the messages, before any was mended by them (told by hand, in docs);
us_a_message: CPU microseconds of finding signals in one message.

fresh_ and later_ for `held_fresh.toml` and `held_later.toml`, by which rules were mended since, and new_ for `held_new.toml`,
where it is there: for each signal recall as people mostly say it, recall of what is said sideways, and the share of look-alikes
that is wrongly taken; with to_a_bot_ the same where a bot answers.

`python bench/readings.py FOLDER` prints of public questions the share in which each signal is found and in which a bot ends,
before what is right of it is taken away; FOLDER holds `open/banking77`, `open/clinc150` and `open/multidogo`.
"""

import random
import sys
import time
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from rapport.model.reading import Reading
from rapport.model.signal import ASKED, HINTED
from rapport.understanding.labelled import rows_in
from rapport.understanding.reader import Reader, shipped
from rapport.understanding.shown import KINDS
from rapport.understanding.words import prepare

HELD = Path(__file__).parents[1] / "tests" / "understanding" / "held_signals.toml"
ORDINARY = {
    "banking77/train": 1_500,
    "clinc150/train": 3_000,
    "multidogo/finance_train": 1_500,
    "multidogo/airline_train": 1_500,
}  # of a public set so many questions
APART = ("fresh", "later", "new")  # `held_fresh.toml` and so on


def shown(reader: Reader, kind: str, text: str, to_a_bot: bool = False) -> bool:
    """Whether a text shows a kind of signal; a promise is of ours, all else of theirs. To a bot a hint is enough."""
    if kind == "promise":
        return bool(reader.promised(text))
    (reading,) = reader.read([text])
    enough = (kind, HINTED) if to_a_bot and kind == ASKED else (kind,)
    return any(one.kind in enough for one in reading.signals)


def judged(reader: Reader) -> dict[str, dict[str, list[str]]]:
    """For each signal: the messages in which it was rightly found, missed, and wrongly found."""
    told: dict[str, dict[str, list[str]]] = {}
    for kind, lists in tomllib.loads(HELD.read_text("utf-8")).items():
        right = [text for name in ("es", "en") for text in lists[name]]
        wrong = [text for name in ("not_es", "not_en") for text in lists[name]]
        told[kind] = {
            "found": [text for text in right if shown(reader, kind, text)],
            "missed": [text for text in right if not shown(reader, kind, text)],
            "false": [text for text in wrong if shown(reader, kind, text)],
            "apart": [text for text in wrong if not shown(reader, kind, text)],
        }
    return told


def shares(reader: Reader, name: str) -> dict[str, float]:
    """The shares of one of the sets of APART."""
    figures: dict[str, float] = {}
    file = HELD.with_name(f"held_{name}.toml")
    for kind, lists in tomllib.loads(file.read_text("utf-8")).items() if file.exists() else ():
        for what, before in (("recall", ""), ("aside_recall", "aside_"), ("wrongly", "not_")):
            texts = [text for tongue in ("es", "en") for text in lists[f"{before}{tongue}"]]
            for whom, to_a_bot in (("", False), ("to_a_bot_", True)) if kind == ASKED else (("", False),):
                share = sum(shown(reader, kind, text, to_a_bot) for text in texts) / len(texts)
                figures[f"{name}_{kind.replace('-', '_')}_{whom}{what}"] = round(share, 3)
    return figures


def _share(read: Sequence[Reading], enough: Collection[str]) -> float:
    return round(sum(any(one.kind in enough for one in each.signals) for each in read) / len(read), 3)


def run(scale: str = "small", seed: int = 0) -> dict[str, Any]:  # Any: numbers
    """The figures; neither `scale` nor `seed` changes them."""
    reader = shipped()
    told = judged(reader)
    figures: dict[str, Any] = {"messages": sum(len(one) for lists in told.values() for one in lists.values())}
    for kind, lists in told.items():
        name = kind.replace("-", "_")
        found, missed, false = (len(lists[part]) for part in ("found", "missed", "false"))
        figures |= {
            f"{name}_recall": round(found / max(1, found + missed), 3),
            f"{name}_precision": round(found / max(1, found + false), 3),
            f"{name}_missed": missed,
            f"{name}_false": false,
            f"{name}_positive": found + missed,
            f"{name}_negative": false + len(lists["apart"]),
        }
    for name in APART:
        figures |= shares(reader, name)
    texts = [prepare(one) for lists in told.values() for part in lists.values() for one in part]
    begun = time.thread_time()
    for _ in range(20):
        for text in texts:
            reader._signs.of(text.words, text.shown, text.raw)
    figures["us_a_message"] = round((time.thread_time() - begun) / (20 * len(texts)) * 1e6, 1)
    return figures


def ordinary(reader: Reader, folder: Path) -> dict[str, dict[str, float]]:
    """Of public questions, drawn by chance, the share in which each signal is found; `bot`: in which a bot gives up."""
    told = {}
    for name, most in ORDINARY.items():
        texts = [row["text"] for row in rows_in(folder / "open" / f"{name}.jsonl.gz")]
        read = reader.read(random.Random(0).sample(texts, most))
        sought = {kind: (kind,) for kind in KINDS} | {"bot": (ASKED, HINTED)}
        told[name] = {kind: _share(read, enough) for kind, enough in sought.items()}
    return told


if __name__ == "__main__":
    for name, figures in ordinary(shipped(), Path(sys.argv[1])).items():
        print(name, figures)
