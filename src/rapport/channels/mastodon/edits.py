"""Edits of mentions: servers tell of none, so the newest mentions are looked at again now and then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.channels.mastodon.notes import id_in, rank
from rapport.channels.mastodon.parse import edit_in
from rapport.model.news import Edit


@dataclass(slots=True)
class Edits:
    """When somebody looked last. `every`: between two looks."""

    every: timedelta
    looked_at: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Whether somebody should look again; who is told so does."""
        if self.looked_at is not None and now - self.looked_at < self.every:
            return False
        self.looked_at = now
        return True


def news_in(notes: Sequence[bytes], last: str, host: str, now: datetime) -> list[Edit]:
    """The edits in notifications up to `last`; one that was told of before has the same key, and is heard once."""
    found = (edit_in(note, host, now) for note in notes if rank(id_in(note)) <= rank(last))
    return [edit for edit in found if edit is not None]
