"""What was learnt of a centre and serves it: pieces of the centre that no form shows, set by what taught them."""

from datetime import datetime

import msgspec

from rapport.model.correction import Figures


class LearntModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What matching learnt of who resolves what, as bytes (docs/learning.md). Without one the built-in likelihood serves.

    `version`: the hash of `kept`. `off`: features that are not looked at. `verdict`: the figures that let it in.
    """

    id: str
    kept: bytes
    version: str
    off: tuple[str, ...] = ()
    verdict: dict[str, float | str | bool] = {}


class TaughtReader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head of intents trained on this centre's labels, as bytes (docs/understanding.md). Without one the shipped head serves.

    `version`: the hash of `kept`. `overruled`: a person let it in against the comparison, for this `reason`.
    `until`: labels up to then taught it, so their corrections are in it.
    """

    id: str
    kept: bytes
    version: str
    figures: Figures | None = None
    overruled: bool = False
    reason: str = ""
    until: datetime | None = None
