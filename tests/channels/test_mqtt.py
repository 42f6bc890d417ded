"""What a device publishes as a journey event: of whom it may speak, and what is kept as unreadable with its reason."""

import json
from datetime import UTC, datetime

import pytest

from contracts.channel import NOW
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.mqtt.channel import open_mqtt
from rapport.channels.mqtt.parse import Publication, check_filter, happening_in, read_places
from rapport.clock import FakeClock
from rapport.errors import BadInput
from rapport.model.centre import Account
from rapport.model.message import Reach, Unreadable
from rapport.model.news import Happening

MEANS = Means(FakeClock(NOW), {"key": "s3cret"}.__getitem__, None, None)
AT = datetime(2026, 3, 3, 16, tzinfo=UTC)
SAID = {"id": "1", "type": "scale.weighed", "source": "bath", "time": AT.isoformat(), "data": {"kilos": 71}}


def heard(payload, topic: str = "devices/scale-12/events", places=None):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return happening_in(Publication(topic, raw, NOW), "devices/+/events", places or {}, "things")


def test_a_device_speaks_of_whoever_owns_its_handle():
    assert heard(SAID) == Happening(
        "bath/1", "device:scale-12", "scale.weighed", "things/scale-12", AT, {"kilos": 71, "device": "scale-12"}
    )
    assert heard(SAID | {"subject": "device:scale-12"}).handle == "device:scale-12"


def test_a_place_speaks_of_who_is_there_and_says_where():
    told = heard(SAID | {"subject": "email:ana@example.org"}, places={"scale-12": "Reforma"})

    assert (told.handle, told.data["place"]) == ("email:ana@example.org", "Reforma")


@pytest.mark.parametrize(
    ("payload", "places", "reason"),
    [
        (SAID | {"subject": "email:eva@example.org"}, {}, "somebody else"),
        (SAID, {"scale-12": "Reforma"}, "must be a handle"),
        (SAID | {"id": ""}, {}, "id and type must be given"),
        (SAID | {"specversion": "0.3"}, {}, "specversion must be 1.0"),
        (SAID | {"data": [1]}, {}, "Expected `object`"),
        (b"\xff\xfe not json", {}, "malformed"),
        (b"", {}, "truncated"),
        (b'{"id": "1", "type": "t", "data": {"a": ' + b"[" * 100_000, {}, "recursion"),
        (SAID | {"data": {"a": json.loads("[" * 60 + "]" * 60)}}, {}, "levels deep"),
        (SAID | {"time": "1969-07-20T20:17:00Z"}, {}, "between the year 2000 and tomorrow"),
        (SAID | {"time": "0001-01-01T00:00:00+14:00"}, {}, "between the year 2000 and tomorrow"),
        (SAID | {"time": "2226-03-03T16:00:00"}, {}, "between the year 2000 and tomorrow"),
        (SAID | {"data": {"n": [2**64]}}, {}, "64 bits"),
    ],
    ids=[
        *("another", "place-of-nobody", "no-id", "old", "no-object", "no-json", "nothing"),
        *("too-deep", "deep", "before-1970", "the-first-day", "in-two-centuries", "large"),
    ],
)
def test_what_cannot_be_used_is_kept_with_its_reason(payload, places, reason):
    told = heard(payload, places=places)

    assert isinstance(told, Unreadable)
    assert reason in told.reason
    assert told.handle == "device:scale-12"


def test_places_are_read_as_they_are_written_and_a_wrong_one_says_how():
    assert read_places("door-7 = Reforma; till-2=Polanco;") == {"door-7": "Reforma", "till-2": "Polanco"}
    with pytest.raises(BadInput, match="must read as in door-7 = Reforma"):
        read_places("door-7")


@pytest.mark.parametrize("topic", ["devices/#", "devices/scale/events", "devices/a+/events", "#/+"])
def test_a_topic_that_does_not_say_where_the_device_stands_is_refused(topic):
    with pytest.raises(BadInput, match=r"must have \+ where the device stands"):
        check_filter(topic)


def test_nobody_writes_to_a_device():
    channel = open_mqtt(Account("things", "mqtt", settings={"host": "broker.example", "password": "secret:key"}), MEANS)

    assert not channel.eligible(Op.REPLY, Exchange("device:scale-12", Reach.PRIVATE), NOW).allowed
    assert channel.fit("hello", Reach.PRIVATE, "device:scale-12").parts == ()
    assert (channel.line.login.password, channel.line.login.name) == ("s3cret", "rapport-things")
