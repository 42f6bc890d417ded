"""Google reviews against a server that does what the documentation of Business Profile says."""

from datetime import timedelta

import httpx
import pytest

from channels.fake_shops import FakeGoogle, ago
from channels.review_contract import ReviewContract, public
from contracts.channel import NOW, everything
from rapport.channels.channel import Means, Op
from rapport.channels.googlereviews.channel import open_google_reviews
from rapport.channels.googlereviews.parse import as_written
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach
from rapport.model.news import Delivery, Edit, Report

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def shop(clock):
    return FakeGoogle(clock)


@pytest.fixture
def channel(shop, clock):
    return opened(shop, clock)


def opened(shop, clock, **settings):
    given = {"location": "accounts/1/locations/2", "client_id": "i", "client_secret": "s", "refresh_token": "r"} | settings
    return open_google_reviews(Account("acme", "googlereviews", settings=given), Means(clock, str, shop.http, None))


class TestGoogleReviewsChannel(ReviewContract):
    @pytest.fixture
    def clock(self):
        return FakeClock(NOW)

    @pytest.fixture
    def shop(self, clock):
        return FakeGoogle(clock)

    @pytest.fixture
    def channel(self, shop, clock):
        return opened(shop, clock)

    def one(self, shop, name):
        return httpx.Response(200, json=shop.review(name))


async def test_the_answer_is_put_where_the_documentation_says(channel, shop):
    name = shop.say("malo")

    await channel.deliver(public(name, "Lo sentimos ñ"), "once-1")

    request = shop.heard[-1]
    assert (request.method, str(request.url)) == (
        "PUT", "https://mybusiness.googleapis.com/v4/accounts/1/locations/2/reviews/r000/reply",
    )  # fmt: skip
    assert request.content == '{"comment":"Lo sentimos ñ"}'.encode()


async def test_what_googles_moderation_makes_of_an_answer_is_reported(channel, shop, clock):
    name = shop.say("malo", at=ago(hours=1))
    receipt = await channel.deliver(public(name), "once-1")
    events, place = await everything(channel, None)
    shop.answers[name] |= {"state": "REJECTED", "why": "OFFENSIVE_CONTENT"}

    later, place = await everything(channel, place)

    reports = [e for e in events + later if isinstance(e, Report)]
    assert [(r.of, r.delivery, r.reason) for r in reports] == [
        (receipt.key, Delivery.ACCEPTED, ""), (receipt.key, Delivery.FAILED, "OFFENSIVE_CONTENT"),
    ]  # fmt: skip
    assert (await everything(channel, place))[0] == []


async def test_a_review_that_was_changed_before_we_first_read_it_is_a_message_and_an_edit(channel, shop, clock):
    name = shop.say("malo", at=ago(days=200))
    shop.change(name, "peor")

    message, edit = (await channel.pull(None)).events

    assert isinstance(message, Incoming)
    assert isinstance(edit, Edit)
    assert (message.key, message.at, edit.of, edit.at) == (name, ago(days=200), name, NOW)


async def test_a_review_of_long_ago_that_changes_after_we_forgot_it_is_an_edit_all_the_same(channel, shop, clock):
    name = shop.say("malo")
    _, place = await everything(channel, None)
    for day in range(100):
        clock.move(timedelta(days=1))
        shop.say(f"otra {day}")
        _, place = await everything(channel, place)
    shop.change(name, "mejor")

    events, _ = await everything(channel, place)

    assert [e.text for e in events if isinstance(e, Edit)] == ["★★☆☆☆\nmejor"]


async def test_an_anonymous_reviewer_has_no_name(channel, shop):
    shop.say("malo")
    raw = shop.review("r000") | {"reviewer": {"displayName": "A Google User", "isAnonymous": True}}

    [heard] = channel.parse(httpx.Response(200, json=raw).content)

    assert (heard.name, heard.handle) == ("", "googlereviews:r000")


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Muy malo", "Muy malo"),
        ("(Translated by Google) Very bad\n\n(Original)\nMuy malo", "Muy malo"),
        ("Muy malo\n\n(Translated by Google)\nVery bad", "Muy malo"),
        ("(Translated by Google) Very bad", "Very bad"),
        ("", ""),
    ],
)
def test_what_the_person_wrote_is_read_and_not_googles_translation(comment, words):
    assert as_written(comment) == words


def test_a_length_is_counted_in_bytes(channel):
    assert channel.fit("ñ" * 2048, Reach.PUBLIC, "x").parts
    assert not channel.fit("ñ" * 2049, Reach.PUBLIC, "x").parts


async def test_an_answer_is_taken_back_and_twice_is_once(channel, shop):
    receipt = await channel.deliver(public(shop.say("malo")), "once-1")

    for _ in range(2):
        await channel.moderate(Op.DELETE, receipt.key, "", "once-2")

    assert shop.answers == {}
    with pytest.raises(Refused):
        await channel.moderate(Op.HIDE, receipt.key, "", "once-3")


async def test_ten_edits_a_minute_and_then_it_waits(channel, shop):
    for number in range(10):
        await channel.deliver(public(shop.say("malo", name=f"n{number}")), f"once-{number}")

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(public(shop.say("malo", name="last")), "once-last")

    assert raised.value.retry_after == timedelta(minutes=1)
    assert len(shop.answers) == 10


def test_a_location_that_is_none_is_refused_with_its_cure(shop, clock):
    with pytest.raises(BadInput, match="accounts/1/locations/2"):
        opened(shop, clock, location="locations/2")
