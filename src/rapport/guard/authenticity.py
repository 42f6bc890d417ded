"""Authenticity: many handles that say nearly the same within minutes are one incident, not many customers.

Known customers are not counted (`stage`). The first messages of a crowd pass, as nobody can know yet. From the one that makes
it a crowd on, each is held under the incident.
Short sentences coincide among honest people ("I can't log in to the app"), so the shorter a text, the larger the crowd must be.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from rapport.guard.sketch import Sketch, likeness
from rapport.model.ids import derived_id

CROWD = 12  # different handles, for a text of LONG characters or more
LONG, SHORT = 48, 20  # characters; a shorter text than SHORT is never one of a crowd
ALIKE = 0.45  # likeness from which a message joins a cluster
UNLIKE, COPY = 0.25, 0.65  # a voice counts in full from COPY on, less the less it is like the first: own wording is no copy
WINDOW = 600.0  # seconds in which a crowd gathers
QUIET = 3_600.0  # seconds without a like message after which an incident is over
MOST_CLUSTERS = 8_000
INDEXED = 12  # of a sketch's numbers lead to its cluster
FEW, LOOKED_AT = 3, 4  # clusters with so many numbers in common are looked at, and so many of them at most


@dataclass(slots=True)
class Cluster:
    """Messages that say nearly the same. `handles`: who, when last, and how nearly; `incident` None: not a crowd so far."""

    sketch: Sketch
    first: bytes
    last: float
    handles: dict[bytes, tuple[float, float]] = field(default_factory=dict)
    incident: bytes | None = None
    released: bool = False


@dataclass(slots=True)
class Crowds:
    """What was said lately on one account: at most 8,000 clusters, of which the longest untouched is let go first."""

    clusters: dict[bytes, Cluster] = field(default_factory=dict)  # by first entry, the longest untouched first
    numbers: dict[int, bytes] = field(default_factory=dict)  # of sketches: the first entry of a cluster that has it

    def cluster_of(self, sketch: Sketch, entry: bytes, handle: bytes, now: datetime, crowd: int = CROWD) -> Cluster | None:
        """The cluster that the message joins or begins; None for a text too short. `incident` is set once it is a crowd."""
        if sketch.length < SHORT:
            return None
        seconds = now.timestamp()
        self._let_go(seconds)
        cluster, score = self._like(sketch)
        if cluster is None:
            cluster = self._begin(sketch, entry, seconds)
        elif entry != cluster.first:
            del self.clusters[cluster.first]
            self.clusters[cluster.first] = cluster
        cluster.last = max(cluster.last, seconds)
        if cluster.incident is None:
            cluster.handles.pop(handle, None)
            cluster.handles[handle] = (seconds, min(1.0, (score - UNLIKE) / (COPY - UNLIKE)))
            self._count(cluster, seconds, crowd or CROWD)
        return cluster

    def release(self, incident: bytes, sketch: Sketch, now: datetime) -> None:
        """From now on what is like this incident passes."""
        found = next((c for c in self.clusters.values() if c.incident == incident), None)
        cluster = found or self._like(sketch)[0] or self._begin(sketch, incident, now.timestamp())
        cluster.incident, cluster.released = incident, True

    def _like(self, sketch: Sketch) -> tuple[Cluster | None, float]:
        """The cluster that the text is most like, and how much; None, 1 where it is like none."""
        voted = [first for number in sketch.numbers[:INDEXED] if (first := self.numbers.get(number)) is not None]
        if len(voted) < FEW:
            return None, 1.0
        near = [(count, first) for first, count in Counter(voted).items() if count >= FEW]
        score, best = 0.0, b""
        for _, first in sorted(near, reverse=True)[:LOOKED_AT]:
            score, best = max((score, best), (likeness(sketch, self.clusters[first].sketch, ALIKE), first))
        return (self.clusters[best], score) if score >= ALIKE else (None, 1.0)

    def _begin(self, sketch: Sketch, entry: bytes, seconds: float) -> Cluster:
        cluster = self.clusters[entry] = Cluster(sketch, entry, seconds)
        for number in sketch.numbers[:INDEXED]:
            first = self.numbers.get(number)
            held = self.clusters.get(first) if first is not None else None
            if held is None or (held.incident is None and len(held.handles) < 2):  # what several say keeps its numbers
                self.numbers[number] = entry
        return cluster

    def _let_go(self, seconds: float) -> None:
        """Forget clusters that are over, from the longest untouched on."""
        while self.clusters:
            first = next(iter(self.clusters))
            cluster = self.clusters[first]
            keep = WINDOW if cluster.incident is None else QUIET
            if seconds - cluster.last <= keep and len(self.clusters) < MOST_CLUSTERS:
                return
            del self.clusters[first]
            for number in cluster.sketch.numbers[:INDEXED]:
                if self.numbers.get(number) == first:
                    del self.numbers[number]

    @staticmethod
    def _count(cluster: Cluster, seconds: float, crowd: int) -> None:
        """Make it an incident when enough different handles said it within the window."""
        while cluster.handles:
            oldest = next(iter(cluster.handles))
            if seconds - cluster.handles[oldest][0] <= WINDOW:
                break
            del cluster.handles[oldest]
        needed = crowd * max(1.0, (LONG / cluster.sketch.length) ** 2)
        if len(cluster.handles) >= needed and sum([weight for _, weight in cluster.handles.values()]) >= needed:
            cluster.incident = derived_id(cluster.first, "incident")
            cluster.handles.clear()
