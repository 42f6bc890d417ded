"""Facts of people who are called to their desk or from it, numbers 194 to 199."""

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class ApproverTold(Fact, frozen=True):
    """An approver who was not at the desk was told of a reply that waits, at their own address. `account`: that sent it."""

    number = 194
    draft: Id
    conversation: Id
    agent: str
    account: str


class RuleCrossed(Fact, frozen=True):
    """An agent took a conversation that a rule (`never`) keeps from them; the policy puts it on record."""

    number = 195
    conversation: Id
    agent: str
