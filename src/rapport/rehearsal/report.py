"""What came of a rehearsal: what was expected, whether it was met, and what happened instead."""

from collections.abc import Sequence

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """One expectation. `expected`: as a sentence; `instead`: what happened, "" when it was met."""

    place: str
    expected: str
    instead: str = ""

    @property
    def is_met(self) -> bool:
        """Whether it happened."""
        return not self.instead

    def __str__(self) -> str:
        """The verdict as one line for people."""
        return f"{self.place}: expected {self.expected}" + (f"; {self.instead}" if self.instead else "")


class Report(msgspec.Struct, frozen=True):
    """One rehearsal's verdicts, in the order of the file's times."""

    name: str
    file: str
    verdicts: tuple[Verdict, ...]

    @property
    def is_met(self) -> bool:
        """Whether everything that was expected happened."""
        return all(verdict.is_met for verdict in self.verdicts)

    @property
    def reasons(self) -> list[str]:
        """What was not met, and what happened instead."""
        return [str(verdict) for verdict in self.verdicts if not verdict.is_met]


def report_lines(report: Report) -> list[str]:
    """One line; with what happened instead below it when it is not met."""
    if report.is_met:
        return [f"met      {report.name}"]
    return [f"NOT MET  {report.name}", *(f"         {reason}" for reason in report.reasons)]


def summary(reports: Sequence[Report]) -> dict[str, object]:
    """What `--json` prints: how many rehearsals are met and not met, each with its reasons, and all reasons in one list."""
    return {
        "met": sum(report.is_met for report in reports),
        "not_met": sum(not report.is_met for report in reports),
        "reasons": [f"{report.name}: {reason}" for report in reports for reason in report.reasons],
        "rehearsals": [
            {
                "name": report.name,
                "file": report.file,
                "is_met": report.is_met,
                "met": sum(verdict.is_met for verdict in report.verdicts),
                "not_met": sum(not verdict.is_met for verdict in report.verdicts),
                "reasons": report.reasons,
            }
            for report in reports
        ],
    }
