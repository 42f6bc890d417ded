"""Keeping: a head that was trained on a tenant's labels as bytes, and back. A version is the hash of the bytes."""

import io
import zipfile
from hashlib import blake2b

import numpy as np

from rapport.errors import BadInput
from rapport.understanding.adapting import Taught
from rapport.understanding.features import SPACE
from rapport.understanding.linear import Floats

Array = np.ndarray


def to_bytes(names: tuple[str, ...], buckets: Array, weights: Floats, bias: Floats) -> bytes:
    """A head as bytes, each weight in one byte. Shapes as in `Taught`."""
    scale = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-6) / 127
    file = io.BytesIO()
    np.savez_compressed(
        file,
        allow_pickle=False,
        names=np.array(names),
        buckets=buckets.astype(np.int32),
        weights=np.round(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
    )
    return file.getvalue()


def version_of(kept: bytes) -> str:
    """The name of exactly these bytes."""
    return "own-" + blake2b(kept, digest_size=4).hexdigest()


def from_bytes(kept: bytes) -> Taught:
    """The head that bytes hold. Raises BadInput where they hold none."""
    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
            names = tuple(str(name) for name in arrays["names"])
            buckets = arrays["buckets"].astype(np.int32)
            weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"].astype(np.float32)
            bias: Floats = arrays["bias"].astype(np.float32)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput(f"these bytes are no trained reader: {error}") from None
    fits = weights.shape == (len(buckets), len(names)) and bias.shape == (len(names),)
    if not fits or (len(buckets) and not (buckets.min() >= 0 and buckets.max() < SPACE)):
        raise BadInput(f"these bytes are no trained reader: weights of {weights.shape} for {len(buckets)} features")
    return Taught(version_of(kept), names, buckets, weights, bias)
