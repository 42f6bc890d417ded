"""What is asked of stories, from the address of a page, and what that chooses."""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

import msgspec

from rapport.errors import BadInput
from rapport.measures.stories.told import BADLY, BROKEN, KEPT, OPEN, WELL, Contrast, Mined, Story
from rapport.understanding.words import prepare
from rapport.web.stories.library import Span

PERIODS = {"7": 7, "28": 28, "91": 91}  # days, of which the last is today
SHOWN = 20  # stories at a time
MOST_SHOWN = 500
MOST_ASKED = 200  # letters that are looked for
KINDS = ("rescued", WELL, BADLY, BROKEN, KEPT)


class Wanted(msgspec.Struct, frozen=True):
    """What is asked of the library. `kind`: one of KINDS or ""; `cluster`: -1 for all; `most`: how many are shown."""

    period: str = "28"
    words: str = ""
    kind: str = ""
    intent: str = ""
    cluster: int = -1
    most: int = SHOWN

    def query(self, **changed: str) -> str:
        """The address of the same with something else."""
        said = {"period": self.period, "q": self.words, "kind": self.kind, "intent": self.intent}
        said |= {"cluster": str(self.cluster) if self.cluster >= 0 else ""}
        return urlencode({name: word for name, word in (said | changed).items() if word})

    @property
    def narrows(self) -> bool:
        """Whether fewer than all stories are asked for."""
        return bool(self.words or self.kind or self.intent or self.cluster >= 0)


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What an address asks. Raises BadInput."""
    period, kind = query.get("period") or "28", query.get("kind", "")
    if period not in PERIODS:
        raise BadInput(f"period is one of {', '.join(PERIODS)} days, got {period[:20]!r}")
    if kind and kind not in KINDS:
        raise BadInput(f"kind is one of {', '.join(KINDS)}, got {kind[:20]!r}")
    number, most = query.get("cluster", ""), query.get("show", "")
    cluster = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else -1
    shown = int(most) if most.isascii() and most.isdecimal() and len(most) < 6 else SHOWN
    return Wanted(
        period,
        query.get("q", "")[:MOST_ASKED].strip(),
        kind,
        query.get("intent", "")[:80],
        cluster,
        min(MOST_SHOWN, max(SHOWN, shown)),
    )


def span_of(wanted: Wanted, today: date) -> Span:
    """The days that are asked for."""
    end = today.toordinal() + 1
    return Span(end - PERIODS[wanted.period], end)


def week_of(text: str, today: date) -> Span:
    """A week by its ISO name, as in 2026-W10; the last whole one where none is named. Raises BadInput."""
    try:
        year, _, week = text.partition("-W")
        first = (
            date.fromisocalendar(int(year), int(week), 1) if text else date.fromordinal(today.toordinal() - today.weekday() - 7)
        )
        span = Span(first.toordinal(), first.toordinal() + 7)
    except ValueError:
        raise BadInput(f"a week is named as in 2026-W10, got {text[:20]!r}") from None
    if not span.before > 7 or first.year < 2000:
        raise BadInput(f"a week is named as in 2026-W10, got {text[:20]!r}")
    if span.start > today.toordinal():
        raise BadInput(f"week has not begun yet: {text[:20]!r}; name one that has")
    return span


def week_name(start: int) -> str:
    """The ISO name of the week that begins on a day."""
    year, week, _ = date.fromordinal(start).isocalendar()
    return f"{year}-W{week:02}"


def chosen(mined: Mined, wanted: Wanted) -> list[Story]:
    """The stories that are asked for, the highest in rank first."""
    words = [f" {word}" for word in prepare(wanted.words).words]
    return [story for story in mined.stories if _is_wanted(story, wanted, words)]


def _is_wanted(story: Story, wanted: Wanted, words: Sequence[str]) -> bool:
    if wanted.intent and story.intent != wanted.intent:
        return False
    if wanted.cluster >= 0 and story.cluster != wanted.cluster:
        return False
    if wanted.kind == "rescued" and not story.turned:
        return False
    if wanted.kind in (WELL, BADLY) and story.outcome != wanted.kind:
        return False
    if wanted.kind in (BROKEN, KEPT) and all(promise.state != wanted.kind for promise in story.promises):
        return False
    said = f" {story.said}"
    return all(word in said for word in words)


def sides(found: Sequence[Contrast], most: int = 3) -> tuple[Contrast, ...]:
    """The phrases that set ends apart most: of the good ones, then of the bad ones."""
    well, badly = [one for one in found if one.z > 0], [one for one in found if one.z < 0]
    return (*well[:most], *badly[:most])


def counts(mined: Mined) -> dict[str, int]:
    """How many there are of each kind."""
    return {
        "rescued": sum(story.turned for story in mined.stories),
        **{outcome: mined.count(outcome) for outcome in (WELL, BADLY, OPEN)},
        **{state: len(mined.promised(state)) for state in (KEPT, BROKEN)},
    }
