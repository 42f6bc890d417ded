"""Which policies hold for a reply, and whether somebody else must see it before it goes."""

from collections.abc import Iterable

import msgspec

from rapport.model.agent import Agent
from rapport.model.centre import Centre, Policy
from rapport.model.conversation import Conversation
from rapport.model.message import Reach
from rapport.model.reply import Finding
from rapport.replies.check import ASK, STRICTNESS


class House(msgspec.Struct, frozen=True):
    """What the policies that hold say together."""

    approve: frozenset[str] = frozenset()
    actions: dict[str, str] = {}
    banned: tuple[str, ...] = ()


def house_of(centre: Centre, agent: Agent | None, conversation: Conversation) -> House:
    """The policies that hold for what this agent writes in this conversation. With none, nothing needs approval."""
    team = agent.team if agent else ""
    approve: set[str] = set()
    actions: dict[str, str] = {}
    banned: list[str] = []
    for policy in centre.policies.values():
        if not _holds(policy, team, conversation):
            continue
        approve |= set(policy.approve)
        banned += policy.banned
        for rule, action in policy.checks.items():
            if STRICTNESS.get(action, 0) > STRICTNESS.get(actions.get(rule, ""), 0):
                actions[rule] = action
    return House(frozenset(approve), actions, tuple(dict.fromkeys(banned)))


def _holds(policy: Policy, team: str, conversation: Conversation) -> bool:
    of_team = not policy.teams or team in policy.teams
    return of_team and (
        not policy.channels
        or bool({conversation.channel, conversation.kind.value, conversation.account} & set(policy.channels))
    )


def approval_rules(house: House, agent: Agent | None, reach: Reach, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Why somebody else must see it first: ids of checks, and `always`, `public`, `private`, `trainee`; empty: nobody must."""
    trainee = agent is not None and agent.attributes.get("trainee") is True
    asked = [f.rule for f in findings if f.action == ASK]
    by_policy = [
        name
        for name, holds in (
            ("always", True),
            ("public", reach is Reach.PUBLIC),
            ("private", reach is Reach.PRIVATE),
            ("trainee", trainee),
        )
        if holds and name in house.approve
    ]
    return tuple(dict.fromkeys((*by_policy, *asked)))
