"""The Telegram channel against a server that does what the Bot API's documentation says."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from channels.fake_telegram import GROUP, HERE, ME, TOKEN, FakeTelegram
from contracts.channel import NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Means, Op, Pulls
from rapport.channels.telegram.channel import LIMITS, open_telegram
from rapport.channels.units import measure
from rapport.channels.webhook import Rejected, Request, Verified
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Reach, Unreadable
from rapport.model.news import Edit, Reaction
from rapport.pipeline import pushes

pytestmark = pytest.mark.anyio
ANA = "telegram:777"


@pytest.fixture
def server():
    return FakeTelegram()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(api, clock, **settings):
    told = {"token": "secret:token"} | settings
    return open_telegram(Account("acme", "telegram", settings=told), Means(clock, {"token": TOKEN}.__getitem__, api.http, None))


class TestTelegramChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return ANA

    @pytest.fixture
    def write(self, server):
        async def write(text):
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(told["text"] == text for told in server.sent)

        return arrived

    @pytest.fixture
    def filed(self, server):
        async def filed():
            return [told["photo"] for told in server.sent if "photo" in told]

        return filed

    async def test_what_is_declared_can_be_done(self, channel, server):
        await channel.deliver(a_part(to=ANA, text="uno"), "once-1")
        await channel.deliver(a_part(to=ANA, text="dos", reach=Reach.PUBLIC, thread=str(GROUP["id"])), "once-2")

        assert [(told["chat_id"], told["text"]) for told in server.sent] == [(777, "uno"), (GROUP["id"], "dos")]


async def test_a_message_says_who_wrote_what_and_where(channel, server):
    server.say("El wifi se cae", message_id=5, date=int((NOW - timedelta(hours=1)).timestamp()))

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.name, heard.text) == ("777/5", ANA, "Ana Ruiz", "El wifi se cae")
    assert (heard.reach, heard.at, heard.thread, heard.in_reply_to) == (Reach.PRIVATE, NOW - timedelta(hours=1), "777", "")


async def test_a_message_in_a_group_is_public_and_belongs_to_the_group_or_its_topic(channel, server):
    server.say("hola", message_id=6, chat=GROUP, reply_to_message={"message_id": 4, "date": 1, "chat": GROUP})
    server.say("hola", message_id=7, chat=GROUP, message_thread_id=3, is_topic_message=True)

    first, second = (await channel.pull(None)).events

    group = GROUP["id"]
    assert (first.reach, first.thread, first.in_reply_to, first.subject) == (Reach.PUBLIC, str(group), f"{group}/4", "Vecinos")
    assert second.thread == f"{group}/topic/3"


async def test_an_edit_and_reactions_are_news_of_the_message(channel, server):
    server.say("hola", kind="edited_message", message_id=5, edit_date=1794823199)
    sign = {"type": "emoji", "emoji": "👍"}
    other = {"type": "emoji", "emoji": "🔥"}
    reacted = {"chat": HERE, "message_id": 5, "user": {"id": 777}, "date": 1794823199}
    server.tell(message_reaction=reacted | {"old_reaction": [sign], "new_reaction": [other]})

    edit, taken, added = (await channel.pull(None)).events

    assert isinstance(edit, Edit)
    assert (edit.of, edit.text) == ("777/5", "hola")
    assert isinstance(taken, Reaction)
    assert [(r.of, r.sign, r.taken_back) for r in (taken, added)] == [("777/5", "👍", True), ("777/5", "🔥", False)]
    assert len({edit.key, taken.key, added.key}) == 3


async def test_our_own_messages_service_messages_and_posts_of_channels_are_not_heard(channel, server):
    server.say("eco", **{"from": ME})
    server.say("", new_chat_members=[{"id": 1, "is_bot": False, "first_name": "B"}])
    server.say("del canal", is_automatic_forward=True)
    server.tell(channel_post={"message_id": 1, "chat": GROUP, "date": 1, "text": "x"})
    server.tell(my_chat_member={"chat": HERE})

    assert (await channel.pull(None)).events == ()


async def test_another_bot_is_a_machine_and_an_anonymous_admin_is_the_group(channel, server):
    server.say("hola", chat=GROUP, **{"from": {"id": 5, "is_bot": True, "first_name": "B"}})
    server.say("hola", chat=GROUP, sender_chat=GROUP, **{"from": {"id": 1087968824, "is_bot": True, "first_name": "G"}})

    bot, admin = (await channel.pull(None)).events

    assert (bot.automatic, admin.automatic) == (True, False)
    assert (admin.handle, admin.name) == (f"telegram:{GROUP['id']}", "Vecinos")


async def test_an_offset_is_asked_only_behind_what_was_taken_in(channel, server):
    server.say("uno")
    first = await channel.pull(None)
    server.say("dos")

    again = await channel.pull(None)  # as after a crash before the commit
    after = await channel.pull(first.cursor)

    assert [m.text for m in again.events] == ["uno", "dos"]
    assert [m.text for m in after.events] == ["dos"]
    assert [json.loads(r.content).get("offset") for r in server.heard] == [None, None, 902]


async def test_after_a_week_of_silence_lower_numbers_are_heard_too(channel, server, clock):
    server.say("uno")
    _, place = await everything(channel, None)
    await everything(channel, place)  # confirms
    clock.move(timedelta(days=8))
    server.next_update = 50
    server.say("dos")

    heard, place = await everything(channel, place)
    server.say("tres")
    later, _ = await everything(channel, place)

    assert [m.text for m in heard + later] == ["dos", "tres"]


async def test_hundreds_of_updates_are_read_page_by_page(channel, server):
    for number in range(250):
        server.say(str(number))

    heard, _ = await everything(channel, None)

    assert [m.text for m in heard] == [str(n) for n in range(250)]


async def test_files_come_with_the_message_as_bytes_and_never_as_an_address_with_our_token(channel, server):
    server.files["photos/big.jpg"] = b"\xff\xd8\xff picture"
    server.say("", caption="El módem", photo=[{"file_id": "small"}, {"file_id": "big", "file_size": 11}])

    page = await channel.pull(None)

    [heard] = page.events
    [media] = heard.media
    assert (heard.text, media.type, page.files[media.blob], media.url) == (
        "El módem",
        "image/jpeg",
        b"\xff\xd8\xff picture",
        "",
    )
    assert TOKEN.partition(":")[2] not in repr(page)


async def test_a_file_that_cannot_be_had_is_said_and_the_message_stands(channel, server):
    server.say("", document={"file_id": "huge", "file_name": "a.pdf", "mime_type": "application/pdf"})
    server.say("sigue")

    page = await channel.pull(None)

    assert [m.text for m in page.events] == ["", "sigue"]
    assert (page.events[0].media[0].name, page.events[0].media[0].reason.count("file is too big")) == ("a.pdf", 1)


async def test_a_file_that_fails_is_tried_again_a_few_times_and_then_stops_nobody(channel, server):
    server.files["photos/x.jpg"] = b"x"
    server.say("foto", photo=[{"file_id": "x"}])
    server.fails = [("getFile", httpx.Response(500))] * 3

    for _ in range(2):
        with pytest.raises(Unavailable):
            await channel.pull(None)
    [heard] = (await channel.pull(None)).events

    assert "500" in heard.media[0].reason


async def test_a_file_larger_than_we_keep_is_not_read_to_its_end(channel, server):
    server.files["photos/x.jpg"] = b"x" * (LIMITS.lengths["file"] + 1)
    server.say("foto", photo=[{"file_id": "x"}])

    page = await channel.pull(None)

    assert (page.files, "larger than 10 MiB" in page.events[0].media[0].reason) == ({}, True)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"sticker": {"file_id": "s", "emoji": "😀"}}, "😀"),
        ({"location": {"latitude": 40.4168, "longitude": -3.7038}}, "40.41680, -3.70380"),
        ({"contact": {"phone_number": "+34600", "first_name": "Eva"}}, "Eva +34600"),
    ],
)
async def test_what_has_no_words_has_words_that_stand_for_it(channel, server, message, text):
    server.say("", **message)

    [heard] = (await channel.pull(None)).events

    assert heard.text == text


# Answers


async def test_an_answer_quotes_the_message_and_stays_in_its_topic(channel, server):
    group = GROUP["id"]
    part = a_part(to=ANA, reach=Reach.PUBLIC, in_reply_to=f"{group}/7", thread=f"{group}/topic/3")

    receipt = await channel.deliver(part, "once-1")

    [told] = server.sent
    assert (told["chat_id"], told["message_thread_id"]) == (group, 3)
    assert told["reply_parameters"]["message_id"] == 7
    assert receipt.key.startswith(f"{group}/")


async def test_a_private_answer_to_somebody_of_a_group_goes_to_them_alone(channel, server):
    await channel.deliver(a_part(to=ANA, in_reply_to=f"{GROUP['id']}/7", thread=str(GROUP["id"])), "once-1")

    [told] = server.sent
    assert told["chat_id"] == 777
    assert "reply_parameters" not in told


@pytest.mark.parametrize(
    "part", [a_part(to="telegram:@ana"), a_part(to=ANA, in_reply_to="mastodon/x"), a_part(to=ANA, reach=Reach.PUBLIC)]
)
async def test_an_address_that_is_none_is_refused_before_anything_is_sent(channel, server, part):
    with pytest.raises(Refused):
        await channel.deliver(part, "once-1")

    assert server.heard == []


async def test_who_blocked_the_bot_is_said_in_telegrams_words(channel):
    with pytest.raises(Refused, match="bot was blocked by the user"):
        await channel.deliver(a_part(to="telegram:666"), "once-1")


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(502, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(400, json={"ok": False, "description": "Bad Request: chat not found"}), Refused),
        (httpx.Response(429, content=b"[" * 3000), Unavailable),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [("sendMessage", failing)]

    with pytest.raises(error) as raised:
        await channel.deliver(a_part(to=ANA), "once-1")

    assert TOKEN.partition(":")[2] not in str(raised.value)


async def test_telegram_says_in_the_body_how_long_to_wait(channel, server):
    flood = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 35}}
    server.fails = [("sendMessage", httpx.Response(429, json=flood))]

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(a_part(to=ANA), "once-1")

    assert raised.value.retry_after == timedelta(seconds=35)


async def test_a_group_gets_twenty_messages_a_minute_and_then_waits(channel, server, clock):
    part = a_part(to=ANA, reach=Reach.PUBLIC, thread=str(GROUP["id"]))
    for number in range(20):
        await channel.deliver(part, f"once-{number}")
        clock.move(timedelta(seconds=1))

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(part, "once-20")

    assert raised.value.retry_after == timedelta(seconds=40)
    assert len(server.sent) == 20


async def test_what_is_there_is_edited_deleted_and_reacted_to_and_twice_is_once(channel, server):
    for _ in range(2):
        await channel.moderate(Op.EDIT, "777/5", "nuevo", "once-1")
        await channel.moderate(Op.DELETE, "777/6", "", "once-2")
    await channel.moderate(Op.REACT, "777/7", "👍", "once-3")
    await channel.moderate(Op.UNREACT, "777/7", "", "once-4")

    assert server.done == [
        {"chat_id": 777, "message_id": 5, "text": "nuevo"},
        {"chat_id": 777, "message_id": 6},
        {"chat_id": 777, "message_id": 7, "reaction": [{"type": "emoji", "emoji": "👍"}]},
        {"chat_id": 777, "message_id": 7, "reaction": []},
    ]
    with pytest.raises(Refused):
        await channel.moderate(Op.HIDE, "777/7", "", "once-5")


def test_nobody_is_written_to_who_never_started_the_bot(channel):
    answer = channel.eligible(Op.SEND_NEW, Exchange(ANA, Reach.PRIVATE), NOW)

    assert not answer.allowed
    assert answer.reason.es


def test_a_part_counts_as_telegram_counts_at_most(channel):
    fitted = channel.fit("😀" * 4096, Reach.PRIVATE, ANA)

    assert [measure(part, fitted.unit) for part in fitted.parts] == [4096, 4096]


# How updates come


async def test_a_webhook_that_is_set_is_the_health_sentence_of_an_account_that_reads(channel, server):
    server.hook = "https://acme.test/hooks"

    probe = await channel.probe()
    with pytest.raises(Unavailable, match="webhook is active"):
        await channel.pull(None)

    assert (probe.works, "deleteWebhook" in probe.health.en, "deleteWebhook" in probe.health.es) == (False, True, True)


async def test_an_account_that_is_posted_to_wants_a_webhook_and_reads_nothing(server, clock):
    channel = opened(server, clock, mode="webhook", webhook_secret="s3cret")

    before = await channel.probe()
    server.hook = "https://acme.test/hooks"
    after = await channel.probe()

    assert (before.works, after.works, isinstance(channel, Pulls)) == (False, True, False)


@pytest.mark.parametrize("told", ["", "s3cre", "s3cret2", "\ud800", "ñ"])
def test_only_who_knows_the_secret_is_telegram(server, clock, told):
    channel = opened(server, clock, mode="webhook", webhook_secret="s3cret")
    good = Request("POST", "/", (), {"x-telegram-bot-api-secret-token": "s3cret"}, b"{}")
    bad = Request("POST", "/", (), {"x-telegram-bot-api-secret-token": told}, b"{}")

    assert channel.verify(good, NOW) == Verified((b"{}",))
    assert isinstance(channel.verify(bad, NOW), Rejected)
    assert isinstance(opened(server, clock).verify(bad, NOW), Rejected)


async def test_files_of_what_is_posted_are_asked_for_afterwards_and_one_that_fails_stops_nobody(server, clock):
    channel = opened(server, clock, mode="webhook", webhook_secret="s3cret")
    server.files["photos/big.jpg"] = b"\xff\xd8\xff picture"
    said = [
        server.say("uno", photo=[{"file_id": "big"}]),
        server.say("dos", document={"file_id": "huge", "file_name": "a.pdf"}),
    ]
    events = [event for message in said for event in channel.parse(json.dumps({"update_id": 1, "message": message}).encode())]

    page = await channel.complete(events)

    one, two = page.events
    assert (page.files[one.media[0].blob], one.media[0].url, one.media[0].reason) == (b"\xff\xd8\xff picture", "", "")
    assert (two.text, "file is too big" in two.media[0].reason) == ("dos", True)
    assert pushes.has_files(events)


def test_an_update_is_the_same_message_whether_read_or_posted(server, clock, channel):
    message = server.say("hola")
    raw = json.dumps({"update_id": 1, "message": message}).encode()

    assert channel.parse(raw) == opened(server, clock, mode="webhook", webhook_secret="x").parse(raw)


@pytest.mark.parametrize(
    "message",
    [
        {"text": "\ud800\0"},
        {"text": "x" * 200_001},
        {"date": 10**18},
        {"date": -(10**18)},
        {"chat": None},
        {"photo": []},
        {"from": {"id": 1, "first_name": "\0" * 500, "last_name": "\udfff"}},
        {"document": {"file_id": "x", "file_name": "../../etc\0", "mime_type": "a\nb"}},
    ],
)
def test_a_hostile_message_is_a_message_or_kept(channel, message):
    whole = {"message_id": 1, "from": {"id": 7, "first_name": "A"}, "chat": HERE, "date": 1, "text": "hola"} | message

    for said in channel.parse(json.dumps({"update_id": 1, "message": whole}).encode()):
        assert storable(said)
        assert isinstance(said, Unreadable) or said.at <= NOW


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"token": "nonsense"}, "must look like 123456:ABC"),
        ({"token": "1:a/../b"}, "must look like 123456:ABC"),
        ({"server": "telegram"}, "must look like https"),
        ({"mode": "webhook"}, "needs 'webhook_secret'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(server, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(server, clock, **settings)


def test_the_fakes_time_is_the_contracts():
    assert datetime.fromtimestamp(1794823140, UTC) == NOW - timedelta(minutes=1)
