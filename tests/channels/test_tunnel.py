"""Mail servers behind the house's proxy, with a certificate of the house's own authority."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.fake_imap import FakeImap
from rapport.channels.email.imap import Imap
from rapport.channels.email.smtp import Server, connect
from rapport.errors import Unavailable

pytestmark = pytest.mark.anyio


class Proxy:
    """A proxy that knows CONNECT, and reaches every name at this machine. `asked`: the heads of what came."""

    def __init__(self, answer="200 through"):
        self.answer, self.asked, self.url = answer, [], ""

    @contextlib.asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://bob:a%40b@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head)
        port = int(head.split()[1].rpartition(":")[2])
        if not self.answer.startswith("200"):
            writer.write(f"HTTP/1.1 {self.answer}\r\n\r\n".encode())
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"HTTP/1.1 {self.answer}\r\nVia: proxy\r\n\r\n".encode())
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, source, sink):
        with contextlib.suppress(OSError):
            while piece := await source.read(4096):
                sink.write(piece)
                await sink.drain()
        sink.close()


@pytest.fixture
async def proxy():
    async with Proxy().running() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """(what a server of ours shows, whom we trust): a certificate of mail.acme.example by its own authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("mail.acme.example")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("ca")
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, secret))
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return shown, ssl.create_default_context(cafile=str(folder / "cert.pem"))


async def test_a_mailbox_is_read_through_the_proxy_by_its_name_with_tls_to_the_server_itself(proxy, house):
    shown, trusts = house
    fake = FakeImap({1: b"From: a@b.example\r\n\r\nhola"})
    server = await asyncio.start_server(fake._serve, "127.0.0.1", 0, ssl=shown)
    port = server.sockets[0].getsockname()[1]
    async with server:
        imap = await Imap.open("mail.acme.example", port, security="tls", tls=trusts, proxy=proxy.url)
        found = await imap.examine("INBOX")
        await imap.close()

    assert found == (7, 2)
    assert proxy.asked[0].startswith(f"CONNECT mail.acme.example:{port} HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic Ym9iOmFAYg==" in proxy.asked[0]  # bob:a@b


async def test_a_mail_server_is_reached_through_the_proxy(proxy):
    async def serve(reader, writer):
        writer.write(b"220 mail.acme.example\r\n")
        while line := await reader.readline():
            writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mail.acme.example\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        smtp = await connect(Server("mail.acme.example", port, "none", proxy=proxy.url))
        said = await smtp.noop()
        smtp.close()

    assert said.code == 250
    assert proxy.asked[0].startswith(f"CONNECT mail.acme.example:{port} ")


async def test_a_proxy_that_does_not_let_us_through_is_named_with_its_answer():
    async with Proxy("403 Forbidden").running() as proxy:
        for opening in (
            Imap.open("mail.acme.example", 993, security="none", proxy=proxy.url),
            connect(Server("mail.acme.example", 465, "none", proxy=proxy.url)),
        ):
            with pytest.raises(Unavailable, match="through to mail.acme.example.*403 Forbidden"):
                await opening


async def test_a_proxy_that_is_not_there_and_one_of_another_kind_are_said():
    with pytest.raises(Unavailable, match="cannot be reached"):
        await Imap.open("mail.acme.example", 993, security="none", proxy="http://127.0.0.1:1")
    with pytest.raises(Unavailable, match="outbound_proxy must be like"):
        await connect(Server("mail.acme.example", 465, "none", proxy="socks5://127.0.0.1:1"))
