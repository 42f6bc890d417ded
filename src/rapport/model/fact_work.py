"""Facts that follow, numbers 46 to 49 and 93 to 99: playbooks, rules, tasks, calls to other systems and service targets."""

from datetime import datetime

import msgspec

from rapport.model.fact_kind import Fact, Words
from rapport.model.ids import Id
from rapport.model.playbook import Filled


class Values(msgspec.Struct, frozen=True):
    """What was filled in at a step, by field."""

    values: dict[str, Filled] = {}


class PlaybookBegun(Fact, frozen=True):
    """A conversation follows a playbook from now on, in the version that it has now."""

    number = 46
    conversation: Id
    playbook: str
    edition: int
    by: str = ""


class StepDone(Fact, frozen=True):
    """A step of a playbook was done, or taken back; what was filled in is content.

    `strayed`: a required one before it is open.
    """

    number = 47
    content_type = Values
    conversation: Id
    playbook: str
    edition: int
    step: str
    by: str
    undone: bool = False
    strayed: bool = False


class PlaybookMoved(Fact, frozen=True):
    """A conversation was moved over to a newer version of its playbook; steps that both have stay done."""

    number = 48
    conversation: Id
    playbook: str
    edition: int
    by: str


class PlaybookLeft(Fact, frozen=True):
    """A conversation follows its playbook no more. `missed`: required steps that were open, each one a deviation."""

    number = 49
    conversation: Id
    playbook: str
    edition: int
    by: str = ""
    missed: tuple[str, ...] = ()


class ActionCaused(Fact, frozen=True):
    """Something acted by itself, as an agent would: the fields of ActionTaken, and the `cause`, such as `rule:late@3`."""

    number = 93
    content_type = Words
    action: Id
    agent: str
    do: str
    conversation: Id | None = None
    offer: Id | None = None
    draft: Id | None = None
    reach: str = ""
    argument: str = ""
    handle: Id | None = None
    outgoing: Id | None = None
    message: Id | None = None
    cause: str = ""


class RuleFired(Fact, frozen=True):
    """A rule's condition held when its event happened (`on`); its actions follow."""

    number = 94
    conversation: Id
    rule: str
    edition: int
    on: str


class TaskSet(Fact, frozen=True):
    """Somebody is to do something for a conversation, or has done it; what it is, is content."""

    number = 95
    content_type = Words
    task: Id
    conversation: Id
    to: str = ""
    by: str = ""
    done: bool = False


class ErrandAsked(Fact, frozen=True):
    """Another system is to be told: a call to a hook of the centre, signed; its body is content."""

    number = 96
    content_type = Words
    errand: Id
    conversation: Id
    hook: str
    about: str = ""
    cause: str = ""


class ErrandEnded(Fact, frozen=True):
    """What became of a call: the status of its last answer, 0 where there was none."""

    number = 97
    errand: Id
    conversation: Id
    status: int
    tries: int
    ok: bool = False


class TargetSet(Fact, frozen=True):
    """A service target begins, changes, pauses or ends for a conversation: `kind` is first, next or resolution.

    `due_at` None: its clock stands; `left`: seconds of business time that remain while it does. `ended`: met, or of no use.
    """

    number = 98
    conversation: Id
    kind: str
    target: str
    due_at: datetime | None = None
    warn_at: datetime | None = None
    left: float = 0.0
    ended: bool = False


class TargetNear(Fact, frozen=True):
    """A service target is about to be missed, or was (`missed`)."""

    number = 99
    conversation: Id
    kind: str
    target: str
    due_at: datetime
    missed: bool = False
