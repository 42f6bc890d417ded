"""The guard's stage: each message that came in is admitted, or held and shown; what somebody releases is admitted after all.

Buckets and crowds are counted in memory, by tenant, from the entries' own times; what they decided is in the facts. After a
restart they begin empty: a flood that goes on is met again within its burst, a crowd after its first dozen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from rapport.guard.authenticity import Crowds
from rapport.guard.flood import DEFAULT_RATES, Flood, Rates, rates_of
from rapport.guard.sketch import Sketch, sketches
from rapport.ledger.entry import Entry, New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.centre import Centre
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, MessageAdmitted, MessageHeld, MessageReceived
from rapport.model.message import Message, Said, Standing
from rapport.model.person import Handle, Person, PersonEvents
from rapport.model.reply import Incident

CROWD_RULE = "crowd"
BLOCKED_RULE = "blocked"
NEW = timedelta(hours=1)
MOST_PRIMED = 20_000


@dataclass(slots=True)
class Watch:
    """What the guard remembers of one tenant."""

    flood: Flood = field(default_factory=Flood)
    crowds: dict[str, Crowds] = field(default_factory=dict)  # by account
    centre: Centre | None = None
    rates: dict[str, Rates] = field(default_factory=dict)  # by channel, of that centre
    crowd: dict[str, int] = field(default_factory=dict)


class Guard:
    """Counts what comes in and decides who passes."""

    def __init__(self, default: Rates = DEFAULT_RATES) -> None:
        self._default = default
        self._watches: dict[int, Watch] = {}
        self._sketches: dict[bytes, Sketch] = {}  # of the running round, by message

    def prime(self, entries: list[Entry]) -> None:
        """Sketch the messages of a round at once."""
        said = [
            (entry.fact.message, entry.content.text)
            for entry in entries[:MOST_PRIMED]
            if isinstance(entry.fact, MessageReceived) and isinstance(entry.content, Said)
        ]
        made = sketches([text for _, text in said])
        self._sketches = {message: sketch for (message, _), sketch in zip(said, made, strict=True)}

    def received(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Admit the message, or hold it by the rule that it breaks."""
        fact = cast(MessageReceived, entry.fact)
        known = rows.get(Handle, fact.handle)
        if known is not None and known.blocked:
            yield follows(
                entry,
                MessageHeld(fact.message, fact.handle, BLOCKED_RULE, None, fact.account),
                subject=fact.message,
                at=rows.now,
            )
            return
        watch = self._watch(entry, rows.centre)
        broken = watch.flood.rule_broken(fact.handle, fact.account, entry.at, self._rates(watch, fact.channel))
        incident = None if broken or is_known(rows, fact.handle, entry.at) else self._incident(watch, entry, fact)
        if not broken and incident is None:
            yield follows(entry, MessageAdmitted(fact.message, fact.handle), subject=fact.message, at=rows.now)
            return
        held = MessageHeld(fact.message, fact.handle, broken or CROWD_RULE, incident, fact.account)
        yield follows(entry, held, subject=fact.message, at=rows.now)

    def acted(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Release a held message; or let pass from now on what is like an incident's messages."""
        fact = cast(ActionTaken, entry.fact)
        if fact.do != "release":
            return
        incident = rows.get(Incident, fact.conversation)
        message = rows.get(Message, fact.conversation)
        if incident is not None:
            (sketch,) = sketches([incident.sample])
            crowds = self._watch(entry, rows.centre).crowds.setdefault(incident.account, Crowds())
            crowds.release(incident.id, sketch, entry.at)
            yield follows(entry, ActionDone(fact.action, incident.id), subject=fact.action, at=rows.now)
        elif message is not None and message.standing is Standing.HELD and message.handle is not None:
            admitted = MessageAdmitted(message.id, message.handle, released=True)
            yield follows(entry, admitted, subject=message.id, at=rows.now)
            yield follows(entry, ActionDone(fact.action, message.id), subject=fact.action, at=rows.now)
        else:
            reason = "The message is not held any more." if message else "No held message or incident has this id."
            yield follows(entry, ActionRefused(fact.action, reason), subject=fact.action, at=rows.now)

    def _watch(self, entry: Written, centre: Centre) -> Watch:
        tenant = entry.tenant if isinstance(entry, Entry) else 0
        watch = self._watches.get(tenant)
        if watch is None:
            watch = self._watches[tenant] = Watch()
        if watch.centre is not centre:
            watch.centre, watch.rates, watch.crowd = centre, {}, {}
        return watch

    def _rates(self, watch: Watch, channel: str) -> Rates:
        rates = watch.rates.get(channel)
        if rates is None:
            policies = watch.centre.policies.values() if watch.centre else ()
            rates = watch.rates[channel] = rates_of(policies, channel, self._default)
            sizes = [p.crowd for p in policies if p.crowd > 0 and (not p.channels or channel in p.channels)]
            watch.crowd[channel] = min(sizes, default=0)
        return rates

    def _incident(self, watch: Watch, entry: Written, fact: MessageReceived) -> bytes | None:
        sketch = self._sketches.get(fact.message)
        if sketch is None:
            text = entry.content.text if isinstance(entry.content, Said) else ""
            (sketch,) = sketches([text])
        crowds = watch.crowds.get(fact.account)
        if crowds is None:
            crowds = watch.crowds[fact.account] = Crowds()
        cluster = crowds.cluster_of(sketch, entry.id, fact.handle, entry.at, watch.crowd[fact.channel])
        return None if cluster is None or cluster.released else cluster.incident


def is_known(rows: Rows, handle: bytes, at: datetime) -> bool:
    """Whether a customer speaks whom the house knew before: a crowd's words in a known mouth are no brigade's.

    Known is who was declared, has attributes or journey events, or was first heard more than an hour ago.
    """
    name = rows.get(Handle, handle)
    person = rows.get(Person, name.person) if name else None
    if person is None:
        return False
    if not person.messages or person.attributes or (person.first_at is not None and at - person.first_at > NEW):
        return True
    events = rows.get(PersonEvents, person.id)
    return bool(events and events.events)


def stage(rates: Rates = DEFAULT_RATES) -> Stage:
    """The guard as the pipeline sees it. `rates` hold where no policy of the centre names others."""
    guard = Guard(rates)
    return Stage(
        name="guard",
        steps={MessageReceived: guard.received, ActionTaken: guard.acted},
        prime=guard.prime,
    )
