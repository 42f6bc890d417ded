"""What a report is asked for, from the address of the page: which days, which rows, told apart by what; and addresses back."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from rapport.errors import BadInput
from rapport.measures.definitions import BY_ID, COLUMNS
from rapport.measures.folding import EPOCH
from rapport.measures.picking import DIMENSIONS, Asked
from rapport.measures.reckoning import RECKONED

PERIODS = {"1": 1, "7": 7, "28": 28, "91": 91, "364": 364}  # days, of which the last is today
SHOWN = tuple(name for name in RECKONED)
MOST_DAYS = 1_100
FIRST, LAST = date(1990, 1, 1), date(2199, 12, 31)  # days that a report may be about
MOST_BACK = 90
GROUPS = tuple(name for name in DIMENSIONS if name != "account")


class Wanted(msgspec.Struct, frozen=True):
    """What is asked. `period`: one of PERIODS, "" for days of one's own; `open_hours`: count open time only.

    `columns`: which figures each group has, one of COLUMNS.
    """

    asked: Asked
    before: Asked
    period: str = "28"
    by: str = "team"
    show: str = "service_level"
    open_hours: bool = False
    columns: str = "main"

    @property
    def first(self) -> date:
        """The first day."""
        return date.fromordinal(self.asked.start)

    @property
    def last(self) -> date:
        """The last day."""
        return date.fromordinal(self.asked.end - 1)

    def query(self, **changed: str) -> str:
        """The address of the same report with something else."""
        said = {"by": self.by, "show": self.show, "back": str(self.asked.back_days), **self.asked.having}
        said |= {"period": self.period} if self.period else {"from": self.first.isoformat(), "to": self.last.isoformat()}
        said |= {"hours": "open"} if self.open_hours else {}
        said |= {"columns": self.columns} if self.columns != "main" else {}
        return urlencode({name: word for name, word in (said | changed).items() if word != "-"})


def wanted_of(query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Wanted:
    """What an address asks. Raises BadInput where it cannot be read."""
    at = (now.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
    today = now.astimezone(zone).toordinal()
    period = query.get("period", "" if query.get("from") else "28")
    if period and period not in PERIODS:
        raise BadInput(f"period is one of {', '.join(PERIODS)} days, got {period[:20]!r}")
    start, end = (today - PERIODS[period] + 1, today + 1) if period else _days(query, today)
    having = {name: query[name][:200] for name in DIMENSIONS if name in query}
    asked = Asked(start, end, at, having, _back(query.get("back", "7")))
    before = Asked(start - (end - start), start, at, having, asked.back_days)
    by, show = query.get("by", "team"), query.get("show", "service_level")
    if by not in GROUPS:
        raise BadInput(f"by is one of {', '.join(GROUPS)}, got {by[:20]!r}")
    if show not in SHOWN:
        raise BadInput(f"show is one of {', '.join(SHOWN)}, got {show[:20]!r}")
    columns = query.get("columns", "main")
    if columns not in COLUMNS:
        raise BadInput(f"columns is one of {', '.join(COLUMNS)}, got {columns[:20]!r}")
    open_hours = query.get("hours") == "open" and any(m.asks_hours for m in BY_ID.values())
    return Wanted(asked, before, period, by, show, open_hours, columns)


def _days(query: Mapping[str, str], today: int) -> tuple[int, int]:
    try:
        start = date.fromisoformat(query.get("from", "")[:10]).toordinal()
        end = date.fromisoformat(query["to"][:10]).toordinal() + 1 if query.get("to") else today + 1
    except ValueError:
        raise BadInput("from and to are days such as 2026-03-31; choose them anew") from None
    if not FIRST.toordinal() <= start or end - 1 > LAST.toordinal():
        raise BadInput(f"a report is about days from {FIRST} to {LAST}; choose them anew")
    if not 0 < end - start <= MOST_DAYS:
        raise BadInput(f"a report is about 1 to {MOST_DAYS} days, the last not before the first; choose them anew")
    return start, end


def _back(text: str) -> int:
    if len(text) > 2 or not text.isdecimal() or not 1 <= int(text) <= MOST_BACK:
        raise BadInput(f"coming back is looked for within 1 to {MOST_BACK} days, got {text[:20]!r}")
    return int(text)
