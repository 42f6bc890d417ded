"""How long a report takes with millions of interactions, how fast their rows are made anew from a ledger, how far the live
figures lag behind, and what memory an export asks for.

Rows of 10,000,000 interactions and as many conversations over a year are written as columns (small: 1,000,000), and reports are
asked of them: a day to a quarter, by every dimension, with every set of figures, with and without a narrowing, one in four in
open hours, each beside the period before, with nothing kept from the one before but what is summed up of each day (tidy_s: how
long that takes for a year). So are what drives a measure, and who answers surveys; each group by site, team or agent.
A ledger is written as entries, and read and folded from zero; then 200 conversations more come, twenty-one times, are folded
into the rows of the year, and a report of the day is asked after each.
Keys: report_p50_ms, report_p95_ms, report_max_ms, report_cpu_p95_ms, drivers_p95_ms, surveys_p95_ms, interactions,
recompute_per_s (entries of the ledger), recompute_cpu_per_s (the same by our process's CPU time), entries, live_lag_ms (the
slowest of 21, from the append to the figures), live_first_ms (of them the first, for which nothing was read before),
export_peak_mib (how far the process rose above its highest of before while rows went out as CSV), export_rows,
export_rows_per_s, and those of `stories.py`.
"""

import asyncio
import os
import random
import resource
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as processes of a centre have it

import numpy as np
from _ground import a_centre, percentile
from stories import run as stories_run

from rapport.app.collector import let_lie
from rapport.ledger.entry import body_of
from rapport.ledger.read import head_of
from rapport.measures.columns import NEVER, Columns
from rapport.measures.definitions import COLUMNS
from rapport.measures.driving import driven
from rapport.measures.exporting import csv_of
from rapport.measures.folding import EPOCH, Folded
from rapport.measures.following import Following
from rapport.measures.picking import Asked
from rapport.measures.report import opening_of, report
from rapport.measures.responding import responding
from rapport.measures.tiles import tidy
from rapport.model import fact as f
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Reach
from rapport.store.pool import Store

ROWS = {"small": 1_000_000, "full": 10_000_000}
EXPORTED = {"small": 100_000, "full": 1_000_000}
TALKS = {"small": 15_000, "full": 200_000}
ASKED = {"small": 30, "full": 200}
END = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 364
OPEN = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), ("08:00-20:00",))
MINUTE = 60_000
ENTER = """insert into entry(tenant, seq, at, id, subject, kind, body, leaf)
select 1, seq, at, $1::uuid, $1::uuid, kind, body, ''::bytea from entry_in"""
WORDS = {"team": 12, "agent": 400, "site": 6, "brand": 4, "channel": 9, "kind": 5, "intent": 40, "language": 3}


