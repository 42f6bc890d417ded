"""Facts that follow, numbers 127 to 129: what a conversation shows, and what a model suggested."""

from datetime import datetime

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id
from rapport.model.signal import Signals


class SignalsChanged(Fact, frozen=True):
    """A conversation shows something new, or something that it showed is met or late; `content` is all of it.

    `kinds`: which stand open; `gone`: which stood open and do not any more; `due`: when the next promise is to be kept.
    """

    number = 127
    content_type = Signals
    conversation: Id
    handle: Id
    kinds: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    message: Id | None = None
    due: datetime | None = None


class TextSuggested(Fact, frozen=True):
    """A text was suggested to an agent; nobody has sent it by that.

    `what`: reply, summary or translation; `model` `rapport`: the house's own words; `prompt`: version and hash of the
    instructions; `digest`: of the text (`model.statement.digest_of`), by which a reply is known to have been suggested.
    """

    number = 128
    conversation: Id
    agent: str
    what: str
    model: str
    prompt: str = ""
    digest: str = ""
    message: Id | None = None
