"""Token buckets: expected values by hand, from rate and burst."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st

from rapport.guard import flood
from rapport.guard.flood import DEFAULT_RATES, Bucket, Buckets, Flood, Rate, Rates, rates_of
from rapport.model.centre import Policy

START = datetime(2026, 3, 3, 16, tzinfo=UTC)
ANA, BEN = b"a" * 16, b"b" * 16
TIGHT = Rates(handle=Rate(6, 3), account=Rate(60, 5), tenant=Rate(120, 7))


def passed(guard: Flood, handle: bytes, count: int, *, account: str = "x", rates: Rates = TIGHT, at: float = 0) -> list[str]:
    now = START + timedelta(seconds=at)
    return [guard.rule_broken(handle, account, now, rates) for _ in range(count)]


def test_a_handle_may_write_its_burst_at_once_and_no_more():
    assert passed(Flood(), ANA, 5) == ["", "", "", "handle-rate", "handle-rate"]


def test_what_was_used_comes_back_with_time():
    guard = Flood()
    passed(guard, ANA, 3)

    assert passed(guard, ANA, 2, at=10) == ["", "handle-rate"]  # six a minute: one in ten seconds


def test_one_handle_that_floods_takes_nothing_from_the_others():
    guard = Flood()
    passed(guard, ANA, 1000)

    assert passed(guard, BEN, 1) == [""]


def test_an_account_has_a_limit_over_all_its_handles():
    guard = Flood()

    rules = [passed(guard, bytes([n]) * 16, 1)[0] for n in range(6)]

    assert rules == ["", "", "", "", "", "account-rate"]


def test_a_tenant_has_a_limit_over_all_its_accounts():
    guard = Flood()

    rules = [passed(guard, bytes([n]) * 16, 1, account=f"account-{n}")[0] for n in range(8)]

    assert rules == [""] * 7 + ["tenant-rate"]


def test_a_clock_that_steps_back_gives_nothing_for_free():
    guard = Flood()
    passed(guard, ANA, 3, at=60)

    assert passed(guard, ANA, 1, at=0) == ["handle-rate"]


def test_the_strictest_policy_for_the_channel_holds_and_bursts_keep_their_proportion():
    policies = [
        Policy("a", handle_rate=10),
        Policy("b", handle_rate=5, channels=("mastodon",)),
        Policy("c", handle_rate=1, channels=("email",)),
        Policy("d", handle_rate=1, teams=("it",)),
    ]

    rates = rates_of(policies, "mastodon")

    assert rates.handle == Rate(5, 10)
    assert rates.account == DEFAULT_RATES.account


def test_memory_follows_the_flood_and_not_the_years(monkeypatch):
    monkeypatch.setattr(flood, "MOST_BUCKETS", 100)
    buckets = Buckets()

    for second in range(1000):
        buckets.has_one(second.to_bytes(16, "big"), Rate(60, 1), float(second))
        buckets.take(second.to_bytes(16, "big"))

    assert len(buckets.kept) <= 100


def test_a_bucket_that_is_not_full_is_not_forgotten_before_a_full_one(monkeypatch):
    monkeypatch.setattr(flood, "MOST_BUCKETS", 3)
    buckets = Buckets({"empty": Bucket(0, 0), "full": Bucket(2, 0), "full too": Bucket(2, 0)})

    buckets.has_one("new", Rate(1, 2), 1.0)

    assert set(buckets.kept) == {"empty", "new"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 120), max_size=150))
def test_never_more_pass_than_burst_and_rate_allow(gaps):
    guard, at, count = Flood(), 0.0, 0

    for gap in gaps:
        at += gap
        count += passed(guard, ANA, 1, at=at) == [""]

    assert count <= TIGHT.handle.burst + at * TIGHT.handle.rate / 60 + 1e-6
