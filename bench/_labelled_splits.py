"""Heads beside the plain recipe on the same rows: `python bench/_labelled_splits.py DIR [SET ...] [--splits 3]`.

The parts to learn from and to tune on are put together and divided anew for each split, evenly by label; no test part is read.
The recipe is scikit-learn's: words and pairs, pieces of 2 to 5 characters within words, each by tf-idf, and a linear machine.
Prints one JSON object a split; `few` is banking77 with ten labels of each intent.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC

from rapport.understanding import model_files
from rapport.understanding.labelled import labelled
from rapport.understanding.learning import Learner
from rapport.understanding.prior import Prior
from rapport.understanding.tone import Tone

SHOTS, DRAWS = 10, 2


class Asked(msgspec.Struct, frozen=True):
    """A set: its parts, its head, the share held back; of the recipe, C and whether rare labels weigh as others."""

    files: tuple[str, ...]
    head: str
    held: float
    margin: float
    even: bool = True
    few: bool = False


def _tweets(tongue: str) -> Asked:
    place = f"twitter_terms/xlmt_sentiment/{tongue}"
    return Asked((f"{place}_train", f"{place}_val"), "sentiment", 0.25, 0.2)


_BANK = ("open/banking77/train", "open/banking77/val")
SETS = {
    "banking77": Asked(_BANK, "intent", 0.15, 1.0, even=False),
    "few": Asked(_BANK, "intent", 0.15, 1.0, even=False, few=True),
    "airline": Asked(("nc/airline/train",), "sentiment", 0.2, 0.3),
    "emotion": Asked(("twitter_terms/tweeteval_emotion/train", "twitter_terms/tweeteval_emotion/val"), "emotion", 0.2, 0.3),
    "es": _tweets("spanish"),
    "pt": _tweets("portuguese"),
    "en": _tweets("english"),
}
Texts = np.ndarray
Rows = tuple[Texts, Texts]


def divided(folder: Path, asked: Asked, split: int) -> Iterator[tuple[Rows, Rows]]:
    """The rows to learn from and those held back; with `few`, two draws of ten labels of each name."""
    parts = [labelled(folder / f"{file}.jsonl.gz", asked.head) for file in asked.files]
    texts = np.array([text for part in parts for text in part[0]], dtype=object)
    labels = np.array([label for part in parts for label in part[1]])
    shuffled = StratifiedShuffleSplit(1, test_size=asked.held, random_state=split).split(texts, labels)
    ((known, held),) = shuffled
    for draw in range(DRAWS if asked.few else 1):
        chance = np.random.RandomState(10 * split + draw)
        chosen = known
        if asked.few:
            names = sorted(set(labels[known]))
            places = [chance.choice(np.flatnonzero(labels[known] == name), SHOTS, replace=False) for name in names]
            chosen = known[np.concatenate(places)]
        yield (texts[chosen], labels[chosen]), (texts[held], labels[held])


def by_recipe(asked: Asked, known: Rows, held: Rows) -> Texts:
    """What the plain recipe answers."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    both = make_union(words, TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2))
    machine = LinearSVC(C=asked.margin, class_weight="balanced" if asked.even else None)
    return machine.fit(both.fit_transform(known[0]), known[1]).predict(both.transform(held[0]))


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("sets", nargs="*", default=list(SETS))
    arguments.add_argument("--splits", type=int, default=3)
    given = arguments.parse_args()
    learner = Learner(Tone(model_files.table("polarity.toml")), Prior(model_files.prior()))
    for name in given.sets:
        for split in range(given.splits):
            for known, held in divided(given.folder, SETS[name], split):
                head = learner.learn(SETS[name].head, list(known[0]), list(known[1]))
                answers = {"ours": np.array(learner.answers(head, list(held[0]))), "recipe": by_recipe(SETS[name], known, held)}
                figures = {
                    who: {
                        "accuracy": round(float(np.mean(said == held[1])), 4),
                        "macro_f1": round(float(f1_score(held[1], said, average="macro")), 4),
                    }
                    for who, said in answers.items()
                }
                print(json.dumps({"set": name, "split": split, **figures}), flush=True)


if __name__ == "__main__":
    main()
