"""Facts of the desk, numbers 63 to 69: marks, mentions, merges, splits, blocked handles; each is taken back by its opposite."""

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class ConversationMarked(Fact, frozen=True):
    """Labels were put on a conversation or taken off, or its priority was set. `priority` "": as it was."""

    number = 63
    conversation: Id
    agent: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    priority: str = ""


class OfferForwarded(Fact, frozen=True):
    """An offer was sent to its agent's own address, as they were not at the desk. `account`: that sent it."""

    number = 64
    offer: Id
    conversation: Id
    agent: str
    account: str


class AgentMentioned(Fact, frozen=True):
    """A note names an agent, who is to look at it."""

    number = 65
    message: Id
    conversation: Id
    agent: str
    by: str


class MentionsRead(Fact, frozen=True):
    """An agent has seen the notes of a conversation that name them."""

    number = 66
    conversation: Id
    agent: str
    mentions: tuple[Id, ...] = ()


class ConversationsMerged(Fact, frozen=True):
    """A conversation goes on in another one. `undone`: it stands by itself again."""

    number = 67
    conversation: Id
    into: Id
    agent: str
    messages: tuple[Id, ...] = ()
    undone: bool = False


class ConversationSplit(Fact, frozen=True):
    """Messages of a conversation became one of their own; to merge it takes them back."""

    number = 68
    conversation: Id
    origin: Id
    agent: str
    messages: tuple[Id, ...] = ()


class HandleBlocked(Fact, frozen=True):
    """What this handle says is held by the guard. `undone`: it passes again."""

    number = 69
    handle: Id
    agent: str
    conversation: Id | None = None
    undone: bool = False
