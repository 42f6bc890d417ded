"""A story that somebody keeps: which conversation or call it is of, and which departments may read it."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id

TRANSCRIPT = "call.transcript"  # the kind of journey event that a transcript of a call is
TRANSCRIPT_SOURCE = "transcripts"  # and the source of those that were handed in as one
BY_THEM, BY_US = "them", "us"


class KeptStory(msgspec.Struct, frozen=True):
    """What is kept of a story: no word of it. `id`: of its conversation, or of the event that its transcript is."""

    id: Id
    by: str
    at: datetime
    purposes: tuple[str, ...] = ()
    is_call: bool = False
