"""Edits of mentions: servers tell of none, so the newest mentions are looked at again now and then."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.channels.mastodon.notes import id_in, rank
from rapport.channels.mastodon.parse import edit_in
from rapport.model.news import Edit

MOST = 1_000  # posts of which the last edit is remembered; one that is told of twice is known by its key


@dataclass(slots=True)
class Edits:
    """What was told of by now. `every`: between two looks."""

    every: timedelta
    looked_at: datetime | None = None
    told: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def is_time(self, now: datetime) -> bool:
        """Whether somebody should look again; who is told so does."""
        if self.looked_at is not None and now - self.looked_at < self.every:
            return False
        self.looked_at = now
        return True

    def news_in(self, notes: Sequence[bytes], last: str, host: str, now: datetime) -> list[Edit]:
        """The edits in notifications up to `last` that nobody was told of."""
        found: list[Edit] = []
        for note in notes:
            edit = edit_in(note, host, now) if rank(id_in(note)) <= rank(last) else None
            if edit is not None and self.told.get(edit.of) != edit.key:
                self.told[edit.of] = edit.key
                found.append(edit)
        while len(self.told) > MOST:
            self.told.popitem(last=False)
        return found
