"""Facts of the knowledge, numbers 114 to 116: what became of articles. Articles themselves are pieces of the centre."""

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class HelpOpened(Fact, frozen=True):
    """Somebody whom we can recognise again opened an article. Who reads without a name leaves no trace."""

    number = 114
    article: str
    handle: Id
    place: str = ""


class HelpJudged(Fact, frozen=True):
    """A reader said whether an article helped; nobody asked who it was."""

    number = 115
    article: str
    helped: bool
    place: str = ""


class ArticleUsed(Fact, frozen=True):
    """An agent put an article into a reply. `how`: `link` or `text`."""

    number = 116
    article: str
    conversation: Id
    agent: str
    how: str = ""
