"""Spans of time as a rehearsal writes them: `-2h`, `90s`, `1d2h`."""

import re
from datetime import timedelta

UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}  # milliseconds
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[wdhms])")
_SPAN = re.compile(r"([+-]?)((?:\d+(?:\.\d+)?(?:ms|[wdhms]))+)")


def read_span(text: str) -> timedelta | None:
    """The span that a text says, of parts such as `1d2h`; None where it says none."""
    found = _SPAN.fullmatch(text.replace(" ", ""))
    if found is None:
        return timedelta(0) if text.strip() in ("0", "-0", "+0") else None
    milliseconds = sum(float(number) * UNITS[unit] for number, unit in _PART.findall(found[2]))
    if milliseconds > 100 * 365 * UNITS["d"]:
        return None
    return timedelta(milliseconds=-milliseconds if found[1] == "-" else milliseconds)


def show_span(span: timedelta) -> str:
    """The span as a rehearsal writes it; below a minute with one decimal: `-2h`, `1d2h`, `1m30s`, `0.4s`."""
    sign = "-" if span < timedelta(0) else ""
    left = round(abs(span).total_seconds(), 1)
    if left < 60:
        return f"{sign}{left:g}s" if left else "0s"
    parts = []
    for unit in ("d", "h", "m"):
        count, left = divmod(left, UNITS[unit] / 1000)
        if count:
            parts.append(f"{count:.0f}{unit}")
    if left >= 0.05:
        parts.append(f"{left:g}s" if left == int(left) else f"{left:.1f}s")
    return sign + "".join(parts)
