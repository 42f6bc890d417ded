"""Tests in several processes that share what was read: all is collected once, then the process forks.

A process of pytest-xdist reads every file anew, which takes as long as a thousand tests, and tells of each test in six
messages. Here a process takes file after file, in the order in which they were collected, and sends its reports when a file is
done. What is made for the session, each process makes for itself when a test of its own first asks for it.
"""

import atexit
import os
import selectors
import sys
import traceback
from collections.abc import Callable, Iterator
from itertools import groupby
from multiprocessing.connection import Connection, Pipe
from operator import attrgetter
from pathlib import Path

import pytest

Reports = list[pytest.TestReport]


class Sending:
    """Keeps what a process of ours has to tell; nothing of it is printed there."""

    def __init__(self) -> None:
        self.reports: Reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)


def run(session: pytest.Session, processes: int, unit: Callable[[pytest.Item], Path] = attrgetter("path")) -> None:
    """Run all that was collected, and tell the hooks of this process what came of it. `unit`: what one process takes whole."""
    files = [list(of) for _, of in groupby(session.items, unit)]
    waiting, fill = os.pipe()  # the files that nobody has taken yet: a number of two bytes is read whole
    os.write(fill, b"".join(n.to_bytes(2) for n in range(len(files))))
    os.close(fill)
    sys.stdout.flush()
    sys.stderr.flush()
    children = dict(_fork(session, files, waiting) for _ in range(processes))
    os.close(waiting)
    missing = len(session.items)
    with selectors.DefaultSelector() as selector:
        for come in children:
            selector.register(come, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                try:
                    reports = key.fileobj.recv()
                except EOFError:
                    selector.unregister(key.fileobj)
                    continue
                missing -= _tell(session, reports)
    broken = []
    for come, child in children.items():
        come.close()
        broken += [child] if os.waitpid(child, 0)[1] else []
    if session.shouldfail or session.shouldstop:
        raise session.Failed(session.shouldfail) if session.shouldfail else session.Interrupted(session.shouldstop)
    if missing or broken:
        pytest.exit(f"{missing} tests were not run, {len(broken)} processes broke; run them with -n 0", returncode=3)


def _tell(session: pytest.Session, reports: Reports) -> int:
    """How many tests ended in these reports, which are told as if they had run here."""
    for nodeid, of in groupby(reports, lambda report: report.nodeid):
        told = list(of)
        session.ihook.pytest_runtest_logstart(nodeid=nodeid, location=told[0].location)
        for report in told:
            session.ihook.pytest_runtest_logreport(report=report)
        session.ihook.pytest_runtest_logfinish(nodeid=nodeid, location=told[0].location)
    return sum(report.when == "teardown" for report in reports)


def _fork(session: pytest.Session, files: list[list[pytest.Item]], waiting: int) -> tuple[Connection, int]:
    """Where one more process sends its reports, and its number."""
    come, go = Pipe(duplex=False)
    child = os.fork()
    if child:
        go.close()
        return come, child
    try:
        try:
            _run_files(session, files, waiting, go)
        finally:
            session._setupstate.teardown_exact(None)  # a run that ends early leaves no server and no folder behind
    except BaseException as error:  # noqa: BLE001 whatever it was is printed, and this process is of no more use
        if not isinstance(error, KeyboardInterrupt):  # the other process hears of that too, and says so
            traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
    atexit._run_exitfuncs()  # folders of ours are given free; what else ends with this process is the other's to end
    os._exit(0)


def _run_files(session: pytest.Session, files: list[list[pytest.Item]], waiting: int, go: Connection) -> None:
    plugins = session.config.pluginmanager
    plugins.unregister(name="terminalreporter")
    if capturing := plugins.getplugin("capturemanager"):  # what is printed here is kept in a file of our own
        capturing.stop_global_capturing()
        capturing.start_global_capturing()
    sending = Sending()
    plugins.register(sending)
    taken = _taken(files, waiting)
    file = next(taken, None)
    while file and not (session.shouldfail or session.shouldstop):
        after = next(taken, None)  # known before the last of a file ends: what both need is kept
        for item, following in zip(file, [*file[1:], after[0] if after else None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        go.send(sending.reports)
        sending.reports.clear()
        file = after


def _taken(files: list[list[pytest.Item]], waiting: int) -> Iterator[list[pytest.Item]]:
    while number := os.read(waiting, 2):
        yield files[int.from_bytes(number)]
