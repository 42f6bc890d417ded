"""A sheet of people with three bad lines, brought in to its end: how long it took, what went in, and which lines did not."""

import time
from collections.abc import Iterator

from rapport.app.bringing import bring_people
from rapport.app.house import House
from rapport.people.imports.formats import FORMATS, guessed
from rapport.people.imports.outcome import Brought
from rapport.people.imports.person_line import Reading

COLUMNS = ("id", "name", "email", "phone", "company", "loyalty")
BAD = {0.1: '"an open quote,p{n}@example.org,,,', 0.5: "{n},P,nobody at all,,,", 0.9: "{n},P"}  # where in the file


def sheet(lines: int, run: str) -> Iterator[str]:
    """The text of so many lines, three of them bad."""
    bad = {int(share * lines): line for share, line in BAD.items()}
    yield ",".join(COLUMNS) + "\n"
    for n in range(1, lines + 1):
        line = bad.get(n, "{n},Person {n},new{n}.{run}@example.org,,Company {c},gold")
        yield line.format(n=n, run=run, c=n % 500) + "\n"


async def bring(house: House, lines: int, run: str) -> dict[str, float]:
    """Lines a second of a sheet that is taken in, durably; how many were taken and refused."""
    format = FORMATS["plain"]
    reading = Reading(format, guessed(format, COLUMNS), f"crm-{run}")

    async def told(done: Brought) -> None:
        pass

    began = time.perf_counter()
    done = await bring_people(house, 1, "bench", reading, sheet(lines, run), pretend=False, told=told)
    took = time.perf_counter() - began
    expected = [1 + int(share * lines) for share in BAD]
    assert [fault.line for fault in done.faults] == expected, done.faults
    return {"import_lines_per_s": round(lines / took), "import_taken": done.taken, "import_refused": done.refused}
