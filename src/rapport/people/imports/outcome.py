"""What became of a file so far, by lines and never by words: new, known, merged; what could not be taken, and why."""

import csv
from io import StringIO

import msgspec

from rapport.people.importing import Fault
from rapport.people.imports.deciding import Decided

MOST_FAULTS, MOST_SAMPLES = 1_000, 200
WHATS = ("new", "known", "joined", "merged", "alike")


class Sample(msgspec.Struct, frozen=True):
    """A line of which somebody may want to look at what becomes of it."""

    line: int
    what: str
    persons: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    same_as: int = 0
    shares: bool = False


class Brought(msgspec.Struct):
    """What became of the lines up to `read`. `taken`: records that go in; `fresh`: those of them that we did not have."""

    read: int = 0
    taken: int = 0
    fresh: int = 0
    refused: int = 0
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    shares: int = 0
    groups: int = 0
    faults: list[Fault] = msgspec.field(default_factory=list)
    samples: list[Sample] = msgspec.field(default_factory=list)

    def refuse(self, fault: Fault) -> None:
        """Note a line that cannot be taken."""
        self.refused += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)

    def note(self, one: Decided) -> None:
        """Note what becomes of a line."""
        self.taken += 1
        self.counts[one.what] = self.counts.get(one.what, 0) + 1
        self.shares += one.shares
        self.groups += len(one.told.groups)
        told = one.what in ("joined", "merged", "alike") or one.shares
        if told and len(self.samples) < MOST_SAMPLES:
            persons = tuple(person.hex() for person in one.persons[:4])
            self.samples.append(Sample(one.line, one.what, persons, one.why, one.same_as, one.shares))


def as_sheet(done: Brought) -> str:
    """The lines that were refused, and those that are put to somebody, as a sheet: line, result, reason, persons."""
    out = StringIO()
    write = csv.writer(out)
    write.writerow(("line", "result", "reason", "persons", "same_as_line"))
    for fault in done.faults:
        write.writerow((fault.line, "refused", fault.reason, "", ""))
    for one in done.samples:
        reason = " ".join((*one.why, *(("shares",) if one.shares else ())))
        write.writerow((one.line, one.what, reason, " ".join(one.persons), one.same_as or ""))
    return out.getvalue()
