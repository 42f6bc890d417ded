"""Facts of who may log in, beside invitations (`fact_told`): another role, stopped, let in again."""

from rapport.model.fact_kind import Fact


class LoginChanged(Fact, frozen=True):
    """What somebody who logs in may do was changed, with what it was: their role, or whether they are let in at all."""

    number = 129
    agent: str
    by: str
    role: str
    was: str
    stopped: bool = False
    was_stopped: bool = False
