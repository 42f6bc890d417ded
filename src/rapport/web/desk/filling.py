"""Saved replies with what a conversation knows put in: {person.name}, {brand}, {case}, ... What is unknown stays as it is."""

import re
from collections.abc import Mapping

from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.ids import case_number
from rapport.web.security import Who

NO_NAME = re.compile(r"[+@]|(?:Visitor|Visitante) [0-9A-Z]{4}$")  # a number, a handle, or what the chat calls whoever says none
_VARIABLE = re.compile(r"\{\s*([a-z]+(?:\.[a-z_]+)?)\s*\}")


def values_of(centre: Centre, who: Who, conversation: Conversation, brand: str) -> dict[str, str]:
    """What the variables of a saved reply stand for in this conversation; "" where it is not known."""
    agent = centre.agents.get(who.agent)
    name = "" if NO_NAME.match(conversation.name) else conversation.name
    return {
        "person.name": name,
        "person.first_name": name.split()[0] if name.split() else "",
        "agent.name": (agent.name if agent else "") or who.name or who.agent,
        "brand": brand,
        "case": case_number(conversation.id),
        "subject": conversation.subject,
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables put in; one that is not known stays, so that whoever sends it sees it."""
    return _VARIABLE.sub(lambda found: values.get(found[1], "") or found[0], text)
