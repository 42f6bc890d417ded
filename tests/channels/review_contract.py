"""What holds of every channel of reviews, as tests; each place subclasses it with its fake."""

from datetime import timedelta

import httpx
import pytest

from channels.fake_shops import ago
from contracts.channel import GARBAGE, NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Idempotency, Op, Pulls
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Edit


def public(name, text="Lo sentimos; escríbenos.", **changes):
    return a_part(**({"to": f"x:{name}", "text": text, "reach": Reach.PUBLIC, "in_reply_to": name} | changes))


class ReviewContract(ChannelContract):
    """Give `shop` (a FakeShop), `channel` and `one`; `to`, `write` and the rest follow from them."""

    def one(self, shop, name):
        """What the place answers when it is asked for that review: the first thing that a delivery does."""
        raise NotImplementedError(f"{type(self).__name__} must give `one`")

    @pytest.fixture
    def to(self):
        return "x:r000"

    @pytest.fixture
    def answering(self, shop):
        return shop.say("malo", at=ago(days=1))

    @pytest.fixture
    def write(self, shop, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            shop.say(text)

        return write

    @pytest.fixture
    def arrived(self, shop):
        async def arrived(text):
            return sum(ours["text"] == text for ours in shop.answers.values())

        return arrived

    async def test_every_message_is_heard_with_its_author_and_its_text(self, channel, shop, clock, write):
        start = (await channel.pull(None)).cursor
        for text in ("uno", "dos", "tres"):
            await write(text)

        heard, _ = await everything(channel, start)

        assert [(m.key, m.text.split()[-1]) for m in heard] == [("r000", "uno"), ("r001", "dos"), ("r002", "tres")]
        assert [m.handle for m in heard] == [f"{channel.name}:r00{n}" for n in range(3)]
        assert {m.reach for m in heard} == {Reach.PUBLIC}

    @pytest.mark.parametrize("reach", Reach)
    def test_a_long_text_is_split_and_each_part_is_within_the_limit(self, channel, to, reach):
        """It is not: a review has one answer, so what is too long cannot go out, and that is said in both languages."""
        limit = channel.capabilities.text_limit

        fits, too_long = channel.fit("x" * limit, reach, to), channel.fit("x" * (limit + 1), reach, to)

        assert (fits.parts, too_long.parts) == (("x" * limit,), ())
        assert all(str(limit) in words for note in too_long.notes for words in (note.en, note.es))

    def test_one_word_longer_than_the_limit_is_cut_and_nothing_of_it_is_lost(self, channel, to):
        assert channel.fit("x" * (2 * channel.capabilities.text_limit), Reach.PUBLIC, to).parts == ()

    async def test_stars_and_title_are_read_with_the_words(self, channel, shop):
        shop.say("Se cae", stars=2)
        shop.say("", stars=5)

        first, second = (await channel.pull(None)).events

        assert (first.text, second.text) == ("★★☆☆☆\nSe cae", "★★★★★")

    async def test_a_review_that_changes_is_an_edit_of_it_and_heard_once(self, channel, shop, clock):
        name = shop.say("malo", at=ago(hours=2))
        _, place = await everything(channel, None)
        clock.move(timedelta(minutes=5))
        shop.change(name, "ya va bien", stars=5)

        events, place = await everything(channel, place)
        nothing, _ = await everything(channel, place)

        assert [(type(e), e.of, e.text) for e in events] == [(Edit, name, "★★★★★\nya va bien")]
        assert nothing == []

    async def test_an_answer_to_the_same_review_again_is_an_edit_of_the_answer(self, channel, shop):
        name = shop.say("malo")
        receipt = await channel.deliver(public(name), "once-1")

        await channel.moderate(Op.EDIT, receipt.key, "Ya está arreglado.", "once-2")
        await channel.moderate(Op.EDIT, receipt.key, "Ya está arreglado.", "once-2")

        assert receipt.key == f"{name}/reply"
        assert {n: ours["text"] for n, ours in shop.answers.items()} == {name: "Ya está arreglado."}
        with pytest.raises(Refused):
            await channel.moderate(Op.EDIT, receipt.key, "x" * 10_000, "once-3")

    async def test_an_answer_that_somebody_else_wrote_is_not_overwritten(self, channel, shop):
        name = shop.say("malo")
        shop.put(name, "De otra mano.", state="APPROVED")

        with pytest.raises(Refused, match="De otra mano"):
            await channel.deliver(public(name), "once-1")

        assert shop.answers[name]["text"] == "De otra mano."

    def test_a_review_that_was_answered_is_not_answered_again(self, channel):
        exchange = Exchange("x:r1", Reach.PUBLIC, NOW, answered=1)

        answer = channel.eligible(Op.REPLY, exchange, NOW)

        assert (answer.allowed, bool(answer.reason.es and answer.reason.en)) == (False, True)
        assert channel.eligible(Op.EDIT, exchange, NOW).allowed
        assert not channel.eligible(Op.SEND_DIRECT, Exchange("x:r1", Reach.PRIVATE), NOW).allowed

    @pytest.mark.parametrize("part", [public("", thread=""), public("r1", reach=Reach.PRIVATE)])
    async def test_an_answer_needs_a_review_and_is_public(self, channel, shop, part):
        with pytest.raises(Refused):
            await channel.deliver(part, "once-1")

        assert shop.heard == []

    async def test_a_review_that_is_gone_cannot_be_answered(self, channel):
        with pytest.raises(Refused, match="404"):
            await channel.deliver(public("gone"), "once-1")

    @pytest.mark.parametrize(
        ("failing", "error"),
        [
            (httpx.ConnectTimeout("no"), Unavailable),
            (httpx.ReadTimeout("no"), OutcomeUnknown),
            (httpx.Response(500), OutcomeUnknown),
            (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
            (httpx.Response(429, headers={"retry-after": "60"}), Unavailable),
            (httpx.Response(400, json={"error": {"message": "bad words"}}), Refused),
        ],
        ids=str,
    )
    async def test_what_a_failed_answer_means(self, channel, shop, failing, error):
        name = shop.say("malo")
        shop.fails = [self.one(shop, name), failing]

        with pytest.raises(error):
            await channel.deliver(public(name), "once-1")

    async def test_an_answer_that_was_taken_silently_is_found_and_writing_it_again_is_the_same(self, channel, shop):
        name = shop.say("malo")
        shop.fails = [self.one(shop, name), httpx.ReadTimeout("no")]
        with pytest.raises(OutcomeUnknown):
            await channel.deliver(public(name), "once-1")

        assert await channel.locate(public(name), "once-1", NOW) is None
        first = await channel.deliver(public(name), "once-1")
        again = await channel.deliver(public(name), "once-1")

        assert first.key == again.key == await channel.locate(public(name), "once-1", NOW)
        assert channel.capabilities.idempotency is Idempotency.NATIVE

    @pytest.mark.parametrize("failing", [httpx.ReadTimeout("no"), httpx.Response(503), httpx.Response(429)], ids=str)
    async def test_a_reading_that_fails_is_repeated_from_the_same_place(self, channel, shop, failing):
        shop.say("uno")
        shop.fails = [failing]

        with pytest.raises(Unavailable):
            await channel.pull(None)

        assert [m.text for m in (await channel.pull(None)).events] == ["★★☆☆☆\nuno"]

    async def test_many_pages_are_read(self, channel, shop):
        shop.page_size = 7
        for number in range(30):
            shop.say(str(number), at=ago(minutes=100 - number))

        heard, _ = await everything(channel, None)

        assert [m.text.split()[-1] for m in heard] == [str(n) for n in range(30)]

    def test_hostile_reviews_can_be_stored(self, channel, shop):
        for raw in (*GARBAGE.values(), b'{"review": 7, "known": true}', b'{"review": {}, "known": []}'):
            for said in channel.parse(raw):
                assert isinstance(said, Unreadable | Incoming)
                assert storable(said)

    async def test_a_hostile_review_stops_nobody(self, channel, shop):
        shop.say("\x00<script>\ud7ff", title="\x00")
        shop.say("x" * 250_000, at=ago(minutes=3))
        shop.say("sigue")
        assert isinstance(channel, Pulls)

        events = (await channel.pull(None)).events

        assert [type(e).__name__ for e in events] == ["Unreadable", "Incoming", "Incoming"]
        assert all(storable(e) for e in events)
