"""Prosody in a folder and on ports of its own. `.ci/engines.sh` installs it."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from engines.servers import listens, until
from engines.servers_texting import ended, program
from free_ports import free_port

PROSODY = """run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ info = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {tls_port} }}
s2s_ports = {{ }}
http_ports = {{ {http_port} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
modules_enabled = {{
  "roster", "saslauth", "disco", "carbons", "mam", "smacks", "ping", "pep", "offline", "posix", "tls", "http",
}}
modules_disabled = {{ "s2s" }}
ssl = {{ key = "{folder}/acme.test.key"; certificate = "{folder}/acme.test.crt"; }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
archive_expires_after = "never"
default_archive_policy = true
VirtualHost "acme.test"
Component "127.0.0.1" "http_file_share"
  http_external_url = "http://127.0.0.1:{http_port}/"
  http_file_share_access = {{ "acme.test" }}
"""


@dataclass(slots=True)
class Jabber:
    """A running Prosody at acme.test, which signed its certificate itself. `tls_port` is encrypted from the first byte."""

    port: int
    tls_port: int
    settings: Path
    process: subprocess.Popen[bytes]
    password: str = "secret"
    host: str = "127.0.0.1"
    http_port: int = 0

    def register(self, name: str) -> str:
        """A new account; its address."""
        tool = program("prosodyctl", "prosody")
        command = [tool, "--config", str(self.settings), "register", name, "acme.test", self.password]
        subprocess.run(command, check=True, capture_output=True)
        return f"{name}@acme.test"

    @property
    def trust(self) -> Path:
        """The certificate that must be trusted."""
        return self.settings.parent / "acme.test.crt"

    def freeze(self) -> None:
        """Say nothing any more, without hanging up."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self.process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """End, and start again with what it kept."""
        ended(self.process)
        self.process = _prosody(self.settings, self.port)


@contextmanager
def prosody(folder: Path) -> Iterator[Jabber]:
    """A Prosody with no accounts, as long as the block runs."""
    (folder / "data").mkdir(parents=True)
    certificate("acme.test", folder)
    settings, port, tls_port, http_port = folder / "prosody.cfg.lua", free_port(), free_port(), free_port()
    settings.write_text(PROSODY.format(folder=folder, port=port, tls_port=tls_port, http_port=http_port))
    server = Jabber(port, tls_port, settings, _prosody(settings, port), http_port=http_port)
    try:
        yield server
    finally:
        server.thaw()
        ended(server.process)


def certificate(host: str, folder: Path) -> None:
    """A key and a certificate for a host, signed by itself, as `HOST.key` and `HOST.crt`."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{host}.crt").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / f"{host}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _prosody(settings: Path, port: int) -> subprocess.Popen[bytes]:
    with (settings.parent / "output.log").open("ab") as log:
        command = [program("prosody", "prosody"), "--config", str(settings)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    until(lambda: listens("127.0.0.1", port), "Prosody")
    return process
