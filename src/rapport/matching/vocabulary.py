"""What expressions of a centre may name: the attributes of its agents, of needs and of persons, with their types."""

from collections.abc import Mapping

from rapport.matching.attributes import type_of
from rapport.matching.language.checking import Schema
from rapport.matching.refusing import why_protected
from rapport.matching.roster import INTEREST_NAMES, SKILL_NAMES
from rapport.model.attribute import AttributeType
from rapport.model.centre import Centre

Types = Mapping[str, AttributeType | None]
_TEXT, _FLAG, _SET = AttributeType.TEXT, AttributeType.FLAG, AttributeType.SET

OF_AGENT: Types = {
    **dict.fromkeys(("id", "name", "team", "role", "timezone", "sid", "friendly_name"), _TEXT),
    "bot": _FLAG,
    "languages": _SET,
    "pools": _SET,
    "skills": AttributeType.LEVELS,
    **dict.fromkeys((*SKILL_NAMES[1:], *INTEREST_NAMES, "trainee"), None),
}
"""What every agent may have; `skills` are levels however they were written."""

OF_CONVERSATION: Types = {
    **dict.fromkeys(("language", "intent", "kind", "channel", "account", "reach", "emotion", "team"), _TEXT),
    "urgency": AttributeType.LEVEL,
    "wants_person": _FLAG,
    "words": _SET,
    "signals": _SET,
    "person": None,
    "clock": None,
    "taskrouter": None,
}
"""What of a need stands fast when its plan is chosen."""

OF_NEED: Types = {**OF_CONVERSATION, "skill": _TEXT, "known": _SET}
"""What a step may look at beside: the skill that is asked for, and the ids of the agents who know the person."""

ALWAYS = frozenset(("id", "name", "team", "role", "bot", "timezone", "sid", "friendly_name", "languages", "skills"))


def schema_of(centre: Centre, *, is_when: bool = False) -> Schema:
    """What an expression of this centre may name. `is_when`: of a plan's `when`, which sees the conversation alone."""
    types: dict[str, AttributeType | None] = {}
    for agent in centre.agents.values():
        for name, value in agent.attributes.items():
            found = type_of(value)
            types[name] = found if types.get(name, found) is found else None
    own, declared = centre.profile.protected, centre.profile.attributes
    return Schema(
        agent={**types, **OF_AGENT, **declared},
        need=OF_CONVERSATION if is_when else OF_NEED,
        person=declared,
        is_closed=bool(centre.agents),
        always=ALWAYS,
        forbidden=lambda name: why_protected(name, own),
    )
