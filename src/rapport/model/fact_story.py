"""Facts from outside, numbers 152 and 153: a story is kept and shared with departments, or let go. Nothing that was said."""

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class StoryKept(Fact, frozen=True):
    """The story of a conversation is kept. `purposes`: those for which departments may read it; `is_call`: of a transcript."""

    number = 152
    story: Id
    by: str
    purposes: tuple[str, ...] = ()
    is_call: bool = False


class StoryLetGo(Fact, frozen=True):
    """A story is kept and shared no more."""

    number = 153
    story: Id
    by: str
