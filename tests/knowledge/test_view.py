"""What becomes of an article stands in rows that follow from the facts alone; and an article is no weight on a round."""

from datetime import UTC, datetime

from rapport.knowledge.view import FOLDS
from rapport.ledger.entry import New
from rapport.ledger.views import Rows
from rapport.model.article import ArticleUse, HelpJudgement, HelpOpening
from rapport.model.centre import Thing, read_centre
from rapport.model.fact import INBOUND
from rapport.model.fact_help import ArticleUsed, HelpJudged, HelpOpened
from stagework import an_id

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def test_each_fact_is_a_row_by_the_id_of_its_entry():
    rows, id, c = Rows(NOW), an_id("entry"), an_id("c")

    for fact in (
        HelpOpened("a.es", an_id("h"), "chat"),
        HelpJudged("a.es", True, "help"),
        ArticleUsed("a.es", c, "ana", "text"),
    ):
        FOLDS[type(fact)](New(id, NOW, id, fact), rows)

    assert rows.get(HelpOpening, id) == HelpOpening(id, "a.es", an_id("h"), NOW, "chat")
    assert rows.get(HelpJudgement, id) == HelpJudgement(id, "a.es", True, NOW, "help")
    assert rows.get(ArticleUse, id) == ArticleUse(id, "a.es", c, "ana", NOW, "text")
    assert {114, 115, 116} < set(INBOUND)


def test_the_centre_in_memory_has_no_articles():
    assert read_centre([Thing("article/a.es", b'{"id":"a.es","title":"A"}', NOW)]) == read_centre([])
