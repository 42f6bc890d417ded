"""Every error we raise, drawn as a tree.

RapportError
├── SetupError            the start is refused; one line, exit code 2
│   ├── SettingsError     a setting is unknown or has a wrong value
│   ├── StoreError        the database is unreachable, too old, or its folder cannot be used
│   └── CentreError       a centre file or a rehearsal cannot be read; names file, place and cure
├── BadInput              what came from outside cannot be used; the value, the place and the cure
├── NotAllowed            the role or the wall forbids it
├── NotFound              no such thing in this tenant
├── Conflict              somebody else was first; what stands now is said
├── Unwritable            the database is well, but will not take these rows; the tenant is said
├── AssistFailed          nothing was suggested; why and the cure, in both languages
├── Overloaded            too much waits; `retry_after` says when to come back
└── SendError             the network did not take the message
    ├── Refused           it never will: sending again is of no use
    ├── Unavailable       it may later: `retry_after` is how long the network asks us to wait
    └── OutcomeUnknown    it may have: ask the network (`locate`) before any retry
"""

from datetime import timedelta


class RapportError(Exception):
    """The root: everything that we raise on purpose."""


class SetupError(RapportError):
    """The start is refused, with one clear line."""


class SettingsError(SetupError):
    """A setting is unknown or has a wrong value."""


class StoreError(SetupError):
    """The database is unreachable, too old, or its folder cannot be used."""


class CentreError(SetupError):
    """A centre file or a rehearsal cannot be read."""


class BadInput(RapportError):
    """What came from outside cannot be used."""


class NotAllowed(RapportError):
    """The role or the wall forbids it."""


class NotFound(RapportError):
    """No such thing in this tenant."""


class Conflict(RapportError):
    """Somebody else was first."""


class Unwritable(RapportError):
    """The database is well, but will not take what a round of `tenant` would write."""

    def __init__(self, tenant: int, reason: str) -> None:
        super().__init__(f"tenant {tenant}: {reason}")
        self.tenant = tenant


class Overloaded(RapportError):
    """Too much waits; nothing was taken in. `retry_after` says when to come back."""

    def __init__(self, reason: str, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class SendError(RapportError):
    """The network did not take the message."""


class Refused(SendError):
    """It never will: sending it again is of no use. Says what to change."""


class Unavailable(SendError):
    """It may later. `retry_after` is how long the network asks us to wait; None: it did not say."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class OutcomeUnknown(SendError):
    """The network may have taken it. Ask it before any retry."""


class AssistFailed(RapportError):
    """Nothing was suggested. Says why and the cure, in both languages (`model.bilingual`)."""
