"""A hierarchy adds up at every level, leaves alone what adds up already, and keeps the total near its own forecast."""

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.workforce.hierarchy import forecast_all, hierarchy, reconciled

pytestmark = pytest.mark.pure
PARTS = [("chat", "es"), ("chat", "en"), ("email", "es"), ("social", "pt")]


def adds_up(of, found) -> bool:
    parts = found[len(of.levels) - len(of.parts) :]
    return bool(np.allclose(found, of.sums @ parts, atol=1e-9))


def test_whatever_is_forecast_of_each_level_adds_up_and_is_never_negative():
    of = hierarchy(PARTS)
    rng = np.random.default_rng(3)
    for _ in range(50):
        found = reconciled(of, rng.normal(4.0, 10.0, (len(of.levels), 12)))
        assert adds_up(of, found)
        assert found.min() >= 0.0


def test_what_adds_up_already_stays_as_it_is():
    of = hierarchy(PARTS)
    forecasts = of.sums @ np.arange(1.0, 9.0).reshape(4, 2)

    assert reconciled(of, forecasts) == pytest.approx(forecasts)


def test_by_hand_two_parts_share_what_the_whole_says_more():
    # One channel, two languages: whole 13, channel 13, parts 5 and 5 (each twice: as a language and as itself).
    of = hierarchy([("chat", "es"), ("chat", "en")])
    found = reconciled(of, np.array([[13.0], [13.0], [5.0], [5.0], [5.0], [5.0]]))

    assert found[:, 0] == pytest.approx([11.5, 11.5, 5.75, 5.75, 5.75, 5.75])


def test_every_level_is_forecast_from_its_own_days():
    of = hierarchy(PARTS)
    counts = np.random.default_rng(1).poisson(5.0, (4, 6, 8)).astype(float)
    found = forecast_all(of, counts, lambda days: days.mean(axis=0))

    assert found[0] == pytest.approx(counts.sum(axis=0).mean(axis=0))
    assert adds_up(of, found)


@pytest.mark.parametrize("parts", [[], [("chat", "es"), ("chat", "es")], [("chat", "")]], ids=["none", "twice", "unnamed"])
def test_parts_that_cannot_be_told_apart_are_refused(parts):
    with pytest.raises(BadInput, match="two names each"):
        hierarchy(parts)
