"""The supervisor: what dies comes back, what refuses ends all, and a signal ends everything in order."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from rapport.app.supervisor import Child, Gate, check_folder, open_port, supervise
from rapport.errors import SetupError
from rapport.store.embedded import Embedded

PYTHON = sys.executable
SLEEPS = "import time; time.sleep(60)"


def stops() -> str:
    """A program that ends this process's supervising: said when it runs, as the tests are read by another process."""
    return f"import os, signal; os.kill({os.getpid()}, signal.SIGTERM)"


def child(name: str, program: str, **more: object) -> Child:
    return Child(name, [PYTHON, "-c", program], **more)  # type: ignore[arg-type]


def names_of(said: list[str], word: str) -> list[str]:
    return [line.split()[0] for line in said if word in line]


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_signal_ends_the_children_last_first(said):
    code = supervise([child("worker", SLEEPS), child("web", SLEEPS), child("bell", stops() + "; " + SLEEPS)], say=said.append)

    assert code == 0
    assert names_of(said, "stopped") == ["bell", "web", "worker"]


def test_a_child_that_died_is_started_again(said, tmp_path):
    program = f"""
        import os, pathlib, signal, time
        mark = pathlib.Path({str(tmp_path / "mark")!r})
        if mark.exists():
            os.kill({os.getpid()}, signal.SIGTERM)
            time.sleep(60)
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)"""

    code = supervise([child("worker", textwrap.dedent(program))], say=said.append)

    assert code == 0
    assert names_of(said, "started") == ["worker", "worker"]
    assert any(line.startswith("worker ended (code -9): again in") for line in said)


def test_a_child_that_refuses_its_start_ends_all(said):
    code = supervise([child("worker", SLEEPS), child("web", "raise SystemExit(2)")], say=said.append)

    assert code == 2
    assert "web refused to start: stopping" in said
    assert names_of(said, "stopped") == ["worker"]


def test_a_child_that_ran_once_and_then_meets_a_database_that_recovers_is_started_again(said, tmp_path):
    program = f"""
        import os, pathlib, signal, time
        starts = pathlib.Path({str(tmp_path / "starts")!r})
        count = len(starts.read_text()) if starts.exists() else 0
        starts.write_text("x" * (count + 1))
        if count == 2:
            os.kill({os.getpid()}, signal.SIGTERM)
            time.sleep(60)
        if count == 1:
            raise SystemExit(2)
        os.kill(os.getpid(), signal.SIGKILL)"""

    code = supervise([child("worker", textwrap.dedent(program))], say=said.append)

    assert code == 0
    assert names_of(said, "started") == ["worker"] * 3


def test_the_rest_waits_for_what_must_come_first(said, tmp_path):
    made = tmp_path / "made"
    first = child("migrate", f"import time, pathlib; time.sleep(0.2); pathlib.Path({str(made)!r}).touch()", first=True)

    code = supervise(
        [first, child("web", f"import pathlib; assert pathlib.Path({str(made)!r}).exists(); {stops()}")], say=said.append
    )

    assert code == 0
    assert not any("ended" in line for line in said)


def test_what_must_come_first_is_begun_again_when_it_was_killed(said, tmp_path):
    mark = tmp_path / "mark"
    killed = f"import os, pathlib; m = pathlib.Path({str(mark)!r}); m.exists() or (m.touch(), os.kill(os.getpid(), 9))"

    code = supervise([child("migrate", killed, first=True), child("web", stops() + "; " + SLEEPS)], say=said.append)

    assert code == 0
    assert names_of(said, "started") == ["migrate", "migrate", "web"]


def test_what_must_come_first_is_begun_again_when_the_database_was_killed_under_it(said, tmp_path):
    server = Embedded.start(tmp_path / "data", quick=True)
    mark = tmp_path / "mark"
    kills = f"""
        import os, pathlib
        mark = pathlib.Path({str(mark)!r})
        if not mark.exists():
            mark.touch()
            os.kill({server.process.pid}, 9)
            raise SystemExit(2)"""

    first = child("migrate", textwrap.dedent(kills), first=True)
    code = supervise([first, child("web", stops() + "; " + SLEEPS)], database=server, say=said.append)

    assert code == 0
    assert names_of(said, "started") == ["migrate", "migrate", "web"]
    assert "database is back" in said


class Recovering:
    """A database that runs, and takes nobody in before it was asked six times."""

    def __init__(self, open_now: Path) -> None:
        self.open_now, self.asked = open_now, 0

    def alive(self) -> bool:
        return True

    def usable(self) -> bool:
        self.asked, is_open = self.asked + 1, self.open_now.exists()
        if self.asked > 5:
            self.open_now.touch()
        return is_open

    def stop(self) -> None:
        pass


