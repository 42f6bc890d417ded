"""What `rapport understand` does: say what a text is taken for, and how good a head is that is learnt from labelled texts."""

import json
import time
from pathlib import Path

import msgspec

from rapport.model.reading import SPAM_FROM
from rapport.understanding import model_files
from rapport.understanding.labelled import labelled
from rapport.understanding.learning import Learner, goodness
from rapport.understanding.prior import Prior
from rapport.understanding.reader import shipped
from rapport.understanding.tone import Tone


def explain(text: str, *, as_json: bool) -> int:
    """Print the reading of a text, each value with its confidence, and the words that decided."""
    reading = shipped().read([text])[0]
    if as_json:
        print(json.dumps(msgspec.to_builtins(reading), ensure_ascii=False))
        return 0
    lines = [
        ("language", reading.language or "unknown", reading.language_confidence),
        ("intent", reading.intent or "unknown", reading.intent_confidence),
        ("emotion", reading.emotion or "unknown", reading.emotion_strength),
        ("sentiment", reading.sentiment or "unknown", reading.sentiment_confidence),
        ("urgency", "", reading.urgency),
        ("spam", "yes" if reading.spam >= SPAM_FROM else "no", reading.spam),
        ("noise", "", reading.noise),
    ]
    for name, value, sure in lines:
        print(f"{name:12} {value:20} {sure:.2f}")
    print(f"{'asks for':12} {'a person' if reading.wants_person else 'nobody in particular'}")
    print(f"{'shows':12} {'; '.join(f'{one.kind}: {one.words}' for one in reading.signals) or 'nothing beside'}")
    print(f"{'actionable':12} {'yes' if reading.actionable else 'no'}")
    print(f"{'personal':12} {', '.join(reading.personal) or 'nothing'}")
    for one in reading.because:
        print(f"{'by words':12} {one.kind}: {one.words}")
    print(f"{'evidence':12} {', '.join(reading.evidence) or 'nothing that could be shown'}")
    print(f"{'model':12} {reading.version}")
    return 0


def evaluate(head: str, train: tuple[Path, ...], test: tuple[Path, ...], *, as_json: bool) -> int:
    """Learn a head from labelled texts, and print how good it is on others."""
    begun = time.process_time()
    known, held = _all(train, head), _all(test, head)
    learner = Learner(Tone(model_files.table("polarity.toml")), Prior(model_files.prior()))
    found = goodness(learner, learner.learn(head, *known), *held)
    said = {"head": head, "trained_on": len(known[0]), **msgspec.to_builtins(found)}
    said["cpu_s"] = round(time.process_time() - begun, 1)
    if as_json:
        print(json.dumps(said))
        return 0
    for name, value in said.items():
        print(f"{name:20} {value}")
    return 0


def _all(files: tuple[Path, ...], head: str) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    labels: list[str] = []
    for file in files:
        more = labelled(file, head)
        texts += more[0]
        labels += more[1]
    return texts, labels
