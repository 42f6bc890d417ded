"""What the house knows about a conversation: the articles that may help in it, and why."""

import asyncpg
import msgspec
from markupsafe import Markup

from rapport.knowledge.finding import Suggested, read_articles, suggested_for
from rapport.knowledge.words import words_of
from rapport.model.article import Article
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.web.desk.knowledge_shown import shown
from rapport.web.security import Who


class SuggestionShown(msgspec.Struct, frozen=True):
    """An article that may help. `intent`: what it answers of what is wanted; `words`: those that it shares."""

    id: str
    title: str
    language: str
    html: Markup
    public: bool
    intent: str = ""
    words: tuple[str, ...] = ()


class HelpShown(msgspec.Struct, frozen=True):
    """The articles beside a conversation; `may_act`: whoever looks may put them into a reply."""

    conversation: bytes
    articles: tuple[SuggestionShown, ...] = ()
    may_act: bool = False


async def read_help(db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation) -> HelpShown:
    """The panel of a conversation."""
    if conversation.state is State.RESOLVED:
        return HelpShown(conversation.id)
    found = await suggested_for(db, who.tenant, conversation, otherwise=next(iter(centre.profile.languages), "es"))
    kept = await read_articles(db, who.tenant, [one.article.id for one in found])
    articles = tuple(_shown(one, kept[one.article.id].article, conversation) for one in found if one.article.id in kept)
    return HelpShown(conversation.id, articles, who.may("desk.write"))


def _shown(one: Suggested, article: Article, conversation: Conversation) -> SuggestionShown:
    return SuggestionShown(
        article.id, article.title, article.language, shown(article.text), article.audience == "public",
        conversation.intent if one.meant else "", words_of(one.words, conversation.words),
    )  # fmt: skip
