"""Mails that are large: read whole, within the memory and the time that the sandbox gives."""

import base64
import hashlib
from email import message_from_bytes
from email.message import EmailMessage

import msgspec
import pytest

from contracts.channel import NOW
from rapport.channels.cell import LESS
from rapport.channels.email.heavy import HEAVY, lightened
from rapport.channels.email.parse import LARGEST, Letter, Opened, read_mail
from rapport.channels.plain import LONGEST
from rapport.channels.sandbox import Sandbox
from rapport.errors import BadInput

HEAD = b"From: ana@example.org\r\nTo: care@acme.example\r\nSubject: x\r\nMessage-ID: <a@b>\r\nMIME-Version: 1.0\r\n"
NOISE = bytes(range(256)) * 4096  # 1 MiB


def letter(raw: bytes) -> bytes:
    return msgspec.msgpack.encode(Letter(raw, NOW, "care@acme.example"))


def read(raw: bytes) -> Opened:
    return msgspec.msgpack.decode(read_mail(letter(raw)), type=Opened)


def a_mail(files: list[bytes], text: str = "Hola", **encoding: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "ana@example.org", "care@acme.example", "<a@b>"
    mail.set_content(text)
    for n, data in enumerate(files):
        mail.add_attachment(data, "application", "pdf", filename=f"{n}.pdf", **encoding)
    return mail.as_bytes()


@pytest.mark.parametrize("encoding", [{}, {"cte": "quoted-printable"}, {"cte": "base64"}])
def test_large_files_come_out_as_they_went_in(encoding):
    files = [NOISE[n:] + bytes([n]) for n in range(3)]

    read_ = read(a_mail(files, **encoding))

    assert [(m.name, read_.files[m.blob]) for m in read_.message.media] == [(f"{n}.pdf", data) for n, data in enumerate(files)]
    assert read_.message.text == "Hola"


def test_a_large_mail_inside_a_mail_is_the_file_that_it_was():
    mixed = HEAD + b'Content-Type: multipart/mixed; boundary="out"\r\n\r\n'
    raw = mixed + b"--out\r\n\r\nvea\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n" + a_mail([NOISE])

    opened = read(raw + b"\r\n--out--\r\n")

    [media] = opened.message.media
    [kept] = message_from_bytes(opened.files[media.blob]).get_payload()[1:]
    assert kept.get_payload(decode=True) == NOISE


def test_of_a_very_long_text_people_read_the_beginning_and_have_all_of_it_as_a_file():
    whole = "más de lo mismo\r\n" * 100_000

    opened = read(HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + whole.encode())

    [media] = opened.message.media
    assert opened.files[media.blob] == whole.encode()
    assert opened.message.text.startswith("más de lo mismo")
    assert 0.8 * LONGEST < len(opened.message.text) <= LONGEST


def test_a_line_that_looks_like_a_boundary_tears_no_body_apart():
    body = b"uno\r\n-- \r\n" + b"x" * (2 * HEAVY) + b"\r\n-- \r\ndos\r\n" + b"y" * (4 * HEAVY)

    heavy = lightened(HEAD + b"\r\n" + body)

    assert len(heavy.bodies) == 2
    assert heavy.whole(heavy.light) == HEAD + b"\r\n" + body


def test_nobody_can_write_the_word_that_stands_for_a_body():
    first = a_mail([NOISE])
    [word] = lightened(first).bodies

    opened = read(a_mail([NOISE], text=word.decode()))

    assert opened.message.text == word.decode()


def test_a_mail_of_nothing_but_headers_and_parts_is_refused_before_it_is_parsed():
    with pytest.raises(BadInput, match="headers, boundaries and small parts"):
        lightened(b"A: b\r\n" * 700_000 + b"\r\n")


@pytest.mark.parametrize("what", ["one file", "lines"])
def test_a_mail_of_25_mib_is_read_within_256_mib_by_the_reader(what):
    part = b"--xx\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    file = base64.encodebytes(NOISE * 18).replace(b"\n", b"\r\n")
    raw = {
        "one file": HEAD + b'Content-Type: multipart/mixed; boundary="xx"\r\n\r\n' + part + file + b"--xx--\r\n",
        "lines": HEAD + b"\r\n" + b"-- \r\nxx\r\n" * (LARGEST // 9 - 100),
    }[what]
    sandbox = Sandbox(most=1)
    try:
        opened = msgspec.msgpack.decode(sandbox.run_now("mail", letter(raw)), type=Opened)
        [child] = sandbox.children
        with open(f"/proc/{child}/status") as told:
            [peak] = [int(line.split()[1]) for line in told if line.startswith("VmPeak")]
    finally:
        sandbox.close()

    assert len(raw) > 24 << 20
    assert opened.message.media
    assert all(hashlib.sha256(opened.files[m.blob]).hexdigest() == m.blob for m in opened.message.media)
    assert peak * 1024 <= LESS["mail"] == 256 << 20
