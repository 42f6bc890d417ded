"""Deeds: what playbooks, rules and bots do by themselves, each as an action such as an agent takes, with its cause."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import Words
from rapport.model.fact_work import ActionCaused
from rapport.model.ids import case_number, derived_id
from rapport.model.playbook import Deed, Filled, said_in

NO_WORDS = Words()
AUTOMATED = {"en": "Automated answer", "es": "Respuesta automática"}  # what a rule says is never taken for a person's
_BLANK = re.compile(r"\{(\w+)\}")
_SPAN = re.compile(r"(\d{1,5})\s*(m|min|h|d)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


def done_by_itself(
    entry: Written,
    deeds: Iterable[Deed],
    conversation: Conversation,
    rows: Rows,
    *,
    agent: str,
    cause: str,
    values: Mapping[str, Filled] | None = None,
) -> Iterable[New]:
    """The actions that these deeds are, in order. `agent`: in whose name; `values`: what `{name}` in a text stands for."""
    for nth, deed in enumerate(deeds):
        text = text_of(deed, conversation, rows, values or {})
        if deed.do == "reply" and agent.startswith("rule:"):
            text = f"{text}\n{AUTOMATED.get(conversation.language[:2], AUTOMATED['en'])}"
        argument = _argument(deed, rows)
        yield caused(
            entry, deed.do, conversation, rows, agent=agent, cause=cause, argument=argument, words=Words(text), nth=nth
        )


def caused(
    entry: Written,
    do: str,
    conversation: Conversation,
    rows: Rows,
    *,
    agent: str,
    cause: str,
    argument: str = "",
    words: Words = NO_WORDS,
    nth: int = 0,
) -> New:
    """One action that nobody takes by hand. `nth` tells two that follow from one entry apart."""
    action = derived_id(entry.id, "caused", cause, nth)
    fact = ActionCaused(action, agent, do, conversation.id, argument=argument, cause=cause, handle=conversation.handle)
    content = words if words != NO_WORDS else None
    owner = conversation.handle if content is not None else None
    return follows(entry, fact, subject=conversation.id, at=rows.now, content=content, owner=owner, nth=nth)


def text_of(deed: Deed, conversation: Conversation, rows: Rows, values: Mapping[str, Filled]) -> str:
    """What a deed says, in the conversation's language: a saved reply's words, else its own, with the values put in."""
    language = conversation.language or next(iter(rows.centre.profile.languages), "es")
    saved = rows.centre.replies.get(deed.argument) if deed.do == "reply" else None
    known = {"name": conversation.name, "case": case_number(conversation.id)}
    return filled_in(said_in(saved.texts if saved else deed.text, language), {**known, **values})


def filled_in(text: str, values: Mapping[str, Filled]) -> str:
    """A text with `{name}` replaced by what was filled in; what is not known stays as it is written."""
    return _BLANK.sub(lambda found: _shown(values[found[1]]) if found[1] in values else found[0], text)


def _shown(value: Filled) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def span_of(text: str) -> timedelta | None:
    """A span such as `30m`, `2h` or `1d`; None where it is none."""
    found = _SPAN.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _argument(deed: Deed, rows: Rows) -> str:
    if deed.do == "reply":
        return ""
    span = span_of(deed.argument) if deed.do == "snooze" else None
    return (rows.now + span).isoformat() if span else deed.argument
