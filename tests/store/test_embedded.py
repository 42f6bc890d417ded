"""The embedded PostgreSQL: it survives kills, minds its folder, and says in one line what keeps it from starting."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from rapport.errors import StoreError
from rapport.store.connecting import LOST
from rapport.store.embedded import SOCKET, Embedded, postmaster_pid, runs

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
OPEN = all(folder.stat().st_mode & 0o001 for folder in [Path(sys.prefix), *Path(sys.prefix).parents])
HOLDER = """
import sys, time
from pathlib import Path
from rapport.store.connecting import LOST
from rapport.store.embedded import Embedded
server = Embedded.start(Path(sys.argv[1]), quick=True)
print(server.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where nothing was made yet."""
    with tempfile.TemporaryDirectory(prefix="rapport-test-") as name:
        yield Path(name) / "data"
        wait_until_ended(Path(name) / "data" / "postgres")


def wait_until_ended(cluster: Path, patience: float = 30.0) -> None:
    """A server whose holder was killed ends by itself, in good order: it writes until then."""
    deadline = time.monotonic() + patience
    while (pid := postmaster_pid(cluster)) is not None and runs(pid, cluster):
        assert time.monotonic() < deadline, f"the server {pid} of {cluster} has not ended in {patience} s"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def once() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rapport-test-") as name:
        Embedded.start(Path(name) / "data", quick=True).stop()
        yield Path(name) / "data" / "postgres"


@pytest.fixture
def used(folder: Path, once: Path) -> Path:
    """A folder with a database that has run before."""
    folder.mkdir(mode=0o700)
    subprocess.run(
        ["cp", "-a", "--sparse=always", once, folder / "postgres"], check=True
    )  # a fifth of what shutil takes, eleven times
    return folder


def ask(server: Embedded, *statements: str) -> object:
    """Run statements on one connection; the value of the last."""

    async def go() -> object:
        db = await asyncpg.connect(server.url)
        try:
            return [await db.fetchval(statement) for statement in statements][-1]
        finally:
            await db.close()

    return asyncio.run(go())


def processes_of(server: Embedded) -> list[int]:
    """The server's process and all its children."""
    assert server.process is not None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [server.process.pid, *map(int, children.split())]


async def write_until_cut_off(url: str, written: list[int]) -> None:
    db = await asyncpg.connect(url)
    try:
        while True:
            await db.execute("insert into kept values ($1)", len(written))
            written.append(len(written))
    except LOST:
        return


async def kill_while_writing(server: Embedded, victims: list[int]) -> int:
    """How many rows were acknowledged before the victims were killed."""
    written: list[int] = []
    writer = asyncio.create_task(write_until_cut_off(server.url, written))
    async with asyncio.timeout(60):
        while len(written) < 20:  # noqa: ASYNC110 - it is killed in the midst of the rows that follow
            await asyncio.sleep(0.01)
    for pid in reversed(victims):  # the server last: without it the others go by themselves
        with contextlib.suppress(ProcessLookupError):  # a worker of the server may have ended by itself
            os.kill(pid, signal.SIGKILL)
    await writer
    return len(written)


def test_every_acknowledged_row_is_there_after_the_whole_server_was_killed(used):
    server = Embedded.start(used)
    ask(server, "create table kept(id int)")
    acknowledged = asyncio.run(kill_while_writing(server, processes_of(server)))
    assert server.process.wait(60) == -signal.SIGKILL

    server.restart()

    assert acknowledged > 0
    assert ask(server, "select count(*) from kept") in (acknowledged, acknowledged + 1)  # one may have been on its way
    server.stop()


def test_it_comes_back_while_clients_of_the_killed_server_still_live(used):
    server = Embedded.start(used, quick=True)
    ask(server, "create table kept(id int)")
    acknowledged = asyncio.run(kill_while_writing(server, processes_of(server)[:1]))
    server.process.wait(60)

    server.restart()

    assert ask(server, "select count(*) from kept") in (acknowledged, acknowledged + 1)
    server.stop()


def test_a_second_supervisor_is_refused_and_the_first_goes_on(used):
    server = Embedded.start(used, quick=True)

    with pytest.raises(StoreError, match=rf"in use by another rapport \(process {os.getpid()}\)"):
        Embedded.start(used, quick=True)

    assert ask(server, "select 1") == 1
    server.stop()


def test_the_folder_is_free_again_after_a_stop(used):
    Embedded.start(used, quick=True).stop()

    server = Embedded.start(used, quick=True)

    assert server.alive()
    server.stop()
    assert not server.alive()


def test_a_path_too_long_for_a_socket_gets_a_short_one(used):
    deep = used / ("deep" * 20) / ("deeper" * 20)
    deep.mkdir(parents=True, mode=0o700)
    (used / "postgres").rename(deep / "postgres")

    server = Embedded.start(deep, quick=True)

    assert ask(server, "select 1") == 1
    server.stop()


def test_a_folder_of_somebody_else_keeps_its_mode(folder):
    folder.mkdir()
    folder.chmod(0o755)

    Embedded.start(folder, quick=True).stop()

    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o700
    assert (folder / "socket").stat().st_mode & 0o777 == 0o700


def test_a_process_number_that_now_is_another_programs_does_not_keep_it_from_starting(used):
    (used / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{used}/postgres\n1\n5432\n\n\n")

    server = Embedded.start(used, quick=True)

    assert postmaster_pid(used / "postgres") == server.process.pid
    server.stop()


@pytest.mark.parametrize("place", ["postgres/postmaster.pid", f"socket/{SOCKET}.lock"])
def test_a_server_killed_in_the_act_of_writing_its_process_number_does_not_keep_it_from_starting(used, place):
    (used / "socket").mkdir(mode=0o700)
    (used / place).write_text("")

    server = Embedded.start(used, quick=True)

    assert postmaster_pid(used / "postgres") == server.process.pid
    server.stop()


def test_the_server_ends_in_good_order_when_its_supervisor_is_killed(used):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(used)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    holder.stdout.close()

    server = Embedded.start(used, quick=True)

    assert "database system was shut down" in (used / "postgres.log").read_text()
    assert "not properly shut down" not in (used / "postgres.log").read_text()
    server.stop()


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(folder):
    folder.write_text("a file")

    with pytest.raises(StoreError, match=r"cannot be used: .*; give another with --data") as refused:
        Embedded.start(folder / "data", quick=True)

    assert "\n" not in str(refused.value)


def test_without_programs_it_says_what_to_install(folder):
    with pytest.raises(StoreError, match=r"PostgreSQL 15 or newer is not installed \(found none\): install it, or set"):
        Embedded.start(folder, places=[])


def test_files_of_another_version_are_refused_and_kept(folder):
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("14\n")

    with pytest.raises(StoreError, match="PostgreSQL 14, as its files were made by it, is not installed"):
        Embedded.start(folder)

    assert (folder / "postgres" / "PG_VERSION").read_text() == "14\n"


def test_when_it_cannot_be_made_nothing_is_left_half_made(folder):
    programs = folder.parent / "bin"
    programs.mkdir()
    (programs / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n")
    (programs / "initdb").write_text("#!/bin/sh\ntouch $2/half\necho 'initdb: error: No space left on device' >&2\nexit 1\n")
    (programs / "postgres").chmod(0o755)
    (programs / "initdb").chmod(0o755)

    with pytest.raises(StoreError, match="could not be made in .*: No space left on device; free some space"):
        Embedded.start(folder, places=[programs])

    assert list(folder.glob("postgres*")) == []


class KilledOnce(Embedded):
    """Whose first server is killed before it can be used, as by want of memory."""

    was_killed = False

    def _ready(self, process):
        if self.was_killed:
            return super()._ready(process)
        self.was_killed = True
        process.kill()
        return process.wait() == 0


def test_a_server_that_is_killed_while_it_starts_is_started_again(used):
    server = KilledOnce.start(used, quick=True)

    assert ask(server, "select 1") == 1
    server.stop()


def test_a_server_that_does_not_start_says_why(used):
    (used / "postgres" / "global" / "pg_control").unlink()

    with pytest.raises(StoreError, match=r"the database does not start: .*pg_control.*; .*, see .*postgres\.log"):
        Embedded.start(used, quick=True)


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="PostgreSQL 15 of Debian is not installed")
def test_the_version_of_the_files_chooses_the_programs(folder):
    Embedded.start(folder, quick=True, places=[DEBIAN_15]).stop()

    server = Embedded.start(folder, quick=True)

    assert str(ask(server, "show server_version")).startswith("15.")
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.skipif(not OPEN, reason="the virtual environment lies in a folder that other users may not enter")
def test_root_runs_it_as_the_owner_of_the_folder(folder):
    os.chown(folder.parent, 65534, 65534)
    folder.mkdir()
    os.chown(folder, 65534, 65534)

    server = Embedded.start(folder, quick=True)

    assert Path(f"/proc/{server.process.pid}").stat().st_uid == 65534
    assert ask(server, "select 1") == 1
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not OPEN, reason="the virtual environment lies in a folder that other users may not enter")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_an_ordinary_user_can_run_it(folder):
    os.chown(folder.parent, 65534, 65534)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    holder = subprocess.Popen([*user, sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    line = holder.stdout.readline()
    holder.terminate()
    holder.wait()
    holder.stdout.close()

    assert int(line) > 0
