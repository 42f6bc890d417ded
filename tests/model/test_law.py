"""Deadlines of laws, by hand with a calendar: 2026-01-30 is a Friday."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from rapport.model.centre import Profile
from rapport.model.law import due, law_of, warned

pytestmark = pytest.mark.pure
FRIDAY = datetime(2026, 1, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("law", "kind", "day"),
    [
        ("eu", "export", (2026, 2, 28)),  # a month from the 30th of January ends with February
        ("es", "erasure", (2026, 2, 28)),
        ("mx", "erasure", (2026, 2, 27)),  # 20 days of business: four weeks
        ("br", "export", (2026, 2, 14)),
        ("ar", "export", (2026, 2, 9)),
        ("ar", "correction", (2026, 2, 6)),
        ("co", "export", (2026, 2, 13)),
        ("co", "objection", (2026, 2, 20)),
        ("us-ca", "erasure", (2026, 3, 16)),
        ("", "objection", (2026, 2, 28)),
    ],
)
def test_a_request_is_due_on_the_day_of_its_law(law, kind, day):
    assert due(law_of(law), kind, FRIDAY).timetuple()[:3] == day


def test_the_houses_own_limit_counts_where_it_is_earlier():
    limits = [due(law_of("eu"), "export", FRIDAY, days) - FRIDAY for days in (7, 400)]

    assert limits == [timedelta(days=7), timedelta(days=29)]


def test_a_request_is_near_in_the_last_three_tenths_of_its_time():
    assert warned(FRIDAY, FRIDAY + timedelta(days=30)) == FRIDAY + timedelta(days=21)


@pytest.mark.parametrize(
    ("said", "named"),
    [({"law": "atlantis"}, "atlantis"), ({"rights_days": {"erasre": 3}}, "erasre"), ({"rights_days": {"erasure": 0}}, "0")],
    ids=["law", "right", "limit"],
)
def test_a_centre_that_names_what_there_is_not_is_told_so(said, named):
    with pytest.raises(msgspec.ValidationError, match=named):
        msgspec.convert(said, Profile)


@pytest.mark.parametrize(
    ("law", "switch", "kept"), [("", "law", False), ("us-ca", "law", True), ("us-ca", "off", False), ("es", "on", True)]
)
def test_profiles_are_kept_where_the_law_lets_them_or_the_centre_says_so(law, switch, kept):
    assert Profile(law=law, public_profiles=switch).keeps_profiles is kept
