"""Mails as messages: who wrote it, in which thread, what they say, and what is too much."""

from datetime import UTC, datetime

import msgspec
import pytest

from contracts.channel import NOW
from rapport.channels.email.body import without_quotation
from rapport.channels.email.headers import address, decoded
from rapport.channels.email.parse import BOUNCER, Letter, Opened, read_mail
from rapport.errors import BadInput
from rapport.model.message import Reach

OWN = "care@acme.test"


def opened(raw, own=OWN):
    return msgspec.msgpack.decode(read_mail(msgspec.msgpack.encode(Letter(raw, NOW, own))), type=Opened)


def heard(text="hola", **headers):
    given = {"From": "Ana <ana@example.org>", "Message-ID": "<m1@example.org>", "Date": "Mon, 16 Nov 2026 09:59:00 +0000"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    return opened((head + "\r\n" + text).encode()).message


def test_a_mail_says_who_wrote_what_and_when():
    message = heard("Buenos días", Subject="Pedido")

    assert (message.handle, message.name, message.key) == ("email:ana@example.org", "Ana", "<m1@example.org>")
    assert (message.text, message.subject, message.reach) == ("Buenos días", "Pedido", Reach.PRIVATE)
    assert (message.at, message.thread) == (datetime(2026, 11, 16, 9, 59, tzinfo=UTC), "<m1@example.org>")


def test_an_answer_belongs_to_the_thread_of_its_first_reference():
    message = heard(References="<root@example.org>\r\n <r2@example.org>", In_Reply_To="<r2@example.org>")

    assert (message.thread, message.in_reply_to) == ("<root@example.org>", "<r2@example.org>")


def test_an_answer_without_references_belongs_to_what_it_answers():
    assert heard(In_Reply_To="<root@example.org>").thread == "<root@example.org>"


def test_a_mail_without_a_name_of_its_own_gets_one_from_its_bytes():
    first, again, other = heard(Message_ID=None), heard(Message_ID=None), heard("otra cosa", Message_ID=None)

    assert first.key == again.key != other.key


@pytest.mark.parametrize(
    "date", ["Mon, 16 Nov 2099 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "ayer", "", "Mon, 99 Foo"]
)
def test_a_date_that_cannot_be_is_replaced_by_the_arrival(date):
    assert heard(Date=date).at == NOW


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ana@example.org", ("ana@example.org", "")),
        ("Ana <Ana@Example.ORG>", ("ana@example.org", "Ana")),
        ('"Pérez, Ana" <ana@example.org>', ("ana@example.org", "Pérez, Ana")),
        ('"care@acme.test" <evil@example.org>', ("evil@example.org", "care@acme.test")),
        ("=?utf-8?q?Mar=C3=ADa?= <maria@example.org>", ("maria@example.org", "María")),
        ("=?utf-8?q?=3Cceo=40acme=2Etest=3E?= <x@example.org>", ("x@example.org", "<ceo@acme.test>")),
        ("Pete(A nice chap) <pete(his account)@silly.test(his host)>", ("pete@silly.test", "")),
        ("nobody", ("", "")),
        ("(" * 5000, ("", "")),
    ],
)
def test_an_address_is_found_as_people_write_it(value, found):
    assert address(value) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström"),
        ("=?utf-8?b?wqFIb2xhIQ==?=", "¡Hola!"),
        ("=?utf-8?b?wqFIb2xhIQ?=", "¡Hola!"),
        ("=?utf-8?q?ma=C3?= =?utf-8?q?=B1ana?=", "mañana"),
        ("=?iso-2022-jp?b?GyRCJF4kXyRgGyhC?=", "まみむ"),
        ("=?nonsense?q?hola?=", "hola"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("ma\udcc3\udcb1ana", "mañana"),
        ("ma\udcf1ana", "mañana"),
        ("uno\r\n dos\0tres", "uno dostres"),
        ("=?base64?q?hola?=", "hola"),
    ],
)
def test_a_header_reads_as_its_writer_meant(value, text):
    assert decoded(value) == text


def test_a_form_that_writes_in_our_name_speaks_for_the_person_in_reply_to():
    message = heard(From="Web form <forms@acme.test>", Reply_To="Ana <ana@example.org>")

    assert (message.handle, message.name) == ("email:ana@example.org", "Ana")


def test_a_reply_address_elsewhere_does_not_change_who_wrote_it():
    assert heard(Reply_To="other@example.net").handle == "email:ana@example.org"


def test_our_own_copy_says_nothing():
    raw = b"From: care@acme.test\r\nMessage-ID: <rapport.0123@acme.test>\r\n\r\nhola"

    assert opened(raw).message is None


def test_nobody_can_hide_a_message_behind_the_name_of_ours():
    assert heard(Message_ID="<rapport.0123@acme.test>") is not None


def test_a_mail_that_nobody_wrote_cannot_be_read():
    with pytest.raises(BadInput, match="does not say who wrote it"):
        heard(From=None)


def test_a_bounce_that_names_nobody_comes_from_a_machine():
    message = heard(From=None, Return_Path="<>")

    assert (message.handle, message.automatic) == (f"email:{BOUNCER}", True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"X_Failed_Recipients": "ana@example.org"},
        {"List_Id": "<news.example.org>"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
    ids=str,
)
def test_what_a_machine_wrote_is_marked(headers):
    assert heard(**headers).automatic


