"""What a homeserver says, as messages; the channel itself is tested on a real homeserver (tests/engines)."""

import json

import pytest

from contracts.channel import GARBAGE, NOW, storable
from rapport.channels.matrix.parse import reports_in, said_in
from rapport.model.message import Incoming, Reach, Unreadable

ME = "@care:acme.example"
ROOM = "!r:acme.example"


def told(members=2, **event) -> bytes:
    made = {"type": "m.room.message", "event_id": "$e", "sender": "@ana:x.example", "origin_server_ts": 1794823140000} | event
    made.setdefault("content", {"msgtype": "m.text", "body": "hola"})
    return json.dumps({"room": ROOM, "event": made, "members": members, "name": "Ana"}).encode()


def only(raw: bytes) -> Incoming:
    [message] = said_in(raw, ME, NOW)
    assert isinstance(message, Incoming)
    return message


def test_a_message_names_its_room_its_author_and_who_reads_along():
    message = only(told())

    assert (message.key, message.handle, message.name, message.thread) == (f"{ROOM}/$e", "matrix:@ana:x.example", "Ana", ROOM)
    assert message.reach is Reach.PRIVATE
    assert only(told(members=3)).reach is Reach.PUBLIC


def test_our_own_messages_state_and_what_was_taken_back_are_not_heard():
    assert said_in(told(sender=ME), ME, NOW) == []
    assert said_in(told(state_key="", type="m.room.name"), ME, NOW) == []
    assert said_in(told(content={}), ME, NOW) == []


def test_what_is_encrypted_is_kept_and_says_why_it_cannot_be_read():
    [kept] = said_in(told(type="m.room.encrypted", content={"ciphertext": "x"}), ME, NOW)

    assert isinstance(kept, Unreadable)
    assert "encrypted from end to end" in kept.reason


def test_the_lines_that_quote_what_is_answered_are_left_out():
    relation = {"m.in_reply_to": {"event_id": "$before"}}
    body = "> <@care:acme.example> Buenas\n> tardes\n\nSigue igual"

    message = only(told(content={"msgtype": "m.text", "body": body, "m.relates_to": relation}))

    assert (message.text, message.in_reply_to) == ("Sigue igual", f"{ROOM}/$before")


def test_a_thread_is_a_place_of_its_own():
    relation = {"rel_type": "m.thread", "event_id": "$root"}

    assert only(told(content={"msgtype": "m.text", "body": "x", "m.relates_to": relation})).thread == f"{ROOM}/$root"


def test_a_notice_is_of_a_machine():
    assert only(told(content={"msgtype": "m.notice", "body": "x"})).automatic


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
def test_whatever_comes_is_kept_and_nothing_raises(raw):
    for said in said_in(raw, ME, NOW):
        assert storable(said)
    assert reports_in(raw, ROOM, ME, NOW) == []


@pytest.mark.parametrize("at", [-1, 0, 1e30, 99999999999999999])
def test_an_absurd_time_is_now(at):
    assert only(told(origin_server_ts=at)).at == NOW
