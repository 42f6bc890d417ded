"""The model as bytes: the same beliefs give the same bytes, and the hash of the bytes is the version."""

import hashlib

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.learning.model import Design, Floats, Model

FORMAT = 1


class _Kept(msgspec.Struct, array_like=True):
    format: int
    design: Design
    agents: tuple[str, ...]
    teams: tuple[str, ...]
    seen: int
    evidence: float
    team_of: bytes
    numbers: tuple[bytes, ...]


def to_bytes(model: Model) -> bytes:
    """All that the model believes, as MessagePack; numbers are little-endian doubles."""
    kept = _Kept(
        FORMAT,
        model.design,
        model.agents,
        model.teams,
        model.seen,
        model.evidence,
        model.team_of.astype("<i8").tobytes(),
        tuple(array.astype("<f8").tobytes() for array in _arrays(model)),
    )
    return msgspec.msgpack.encode(kept)


def from_bytes(kept: bytes) -> Model:
    """The model again, to the bit.

    Raises:
        BadInput: the bytes are of something else, of a later format, or cut short.
    """
    try:
        found = msgspec.msgpack.decode(kept, type=_Kept)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"this is no value model: {error}; train anew") from error
    if found.format != FORMAT:
        raise BadInput(f"a value model of format {found.format} cannot be read, only {FORMAT}; train anew")
    design, own = found.design, len(found.design.own)
    teams, agents, width = len(found.teams), len(found.agents), design.width
    shapes = ((width,), (width, width), (teams, own), (teams, own, own), (agents, own), (agents, own, own))
    arrays = [_array(raw, shape) for raw, shape in zip(found.numbers, shapes, strict=False)]
    if len(arrays) != len(shapes) or len(found.team_of) != 8 * agents:
        raise BadInput("this value model is cut short; train anew")
    team_of: NDArray[np.int64] = np.frombuffer(found.team_of, "<i8").astype(np.int64)
    mean, cov, team_mean, team_cov, agent_mean, agent_cov = arrays
    return Model(
        design,
        found.agents,
        found.teams,
        team_of,
        mean,
        cov,
        team_mean,
        team_cov,
        agent_mean,
        agent_cov,
        found.seen,
        found.evidence,
    )


def version(model: Model) -> str:
    """Twelve hexadecimal digits that name these beliefs and no others."""
    return hashlib.sha256(to_bytes(model)).hexdigest()[:12]


def _arrays(model: Model) -> tuple[Floats, ...]:
    return model.mean, model.cov, model.team_mean, model.team_cov, model.agent_mean, model.agent_cov


def _array(raw: bytes, shape: tuple[int, ...]) -> Floats:
    if len(raw) != 8 * int(np.prod(shape)):
        raise BadInput(f"a value model's numbers do not fit its design: {len(raw)} bytes for {shape}; train anew")
    return np.frombuffer(raw, "<f8").astype(np.float64).reshape(shape)