@pytest.mark.parametrize("first", [True, False])
def test_what_meets_a_database_that_recovers_has_refused_nothing(said, tmp_path, first):
    database = Recovering(tmp_path / "open")
    needs_it = f"import pathlib; pathlib.Path({str(database.open_now)!r}).exists() or exit(2)"
    there = child("it", needs_it if first else f"{needs_it}; {stops()}", first=first)
    if not first:
        database.asked = 5  # a child that goes on is looked at once

    code = supervise([there, *([child("web", stops() + "; " + SLEEPS)] if first else [])], database=database, say=said.append)

    assert code == 0
    assert names_of(said, "started") == (["it", "it", "web"] if first else ["it", "it"])


def test_nothing_starts_when_what_must_come_first_fails(said):
    code = supervise([child("migrate", "raise SystemExit(2)", first=True), child("web", SLEEPS)], say=said.append)

    assert code == 2
    assert names_of(said, "started") == ["migrate"]


def test_a_child_inherits_the_listening_socket(said):
    listening = open_port("127.0.0.1", 0)
    program = f"import socket; socket.socket(fileno={listening.fileno()}).getsockname(); {stops()}"

    code = supervise([child("web", program, sockets=[listening])], say=said.append)

    listening.close()
    assert code == 0
    assert not any("ended" in line for line in said)


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    pid_file = tmp_path / "pid"
    program = f"""
        from rapport.app.supervisor import Child, supervise
        import sys
        inner = "import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
        supervise([Child("web", [sys.executable, "-c", inner])])"""
    outer = subprocess.Popen([PYTHON, "-c", textwrap.dedent(program)], stdout=subprocess.DEVNULL)
    wait_for(lambda: pid_file.exists() and pid_file.read_text() != "")

    outer.kill()
    outer.wait()

    wait_for(lambda: not Path(f"/proc/{pid_file.read_text()}").exists())


def test_a_port_in_use_is_refused_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SetupError, match=rf"port {port} on 127.0.0.1 is in use: .* --port") as refused:
            open_port("127.0.0.1", port)

    assert "\n" not in str(refused.value)


def test_an_address_that_is_not_ours_is_refused():
    with pytest.raises(SetupError, match="cannot listen on 192.0.2.1"):
        open_port("192.0.2.1", 8080)


def test_a_name_that_is_no_host_is_refused():
    with pytest.raises(SetupError, match="cannot listen on no such host"):
        open_port("no such host", 8080)


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match=r"the data folder .* cannot be written: .*; give another with --data"):
        check_folder(tmp_path / "file" / "data")


def test_a_data_folder_that_is_there_and_takes_no_file_is_refused_whoever_we_are():
    with pytest.raises(SetupError, match=r"the data folder /proc cannot be written: .*; give another with --data"):
        check_folder(Path("/proc"))


def test_a_data_folder_is_made_for_us_alone(tmp_path):
    check_folder(tmp_path / "new" / "data")

    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_signals_are_as_before_afterwards(said):
    before = signal.getsignal(signal.SIGTERM)

    supervise([child("bell", stops())], say=said.append)

    assert signal.getsignal(signal.SIGTERM) is before


def test_the_supervisor_stays_small():
    heavy = {"numpy", "scipy", "litestar", "asyncpg", "jinja2"}
    program = f"import rapport.app.supervisor, sys; print(sorted({heavy!r} & sys.modules.keys()))"

    answer = subprocess.run([PYTHON, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_waits_at_the_gate_reads_its_program_meanwhile_and_passes_when_what_is_first_has_ended(said, tmp_path):
    gate, told = Gate(), tmp_path / "told"
    told.touch()
    web = f"""
        from pathlib import Path
        tell = lambda line: Path({str(told)!r}).open("a").write(line)
        tell("read ")
        open({gate.fd}, "rb").read()
        tell("passed")
        {stops()}"""
    first = f"""
        import time
        from pathlib import Path
        while Path({str(told)!r}).read_text() != "read ":
            time.sleep(0.01)
        Path({str(told)!r}).open("a").write("first ")"""

    code = supervise(
        [child("web", textwrap.dedent(web), gate=gate), child("migrate", textwrap.dedent(first), first=True)], say=said.append
    )

    assert code == 0
    assert told.read_text() == "read first passed"


def test_who_waits_at_the_gate_is_ended_when_what_is_first_refuses(said, tmp_path):
    gate, passed = Gate(), tmp_path / "passed"
    web = f"open({gate.fd}, 'rb').read(); open({str(passed)!r}, 'w')"

    code = supervise([child("web", web, gate=gate), child("migrate", "raise SystemExit(2)", first=True)], say=said.append)

    assert code == 2
    assert names_of(said, "stopped") == ["web"]
    assert not passed.exists()


def test_who_waits_at_the_gate_never_passes_when_a_signal_ends_all_during_what_is_first(said, tmp_path):
    gate, passed = Gate(), tmp_path / "passed"
    web = f"open({gate.fd}, 'rb').read(); open({str(passed)!r}, 'w')"

    code = supervise(
        [child("web", web, gate=gate), child("migrate", stops() + "; " + SLEEPS, first=True)], say=said.append, hello=" here"
    )

    assert (code, names_of(said, "stopped")) == (0, ["migrate", "web"])
    assert "running here" not in said
    assert not passed.exists()
