"""Promises: whether we came back to the person by the time that was named, on whatever channel."""

from measures.stories.told_talks import HOUR, MEANS, MINUTE, START, a_talk, day
from rapport.measures.stories.mining import one

ASKED = ("them", "My bill is wrong, they charged me twice.", -1)
IN_TWO_HOURS = ("us", "I will call you back within 2 hours.", 0)
SOMETIME = ("us", "Le llamamos para confirmarle la devolución.", 0)
DONE = ("us", "We have refunded the second charge.", 0)


def state(talk, *beside, now: int):
    [promise] = one(talk, beside, now, MEANS).promises
    return promise


def test_a_promise_is_kept_where_we_come_back_in_time():
    promise = state(a_talk(ASKED, IN_TWO_HOURS, DONE, apart=HOUR), now=day(9))

    assert (promise.state, promise.until - promise.at) == ("kept", 2 * HOUR)
    assert promise.settled == START + 2 * HOUR


def test_a_promise_is_kept_on_another_channel_too():
    call = a_talk(("us", "Hello, it is about your bill, we have refunded it.", 0), n=2, person=7, at=day(1), channel="voice")

    promise = state(a_talk(ASKED, IN_TWO_HOURS, person=7, apart=MINUTE), call, now=day(9))

    assert (promise.state, promise.by) == ("kept", call.lines[0].id)


def test_what_somebody_else_is_told_keeps_no_promise():
    other = a_talk(("us", "We have refunded it.", 0), n=2, person=8, at=day(1))

    assert state(a_talk(ASKED, IN_TWO_HOURS, person=7, apart=MINUTE), other, now=day(9)).state == "broken"


def test_a_promise_is_broken_when_its_time_passes_and_not_before():
    talk = a_talk(ASKED, IN_TWO_HOURS, DONE, apart=3 * HOUR)

    assert state(talk, now=day(9)).state == "broken"  # we came back after three hours
    assert state(a_talk(ASKED, IN_TWO_HOURS, apart=MINUTE), now=START + HOUR).state == "open"
    assert state(a_talk(ASKED, IN_TWO_HOURS, apart=MINUTE), now=day(3)).state == "broken"


def test_where_no_time_was_named_it_is_broken_when_they_have_to_come_back_first():
    back = ("them", "Nobody has called me, what about my refund?", -1)

    came_back = state(a_talk(ASKED, SOMETIME, back, DONE, apart=5 * HOUR), now=day(99))
    at_once = state(a_talk(ASKED, SOMETIME, ("them", "Gracias, espero.", 0), DONE, apart=3 * MINUTE), now=day(99))
    nothing_yet = state(a_talk(ASKED, SOMETIME, apart=MINUTE), now=day(99))

    assert (came_back.state, at_once.state, nothing_yet.state) == ("broken", "kept", "open")


def test_what_we_say_in_the_same_breath_keeps_nothing():
    promise = state(a_talk(ASKED, IN_TWO_HOURS, ("us", "Have a nice day.", 0), apart=MINUTE), now=day(9))

    assert promise.state == "broken"
