"""An expectation's keys as sentences, for the report."""

from rapport.rehearsal.checks import one_or_more
from rapport.rehearsal.spans import show_span
from rapport.rehearsal.tables import ExpectTable


def sentence(expect: ExpectTable, key: str) -> str:
    """What one key of an expectation asks, as words after `expected`."""
    value = getattr(expect, key)
    by = f" by {show_span(expect.by)}" if expect.by is not None else " at the end"
    after = f" after {show_span(expect.after)}" if expect.after is not None else ""
    said = {
        "offered_to": f"offered to {' or '.join(one_or_more(expect.offered_to))}{after}",
        "not_offered_to": f"not offered to {' or '.join(one_or_more(expect.not_offered_to))}{after}",
        "because": f"offered because of {', '.join(expect.because or ())}",
        "offered_within": f"offered within {show_span(expect.offered_within) if expect.offered_within is not None else ''}",
        "shown": f"{', '.join(expect.shown or ())} shown beside it",
        "urgency_at_least": f"urgency at least {value}",
        "refused_by": f"a reply refused by {value}",
        "same_conversation_as": f"the same conversation as {value}",
        "same_person_as": f"the same person as {value}",
        "messages_sent": f"{value} messages sent",
        "served_share": _share(expect),
        "held": "held" if value else "not held",
        "sent": "a reply sent" if value else "no reply sent",
        "needs_approval": "approval asked" if value else "no approval asked",
        "bot": "a bot has it" if value else "a person has it",
    }.get(key, f"{key} {value}")
    return f"{f'{expect.message}: ' if expect.message else ''}{said}{by}"


def _share(expect: ExpectTable) -> str:
    within = f" within {show_span(expect.within)}" if expect.within is not None else ""
    return f"{expect.served_share or 0:.0%} of {expect.crowd or 'all messages'} put to an agent{within}"
