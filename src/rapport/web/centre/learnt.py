"""A learnt model as the page on matching shows it: its version, the outcomes that it saw, and what the gate found."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from rapport.centre.history import Setting
from rapport.errors import BadInput
from rapport.matching.learning.keeping import from_bytes
from rapport.matching.valuing import NAME as MODEL
from rapport.model.centre import Centre, LearntModel


class ModelShown(msgspec.Struct, frozen=True):
    """A model. `seen`: outcomes that taught it, None where its bytes cannot be read; shares and points as fractions.

    `at` None: longer ago than the record was looked at. What the gate did not say is None.
    """

    version: str
    at: datetime | None
    by: str
    seen: int | None
    off: tuple[str, ...] = ()
    reason: str = ""
    decisions: int | None = None
    sample: float | None = None
    robust: float | None = None
    current: float | None = None
    gain: float | None = None
    low: float | None = None
    high: float | None = None


def model_now(centre: Centre, settings: Sequence[Setting]) -> ModelShown | None:
    """The model that serves; `settings`: of models, newest first."""
    model = centre.models.get(MODEL)
    if model is None:
        return None
    latest = next((one for one in settings if (shown := model_shown(one)) and shown.version == model.version), None)
    return _shown(model, latest.at if latest else None, latest.by if latest else "")


def model_shown(setting: Setting) -> ModelShown | None:
    """The model that a setting set; None where it removed one, or set what is none."""
    if not setting.body or setting.name != MODEL:
        return None
    try:
        model = msgspec.json.decode(setting.body, type=LearntModel)
    except msgspec.ValidationError:
        return None
    return _shown(model, setting.at, setting.by)


def _shown(model: LearntModel, at: datetime | None, by: str) -> ModelShown:
    verdict = model.verdict
    figures = {name: verdict.get(name) for name in ("sample", "robust", "current", "gain", "low", "high")}
    numbers = {name: float(value) for name, value in figures.items() if isinstance(value, float | int)}
    judged = verdict.get("decisions")
    return ModelShown(
        model.version,
        at,
        by,
        _seen(model.kept),
        model.off,
        str(verdict.get("reason", "")),
        int(judged) if isinstance(judged, int | float) else None,
        **numbers,
    )


def _seen(kept: bytes) -> int | None:
    try:
        return from_bytes(kept).seen
    except BadInput:
        return None
