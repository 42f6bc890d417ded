"""The foreign servers, started once for all engine tests, and our side of them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engines.servers import Fedi, MailServers, free_hosts, mail_servers, snac
from rapport.channels.channel import Means
from rapport.channels.sandbox import Sandbox
from rapport.clock import SystemClock

SECRETS = {"password": "secret"}


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for what the servers keep."""
    with tempfile.TemporaryDirectory(prefix="rapport-engines-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def fediverse(folder: Path) -> Iterator[tuple[Fedi, Fedi]]:
    """Two servers that federate: the brand's, and the one of Maria, its customer."""
    brand, person = free_hosts(2)
    with snac(folder / "brand", brand, "acme") as ours, snac(folder / "person", person, "maria") as theirs:
        yield ours, theirs


@pytest.fixture(scope="session")
def mail(folder: Path) -> Iterator[MailServers]:
    """Postfix and Dovecot."""
    with mail_servers(folder / "mail") as servers:
        yield servers


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A child process for hostile bytes."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def means(sandbox: Sandbox) -> Means:
    """What channels are handed; the one secret is the mail servers' password."""
    return Means(SystemClock(), SECRETS.__getitem__, httpx.AsyncClient(trust_env=False), sandbox)
