"""The view of the knowledge: who opened an article, whether it helped, which agent used it."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.article import ArticleUse, HelpJudgement, HelpOpening
from rapport.model.fact_help import ArticleUsed, HelpJudged, HelpOpened


def _opened(entry: Written, rows: Rows) -> None:
    fact = cast(HelpOpened, entry.fact)
    rows.put(HelpOpening(entry.id, fact.article, fact.handle, entry.at, fact.place))


def _judged(entry: Written, rows: Rows) -> None:
    fact = cast(HelpJudged, entry.fact)
    rows.put(HelpJudgement(entry.id, fact.article, fact.helped, entry.at, fact.place))


def _used(entry: Written, rows: Rows) -> None:
    fact = cast(ArticleUsed, entry.fact)
    rows.put(ArticleUse(entry.id, fact.article, fact.conversation, fact.agent, entry.at, fact.how))


FOLDS: Folds = {HelpOpened: _opened, HelpJudged: _judged, ArticleUsed: _used}
