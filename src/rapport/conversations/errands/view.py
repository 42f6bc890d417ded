"""The view of calls: which are to be made, and what became of each."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.bot import Errand
from rapport.model.fact import Words
from rapport.model.fact_work import ErrandAsked, ErrandEnded


def _asked(entry: Written, rows: Rows) -> None:
    fact = cast(ErrandAsked, entry.fact)
    body = entry.content.text if isinstance(entry.content, Words) else ""
    agent = fact.cause.removeprefix("bot:") if fact.cause.startswith("bot:") else ""
    rows.put(Errand(fact.errand, fact.conversation, fact.hook, fact.about, body, entry.at, agent, open=bool(body)))


def _ended(entry: Written, rows: Rows) -> None:
    fact = cast(ErrandEnded, entry.fact)
    rows.change(Errand, fact.errand, open=False, status=fact.status, tries=fact.tries, body="")


FOLDS: Folds = {ErrandAsked: _asked, ErrandEnded: _ended}
