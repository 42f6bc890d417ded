"""Webhooks of Facebook, Instagram, WhatsApp and X that somebody tampered with: never an exception, nothing lost."""

import contextlib
import copy
import json
import time
from functools import cache
from pathlib import Path

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from channels import fake_instagram, fake_page, fake_whatsapp, fake_x
from contracts.channel import NOW, storable
from rapport.channels.channel import Means, Part
from rapport.channels.registry import open_channel
from rapport.clock import FakeClock
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import News

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
META = {"token": "t", "app_secret": "s", "verify_token": "v"}
ACCOUNTS = {
    "facebook": META | {"page": fake_page.PAGE},
    "instagram": META | {"account": fake_instagram.ACCOUNT, "page": fake_page.PAGE, "username": "acme"},
    "whatsapp": META | {"number": fake_whatsapp.NUMBER},
    "x": {"consumer_key": "k", "consumer_secret": "s", "token": f"{fake_x.ME}-t", "token_secret": "s"},
}
REACTED = {"mid": "m_2", "action": "react", "emoji": "❤️"}
BODIES = [
    ("facebook", fake_page.notice(changes=[fake_page.feed(comment_id="501_800", parent_id="501_799", message="hola")])),
    ("facebook", fake_page.notice(changes=[fake_page.feed("reaction", comment_id="501_800", reaction_type="angry")])),
    ("facebook", fake_page.notice(messaging=[fake_page.private(message={"mid": "m_1", "text": "hola"})])),
    (
        "facebook",
        fake_page.notice(messaging=[fake_page.private(reaction=REACTED), fake_page.private(delivery={"mids": ["m_2"]})]),
    ),
    ("instagram", fake_instagram.notice(fake_instagram.commented("hola", parent_id="17999"))),
    ("instagram", fake_instagram.notice({"field": "mentions", "value": {"media_id": "555", "comment_id": "666"}})),
    ("whatsapp", fake_whatsapp.says(fake_whatsapp.message(context={"id": "wamid.0"}, text={"body": "hola"}))),
    ("whatsapp", fake_whatsapp.says(fake_whatsapp.message(type="image", image={"id": "7", "mime_type": "image/png"}))),
    ("whatsapp", fake_whatsapp.reports("wamid.1", "failed", errors=[{"code": 1, "error_data": {"details": "x"}}])),
    ("x", fake_x.happened("post.mention.create", fake_x.FakeX().say("@acme hola"), {"users": fake_x.USERS})),
    ("x", fake_x.received("hola")),
]
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["\0", "\ud800", "1e999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@cache
def channel(name):
    return open_channel(Account("a", name, settings=ACCOUNTS[name]), Means(FakeClock(NOW), str, None, None, tls=None))


def places(value, at=()):
    """Every place in a JSON value."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, held in inner:
        yield from places(held, (*at, step))


def with_other(value, at, other):
    """The value with something else at a place."""
    if not at:
        return other
    value = copy.deepcopy(value)
    held = value
    for step in at[:-1]:
        held = held[step]
    held[at[-1]] = other
    return value


@pytest.mark.parametrize(("name", "body"), BODIES, ids=[name for name, _ in BODIES])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_in_a_webhook_nothing_is_raised_and_all_can_be_kept(name, body, data):
    value = json.loads(body)
    at = data.draw(st.sampled_from(list(places(value))))
    raw = json.dumps(with_other(value, at, data.draw(ANYTHING))).encode("utf-8", "surrogatepass")

    said = list(channel(name).parse(raw))

    assert all(isinstance(event, Incoming | Unreadable | News) and event.key and storable(event) for event in said)
    assert [event.key for event in channel(name).parse(raw)] == [event.key for event in said]


class Tampered:
    """A network one of whose answers has something else somewhere."""

    def __init__(self, network, number, change):
        self.network, self.number, self.change = network, number, change

    def __call__(self, request):
        answer = self.network.answer(request)
        self.number -= 1
        if self.number != -1:
            return answer
        return httpx.Response(answer.status_code, content=json.dumps(self.change(answer.json())).encode())


def a_page(network=fake_page.FakePage):
    network = network()
    comment = network.comment("hola")
    network.comment("Lo miramos ya.", by=network.me, under=comment["id"], username="acme")
    network.talk("hola")
    network.talk("Lo miramos ya.", by=network.me)
    return network, comment["id"], fake_page.ANA


def an_x():
    network = fake_x.FakeX()
    post = network.say("@acme hola")
    network.talk("hola")
    network.talk("Lo miramos ya.", by=fake_x.ME)
    network._publish({"text": "Lo miramos ya.", "reply": {"in_reply_to_tweet_id": post["id"]}})
    return network, post["id"], fake_x.ANA


NETWORKS = {"facebook": a_page, "instagram": lambda: a_page(fake_instagram.FakeInstagram), "x": an_x}


async def used(name, number, change, reach):
    """Read, look, send and probe, each with one answer tampered with; what is not our own error goes through."""
    network, answers, person = NETWORKS[name]()
    tampered = Tampered(network, number, change)
    http = httpx.AsyncClient(transport=httpx.MockTransport(tampered))
    opened = open_channel(Account("a", name, settings=ACCOUNTS[name]), Means(FakeClock(NOW), str, http, None, tls=None))
    part = Part("Lo miramos ya.", f"{name}:{person}", reach, answers)
    with contextlib.suppress(Unavailable, Refused):
        assert all(storable(event) for event in (await opened.pull(None)).events)
    for use in (opened.locate(part, "once", NOW), opened.deliver(part, "once")):
        tampered.number = number % 2
        with contextlib.suppress(Unavailable, Refused, OutcomeUnknown):
            await use
    tampered.number = 0
    assert (await opened.probe()).health.es


@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 3), where=st.floats(0, 0.999), other=ANYTHING, reach=st.sampled_from(Reach))
def test_whatever_stands_in_an_answer_nothing_but_our_own_errors_is_raised(name, number, where, other, reach):
    def changed(value):
        found = list(places(value))
        return with_other(value, found[int(where * len(found))], other)

    anyio.run(used, name, number, changed, reach)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_json_text_of_the_suite_is_kept_or_says_nothing(name):
    if not CORPORA.is_dir():
        pytest.skip("the corpora of hostile inputs are not beside this checkout (../shared/corpora)")

    opened = channel(name)
    for path in sorted((CORPORA / "JSONTestSuite").rglob("*.json")):
        for event in opened.parse(path.read_bytes()):
            assert isinstance(event, Unreadable)
            assert storable(event)


@pytest.mark.parametrize(("name", "body"), [b for b in BODIES if b"hola" in b[1]])
def test_every_naughty_string_is_heard_as_it_was_written(name, body):
    if not CORPORA.is_dir():
        pytest.skip("the corpora of hostile inputs are not beside this checkout (../shared/corpora)")
    strings = [s for s in json.loads((CORPORA / "blns" / "blns.json").read_text()) if s and "&" not in s]  # X unescapes

    opened = channel(name)
    for text in strings:
        [heard] = opened.parse(body.replace(b"hola", json.dumps(text)[1:-1].encode()))
        assert isinstance(heard, Incoming)
        assert text in heard.text
        assert storable(heard)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_webhook_of_many_events_is_read_in_a_moment(name):
    body = json.loads(next(body for network, body in BODIES if network == name))
    many = {"entry": body["entry"] * 2000, "object": body["object"]} if "entry" in body else body
    raw = json.dumps(many).encode()
    started = time.process_time()

    channel(name).parse(raw)

    assert time.process_time() - started < 2
