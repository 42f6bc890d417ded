"""Which policies hold for a reply, whether somebody else must see it before it goes, and who, one tier after another."""

import hashlib
from collections.abc import Iterable

import msgspec

from rapport.model.agent import Agent
from rapport.model.centre import Centre, Policy
from rapport.model.conversation import Conversation
from rapport.model.message import Media, Reach
from rapport.model.person import Person
from rapport.model.reply import Draft, Finding, Tier
from rapport.replies.check import ASK, STRICTNESS
from rapport.replies.lists import finder
from rapport.replies.sentences import any_of, folded

SENIOR = frozenset({"supervisor", "administrator"})
APPROVERS = SENIOR | {"approver"}
INFLUENCER = 10_000.0  # followers, where no policy says another number
LOOK_BACK = 14.0  # days


class House(msgspec.Struct, frozen=True):
    """What the policies that hold say together. `hold`: seconds in which a reply can be taken back."""

    policies: tuple[Policy, ...] = ()
    actions: dict[str, str] = {}
    banned: tuple[str, ...] = ()

    @property
    def may_promise(self) -> tuple[str, ...]:
        """Phrases that are no promise too many."""
        return tuple(phrase for policy in self.policies for phrase in policy.may_promise)

    @property
    def refund_limit(self) -> float:
        """The most that may be promised back: the least of what the policies say; 0: nothing."""
        return min((policy.refund_limit for policy in self.policies if policy.refund_limit > 0), default=0.0)

    @property
    def hold(self) -> float:
        """Seconds for which a reply waits, so that it can be taken back."""
        return max((policy.hold_seconds for policy in self.policies), default=0.0)

    @property
    def look_back(self) -> float:
        """Days for which what we said is compared."""
        return max((policy.look_back_days for policy in self.policies), default=0.0) or LOOK_BACK


class Occasion(msgspec.Struct, frozen=True):
    """A draft and all that decides who must see it. `heard`: what the person wrote last."""

    agent: Agent | None
    reach: Reach
    conversation: Conversation
    findings: tuple[Finding, ...] = ()
    text: str = ""
    person: Person | None = None
    heard: str = ""


class Asked(msgspec.Struct, frozen=True):
    """Why somebody else must see it first: `rules` empty: nobody must. `tiers` empty: anyone who approves."""

    rules: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()


def house_of(centre: Centre, agent: Agent | None, conversation: Conversation) -> House:
    """The policies that hold for what this agent writes in this conversation. With none, nothing needs approval."""
    team = agent.team if agent else ""
    account = centre.accounts.get(conversation.account)
    holding = tuple(
        policy for policy in centre.policies.values() if _holds(policy, team, conversation, account.brand if account else "")
    )
    actions: dict[str, str] = {}
    for policy in holding:
        for rule, action in policy.checks.items():
            if rule not in actions or STRICTNESS.get(action, 0) > STRICTNESS.get(actions[rule], 0):
                actions[rule] = action
    banned = tuple(dict.fromkeys(word for policy in holding for word in policy.banned))
    return House(holding, actions, banned)


def _holds(policy: Policy, team: str, conversation: Conversation, brand: str) -> bool:
    of_team = not policy.teams or team in policy.teams
    of_brand = not policy.brands or brand in policy.brands
    return (
        of_team
        and of_brand
        and (
            not policy.channels
            or bool({conversation.channel, conversation.kind.value, conversation.account} & set(policy.channels))
        )
    )


def asked(house: House, occasion: Occasion) -> Asked:
    """Whether somebody else must see it first, why, and who: the tiers of each policy that asks, in their order."""
    fired = [(policy, tuple(name for name in policy.approve if _fires(name, policy, occasion))) for policy in house.policies]
    by_check = tuple(dict.fromkeys(finding.rule for finding in occasion.findings if finding.action == ASK))
    rules = tuple(dict.fromkeys((*(name for _, names in fired for name in names), *by_check)))
    if not rules:
        return Asked()
    asking = [policy for policy, names in fired if names]
    if by_check:  # a policy with tiers and no occasion of its own is there for what the checks find
        asking += [policy for policy in house.policies if policy.tiers and not policy.approve]
    return Asked(rules, tuple(tier for tiers in dict.fromkeys(policy.tiers for policy in asking) for tier in tiers))


def approval_rules(house: House, occasion: Occasion) -> tuple[str, ...]:
    """Why somebody else must see it first; empty: nobody must."""
    return asked(house, occasion).rules


def _fires(name: str, policy: Policy, occasion: Occasion) -> bool:
    """Whether an occasion that a policy names is there."""
    kind, _, value = name.partition(":")
    match kind:
        case "always":
            return True
        case "public" | "private":
            return occasion.reach.value == kind
        case "trainee":
            return occasion.agent is not None and occasion.agent.attributes.get("trainee") is True
        case "influencer":
            return _followers(occasion.person) >= (policy.followers or INFLUENCER)
        case "legal":
            return is_legal(occasion.text, policy.legal) or is_legal(occasion.heard, policy.legal)
        case "intent":
            return occasion.conversation.intent == value
        case "signal":
            return any(one.kind == value and one.state != "met" for one in occasion.conversation.signals)
        case "check":
            return any(finding.rule == value for finding in occasion.findings)
        case _:
            return False


def _followers(person: Person | None) -> float:
    """How many follow the person, as their attributes say; `influencer` alone is as many as it takes."""
    known = {attribute.name: attribute.value for attribute in person.attributes} if person else {}
    if known.get("influencer") is True:
        return float("inf")
    followers = known.get("followers", 0.0)
    return followers if isinstance(followers, float) else 0.0


def is_legal(text: str, words: Iterable[str] = ()) -> bool:
    """Whether a text has words of the law, of our list or of `words`."""
    plain = folded(text[:10_000])
    return bool(finder("legal", "legal").search(plain)) or bool(any_of(words).search(plain))


def fingerprint(text: str, files: Iterable[Media] = ()) -> str:
    """What tells a text and its files from another: an approver says by it what they read and saw."""
    seen = "".join(f"\0{file.blob}\0{file.alt}" for file in files)
    return hashlib.sha256((text + seen).encode("utf-8", "replace")).hexdigest()[:16]


def tier_of(draft: Draft) -> Tier:
    """The tier that is asked now."""
    return draft.tiers[draft.tier] if draft.tier < len(draft.tiers) else Tier()


def unasked(draft: Draft, agent: str, centre: Centre) -> str:
    """Why this agent cannot give the tier that is asked; "" where they can."""
    if draft.agent == agent:
        return "own-text: nobody approves their own text; somebody else must see it."
    if agent in draft.hands():
        return f"own-text: {agent} has seen or changed this text already; somebody else must see it now."
    tier, known = tier_of(draft), centre.agents.get(agent)
    if not (tier.roles or tier.teams or tier.agents) or agent in tier.agents:
        return ""
    roles = APPROVERS if "approver" in tier.roles else frozenset(tier.roles)
    if known is not None and (known.role in roles or (known.team and known.team in tier.teams)):
        return ""
    return f"not-asked: this tier is for {', '.join((*tier.roles, *tier.teams, *tier.agents))}."
