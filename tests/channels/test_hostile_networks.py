"""Every hostile JSON and string that we have goes through the parsers of the networks that are contract-tested."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from contracts.channel import NOW, storable
from rapport.channels.appstorereviews.parse import review_in as app_store_review
from rapport.channels.googlereviews.parse import review_in as google_review
from rapport.channels.hook.parse import said_in as webhook
from rapport.channels.plain import readable
from rapport.channels.playreviews.parse import review_in as play_review
from rapport.channels.reddit.parse import said_in as reddit
from rapport.channels.smstwilio.parse import said_in as twilio
from rapport.channels.telegram.parse import said_in as telegram
from rapport.channels.vimeo.parse import said_in as vimeo
from rapport.channels.youtube.parse import said_in as youtube
from rapport.model.message import Incoming, Reach

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
PARSERS = {
    "webhook": lambda raw: webhook(raw, Reach.PRIVATE, frozenset(), NOW),
    "telegram": lambda raw: telegram(raw, 1, NOW),
    "smstwilio": lambda raw: twilio(raw, "https://x.example", NOW),
    "youtube": lambda raw: youtube(raw, "UC", NOW),
    "vimeo": lambda raw: vimeo(raw, "/users/1", NOW),
    "reddit": lambda raw: reddit(raw, "me", NOW),
}
WORDS = {
    "webhook": lambda s: {"id": "1", "type": "message.received", "data": {"from": s or "a", "text": s, "subject": s}},
    "telegram": lambda s: {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "chat": {"id": 7, "type": "private"},
            "from": {"id": 7, "first_name": s},
            "text": s or "-",
        },
    },
    "youtube": lambda s: {"id": "1", "snippet": {"textOriginal": s, "authorDisplayName": s or "a", "videoId": s}},
    "vimeo": lambda s: {"uri": "/videos/1/comments/1", "text": s, "user": {"uri": "/users/2", "name": s}},
    "reddit": lambda s: {"kind": "t1", "data": {"name": "t1_1", "author": s or "a", "body": s, "subject": s}},
}


@pytest.fixture(scope="module")
def corpora():
    if not CORPORA.is_dir():
        pytest.skip("the corpora of hostile inputs are not beside this checkout (../shared/corpora)")
    return CORPORA


def files(corpora):
    return [path.read_bytes() for path in sorted((corpora / "JSONTestSuite").rglob("*")) if path.is_file()]


def strings(corpora):
    return json.loads((corpora / "blns" / "blns.json").read_text())


@pytest.mark.parametrize("network", PARSERS)
def test_every_json_text_is_a_message_or_kept_as_unreadable(corpora, network):
    raws = files(corpora)

    for raw in raws:
        assert all(storable(said) and said.key for said in PARSERS[network](raw))

    assert len(raws) > 300


@pytest.mark.parametrize("read", [google_review, play_review, app_store_review])
def test_every_json_text_is_a_review_or_a_reason(corpora, read):
    for raw in files(corpora):
        assert isinstance(read(raw), str)


@pytest.mark.parametrize("network", WORDS)
def test_every_naughty_string_is_a_text_that_can_be_stored(corpora, network):
    heard = [PARSERS[network](json.dumps(WORDS[network](text)).encode()) for text in strings(corpora)]

    assert all(storable(one) for said in heard for one in said)
    assert sum(isinstance(one, Incoming) for said in heard for one in said) >= 0.98 * len(heard)


def test_every_naughty_string_arrives_by_sms_as_it_was_written(corpora):
    for text in strings(corpora):
        [heard] = PARSERS["smstwilio"](urlencode({"MessageSid": "SM1", "From": "+1", "Body": text}).encode())
        assert heard.text == readable(text)
