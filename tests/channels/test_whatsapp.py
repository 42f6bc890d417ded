"""WhatsApp against what Meta's documentation says; it was never run against the real network."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from channels.described import description, faults, flat
from channels.fake_whatsapp import (
    NUMBER,
    PERSON,
    PERSON_ID,
    SECRET,
    WORD,
    FakeWhatsapp,
    graph_error,
    message,
    notice,
    reports,
    says,
    signed,
)  # fmt: skip
from contracts.channel import NOW, ChannelContract, a_part
from rapport.channels.channel import Evidence, Exchange, Locates, Means, Op, Pulls
from rapport.channels.completing import Completes
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.whatsapp.channel import NETWORK, open_whatsapp
from rapport.channels.whatsapp.template import template_in
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report, further

pytestmark = pytest.mark.anyio
ANA = f"whatsapp:{PERSON_ID}"
DESCRIBED = "whatsapp/business-messaging-api_v23.0.yaml"


@pytest.fixture
def cloud():
    return FakeWhatsapp()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(cloud, clock):
    return opened(cloud, clock)


def opened(cloud, clock, **changes):
    settings = {"number": NUMBER, "token": "secret:t", "app_secret": "secret:s", "verify_token": "secret:v"} | changes
    secrets = {"t": "token", "s": SECRET, "v": WORD}
    return open_whatsapp(
        Account("acme", "whatsapp", settings=settings), Means(clock, secrets.__getitem__, cloud.http, None, tls=None)
    )


def to_ana(text="Lo miramos ya.", **changes):
    return a_part(**({"to": ANA, "text": text} | changes))


class TestWhatsappChannel(ChannelContract):
    @pytest.fixture
    def channel(self, cloud, clock):
        return opened(cloud, clock)

    @pytest.fixture
    def to(self):
        return ANA

    @pytest.fixture
    def write(self):
        pytest.skip("nothing can be read from this network")

    @pytest.fixture
    def arrived(self, cloud):
        async def arrived(text):
            return sum(body.get("text", {}).get("body") == text for body in cloud.sent)

        return arrived

    @pytest.fixture
    def filed(self, cloud):
        async def filed():
            return [cloud.uploads[body["image"]["id"]] for body in cloud.sent if body["type"] == "image"]

        return filed


def test_what_cannot_be_read_back_says_so(channel):
    assert not isinstance(channel, Pulls | Locates)
    assert isinstance(channel, Completes)
    assert not channel.capabilities.reads_back
    assert NETWORK.evidence is Evidence.CONTRACT


def test_a_message_says_who_wrote_what_when_and_what_it_answers(channel):
    [heard] = channel.parse(says(message(context={"id": "wamid.out1"}, text={"body": "¿Y el técnico?"})))

    assert (heard.key, heard.handle, heard.name) == ("wamid.in1", ANA, "Ana")
    assert (heard.text, heard.reach, heard.at) == ("¿Y el técnico?", Reach.PRIVATE, NOW - timedelta(minutes=1))
    assert heard.in_reply_to == "wamid.out1"


def test_the_handle_is_the_id_that_holds_and_the_telephone_number_only_where_there_is_none(channel):
    body = json.loads(says(message()))
    told = body["entry"][0]["changes"][0]["value"]
    del told["contacts"][0]["user_id"], told["messages"][0]["from_user_id"]

    [by_number] = channel.parse(json.dumps(body).encode())
    [without_number] = channel.parse(says({k: v for k, v in message().items() if k != "from"}))

    assert by_number.handle == f"whatsapp:{PERSON}"
    assert without_number.handle == ANA


@pytest.mark.parametrize(
    ("type", "content", "text"),
    [
        ("button", {"button": {"payload": "x", "text": "Sí, gracias"}}, "Sí, gracias"),
        (
            "interactive",
            {"interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Cancelar"}}},
            "Cancelar",
        ),
        (
            "interactive",
            {"interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Exprés", "description": "Mañana"}}},
            "Exprés\nMañana",
        ),
        ("location", {"location": {"latitude": 19.43, "longitude": -99.13, "name": "Zócalo"}}, "Zócalo\n19.43, -99.13"),
        (
            "contacts",
            {"contacts": [{"name": {"formatted_name": "Luis"}, "phones": [{"phone": "+52 55"}]}]},
            "Luis +52 55",
        ),
        ("order", {"order": {"text": "", "product_items": [{"product_retailer_id": "p1", "quantity": 2}]}}, "2 × p1"),
    ],
    ids=str,
)
def test_whatever_kind_of_message_becomes_words(channel, type, content, text):
    [heard] = channel.parse(says(message(type=type, **content)))

    assert heard.text == text


def test_a_picture_comes_with_its_words_and_the_address_at_which_it_is_asked_for(channel):
    [heard] = channel.parse(says(message(type="image", image={"id": "77", "mime_type": "image/jpeg", "caption": "El módem"})))

    assert heard.text == "El módem"
    assert heard.media == (Media("image", "image/jpeg", url="https://graph.facebook.com/v23.0/77"),)


async def test_a_file_is_fetched_with_our_token_and_compared_with_what_was_announced(channel, cloud):
    cloud.files["77"] = b"\x89PNG..."
    events = channel.parse(says(message(), message("wamid.in2", "image", image={"id": "77", "mime_type": "image/png"})))

    page = await channel.complete(events)

    name = hashlib.sha256(b"\x89PNG...").hexdigest()
    assert page.files == {name: b"\x89PNG..."}
    assert page.events[0] == events[0]
    assert page.events[1].media == (Media("image", "image/png", size=7, blob=name),)
    assert [request.headers["authorization"] for request in cloud.heard] == ["Bearer token"] * 2


async def fetched(channel):
    """The picture 77, or what is left of it."""
    page = await channel.complete(channel.parse(says(message(type="image", image={"id": "77", "mime_type": "image/png"}))))
    return page.events[0].media[0], page.files


@pytest.mark.parametrize("host", ["evil.example", "lookaside.fbsbx.com.evil.example", "127.0.0.1"])
async def test_our_token_never_goes_to_a_host_that_is_not_the_networks(channel, cloud, host):
    cloud.files["77"], cloud.host = b"x", host

    media, files = await fetched(channel)

    assert "host" in media.reason
    assert files == {}
    assert [request.url.host for request in cloud.heard] == ["graph.facebook.com"]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"url": "https://lookaside.fbsbx.com/?mid=77", "sha256": hashlib.sha256(b"y").hexdigest()}, "announced"),
        ({"url": "https://lookaside.fbsbx.com/?mid=77", "file_size": 99_000_000}, "larger than 10 MiB"),
        ({"url": "http://lookaside.fbsbx.com/?mid=77"}, "host"),
        ({"error": "?"}, "something else"),
    ],
    ids=str,
)
async def test_a_file_that_cannot_be_had_leaves_its_reason_and_the_message_is_heard(channel, cloud, told, reason):
    cloud.files["77"] = b"x"
    cloud.fails = [httpx.Response(200, json=told)]

    media, files = await fetched(channel)

    assert reason in media.reason
    assert files == {}


async def test_a_file_that_swells_is_cut_off(channel, cloud):
    cloud.files["77"] = b"x" * (10 * 1024 * 1024 + 1)

    media, _ = await fetched(channel)

    assert "larger than 10 MiB" in media.reason


def test_a_reaction_an_edit_and_a_deletion_are_news_of_what_was_said(channel):
    body = says(
        message("wamid.r1", "reaction", reaction={"message_id": "wamid.out1", "emoji": "👍"}),
        message("wamid.r2", "reaction", reaction={"message_id": "wamid.out1", "emoji": ""}),
        message("wamid.e1", "edit", edit={"original_message_id": "wamid.in1", "message": message(text={"body": "Perdón: 3"})}),
        message("wamid.d1", "revoke", revoke={"original_message_id": "wamid.in1"}),
    )
    at = NOW - timedelta(minutes=1)

    assert channel.parse(body) == [
        Reaction("wamid.r1", "wamid.out1", ANA, "👍", at),
        Reaction("wamid.r2", "wamid.out1", ANA, "reaction", at, taken_back=True),
        Edit("wamid.e1", "wamid.in1", ANA, "Perdón: 3", at),
        Deletion("wamid.d1", "wamid.in1", at, ANA),
    ]


def test_reports_that_come_twice_and_out_of_order_end_at_the_furthest(channel):
    told = channel.parse(reports("wamid.out1", "read", "sent", "delivered", "sent"))

    states = [report.delivery for report in told]
    assert states == [Delivery.READ, Delivery.SENT, Delivery.DELIVERED, Delivery.SENT]
    assert further(further(states[0], states[1]), states[2]) is Delivery.READ
    assert told[1].key == told[3].key
    assert {report.of for report in told} == {"wamid.out1"}


def test_a_failed_message_says_why(channel):
    why = [{"code": 131047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours have passed"}}]

    [report] = channel.parse(reports("wamid.out1", "failed", errors=why))

    assert isinstance(report, Report)
    assert (report.delivery, report.reason) == (Delivery.FAILED, "131047: More than 24 hours have passed")


def test_one_message_that_cannot_be_read_spoils_no_other(channel):
    body = says(message(), {"id": 5, "type": ["text"]}, message("wamid.in2"), message("wamid.in3", "hologram", hologram={}))

    told = channel.parse(body)

    assert [type(event) for event in told] == [Incoming, Unreadable, Incoming, Unreadable]
    assert "hologram" in told[3].reason


def test_a_type_that_whatsapp_does_not_pass_on_is_kept_with_its_reason(channel):
    why = [{"code": 131051, "title": "Message type unknown", "error_data": {"details": "not supported"}}]

    [kept] = channel.parse(says(message(type="unsupported", errors=why)))

    assert isinstance(kept, Unreadable)
    assert "131051: not supported" in kept.reason
    assert kept.handle == ANA


def test_what_is_of_another_number_or_of_no_use_is_left_out(channel):
    another = notice({"messages": [message()]}, number="999")
    echo = notice({"message_echoes": [message()]}, field="smb_message_echoes")
    system = says(message(type="system", system={"type": "user_changed_number"}), contact=False)

    assert [list(channel.parse(body)) for body in (another, echo, system)] == [[], [], []]


def test_a_second_delivery_of_a_webhook_has_the_same_keys(channel):
    body = says(message(), message("wamid.in2"))

    assert [m.key for m in channel.parse(body)] == [m.key for m in channel.parse(body)] == ["wamid.in1", "wamid.in2"]


def test_every_example_of_metas_description_is_a_message_or_known_news(clock, cloud):
    examples = description(DESCRIBED)["paths"]["/whatsapp/webhooks"]["post"]["requestBody"]["content"]["application/json"]
    numbers = {
        e["value"]["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] for e in examples["examples"].values()
    }
    channel = opened(cloud, clock, number=numbers.pop())

    said = {name: channel.parse(json.dumps(e["value"]).encode()) for name, e in examples["examples"].items()}

    silent = {name for name, events in said.items() if not events}
    assert silent == {"System Message", "Group Create Message", "Group Settings Update", "Group Remove Participants"}
    assert {name for name, [*e] in said.items() if e and isinstance(e[0], Unreadable)} == {"Unsupported Message"}
    assert [event.text for event in said["Text Message"]] == ["Does it come in another color?"]


def test_another_program_reads_the_same_out_of_the_same_webhook(channel):
    pywa = pytest.importorskip("pywa", reason="pywa is not installed: another reader of these webhooks")
    from pywa.types import Message as Read

    body = says(
        message(
            context={"id": "wamid.out1"},
            type="image",
            image={"id": "77", "mime_type": "image/png", "sha256": "x", "caption": "él"},
        )
    )
    [heard] = channel.parse(body)
    theirs = Read.from_update(pywa.WhatsApp(phone_id=NUMBER, token="t"), json.loads(body))

    assert (heard.key, heard.at, heard.name) == (theirs.id, theirs.timestamp, theirs.from_user.name)
    assert heard.handle == f"whatsapp:{theirs.from_user.bsuid}"
    assert (heard.text, heard.in_reply_to) == (theirs.caption, theirs.reply_to_message.id)
    assert heard.media[0].url.endswith(f"/{theirs.image.id}")


def test_the_signature_is_that_of_rfc_4231():
    from rapport.channels.graph_webhook import signature

    # RFC 4231, test case 2
    assert signature(b"what do ya want for nothing?", "Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_a_signed_webhook_is_taken_and_one_altered_by_a_byte_is_not(channel):
    body = says(message())
    request = signed(body)
    altered = Request("POST", request.path, (), request.headers, body.replace(b"wifi", b"wi-fi"))

    assert channel.verify(request, NOW).raw == (body,)
    assert isinstance(channel.verify(altered, NOW), Rejected)
    assert isinstance(channel.verify(signed(body, "another secret"), NOW), Rejected)


@pytest.mark.parametrize("proof", ["", "sha256=", "sha1=abc", "sha256=ñandú", "sha256=" + "0" * 64])
def test_a_webhook_without_a_right_signature_is_rejected(channel, proof):
    request = Request("POST", "/hooks/w", (), {"x-hub-signature-256": proof} if proof else {}, says(message()))

    assert isinstance(channel.verify(request, NOW), Rejected)


def test_metas_question_is_answered_only_to_who_knows_our_word(channel):
    def asked(word, **more):
        query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"} | more
        return channel.verify(Request("GET", "/hooks/w", tuple(query.items()), {}, b""), NOW)

    assert asked(WORD) == Challenge(b"1158201444")
    assert isinstance(asked("guess"), Rejected)
    assert isinstance(asked(WORD, **{"hub.mode": "unsubscribe"}), Rejected)
    assert isinstance(asked(WORD, **{"hub.challenge": "x" * 1000}), Rejected)


def test_another_program_takes_and_refuses_the_same_signatures(channel):
    pytest.importorskip("pywa", reason="pywa is not installed: another judge of signatures")
    from pywa.utils import webhook_updates_validator as judge

    for request in (signed(says(message())), signed(b"x", "another")):
        theirs = judge(SECRET, request.body, request.headers["x-hub-signature-256"])
        assert isinstance(channel.verify(request, NOW), Verified) is theirs


async def test_a_text_is_sent_as_the_description_demands(channel, cloud):
    await channel.deliver(to_ana(to=f"whatsapp:+{PERSON}", in_reply_to="wamid.in1"), "once-1")

    [body] = cloud.sent
    assert body == {
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": PERSON, "type": "text",
        "text": {"body": "Lo miramos ya."}, "context": {"message_id": "wamid.in1"},
    }  # fmt: skip
    document = description(DESCRIBED)
    assert faults(document, flat(document, "TextMessage"), body) == []


async def test_a_person_without_a_telephone_number_is_written_to_by_their_id(channel, cloud):
    await channel.deliver(to_ana(), "once-1")

    assert cloud.sent[0]["recipient"] == PERSON_ID
    assert "to" not in cloud.sent[0]


async def test_a_template_goes_out_with_its_values_as_the_description_demands(channel, cloud):
    text = "template: care_answer es_MX\nAna\nmañana a las 10"

    [part] = channel.fit(text, Reach.PRIVATE, ANA).parts
    await channel.deliver(to_ana(part, to=f"whatsapp:{PERSON}"), "once-1")

    template = cloud.sent[0]["template"]
    assert (template["name"], template["language"]["code"]) == ("care_answer", "es_MX")
    assert [value["text"] for value in template["components"][0]["parameters"]] == ["Ana", "mañana a las 10"]
    document = description(DESCRIBED)
    assert faults(document, flat(document, "TemplateMessage"), cloud.sent[0]) == []


def test_a_description_that_something_is_missing_in_would_say_so():
    document = description(DESCRIBED)

    told = faults(document, flat(document, "TextMessage"), {"to": "1", "text": {"body": 5}, "odd": True})

    assert len(told) == 5  # three keys that are missing, one of another type, one that is not known


@pytest.mark.parametrize(
    "text", ["template: Care es", "template: care", "Template: care es", "hola\ntemplate: care es", "template: care es_mx"]
)
def test_what_only_looks_like_a_template_is_a_text(text):
    assert template_in(text) is None


def test_a_template_that_is_too_long_cannot_go_out_and_says_so(channel):
    fitted = channel.fit("template: care es\n" + "x" * 1025, Reach.PRIVATE, ANA)

    assert fitted.parts == ()
    assert "1024" in fitted.notes[0].es
    assert channel.fit("template: care es\n" + "x" * 1024, Reach.PRIVATE, ANA).parts


@pytest.mark.parametrize(
    ("ago", "only_template"),
    [
        (timedelta(hours=23, minutes=59, seconds=59), False),
        (timedelta(hours=24), True),
        (timedelta(days=30), True),
        (None, True),
    ],
)
def test_after_24_hours_only_a_template_is_left(channel, ago, only_template):
    heard_at = NOW - ago if ago else None

    answer = channel.eligible(Op.REPLY, Exchange(ANA, Reach.PRIVATE, heard_at), NOW)

    assert (answer.allowed, answer.template) == (True, only_template)
    assert answer.until == (None if only_template else heard_at + timedelta(hours=24))
    assert bool(answer.reason) is only_template


@pytest.mark.parametrize("op", [Op.DELETE, Op.EDIT, Op.HIDE])
def test_what_whatsapp_cannot_do_is_refused(channel, op):
    answer = channel.eligible(op, Exchange(ANA, Reach.PRIVATE, NOW), NOW)

    assert not answer.allowed
    assert answer.reason.es
    assert answer.reason.en


async def test_a_message_can_be_marked_as_read_and_twice_is_once(channel, cloud):
    await channel.moderate(Op.MARK_READ, "wamid.in1", "", "once")
    await channel.moderate(Op.MARK_READ, "wamid.in1", "", "once")

    assert set(cloud.read) == {"wamid.in1"}
    with pytest.raises(Refused):
        await channel.moderate(Op.DELETE, "wamid.out1", "", "once")


async def test_our_sign_is_put_on_a_message_and_taken_back(channel, cloud):
    for op, sign in ((Op.REACT, "👍"), (Op.UNREACT, "👍"), (Op.MARK_READ, "")):
        await channel.gesture(op, "wamid.in1", f"whatsapp:{PERSON}", sign, "once")

    told = [sent["reaction"] for sent in cloud.sent]
    assert told == [{"message_id": "wamid.in1", "emoji": emoji} for emoji in ("👍", "")]
    assert cloud.read == ["wamid.in1"]
    document = description(DESCRIBED)
    assert [faults(document, flat(document, "ReactionMessage"), sent) for sent in cloud.sent] == [[], []]


async def test_one_person_is_not_sent_more_than_the_pair_rate_and_others_go_on(channel, cloud, clock):
    for number in range(10):
        await channel.deliver(to_ana(f"{number}"), f"once-{number}")

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(to_ana("11"), "once-11")
    await channel.deliver(to_ana(to="whatsapp:5215500000001"), "once-12")
    clock.move(timedelta(seconds=60))
    await channel.deliver(to_ana("11"), "once-11")

    assert raised.value.retry_after == timedelta(seconds=60)
    assert len(cloud.sent) == 12
    assert sum(name.startswith("pair:") for name in channel.budget.buckets) == 1


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(200, json={"messages": []}), OutcomeUnknown),
        (httpx.Response(429), Unavailable),
        (httpx.Response(503), Unavailable),
        (graph_error(400, 130429, "Rate limit hit"), Unavailable),
        (graph_error(400, 131056, "Pair rate limit hit"), Unavailable),
        (graph_error(400, 80007, "Too many calls"), Unavailable),
        (graph_error(500, 131000, "Something went wrong"), OutcomeUnknown),
        (graph_error(503, 131016, "Service unavailable"), Unavailable),
        (graph_error(400, 131047, "Re-engagement message"), Refused),
        (graph_error(400, 131026, "Message undeliverable"), Refused),
        (graph_error(401, 190, "Access token has expired"), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, cloud, failing, error):
    cloud.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana(), "once-9")

    assert cloud.sent == []


async def test_a_refusal_says_what_the_network_said(channel, cloud):
    cloud.fails = [graph_error(400, 131047, "x", error_data={"details": "More than 24 hours have passed"})]

    with pytest.raises(Refused, match="131047: More than 24 hours have passed"):
        await channel.deliver(to_ana(), "once-9")


@pytest.mark.parametrize(("headers", "wait"), [({"retry-after": "30"}, timedelta(seconds=30)), ({}, None)])
async def test_a_number_that_sends_too_often_is_told_when_to_come_back(channel, cloud, headers, wait):
    cloud.fails = [httpx.Response(429, headers=headers)]

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(to_ana(), "once-9")

    assert raised.value.retry_after == wait


async def test_nothing_public_goes_out(channel):
    with pytest.raises(Refused):
        await channel.deliver(to_ana(reach=Reach.PUBLIC), "once-9")


async def test_the_token_is_in_no_address_and_its_proof_is_the_hmac_of_it(channel, cloud):
    await channel.probe()

    assert not [request for request in cloud.heard if "token" in str(request.url)]
    # printf %s token | openssl dgst -sha256 -hmac app-secret
    assert {request.url.params["appsecret_proof"] for request in cloud.heard} == {PROOF}


PROOF = "4b062935fec529e51d39e89ee371a452c231b1e0c5549ac72d83fc4f3a0b0471"


async def test_an_account_that_is_not_let_in_says_so_in_both_languages(channel, cloud):
    cloud.fails = [graph_error(401, 190, "Session has expired")]

    probe = await channel.probe()

    assert not probe.works
    assert "Session has expired" in probe.health.es
    assert "connect it again" in probe.health.en


@pytest.mark.parametrize(("changes", "cure"), [({"number": "+52 55"}, "phone number's id"), ({"version": "23"}, "v25.0")])
def test_a_wrong_setting_is_refused_with_its_cure(cloud, clock, changes, cure):
    with pytest.raises(BadInput, match=cure):
        opened(cloud, clock, **changes)


@pytest.mark.parametrize(("said", "ends"), [(1797415200, datetime(2026, 12, 16, 10, tzinfo=UTC)), (0, None), (1e99, None)])
async def test_a_token_that_ends_says_when(channel, cloud, said, ends):
    cloud.expires = said

    assert (await channel.probe()).expires == ends
    assert cloud.heard[-1].url.path == "/v23.0/"
