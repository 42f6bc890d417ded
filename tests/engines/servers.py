"""Foreign servers on this machine: two snac2 that federate, Postfix with Dovecot. `.ci/engines.sh` installs them.

Where one is missing a test skips and prints why; with CI=true it fails, because there they must be.
"""

import http.client
import json
import os
import pwd
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from free_ports import free_port

ROOT = Path(__file__).parents[2]
SCOPE = "read write follow"
NOWHERE = "urn:ietf:wg:oauth:2.0:oob"


def missing(what: str) -> None:
    """An engine is not here: a person's machine skips, ours fails."""
    reason = f"{what} is not here; `sudo .ci/engines.sh` installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def engines_folder() -> Path:
    """Where `.ci/engines.sh` unpacks what is not installed."""
    return ROOT / os.environ.get("RAPPORT_ENGINES", ".cache/engines")


def until(ready: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
    """Wait for a server. Fails where it does not come."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not answer within {seconds:g} s")
        time.sleep(0.05)


def listens(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex((host, port)) == 0


def free_hosts(count: int) -> list[str]:
    """Loopback addresses whose port 80 is free: a mention with a port in it goes to nobody, so each server needs one."""
    found = []
    for last in range(2, 200):
        host = f"127.0.0.{last}"
        with socket.socket() as line:
            try:
                line.bind((host, 80))
            except PermissionError:
                missing("the right to listen on port 80")
            except OSError:
                continue
        found.append(host)
        if len(found) == count:
            break
    return found


@dataclass(frozen=True, slots=True)
class Fedi:
    """One fediverse server with one account on it."""

    host: str
    user: str
    password: str
    token: str

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://{self.host}"

    @property
    def handle(self) -> str:
        """The account as the network names it."""
        return f"@{self.user}@{self.host}"


@contextmanager
def snac(folder: Path, host: str, user: str) -> Iterator[Fedi]:
    """A snac2 with one user, as long as the block runs."""
    program = engines_folder() / "snac2/usr/bin/snac"
    if not program.exists():
        missing("snac2")
    if os.geteuid() != 0:
        missing("root, which snac2 needs for port 80,")
    answers = f"{host}\n80\n{host}\n\nadmin@example.org\n"
    subprocess.run([program, "init", folder], input=answers, text=True, capture_output=True, check=True)
    settings = folder / "server.json"
    settings.write_text(
        json.dumps(json.loads(settings.read_text()) | {"protocol": "http"})
    )  # before adduser: it goes into names
    added = subprocess.run([program, "adduser", folder, user], input="\n", text=True, capture_output=True, check=True)
    password = added.stdout.partition("password is ")[2].split()[0]
    with (folder.parent / f"{user}.log").open("wb") as log:
        server = subprocess.Popen([program, "httpd", folder], stdout=log, stderr=log)
    try:
        until(lambda: listens(host, 80), f"snac2 at {host}")
        yield Fedi(host, user, password, log_in(host, user, password))
    finally:
        server.terminate()
        server.wait(20)


def log_in(host: str, user: str, password: str) -> str:
    """An access token, by the form that snac shows to a browser: its answer is the code itself."""
    app = json.loads(_post(host, "/api/v1/apps", client_name="tests", redirect_uris=NOWHERE, scopes=SCOPE))
    code = _post(
        host, "/oauth/x-snac-login", login=user, passwd=password, redir=NOWHERE, cid=app["client_id"], state="", scope=SCOPE
    )
    who = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    grant = {"grant_type": "authorization_code", "redirect_uri": NOWHERE, "scope": SCOPE}
    return str(json.loads(_post(host, "/oauth/token", code=code.strip(), **grant, **who))["access_token"])


def _post(host: str, path: str, **form: str) -> str:
    line = http.client.HTTPConnection(host, 80, timeout=60)
    line.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse()
    body = answer.read().decode()
    line.close()
    assert answer.status in (200, 201), f"{path} answered {answer.status}: {body[:200]}"
    return body


@dataclass(frozen=True, slots=True)
class MailServers:
    """Postfix and Dovecot. Any name at acme.test and maria.test is a mailbox, and its password is `secret`.

    Mails for gone.test are given to a server that knows nobody: Postfix returns them.
    """

    imap_port: int
    smtp_port: int
    folder: Path
    password: str = "secret"
    host: str = "127.0.0.1"

    def said(self) -> str:
        """The end of what Postfix and Dovecot wrote down: why a mail did not come."""
        logs = [self.folder / "pfd/maillog", self.folder / "dovecot.log"]
        return "\n".join(log.read_text(errors="replace")[-4000:] for log in logs if log.exists())


class _KnowsNobody(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 gone.test ESMTP\r\n")
        answers = {b"MAIL": b"250 ok", b"RCPT": b"550 5.1.1 no such user here", b"QUIT": b"221 bye"}
        for line in self.rfile:
            self.wfile.write(answers.get(line[:4].upper(), b"250 gone.test") + b"\r\n")


@contextmanager
def refusing_everybody() -> Iterator[int]:
    """A mail server that knows nobody, and its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _KnowsNobody) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


