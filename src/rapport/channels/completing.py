"""A further ability of channels: asking for what their network's calls leave out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rapport.channels.channel import Event, Page


@runtime_checkable
class Completes(Protocol):
    """A channel whose network's calls say less than there is: words or files that must be asked for."""

    async def complete(self, events: Sequence[Event]) -> Page:
        """What `parse` made of a call, with what could be asked for now; the bytes of files in the page's `files`.

        What could not be had is left as it was, a file with its reason.

        Raises:
            Unavailable: something may be had later; the same call is completed again, a few times.
        """
        ...