@pytest.mark.parametrize(
    "headers",
    [{}, {"Auto_Submitted": "no"}, {"Auto_Submitted": "no", "X_Auto_Response_Suppress": "OOF, AutoReply"}],
    ids=["nothing is said", "a person", "a person at another help desk"],
)
def test_what_a_person_wrote_is_not_marked(headers):
    assert not heard(**headers).automatic


def test_html_alone_is_read_as_text_and_kept_beside_it():
    message = heard("<p>Hola</p><p>adi&oacute;s</p>", Content_Type="text/html")

    assert (message.text, message.html) == ("Hola\n\nadiós", "<p>Hola</p><p>adiós</p>")


def test_html_comes_without_anything_that_runs_loads_or_leads_astray():
    source = (
        '<style>b{background:url(https://t.example/a)}</style><p onclick="x()">Hola <b>Ana</b></p><script>alert(1)</script>'
        '<img src="https://t.example/p.gif"><iframe src="//t.example"></iframe>'
        '<a href="https://acme.test/1">ver</a><a href="javascript:x()">no</a>'
    )

    message = heard(source, Content_Type="text/html")

    assert message.html == '<p>Hola <b>Ana</b></p><a href="https://acme.test/1">ver</a><a>no</a>'


def test_html_too_deep_to_be_cleaned_is_a_file_and_its_words_are_read():
    message = heard("<div>" * 5_000 + "Hola", Content_Type="text/html")

    assert (message.text, message.html, [m.name for m in message.media]) == ("Hola", "", ["text.html"])


def test_flowed_lines_are_joined():
    assert heard("una línea \r\nque sigue\r\n-- \r\nAna", Content_Type="text/plain; format=flowed").text == (
        "una línea que sigue\n-- \nAna"
    )


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Gracias\n\nEl lun, 16 nov 2026, Acme escribió:\n\n> hola\n> adiós\n", "Gracias"),
        ("Thanks\n\nOn Mon, 16 Nov 2026 at 10:00, Acme\n<care@acme.test> wrote:\n> hello\n", "Thanks"),
        ("uno\n> cita\ndos", "uno\n> cita\ndos"),
        ("> sólo una cita", "> sólo una cita"),
        ("El lun, Acme escribió:\n> hola", "El lun, Acme escribió:\n> hola"),
        ("sin atribución\n> hola", "sin atribución\n> hola"),
        ("Ella escribió: nada", "Ella escribió: nada"),
        ("", ""),
    ],
)
def test_only_what_is_surely_a_quotation_is_cut(text, own):
    assert without_quotation(text) == own


def test_files_come_with_their_bytes_and_harmless_names():
    body = (
        '--x\r\nContent-Type: text/plain\r\n\r\nhola\r\n--x\r\nContent-Type: image/png; name="../../etc/a b.png"\r\n'
        "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--x--"
    )
    raw = f'From: ana@example.org\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n{body}'.encode()

    found = opened(raw)

    [media] = found.message.media
    assert (media.name, media.type, media.size) == ("a b.png", "image/png", 4)
    assert found.files == {media.blob: b"\x89PNG"}


def test_a_picture_inside_the_text_says_where_it_belongs():
    body = "--x\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nabc\r\n--x--"
    raw = f'From: ana@example.org\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n{body}'.encode()

    assert opened(raw).message.media[0].url == "cid:logo@x"


def test_a_mail_inside_the_mail_is_a_file_and_not_what_this_person_says():
    body = "--x\r\n\r\nmire esto\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: other@example.org\r\n\r\nsecreto\r\n--x--"
    raw = f'From: ana@example.org\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n{body}'.encode()

    found = opened(raw)

    assert found.message.text == "mire esto"
    assert [m.name for m in found.message.media] == ["message.eml"]


def test_a_book_goes_on_in_a_file():
    message = heard("palabra " * 60_000)

    assert len(message.text) <= 200_001
    assert [m.name for m in message.media] == ["text.txt"]


def nested(depth):
    parts = "".join(f'--{n}\r\nContent-Type: multipart/mixed; boundary="{n + 1}"\r\n\r\n' for n in range(depth))
    return f'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="0"\r\n\r\n{parts}'.encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"From: a@b.example\r\n" + b"A: b\r\n" * 1001 + b"\r\n", "1000 headers"),
        (b"From: a@b.example\r\nTo: " + b"a@b.example, " * 501 + b"\r\n\r\n", "500 addresses"),
        (
            b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n\r\n.\r\n" * 1001,
            "1000 parts",
        ),
        (nested(60), "nested 50 deep"),
        (b"From: a@b.example\r\n\r\n" + b"x" * (25 * 1024 * 1024), "25 MiB"),
    ],
    ids=["headers", "addresses", "parts", "depth", "size"],
)
def test_what_is_beyond_the_limits_cannot_be_read_and_says_why(raw, reason):
    with pytest.raises(BadInput, match=reason):
        opened(raw)


def test_headers_that_break_off_are_read_past_the_break():
    raw = b"Received: x\r\nnot a header at all\r\nFrom: ana@example.org\r\nSubject: sigue\r\n\r\nhola"

    message = opened(raw).message

    assert (message.handle, message.subject, message.text) == ("email:ana@example.org", "sigue", "hola")
