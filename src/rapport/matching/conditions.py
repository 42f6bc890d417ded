"""Conditions of rules: an expression over a conversation as a plan's `when` sees it, and over how it stands."""

from typing import Any

from rapport.errors import BadInput
from rapport.ledger.views import Rows
from rapport.matching.expression import parse
from rapport.matching.language.checking import Schema
from rapport.matching.language.tree import NEED
from rapport.matching.roster import base_language
from rapport.matching.vocabulary import OF_CONVERSATION, Types, schema_of
from rapport.matching.wants import record_of
from rapport.model.attribute import AttributeType
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.person import Person

OF_RULE: Types = {
    **OF_CONVERSATION,
    **dict.fromkeys(("state", "agent", "disposition", "priority"), AttributeType.TEXT),
    **dict.fromkeys(("messages", "reopened"), AttributeType.NUMBER),
    "labels": AttributeType.SET,
    "bot": AttributeType.FLAG,
    "unread": AttributeType.FLAG,
}
"""What a rule's condition may name."""


def holds(expression: str, conversation: Conversation, rows: Rows) -> bool:
    """Whether an expression holds of a conversation as it is now; empty text holds of all, what is none of nothing."""
    if not expression.strip():
        return True
    try:
        condition = parse(expression, NEED)
    except BadInput:
        return False  # it was checked when it was set; a later reader that knows less keeps the house going
    return condition({}, _record(conversation, rows))


def _record(conversation: Conversation, rows: Rows) -> dict[str, Any]:  # Any: attribute values
    person = rows.get(Person, conversation.person)
    language = base_language(conversation.language or (person.language if person else ""))
    return {
        **record_of(conversation, person, language, rows.centre.profile.protected),
        "state": str(conversation.state),
        "agent": conversation.agent,
        "disposition": conversation.disposition,
        "priority": conversation.priority,
        "messages": float(conversation.messages),
        "reopened": float(conversation.reopened),
        "labels": list(conversation.labels),
        "bot": conversation.bot,
        "unread": conversation.unread,
    }


def schema_of_rule(centre: Centre) -> Schema:
    """What a rule's condition may name in this centre, and of which type each is."""
    known = schema_of(centre, is_when=True)
    return Schema(known.agent, OF_RULE, known.person, known.is_closed, known.always, known.forbidden)