DOVECOT = """default_process_limit = 500
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Lu
mail_location = maildir:{folder}/store/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/store/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
"""
POSTFIX = """compatibility_level = 3.6
queue_directory = {folder}/pfq
data_directory = {folder}/pfd
maillog_file = {folder}/pfd/maillog
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.test
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = acme.test, maria.test
virtual_mailbox_maps = static:ok
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = error:outside-not-allowed
transport_maps = inline:{{{{gone.test=smtp:[127.0.0.1]:{gone_port}}}}}
recipient_delimiter = +
smtpd_client_connection_rate_limit = 0
"""


@contextmanager
def mail_servers(folder: Path) -> Iterator[MailServers]:
    """Postfix that hands to Dovecot, both in private folders on high ports, as long as the block runs."""
    for program in ("postfix", "dovecot"):
        if shutil.which(program) is None and not Path("/usr/sbin", program).exists():
            missing(program)
    if os.geteuid() != 0:
        missing("root, which Postfix needs to start,")
    ports = MailServers(imap_port=free_port(), smtp_port=free_port(), folder=folder)
    environment = os.environ | {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    (folder / "pfd").mkdir(parents=True)
    with refusing_everybody() as gone_port, (folder / "servers.log").open("wb") as log:
        _write_mail_settings(folder, ports, gone_port)
        run = {"env": environment, "stdout": log, "stderr": log}
        dovecot = subprocess.Popen(["dovecot", "-F", "-c", folder / "dovecot.conf"], **run)
        try:
            subprocess.run(["postfix", "-c", folder / "pf", "start"], check=True, **run)
            until(lambda: listens("127.0.0.1", ports.imap_port), "Dovecot")
            until(lambda: listens("127.0.0.1", ports.smtp_port), "Postfix")
            yield ports
        finally:
            subprocess.run(["postfix", "-c", folder / "pf", "stop"], check=False, **run)
            dovecot.terminate()
            dovecot.wait(20)


def _write_mail_settings(folder: Path, ports: MailServers, gone_port: int) -> None:
    lmtp_port = free_port()
    for name in ("run", "store", "pf", "pfq"):
        (folder / name).mkdir()
    shutil.chown(folder / "store", "nobody", "nogroup")
    shutil.chown(folder / "pfd", pwd.getpwnam("postfix").pw_uid)
    for parent in (folder, *folder.parents):  # the mail servers run as other users and must reach their folders
        if parent.owner() == "root" and not parent.stat().st_mode & 0o001 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    (folder / "dovecot.conf").write_text(DOVECOT.format(folder=folder, imap_port=ports.imap_port, lmtp_port=lmtp_port))
    (folder / "pf/main.cf").write_text(POSTFIX.format(folder=folder, lmtp_port=lmtp_port, gone_port=gone_port))
    (folder / "pf/dynamicmaps.cf").write_text("")
    services = [f"127.0.0.1:{ports.smtp_port} inet n - n - - smtpd"]
    for line in Path("/usr/share/postfix/master.cf.dist").read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and words[0] == "smtp" and words[1] == "inet":
            continue
        if len(words) >= 5 and words[1] in ("unix", "unix-dgram") and not line.startswith(("#", " ")) and words[4] == "y":
            words[4] = "n"  # no chroot: the queue folder holds none
            line = " ".join(words)
        services.append(line)
    (folder / "pf/master.cf").write_text("\n".join(services) + "\n")
