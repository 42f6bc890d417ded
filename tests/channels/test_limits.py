"""Limits are dated data beside each channel, and a budget begins with them."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from contracts.channel import NOW
from rapport import channels
from rapport.channels.budget import Budget
from rapport.channels.limits import limits_of
from rapport.errors import SetupError

WITH_LIMITS = sorted(place.name for place in files(channels).iterdir() if place.joinpath("limits.toml").is_file())


@pytest.mark.parametrize("name", WITH_LIMITS)
def test_every_channels_limits_say_where_they_are_from_and_when_they_were_read(name):
    limits = limits_of(f"rapport.channels.{name}")

    assert date(2026, 1, 1) <= limits.checked
    assert len(limits.source) > 20
    assert all(rate.limit > 0 and rate.seconds > 0 for rate in limits.budgets.values())


def test_a_budget_begins_with_what_the_network_publishes():
    budget = Budget()
    limits_of("rapport.channels.telegram").fill(budget, NOW)

    assert budget.buckets["send"].period == timedelta(seconds=1)


@pytest.mark.parametrize("package", ["rapport.channels", "rapport.model"])
def test_a_channel_without_limits_is_refused_with_its_name(package):
    with pytest.raises(SetupError, match=package):
        limits_of(package)
