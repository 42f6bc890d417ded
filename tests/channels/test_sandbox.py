"""The sandbox: what runs in it may loop, swell or die, and the next task is done all the same."""

import contextlib
import os
import signal
import sys

import anyio
import msgspec
import pytest

from contracts.channel import NOW
from rapport.channels.cell import Answer, done
from rapport.channels.email.parse import Letter, Opened
from rapport.channels.sandbox import Sandbox
from rapport.errors import BadInput, Unavailable

HOSTILE = """
import os, sys, time
from rapport.channels.cell import serve
import rapport.channels.cell as cell
def loop(raw):
    while True: pass
def swell(raw): return b"x" * (1 << 30)
def die(raw): os._exit(3)
def write(raw): os.write(os.open(raw, os.O_CREAT | os.O_WRONLY), b"x"); return b"written"
def recurse(raw): return recurse(raw)
def sleep(raw): time.sleep(float(raw)); return b"slept"
def obey(raw):
    name, _, rest = raw.partition(b" ")
    return known[name.decode()](rest)
cell.CPU_SECONDS = 0.3
known = {"loop": loop, "swell": swell, "die": die, "write": write, "recurse": recurse, "sleep": sleep, "obey": obey}
known["echo"] = lambda raw: raw
serve(known, sys.stdin.buffer, sys.stdout.buffer)
"""


@pytest.fixture
def sandbox():
    sandbox = Sandbox((sys.executable, "-c", HOSTILE))
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("loop", "seconds"),
        ("swell", "512 MiB"),
        ("die", "stopped the reader"),
        ("recurse", "too deeply"),
        ("write", "cannot be read"),
    ],
)
def test_what_goes_wrong_is_a_reason_and_the_next_task_is_done(sandbox, task, reason, tmp_path):
    with pytest.raises(BadInput, match=reason):
        sandbox.run_now(task, str(tmp_path / "file").encode())

    assert sandbox.run_now("echo", b"hola") == b"hola"


@pytest.mark.anyio
@pytest.mark.parametrize("poison", ["loop", "die"])
async def test_of_several_at_once_each_has_its_own_answer_and_one_that_kills_the_reader_spoils_no_other(sandbox, poison):
    answers = await sandbox.run_each("obey", [b"echo uno", poison.encode(), b"slip", b"echo dos"])

    assert [answer.result for answer in answers] == [b"uno", b"", b"", b"dos"]
    assert [bool(answer.reason) for answer in answers] == [False, True, True, False]


def test_a_child_that_was_killed_between_two_tasks_is_replaced(sandbox):
    sandbox.run_now("echo", b"uno")
    os.kill(*sandbox.children, signal.SIGKILL)

    assert sandbox.run_now("echo", b"dos") == b"dos"


def test_a_large_task_passes_whole(sandbox):
    large = bytes(range(256)) * 40_000

    assert sandbox.run_now("echo", large) == large


def test_a_program_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable, match="no process can be started"):
        Sandbox(("/nowhere/python",)).run_now("echo", b"")


def test_the_cell_that_ships_reads_mails():
    sandbox = Sandbox()
    letter = Letter(b"From: ana@example.org\r\n\r\nhola", NOW, "care@acme.test")

    opened = msgspec.msgpack.decode(sandbox.run_now("mail", msgspec.msgpack.encode(letter)), type=Opened)
    sandbox.close()

    assert opened.message.text == "hola"


@pytest.mark.anyio
async def test_the_loop_goes_on_while_the_child_works(sandbox):
    turns = 0

    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await anyio.sleep(0.01)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(turn)
        with pytest.raises(BadInput):
            await sandbox.run("loop", b"")
        tasks.cancel_scope.cancel()

    assert turns > 5


def test_a_slip_of_a_parser_is_a_reason():
    def slip(raw):
        return {}[raw]

    assert done({"slip": slip}, "slip", b"x") == Answer(reason="it cannot be read: KeyError: b'x'")


def test_closing_twice_is_harmless(sandbox):
    sandbox.run_now("echo", b"hola")

    sandbox.close()
    sandbox.close()

    assert sandbox.children == []


@pytest.mark.anyio
async def test_what_takes_its_time_holds_up_nobody_else(sandbox):
    ended = []

    async def run(task, raw):
        with contextlib.suppress(BadInput):
            await sandbox.run(task, raw)
        ended.append(task)

    async with anyio.create_task_group() as warm:  # so that all children are there
        for _ in range(3):
            warm.start_soon(sandbox.run, "sleep", b"0.5")
    async with anyio.create_task_group() as slow:
        slow.start_soon(run, "sleep", b"5")
        await anyio.sleep(0.1)
        async with anyio.create_task_group() as quick:
            for _ in range(20):
                quick.start_soon(run, "echo", b"hola")
        before = list(ended)
        while not ended[20:]:  # twice, as a task is tried again in a new child
            for child in sandbox.children:
                os.kill(child, signal.SIGKILL)
            await anyio.sleep(0.05)

    assert before == ["echo"] * 20
