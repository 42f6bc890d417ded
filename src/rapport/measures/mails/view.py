"""The view of reports by mail."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import ReportMailed, ReportMailSet
from rapport.model.report_mail import ReportMail


def _set(entry: Written, rows: Rows) -> None:
    fact = cast(ReportMailSet, entry.fact)
    if fact.stopped or fact.next_at is None:
        rows.drop(ReportMail, fact.mail)
        return
    rows.put(ReportMail(fact.mail, fact.agent, fact.query, fact.every, fact.weekday, fact.hour, fact.next_at))


def _mailed(entry: Written, rows: Rows) -> None:
    fact = cast(ReportMailed, entry.fact)
    rows.change(ReportMail, fact.mail, next_at=fact.next_at, sent_at=entry.at)


FOLDS: Folds = {ReportMailSet: _set, ReportMailed: _mailed}
