"""Review: what a reviewer said of a conversation; Reviewable: a conversation that waits for that; Sample: what was drawn."""

from datetime import datetime
from hashlib import sha256

import msgspec

from rapport.model.ids import Id, derived_id, named_id

OPEN, DONE, LEFT = "open", "done", "left"
KEPT, WITHDRAWN = "kept", "withdrawn"


class Sample(msgspec.Struct, frozen=True):
    """What a sampling plan drew of a period. `seed`: hexadecimal, from the entry `seq`; `digest`: of the candidates.

    `version`: of the plan; `asked`: of how many agents; `candidates`, `picked`: how many there were and how many were drawn.
    """

    id: Id
    plan: str
    version: str
    scorecard: str
    card_version: str
    starts: datetime
    ends: datetime
    at: datetime
    by: str
    seq: int
    seed: str
    digest: str
    candidates: int
    asked: int
    picked: int


class Reviewable(msgspec.Struct, frozen=True):
    """A conversation that is to be reviewed, for what one agent did in it. `wanted`: by how many; 0: until it is closed.

    `version`: the scorecard's, which is kept however it changes. `given`: who did. `why`: the risks it was drawn for.
    """

    id: Id
    conversation: Id
    agent: str
    at: datetime
    scorecard: str
    version: str
    kind: str
    wanted: int
    sample: Id | None = None
    why: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    state: str = OPEN
    ended_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""


class Review(msgspec.Struct, frozen=True):
    """What one reviewer said. `answers`, `notes`, `evidence` (messages, hexadecimal) by question; `score` of 100.

    `score` None: no question applied. `counts`: False once an appeal was upheld. `verdict`: of an appeal, kept or withdrawn.
    """

    id: Id
    item: Id
    conversation: Id
    agent: str
    reviewer: str
    at: datetime
    answers: dict[str, str]
    score: float | None
    fatal: bool
    passed: bool
    evidence: dict[str, tuple[str, ...]] = {}
    notes: dict[str, str] = {}
    coaching: str = ""
    counts: bool = True
    seen_at: datetime | None = None
    appeal: str = ""
    appealed_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    verdict: str = ""


def version_of(body: bytes) -> str:
    """The version of a scorecard or a plan: the beginning of the hash of its JSON."""
    return sha256(body).hexdigest()[:12]


def card_id(name: str, version: str) -> str:
    """What a scorecard's edition is called."""
    return f"scorecard/{name}@{version}"


def sample_id(plan: str, starts: datetime, ends: datetime) -> bytes:
    """The id of what a plan drew of a period: one for each."""
    return named_id(starts, "sample", plan, int(ends.timestamp() * 1000))


def item_id(sample: bytes, conversation: bytes, agent: str) -> bytes:
    """The id of a pick."""
    return derived_id(sample, conversation, agent)


def review_id(item: bytes, reviewer: str) -> bytes:
    """The id of a reviewer's review: one for each."""
    return derived_id(item, "review", reviewer)