def a_year(count: int, seed: int) -> Folded:
    """The rows of a year, as they would be folded; each conversation has one interaction."""
    chance = np.random.default_rng(seed)
    rows = Folded()
    for name, words in WORDS.items():
        for n in range(words):
            rows.code(name, f"{name}-{n}")
    for disposition in ("sold", "not-sold"):
        rows.code("disposition", disposition)
    end = (END - EPOCH) // timedelta(milliseconds=1)
    opened = np.sort(end - chance.integers(0, DAYS * 1440 * MINUTE, count))
    day = (opened // (1440 * MINUTE) + EPOCH.toordinal()).astype(np.int32)
    hour = (opened // (60 * MINUTE) % 24).astype(np.int8)
    answered = opened + chance.exponential(8 * MINUTE, count).astype(np.int64)
    resolved = answered + chance.exponential(15 * MINUTE, count).astype(np.int64)
    codes = {name: chance.integers(1, words + 1, count).astype(np.int16) for name, words in WORDS.items()}
    back = np.where(chance.random(count) < 0.25, resolved + chance.integers(1, 12 * 1440 * MINUTE, count), NEVER)
    dated = {"day": day, "hour": hour}
    asked = np.where(chance.random(count) < 0.3, resolved, NEVER)
    says = (asked != NEVER) & (chance.random(count) < 0.3)
    scales = {"satisfied": (1, 6), "effort": (1, 8), "recommends": (0, 11), "solved": (0, 2)}
    answers = {name: np.where(says, chance.integers(*scale, count), NEVER) for name, scale in scales.items()}
    told = np.where(says, resolved, NEVER)
    _fill(rows.talks, count, opened=opened, due=opened + 10 * MINUTE, answered=answered, taken=answered, resolved=resolved,
          first_resolved=resolved, again=back, transfers=chance.random(count) < 0.1, asked=asked, told=told,
          **answers, **dated, **codes)  # fmt: skip
    number = np.arange(count, dtype=np.int64)
    whose = {name: codes[name] for name in ("agent", "team", "site")}
    _fill(rows.works, count, talk=number, started=answered, replied=answered, last_replied=answered, ended=resolved,
          waited=answered - opened, disposition=np.where(chance.random(count) < 0.3, chance.integers(1, 3, count), 0),
          **dated, **whose)  # fmt: skip
    _fill(rows.waits, count, talk=number, since=answered, until=resolved, **dated, **whose)
    _fill(rows.spells, count, talk=number, begun=opened, ended=resolved)
    shifts = 400 * 100
    begun = end - chance.integers(0, DAYS * 1440 * MINUTE, shifts)
    _fill(
        rows.present,
        shifts,
        agent=chance.integers(1, 401, shifts),
        team=1,
        site=1,
        begun=begun,
        ended=begun + 480 * MINUTE,
        day=begun // (1440 * MINUTE) + EPOCH.toordinal(),
    )
    rows.ids = rows.work_ids = bytearray(16 * count)
    rows.at = end
    return rows


def _fill(table: Columns, count: int, **columns: Any) -> None:  # Any: arrays of whatever type, or one value
    table.hold(columns, count)


def summed_up(rows: Folded) -> float:
    """Seconds in which the days of a year are summed up, by the clock and in open hours, as is done while a ledger is read."""
    last, at = int(rows.talks["day"][-1]) + 1, (END - EPOCH) // timedelta(milliseconds=1)
    opening, asked = opening_of(rows, OPEN, ZoneInfo("UTC"), at), Asked(last - 1, last, at)
    report(rows, asked, before=asked, by="team", show="first_response", opening=opening, zone=ZoneInfo("UTC"))
    began = time.perf_counter()
    rows.fold([], 0)
    rows.stale.update(range(int(rows.talks["day"][0]), int(rows.talks["day"][-1]) + 1))
    assert tidy(rows, 3600.0) == 0
    return time.perf_counter() - began


def asked_reports(rows: Folded, count: int, seed: int) -> list[tuple[float, float]]:
    """Milliseconds and CPU milliseconds of reports, most of days and weeks, one in ten of a quarter."""
    chance = random.Random(seed)
    last = int(rows.talks["day"][-1]) + 1
    at = (END - EPOCH) // timedelta(milliseconds=1)
    took = []
    for nth in range(count):
        days = chance.choice([1, 7, 7, 7, 28, 28, 28, 28, 28, 91])
        end = last - chance.randrange(0, DAYS - 2 * days)
        having = chance.choice([{}, {}, {"team": "team-3"}, {"channel": "channel-1", "language": "language-2"}])
        asked, before = Asked(end - days, end, at, having), Asked(end - 2 * days, end - days, at, having)
        by = chance.choice([*WORDS, "hour", "weekday", "day"])
        show = chance.choice(["service_level", "first_response", "handle_time", "first_contact", "volume"])
        columns = chance.choice(["main", *COLUMNS])
        began, used = time.perf_counter(), time.process_time()
        rows.picks, rows.answers, rows.kept = {}, {}, {}  # as after an entry
        opening = opening_of(rows, OPEN, ZoneInfo("UTC"), at) if nth % 4 == 3 else None
        report(rows, asked, before=before, by=by, show=show, opening=opening, zone=ZoneInfo("UTC"), columns=columns)
        took.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    return took


def asked_others(rows: Folded, count: int, seed: int) -> tuple[list[float], list[float]]:
    """Milliseconds of what drives a measure, and of who answers surveys; of weeks to a quarter."""
    chance = random.Random(seed)
    last, at = int(rows.talks["day"][-1]) + 1, (END - EPOCH) // timedelta(milliseconds=1)
    driving_ms, answering_ms = [], []
    for _ in range(count):
        days = chance.choice([7, 28, 28, 28, 91])
        end = last - chance.randrange(0, DAYS - days)
        asked = Asked(end - days, end, at)
        show, by = (
            chance.choice(["sold", "first_contact", "handle_time", "satisfied"]),
            chance.choice(["site", "team", "agent"]),
        )
        for took, work in (
            (driving_ms, lambda show=show, by=by, asked=asked: driven(rows, show, by, asked)),
            (answering_ms, lambda asked=asked: responding(rows, asked, {})),
        ):
            rows.picks, rows.answers, rows.kept = {}, {}, {}
            began = time.perf_counter()
            work()
            took.append(1000 * (time.perf_counter() - began))
    return driving_ms, answering_ms


def exported(rows: Folded, count: int) -> tuple[float, float]:
    """MiB by which the process grew at its highest while so many rows went out, and rows a second."""
    at = (END - EPOCH) // timedelta(milliseconds=1)
    days = max(1, DAYS * count // rows.talks.size)
    last = int(rows.talks["day"][-1]) + 1
    asked = Asked(last - days, last, at)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, lines = time.perf_counter(), 0
    for piece in csv_of(rows, "talks", asked):
        lines += piece.count(b"\n")
    took = time.perf_counter() - began
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, lines / took


def a_talk(n: int, at: datetime) -> list[tuple[datetime, f.Fact]]:
    """The entries of a conversation as a centre writes them: those that matter here, and those that do not."""
    talk, person, handle, message, work, offer = (
        named_id(at, name, n) for name in ("talk", "person", "handle", "message", "work", "offer")
    )
    agent, later = f"agent-{n % 200}", at + timedelta(seconds=40)
    said = f.MessageReceived(message, handle, "web", "webchat", ChannelKind.CHAT, Reach.PRIVATE, str(n), at)
    queued = f.ReplyQueued(named_id(at, "out", n), talk, message, talk, handle, "web", "webchat", Reach.PRIVATE)
    facts: list[f.Fact] = [
        said, f.MessageAdmitted(message, handle), f.MessageUnderstood(message, handle, "es", f"intent-{n % 40}", 0.4, "1"),
        f.PersonRecognised(message, handle, person), f.ConversationOpened(talk, person, handle, message, later),
        f.NeedRaised(talk, "default", "chat", at), f.OfferMade(offer, talk, agent, "chat", later),
        f.OfferAccepted(offer, talk, agent, work, "chat", False, 4.0),
        f.DraftWritten(talk, talk, agent, Reach.PRIVATE, message),
        f.DraftApproved(talk, talk), f.ActionDone(talk),
    ]  # fmt: skip
    ends: list[f.Fact] = [
        f.MessageSent(talk, str(n), later), f.WrappedUp(work, talk, agent, "solved", "chat"),
        f.ConversationResolved(talk, "solved", agent),
    ]  # fmt: skip
    return [*((at, fact) for fact in facts), (later, queued), *((later, fact) for fact in ends)]


async def write(store: Store, first: int, count: int, after: int) -> int:
    """Entries of so many conversations; the number of the last one."""
    entries = [line for n in range(first, first + count) for line in a_talk(n, END + timedelta(seconds=n))]
    async with store.within(1, at_most=timedelta(minutes=5)) as db:
        await db.execute("create temp table entry_in(seq bigint, at timestamptz, kind smallint, body bytea) on commit drop")
        records = [(after + seq, at, fact.number, body_of(fact)) for seq, (at, fact) in enumerate(entries, 1)]
        await db.copy_records_to_table("entry_in", records=records)
        await db.execute(ENTER, bytes(16))
        await db.execute("update head set seq = $1 where tenant = 1", after + len(entries))
    return after + len(entries)


async def recomputed(url: str, talks: int, year: Folded) -> tuple[float, float, int, list[float]]:
    """Entries a second from zero, and of CPU; how many they were; and how many seconds the figures lag behind, each time."""
    store = await Store.open(url, size=2)
    try:
        async with store.within(1, readonly=True) as db:
            head = before = await head_of(db, 1)
        for first in range(0, talks, 5_000):
            head = await write(store, first, min(5_000, talks - first), head)
        following = Following()
        began, used = time.perf_counter(), time.process_time()
        async with store.within(1, readonly=True, at_most=timedelta(minutes=5)) as db:
            while following.share < 1.0 or not following.head:
                await following.catch_up(db, 1)
        took, used = time.perf_counter() - began, time.process_time() - used
        entries = head - before
        year.seq, following.folded = head, year
        lags = []
        for nth in range(21):
            lags.append(await lag(store, following, talks + 200 * nth, head))
            head = following.head
        return entries / took, entries / used, head, lags
    finally:
        await store.close()


async def lag(store: Store, following: Following, first: int, head: int) -> float:
    """Seconds from before 200 conversations are appended until a report of their day tells of them."""
    came = time.perf_counter()
    head = await write(store, first, 200, head)
    async with store.within(1, readonly=True) as db:
        rows = await following.catch_up(db, 1)
    day, now = (END + timedelta(seconds=first)).toordinal(), END + timedelta(seconds=first + 300)
    asked = Asked(day, day + 1, (now - EPOCH) // timedelta(milliseconds=1))
    found = report(rows, asked, before=asked, by="agent", show="service_level", opening=None, zone=ZoneInfo("UTC"))
    took = time.perf_counter() - came
    assert rows.seq == head
    assert found.figures[0].now.count > 0
    return took


def run(scale: str = "small", seed: int = 1, rows: int = 0) -> dict[str, Any]:
    """Measure; see the module's first lines. `rows`: another number of interactions."""
    count = rows or ROWS[scale]
    let_lie()  # as processes of a centre do
    year = a_year(count, seed)
    tidied = summed_up(year)
    asked_reports(year, 3, seed)
    took = asked_reports(year, ASKED[scale], seed)
    times = [wall for wall, _ in took]
    driving_ms, answering_ms = asked_others(year, ASKED[scale] // 2, seed)
    grew, a_second = exported(year, min(EXPORTED[scale], count))
    told = stories_run(scale, seed)
    with a_centre() as (_, url, _):
        recompute, by_cpu, entries, lags = asyncio.run(recomputed(url, TALKS[scale], year))
    return {
        "report_p50_ms": round(percentile(times, 0.5), 1),
        "report_p95_ms": round(percentile(times, 0.95), 1),
        "report_max_ms": round(max(times), 1),
        "report_cpu_p95_ms": round(percentile([used for _, used in took], 0.95), 1),
        "drivers_p95_ms": round(percentile(driving_ms, 0.95), 1),
        "surveys_p95_ms": round(percentile(answering_ms, 0.95), 1),
        "interactions": count,
        "tidy_s": round(tidied, 1),
        "export_peak_mib": round(grew, 1),
        "export_rows_per_s": round(a_second),
        "export_rows": min(EXPORTED[scale], count),
        "recompute_per_s": round(recompute),
        "recompute_cpu_per_s": round(by_cpu),
        "entries": entries,
        "live_lag_ms": round(1000 * max(lags), 1),
        "live_first_ms": round(1000 * lags[0], 1),
        **told,
    }
