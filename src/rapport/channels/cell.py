"""The cell: what the child process of a sandbox is. Reads a task, does it under hard limits, answers, and waits for the next.

Tasks and answers go over its standard input and output, each as four bytes of length and MessagePack. Small things come several
in one task, which has the limits of one. It ends when its input ends, so it never outlives the process that started it.
"""

import resource
import signal
from collections.abc import Callable, Mapping
from typing import BinaryIO

import msgspec

from rapport.errors import BadInput

CPU_SECONDS = 2.0
MEMORY = 512 * 1024 * 1024
LESS = {"mail": 256 * 1024 * 1024, "feed": 256 * 1024 * 1024}  # a picture needs more: it is drawn anew, whole

Tasks = Mapping[str, Callable[[bytes], bytes]]


class Task(msgspec.Struct, frozen=True):
    """What is to be done, by name, and with which bytes: each of `payloads` has an answer of its own."""

    name: str
    payloads: tuple[bytes, ...]


class Answer(msgspec.Struct, frozen=True):
    """What came of it; `reason` "" where it went well."""

    result: bytes = b""
    reason: str = ""


def done(known: Tasks, name: str, payload: bytes) -> Answer:
    """The answer to one payload. What a parser may raise on purpose or by a slip is a reason, never the end of the cell."""
    try:
        return Answer(known[name](payload))
    except BadInput as error:
        return Answer(reason=str(error))
    except RecursionError:
        return Answer(reason="it is nested too deeply")
    except MemoryError:
        return Answer(reason=f"reading it needs more than {MEMORY >> 20} MiB")
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, OSError, SyntaxError) as error:
        return Answer(reason=f"it cannot be read: {type(error).__name__}: {error}"[:500])


def confine() -> None:
    """Give up memory, files and core dumps; the parent has nothing to fear from what runs here."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def serve(known: Tasks, source: BinaryIO, sink: BinaryIO) -> None:
    """Do tasks until the input ends. The timer counts processor time, and its signal ends the process even inside C code."""
    decoder = msgspec.msgpack.Decoder(Task)
    confine()
    while len(head := source.read(4)) == 4:
        task = decoder.decode(source.read(int.from_bytes(head, "big")))
        resource.setrlimit(resource.RLIMIT_AS, (LESS.get(task.name, MEMORY), MEMORY))
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        answer = msgspec.msgpack.encode([done(known, task.name, payload) for payload in task.payloads])
        signal.setitimer(signal.ITIMER_PROF, 0)
        sink.write(len(answer).to_bytes(4, "big"))
        sink.write(answer)
        sink.flush()
