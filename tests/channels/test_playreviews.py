"""Google Play reviews against a server that does what the documentation says, and Google's own description of requests."""

from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.discovered import discovery, shape, wrong
from channels.fake_shops import FakePlay, ago
from channels.review_contract import ReviewContract, public
from contracts.channel import NOW, everything
from rapport.channels.channel import Means, Op
from rapport.channels.playreviews.channel import open_play_reviews
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused
from rapport.model.centre import Account
from rapport.model.message import Incoming
from rapport.model.news import Edit

pytestmark = pytest.mark.anyio
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
MAIL = "reader@acme.iam.gserviceaccount.com"
FILE = httpx.Response(200, json={"type": "service_account", "client_email": MAIL, "private_key": PEM}).text


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def shop(clock):
    return FakePlay(clock)


@pytest.fixture
def channel(shop, clock):
    return opened(shop, clock)


def opened(shop, clock, **settings):
    given = {"package": "com.example.app", "key": "secret:key"} | settings
    means = Means(clock, {"key": FILE, "bad": "{}"}.__getitem__, shop.http, None)
    return open_play_reviews(Account("acme", "playreviews", settings=given), means)


class TestPlayReviewsChannel(ReviewContract):
    @pytest.fixture
    def clock(self):
        return FakeClock(NOW)

    @pytest.fixture
    def shop(self, clock):
        return FakePlay(clock)

    @pytest.fixture
    def channel(self, shop, clock):
        return opened(shop, clock)

    def one(self, shop, name):
        return httpx.Response(200, json=shop.review(name))


async def test_title_and_words_are_told_apart_and_the_original_is_read(channel, shop):
    shop.say("Se cae", stars=1, title="Mal")
    raw = shop.review("r000")
    raw["comments"][0]["userComment"]["originalText"] = "Schlecht\tStürzt ab"

    [read] = (await channel.pull(None)).events
    [original] = channel.parse(httpx.Response(200, json=raw).content)

    assert (read.text, original.text) == ("★☆☆☆☆ Mal\nSe cae", "★☆☆☆☆ Schlecht\nStürzt ab")


async def test_who_changed_their_review_after_our_answer_is_heard_even_if_we_forgot_it(channel, shop, clock):
    name = shop.say("malo", at=ago(days=80))
    shop.put(name, "Lo sentimos.")
    shop.answers[name]["at"] = ago(days=79)
    shop.change(name, "ya va")

    message, edit = (await channel.pull(None)).events

    assert isinstance(message, Incoming)
    assert isinstance(edit, Edit)
    assert edit.text == "★★☆☆☆\nya va"


async def test_every_request_is_one_that_google_describes(channel, shop):
    document = discovery("androidpublisher.v3")
    name = shop.say("malo")
    await channel.pull(None)
    await channel.deliver(public(name), "once-1")

    assert len(shop.heard) == 3
    assert [fault for request in shop.heard for fault in wrong(document, request, "/")] == []


def test_the_fake_answers_as_google_describes(shop):
    document = discovery("androidpublisher.v3")
    shop.put(shop.say("malo", title="x"), "Lo sentimos.")

    assert shape(document, "Review", shop.review("r000")) == []


async def test_the_service_account_signs_what_google_asks_for(channel, shop):
    await channel.pull(None)

    form = parse_qs(shop.asked)
    claims = jwt.decode(
        form["assertion"][0], KEY.public_key(), ["RS256"], audience="https://oauth2.googleapis.com/token",
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert (claims["iss"], claims["scope"]) == (MAIL, "https://www.googleapis.com/auth/androidpublisher")
    assert claims["exp"] - claims["iat"] == 3600


async def test_an_answer_cannot_be_taken_away(channel):
    with pytest.raises(Refused):
        await channel.moderate(Op.DELETE, "r1/reply", "", "once-1")

    assert Op.DELETE not in channel.capabilities.ops


async def test_a_review_that_google_does_not_show_any_more_can_still_be_answered(channel, shop):
    name = shop.say("malo", at=ago(days=20))
    shop.fails = [httpx.Response(404, json={"error": {"code": 404, "message": "Review not found."}})]

    await channel.deliver(public(name), "once-1")

    assert name in shop.answers


async def test_what_is_older_than_a_week_is_not_shown_and_nothing_is_said_twice(channel, shop, clock):
    shop.say("vieja", at=ago(days=8))
    shop.say("nueva", at=ago(days=6))
    heard, place = await everything(channel, None)
    clock.move(timedelta(days=3))

    later, _ = await everything(channel, place)

    assert [m.text for m in heard] == ["★★☆☆☆\nnueva"]
    assert later == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"package": "../x"}, "com.example.app"), ({"key": "secret:bad"}, "JSON file of a service account")],
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(shop, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(shop, clock, **settings)
