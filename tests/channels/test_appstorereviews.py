"""App Store reviews against a server that does what the documentation says; PyJWT reads our tokens."""

import json
from datetime import timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.fake_shops import FakeAppStore, ago
from channels.review_contract import ReviewContract, public
from contracts.channel import NOW, everything
from rapport.channels.appstorereviews.channel import open_app_store_reviews
from rapport.channels.channel import Means, Op
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused
from rapport.model.centre import Account
from rapport.model.news import Delivery, Report

pytestmark = pytest.mark.anyio
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
ISSUER = "57246542-96fe-1a63-e053-0824d011072a"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def shop(clock):
    return FakeAppStore(clock)


@pytest.fixture
def channel(shop, clock):
    return opened(shop, clock)


def opened(shop, clock, **settings):
    given = {"app": "6448311069", "issuer": ISSUER, "key_id": "2X9R4HXF34", "key": "secret:key"} | settings
    means = Means(clock, {"key": PEM, "bad": "nonsense"}.__getitem__, shop.http, None)
    return open_app_store_reviews(Account("acme", "appstorereviews", settings=given), means)


class TestAppStoreReviewsChannel(ReviewContract):
    @pytest.fixture
    def clock(self):
        return FakeClock(NOW)

    @pytest.fixture
    def shop(self, clock):
        return FakeAppStore(clock)

    @pytest.fixture
    def channel(self, shop, clock):
        return opened(shop, clock)

    def one(self, shop, name):
        return httpx.Response(200, json={"data": shop.review(name)})


async def test_the_answer_is_the_resource_that_the_documentation_shows(channel, shop):
    await channel.deliver(public(shop.say("malo"), "Lo sentimos."), "once-1")

    assert str(shop.heard[-1].url) == "https://api.appstoreconnect.apple.com/v1/customerReviewResponses"
    assert json.loads(shop.heard[-1].content) == {
        "data": {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": "Lo sentimos."},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": "r000"}}},
        }
    }


async def test_a_token_is_as_apple_wants_it_and_made_anew_before_it_ends(channel, shop, clock):
    shop.say("uno")
    for _ in range(3):
        await channel.pull(None)
        clock.move(timedelta(minutes=14, seconds=1))

    tokens = {request.headers["authorization"].removeprefix("Bearer ") for request in shop.heard}
    claims = [
        jwt.decode(
            t, KEY.public_key(), ["ES256"], audience="appstoreconnect-v1", options={"verify_exp": False, "verify_iat": False}
        )
        for t in tokens
    ]
    assert len(tokens) == 3
    assert {jwt.get_unverified_header(t)["kid"] for t in tokens} == {"2X9R4HXF34"}
    assert {(c["iss"], c["exp"] - c["iat"]) for c in claims} == {(ISSUER, 900)}


async def test_an_answer_that_appears_in_the_store_is_reported(channel, shop):
    name = shop.say("malo", at=ago(hours=1))
    receipt = await channel.deliver(public(name), "once-1")
    events, place = await everything(channel, None)
    shop.answers[name]["state"] = "PUBLISHED"

    later, _ = await everything(channel, place)

    reports = [e for e in events + later if isinstance(e, Report)]
    assert [(r.of, r.delivery) for r in reports] == [(receipt.key, Delivery.ACCEPTED), (receipt.key, Delivery.DELIVERED)]


async def test_title_and_nickname_are_read(channel, shop):
    shop.say("Se cae", stars=1, title="Mal")

    [heard] = (await channel.pull(None)).events

    assert (heard.text, heard.name) == ("★☆☆☆☆ Mal\nSe cae", "ana")


async def test_an_answer_is_taken_back_and_twice_is_once(channel, shop):
    receipt = await channel.deliver(public(shop.say("malo")), "once-1")

    for _ in range(2):
        await channel.moderate(Op.DELETE, receipt.key, "", "once-2")

    assert shop.answers == {}


async def test_a_refusal_carries_apples_words(channel, shop):
    detail = {"errors": [{"status": "403", "code": "FORBIDDEN_ERROR", "title": "Forbidden", "detail": "This key may not"}]}
    shop.fails = [httpx.Response(200, json={"data": shop.review(shop.say("x"))}), httpx.Response(403, json=detail)]

    with pytest.raises(Refused, match="This key may not"):
        await channel.deliver(public("r000"), "once-1")


@pytest.mark.parametrize(
    ("settings", "reason"), [({"app": "acme"}, "number in App Store Connect"), ({"key": "secret:bad"}, "private key")]
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(shop, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(shop, clock, **settings)
