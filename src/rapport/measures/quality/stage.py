"""The stage of quality reviews: samples that are drawn, reviews that are given, calibration, appeals; each done or refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.ledger.entry import New
from rapport.ledger.views import Rows, Stage, Written
from rapport.measures.quality import appealing, drawing, reviewing
from rapport.model.fact import ActionTaken

Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]
ACTIONS: Mapping[str, Action] = {**drawing.ACTIONS, **reviewing.ACTIONS, **appealing.ACTIONS}


def stage() -> Stage:
    """The stage of quality reviews."""
    return Stage("quality", {ActionTaken: _act})


def _act(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ActionTaken, entry.fact)
    action = ACTIONS.get(fact.do)
    return action(entry, fact, rows) if action is not None else ()
