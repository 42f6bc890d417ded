"""Second lane: what an encoder says of the texts of which the fast lane is unsure; both together decide.

    log p = log p of the fast lane + log p of the head over vectors, made to add up to one

so each is heard as far as it is sure. The head is learnt once, from the messages that ship, by `rapport understand encode`.
"""

import io
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import RapportError, SetupError
from rapport.understanding import intent
from rapport.understanding.encoder.folder import Encoder
from rapport.understanding.linear import Floats, fit, softmax

HEAD = "rapport.npz"  # in the encoder's folder
AT_ONCE = 16
MOST_ASKED = 64  # texts of a batch; what is beyond stays as the fast lane left it
MOST_LETTERS = 600
STRENGTH = 1e-5
KEPT = ("names", "weights", "bias", "version")


class EncoderHead(msgspec.Struct, frozen=True):
    """The head over vectors. `weights`: (dimensions, names); `version`: of the encoder that it was learnt with."""

    names: tuple[str, ...]
    weights: Floats
    bias: Floats
    version: str

    def likely(self, vectors: Floats) -> Floats:
        """(texts, names), each row adding up to one."""
        return softmax(vectors @ self.weights + self.bias)


def vectors_of(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """(texts, dimensions), a few texts at once. Raises BadInput where the encoder fails."""
    return np.vstack([encoder.vectors(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)])


def learn(vectors: Floats, labels: Sequence[str], names: Sequence[str], version: str) -> EncoderHead:
    """The head that tells `names` apart. `labels`: of each text, one of `names`; `version`: of the encoder."""
    from scipy.sparse import csr_array  # only who learns needs it, not each process that starts

    place = {name: nth for nth, name in enumerate(names)}
    truth = np.array([place[label] for label in labels], dtype=np.intp)
    often = np.bincount(truth, minlength=len(names)).astype(np.float32)
    weight = (often[truth] ** -0.5).astype(np.float32)
    found = fit(csr_array(vectors), truth, names, strength=STRENGTH, weight=weight, rounds=100)
    return EncoderHead(tuple(names), found.weights, found.bias, version)


def right_of(vectors: Floats, labels: Sequence[str], names: Sequence[str]) -> float:
    """The share of every fifth text that a head is right about which learnt from the others."""
    apart = np.arange(len(labels)) % 5 == 0
    known = [label for label, held in zip(labels, apart, strict=True) if not held]
    best = learn(vectors[~apart], known, names, "").likely(vectors[apart]).argmax(axis=1)
    held = [label for label, is_held in zip(labels, apart, strict=True) if is_held]
    return float(np.mean([names[place] == label for place, label in zip(best, held, strict=True)]))


def kept(head: EncoderHead) -> bytes:
    """A head as the bytes of its file."""
    body = io.BytesIO()
    np.savez_compressed(
        body,
        allow_pickle=False,
        names=np.array(head.names),
        weights=head.weights,
        bias=head.bias,
        version=np.array(head.version),
    )
    return body.getvalue()


def read_head(folder: Path, encoder: Encoder, names: Sequence[str]) -> EncoderHead:
    """The head that was learnt for this encoder and these names. Raises SetupError, which says what to run."""
    file, cure = folder / HEAD, f"run rapport understand encode {folder}"
    try:
        with np.load(file, allow_pickle=False) as arrays:
            missing = [name for name in KEPT if name not in arrays]
            if missing:
                raise SetupError(f"encoder: {file} has no {', '.join(missing)}; {cure}")
            found = {name: arrays[name] for name in KEPT}
    except FileNotFoundError:
        raise SetupError(f"encoder: {file} is not there yet; {cure}") from None
    except (OSError, ValueError, EOFError, BadZipFile, zlib.error) as error:
        raise SetupError(f"encoder: {file} cannot be read ({error}); {cure}") from None
    head = EncoderHead(tuple(map(str, found["names"])), found["weights"], found["bias"], str(found["version"]))
    if head.version != encoder.version:
        raise SetupError(f"encoder: {file} was learnt with another model ({head.version}, not {encoder.version}); {cure}")
    if head.names != tuple(names):
        raise SetupError(f"encoder: {file} was learnt for other intents than this version of Rapport has; {cure}")
    return head


class Second:
    """Asks an encoder. `ticks`: seconds of a clock that never goes back; `seconds`: what a batch may take."""

    def __init__(self, encoder: Encoder, head: EncoderHead, *, seconds: float, ticks: Callable[[], float]) -> None:
        self.version = encoder.version
        self._encoder, self._head = encoder, head
        self._seconds, self._ticks = seconds, ticks

    def heard(self, texts: Sequence[str], likely: Floats) -> Floats:
        """The probabilities with what the encoder says where the fast lane is unsure. `likely`: (texts, names).

        Never raises: where the encoder fails, or the time is over, the rest stays as it is.
        """
        unsure = [nth for nth, row in enumerate(likely.tolist()) if texts[nth] and not intent.known(row, self._head.names)[0]]
        if not unsure:
            return likely
        fused = likely.copy()
        until = self._ticks() + self._seconds
        for start in range(0, min(len(unsure), MOST_ASKED), AT_ONCE):
            if self._ticks() >= until:
                break
            places: NDArray[np.intp] = np.array(unsure[start : min(start + AT_ONCE, MOST_ASKED)], dtype=np.intp)
            try:
                vectors = self._encoder.vectors([texts[place][:MOST_LETTERS] for place in places])
            except RapportError:
                break
            both = np.log(likely[places] + 1e-9) + np.log(self._head.likely(vectors) + 1e-9)
            fused[places] = softmax(both)
        return fused
