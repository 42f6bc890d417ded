"""The files that the readers are built from: word lists, seeds, trained weights; the only door to files in this room."""

import io
import tomllib
from hashlib import blake2b
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = "weights.npz"
PRIOR = "prior.npz"
FURTHER = "further.npz"
_HERE = files("rapport.understanding")


def listed(name: str) -> list[str]:
    """The words of a list in `lexicon/`; a line that begins with # is a remark."""
    lines = (_HERE / "lexicon" / name).read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def table(name: str) -> dict[str, Any]:  # Any: TOML, as each caller knows it
    """A TOML file of `lexicon/`."""
    return tomllib.loads((_HERE / "lexicon" / name).read_text("utf-8"))


def seeds() -> dict[str, dict[str, Any]]:  # Any: TOML, as `train` knows it
    """The hand-written examples in `seed/`, by file name, in the order of the names."""
    found = sorted(item.name for item in (_HERE / "seed").iterdir() if item.name.endswith(".toml"))
    return {name: tomllib.loads((_HERE / "seed" / name).read_text("utf-8")) for name in found}


def messages() -> dict[str, str]:
    """The hand-written messages in `seed/messages/`, by file name, in the order of the names."""
    folder = _HERE / "seed" / "messages"
    return {name: (folder / name).read_text("utf-8") for name in sorted(item.name for item in folder.iterdir())}


def signal_seeds() -> dict[str, str]:
    """The hand-written texts of signals in `seed/signals/`, by file name, in the order of the names."""
    folder = _HERE / "seed" / "signals"
    return {name: (folder / name).read_text("utf-8") for name in sorted(item.name for item in folder.iterdir())}


def more_signal_seeds() -> dict[str, str]:
    """The hand-written texts in `seed/more_signals/`, from which only signals learn, by file name, in their order."""
    folder = _HERE / "seed" / "more_signals"
    return {name: (folder / name).read_text("utf-8") for name in sorted(item.name for item in folder.iterdir())}


def further_seeds() -> dict[str, str]:
    """The hand-written texts of the further heads in `seed/further/`, by file name, in the order of the names."""
    folder = _HERE / "seed" / "further"
    return {name: (folder / name).read_text("utf-8") for name in sorted(item.name for item in folder.iterdir())}


def prior() -> dict[str, NDArray[Any]]:  # Any: each array has its own type
    """The arrays of the prior by name."""
    with np.load(io.BytesIO((_HERE / PRIOR).read_bytes()), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def further() -> tuple[dict[str, NDArray[Any]], str]:  # Any: each array has its own type
    """The arrays of the further heads by name, and what names exactly these bytes."""
    body = (_HERE / FURTHER).read_bytes()
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}, blake2b(body, digest_size=4).hexdigest()


def weights() -> tuple[dict[str, NDArray[Any]], str]:  # Any: each array has its own type
    """The trained arrays by name, and a version that names exactly these bytes."""
    body = (_HERE / WEIGHTS).read_bytes()
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}, "seeds-" + blake2b(body, digest_size=4).hexdigest()
