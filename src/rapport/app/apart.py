"""Apart: long reckoning in a child process, so that whoever asked for it goes on answering; it ends with its parent."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import asyncpg

from rapport.errors import RapportError

LOOK = 0.5  # seconds between two looks at the child
ENDED = "the reckoning was ended from outside; start it again"
Tell = Callable[[int], None]
Work = Callable[..., Any]  # Any: what the reckoning is about; called with its arguments and a Tell


async def apart(work: Work, *asked: Any, told: Callable[[int], Awaitable[None]]) -> Any:  # Any: as the work takes and gives it
    """What `work(*asked, tell)` gives, reckoned in a child at low priority. Raises RapportError where it did, or was ended.

    `work` is a module's own function, and all that goes in and comes out can be pickled. `told` is called at every look.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_reckon, args=(theirs, work, asked), daemon=True)
    child.start()
    theirs.close()
    done = 0
    try:
        while True:
            while ours.poll():
                what, said = _received(ours)
                if what == "found":
                    return said
                if what == "problem":
                    raise RapportError(str(said))
                done = said
            if not child.is_alive() and not ours.poll():
                raise RapportError(ENDED)
            await told(done)
            await asyncio.sleep(LOOK)
    finally:
        child.terminate()
        await asyncio.to_thread(child.join)
        ours.close()


def _received(ours: Connection) -> tuple[str, Any]:  # Any: as the work gives it
    try:
        what, said = ours.recv()
    except EOFError:
        raise RapportError(ENDED) from None
    return what, said


def _reckon(theirs: Connection, work: Work, asked: tuple[Any, ...]) -> None:  # Any: as above
    """In the child."""
    os.nice(10)
    try:
        theirs.send(("found", work(*asked, lambda done: theirs.send(("told", done)))))
    except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        theirs.send(("problem", str(error) or type(error).__name__))
