"""Article: what the house knows of a subject, in one language; and what became of it with those who read it."""

import re
from datetime import date, datetime
from typing import Literal

import msgspec

from rapport.model.captions import read_captions
from rapport.model.ids import Id

ID = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.([a-z]{2})")
LONGEST = 50_000  # characters of an article
_HASH = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|[\ud800-\udfff]")


class Article(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One article in one language. `id`: its slug and language, as in `reset-wifi.es`; `text`: Markdown.

    `intents`: what people want whom it answers; `words`: what else they call it. `audience`: `agents` alone, or everybody.
    `video`: the SHA-256 of a file that was uploaded, in hexadecimal; `captions`: its WebVTT by language, also the article's.
    `review_by`: the day on which somebody must have looked whether it is still true.
    """

    id: str
    title: str
    text: str = ""
    intents: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    audience: Literal["public", "agents"] = "public"
    state: Literal["draft", "published", "withdrawn"] = "draft"
    author: str = ""
    review_by: date | None = None
    video: str = ""
    captions: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Raise ValueError where it has no name, no title, or signs that no text has."""
        if not ID.fullmatch(self.id):
            raise ValueError(
                f"id is {self.id[:80]!r}; write small letters, digits and dashes, a dot, a language: reset-wifi.es"
            )
        if not self.title.strip() or len(self.title) > 200:
            raise ValueError(f"title has {len(self.title)} characters; write 1 to 200")
        if len(self.text) > LONGEST:
            raise ValueError(f"text has {len(self.text)} characters; write at most {LONGEST}, or two articles")
        if found := _CONTROL.search(self.title + self.text + "".join(self.intents + self.words)):
            raise ValueError(f"there is a control character {found[0]!r}; take it out")
        self._look_at_video()

    def _look_at_video(self) -> None:
        if self.video and not _HASH.fullmatch(self.video):
            raise ValueError(f"video is {self.video[:80]!r}; upload the file on the page of the article, which names it")
        if self.video and self.language not in self.captions:
            raise ValueError(f"the video has no captions in {self.language!r}; add them, as not everybody hears it")
        for text in self.captions.values():
            read_captions(text)

    @property
    def slug(self) -> str:
        """Its name without the language: the same in each."""
        return self.id.rpartition(".")[0]

    @property
    def language(self) -> str:
        """Its language, as in `es`."""
        return self.id.rpartition(".")[2]


class HelpOpening(msgspec.Struct, frozen=True):
    """Somebody whom we can recognise again opened an article. `place`: where, as in `chat`."""

    id: Id
    article: str
    handle: Id
    at: datetime
    place: str = ""


class HelpJudgement(msgspec.Struct, frozen=True):
    """A reader said whether an article helped."""

    id: Id
    article: str
    helped: bool
    at: datetime
    place: str = ""


class ArticleUse(msgspec.Struct, frozen=True):
    """An agent put an article into a reply. `how`: `link` or `text`."""

    id: Id
    article: str
    conversation: Id
    agent: str
    at: datetime
    how: str = ""
