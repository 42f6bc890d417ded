"""Looking at a reply while it is written: its exact parts, what the checks find, and whether somebody else must see it.

The same functions decide when it is sent; here they only advise, so that the button can say what will happen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from rapport.errors import BadInput, SendError
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import ChannelKind, Media, Reach
from rapport.model.reply import Carried, Finding
from rapport.replies.approval import Asked, House, Occasion, asked, house_of
from rapport.replies.check import FindPersonal, check, refusal
from rapport.replies.record import Known, recorded
from rapport.replies.signing import signed
from rapport.replies.writing import no_language, writing_of
from rapport.web.attaching import Carrying
from rapport.web.desk.context import Checks
from rapport.web.office import Fit


@dataclass(frozen=True, slots=True)
class Case:
    """Who would answer whom, by which rules. `to`: the handle's name; `agent` None: one that the centre does not know.

    `known`: what is on record; `window`: why the network does not let us write, "" where it does.
    """

    tenant: int
    centre: Centre
    conversation: Conversation
    agent: Agent | None
    to: str
    language: str
    fit: Fit
    find_personal: FindPersonal
    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    known: Known = field(default_factory=Known)
    read_language: Callable[[str], str] = no_language
    window: str = ""
    files: tuple[Media, ...] = ()
    carry: Carrying | None = None
    ours: str = ""

    @property
    def speaks(self) -> str:
        """The language of the person; "" where nobody knows."""
        person = self.known.person
        return self.conversation.language or (person.language if person else "")


class Look(msgspec.Struct, frozen=True):
    """A text for one reach: its parts, the most that one may hold (0: not known), and what was found.

    `linked`: how many files go as a link.
    """

    parts: tuple[str, ...]
    limit: int
    findings: tuple[Finding, ...]
    linked: int = 0


def reaches_of(conversation: Conversation) -> tuple[str, ...]:
    """Whom a reply may reach: both where the network has both, and a note always."""
    if conversation.kind is ChannelKind.SOCIAL:
        return ("public", "private", "note") if conversation.reach is Reach.PUBLIC else ("private", "note")
    return (conversation.reach.value, "note")


def _fitted(case: Case, text: str, reach: Reach) -> tuple[Carried, int, str]:
    """Parts, the limit of one, and why there are none."""
    c = case.conversation
    ended = signed(text, case.centre, case.agent, c.account, c.channel, c.kind.value, case.speaks)
    try:
        fitted = case.fit(case.tenant, c.account, c.channel, ended, reach, case.to)
        if case.files and case.carry is not None:
            way = case.carry(case.tenant, c.account, c.channel, ended, reach, case.to, case.files, case.now)
            return way, fitted.limit, ""
    except (BadInput, SendError) as error:
        return Carried(()), 0, str(error)
    notes = [note.es if case.language == "es" else note.en for note in fitted.notes]
    return Carried(tuple(fitted.parts)), fitted.limit, "" if fitted.parts else " ".join(notes)


def look(case: Case, house: House, text: str, reach: Reach) -> Look:
    """What the network would be given, and what the checks find in it; of no text nothing is said."""
    if not text.strip() and not case.files:
        return Look((), 0, ())
    carried, limit, unfit = _fitted(case, text, reach)
    record = recorded(case.known, case.conversation, text, case.centre, case.now, house.look_back, case.find_personal)
    writing = writing_of(
        text, carried, reach, case.conversation, house, case.centre, record, unfit=unfit, now=case.now, speaks=case.speaks,
        language=case.read_language(text), window=case.window, files=case.files, ours=case.ours,
    )  # fmt: skip
    return Look(carried.parts, limit, check(writing, case.find_personal, house.actions), carried.linked)


def _asks(case: Case, house: House, text: str, reach: Reach, one: Look) -> Asked:
    heard = "\n".join(m.text for m in case.known.messages if m.direction == "in")[-5_000:]
    return asked(house, Occasion(case.agent, reach, case.conversation, one.findings, text, case.known.person, heard))


def checks_of(case: Case, text: str, reach: str, saved_at: datetime | None = None) -> Checks:
    """The checks under the composer, for the reach that is chosen; `asks` holds for each reach that there is."""
    house = house_of(case.centre, case.agent, case.conversation)
    looks = {name: look(case, house, text, Reach(name)) for name in reaches_of(case.conversation) if name != "note"}
    asks = frozenset(name for name, one in looks.items() if _asks(case, house, text, Reach(name), one).rules)
    kept = Checks(asks=asks, saved=bool(case.centre.replies), saved_at=saved_at)
    now = looks.get(reach)
    if now is None or not (text.strip() or case.files):
        return kept
    return msgspec.structs.replace(
        kept,
        findings=now.findings,
        refused=refusal(now.findings) is not None,
        longest=max((len(part) for part in now.parts), default=len(text)),
        limit=now.limit,
        parts=len(now.parts),
        text=text,
        linked=now.linked,
    )
