"""What networks show of an author is taken as far as it can be believed, and never costs a message."""

import json
from datetime import UTC, datetime

import pytest

from rapport.channels.bluesky.parse import said_in
from rapport.channels.mastodon.parse import messages_in
from rapport.model.message import Shown

pytestmark = pytest.mark.pure
NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)


def tooted(**account):
    status = {
        "id": "1", "uri": "https://a.example/1", "content": "<p>hola</p>",
        "account": {"id": "7", "acct": "ana@a.example", "display_name": "Ana", **account},
    }  # fmt: skip
    [message] = messages_in(json.dumps({"id": "1", "type": "mention", "status": status}).encode(), "b.example", NOW)
    return message


def skied(**author):
    note = {
        "uri": "at://did:plc:ana/app.bsky.feed.post/1", "reason": "mention", "indexedAt": "2026-03-03T15:00:00Z",
        "author": {"did": "did:plc:ana", "handle": "ana.example", **author}, "record": {"text": "hola"},
    }  # fmt: skip
    [message] = said_in(json.dumps({"notification": note, "view": {}}).encode(), "did:plc:us", NOW)
    return message


def test_a_mastodon_account_is_shown_with_its_words_its_followers_and_a_proven_link():
    shown = tooted(
        note="<p>Corro <b>maratones</b></p>", followers_count=1200, created_at="2019-05-01T00:00:00.000Z",
        fields=[{"name": "web", "value": "x", "verified_at": "2020-01-01T00:00:00.000Z"}],
    ).author  # fmt: skip

    assert shown == Shown("Corro maratones", 1200.0, True, "2019-05-01")


def test_a_bluesky_author_is_shown_with_their_description():
    shown = skied(description="Runner", createdAt="2023-02-01T10:00:00Z", verification={"verifiedStatus": "valid"}).author

    assert shown == Shown("Runner", None, True, "2023-02-01")


@pytest.mark.parametrize(
    "message",
    [
        tooted(note="words", noindex=True),
        tooted(note="words", discoverable=False),
        skied(description="words", labels=[{"val": "!no-unauthenticated"}]),
        tooted(),
    ],
    ids=["noindex", "undiscoverable", "members only", "nothing said"],
)
def test_who_asks_not_to_be_found_has_no_profile(message):
    assert message.author is None


@pytest.mark.parametrize(
    "odd",
    [{"followers_count": "many"}, {"note": 7}, {"fields": "x"}, {"created_at": [1]}, {"noindex": {}}],
    ids=lambda odd: next(iter(odd)),
)
def test_a_profile_that_cannot_be_read_costs_no_message(odd):
    message = tooted(**odd)

    assert (message.text, message.author) == ("hola", None)
