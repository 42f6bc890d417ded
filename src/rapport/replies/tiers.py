"""The view of approval: which tier of a draft is asked, until when, and who gave the ones before."""

from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import ApprovalAsked, Deciding, TierExpired, TierGiven
from rapport.model.ids import derived_id
from rapport.model.reply import Draft, Reminder, Seen, Tier


def given(rows: Rows, draft: bytes, by: str, at: datetime, said: Deciding) -> None:
    """Remember who gave the tier that was asked, and what they changed; nobody gave it where no approval was needed."""
    before = rows.get(Draft, draft)
    if before is None or not by:
        return
    changed = said.edited != before.edited
    seen = Seen(by, at, before.tier, changed, before.standing if changed else "")
    rows.put(replace(before, seen=(*before.seen, seen)))


def _asked(entry: Written, rows: Rows) -> None:
    fact = cast(ApprovalAsked, entry.fact)
    rows.change(Draft, fact.draft, tiers=fact.tiers, tier=0, until=fact.until, rules=fact.rules)
    _remind(rows, fact.draft, fact.until)


def _given(entry: Written, rows: Rows) -> None:
    fact = cast(TierGiven, entry.fact)
    said = entry.content if isinstance(entry.content, Deciding) else Deciding("")
    given(rows, fact.draft, fact.by, entry.at, said)
    rows.change(
        Draft, fact.draft, tier=fact.tier, until=fact.until, edited=said.edited, parts=said.parts, carried=said.carried,
        findings=said.findings,
    )  # fmt: skip
    _remind(rows, fact.draft, fact.until)


def _expired(entry: Written, rows: Rows) -> None:
    fact = cast(TierExpired, entry.fact)
    before = rows.get(Draft, fact.draft)
    if before is None:
        return
    tiers = before.tiers
    if fact.asked and fact.tier < len(tiers):
        instead = Tier(agents=(fact.asked,), minutes=tiers[fact.tier].minutes)
        tiers = (*tiers[: fact.tier], instead, *tiers[fact.tier + 1 :])
    rows.put(replace(before, tiers=tiers, tier=fact.tier, until=fact.until))
    _remind(rows, fact.draft, fact.until)


def _remind(rows: Rows, draft: bytes, until: datetime | None) -> None:
    if until is not None:
        rows.put(Reminder(derived_id(draft, "reminder", "approval"), until, "approval", draft))


FOLDS: Folds = {ApprovalAsked: _asked, TierGiven: _given, TierExpired: _expired}
