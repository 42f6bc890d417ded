"""Every measure against the same definition written as plain SQL, to the last digit; and by hand, the odd cases one by one."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from measures.measured import (
    a_month,
    accepted,
    an_id,
    at,
    centre,
    continued,
    folded,
    heard,
    opened,
    passed_on,
    present,
    replied,
    resolved,
    set_thing,
    wrapped_up,
)  # fmt: skip
from rapport.measures import following, lately, picking
from rapport.measures.columns import NEVER
from rapport.measures.definitions import OPEN_AT_THE_END
from rapport.measures.exporting import csv_of
from rapport.measures.folding import Folded
from rapport.measures.occupancy import occupied, places
from rapport.measures.open_time import OpenTime
from rapport.measures.picking import Asked, words_of
from rapport.measures.reckoning import RECKONED, backlog, grouped, quantile, together, values_of
from rapport.measures.report import by_line
from rapport.model.fact import (
    ConversationContinued,
    ConversationsMerged,
    SurveyAnswered,
    SurveyAsked,
    SurveyHeard,
    SurveyHinted,
)

pytestmark = pytest.mark.anyio
FIRST, LAST = date(2026, 3, 5).toordinal(), date(2026, 3, 31).toordinal()
NOW = at(28 * 86_400)
MONTH = Asked(FIRST, LAST, NOW)
IN_PERIOD = f"x.day >= {FIRST} and x.day < {LAST}"
SQL = {
    "volume": ("talks x", "true", "1"),
    "service_level": (
        "talks x",
        f"due <> -1 and (answered <> -1 or (resolved = -1 and due < {NOW}))",
        "(answered <> -1 and answered <= due)::int",
    ),
    "first_response": ("talks x", "answered <> -1", "answered - opened"),
    "next_response": ("waits x", "first = 0 and until <> -1", "until - since"),
    "speed": ("works x", "bot = 0", "waited"),
    "abandoned": (
        "talks x",
        "(answered <> -1 or resolved <> -1) and not (answered = -1 and resolved <> -1"
        " and disposition_word in ('spam', 'no-answer-needed', 'merged'))",
        "(answered = -1)::int",
    ),
    "resolution": ("talks x", "first_resolved <> -1", "greatest(first_resolved - opened, 0)"),
    "handle_time": ("works x", "bot = 0 and ended <> -1", "ended - started"),
    "wrap_up": ("works x", "bot = 0 and ended <> -1 and last_replied <> -1", "ended - last_replied"),
    "sold": ("works x", "bot = 0 and disposition_word in ('sold', 'not-sold')", "(disposition_word = 'sold')::int"),
    "recommends": ("talks x", "recommends <> -1", "100 * ((recommends >= 9)::int - (recommends <= 6)::int)"),
    "easy": ("talks x", "effort <> -1", "(effort >= 5)::int"),
    "satisfied": ("talks x", "satisfied <> -1", "(satisfied >= 4)::int"),
    "settled": ("talks x", "solved <> -1", "(solved = 1)::int"),
    "quality": ("reviews x", "score <> -1", "score"),
    "passed": ("reviews x", "score <> -1", "passed"),
    "response": ("talks x", "asked <> -1", "(told <> -1)::int"),
    "transferred": ("talks x", "taken <> -1", "(transfers > 0)::int"),
    "reopened": ("talks x", "first_resolved <> -1", "(reopened > 0)::int"),
    "first_contact": (
        "talks x",
        f"first_resolved <> -1 and first_resolved + 604800000 <= {NOW}",
        "(not (again <> -1 and again <= first_resolved + 604800000))::int",
    ),
    "first_contact_asked": (
        "talks x",
        f"first_resolved <> -1 and first_resolved + 604800000 <= {NOW} and solved <> -1",
        "(solved = 1 and not (again <> -1 and again <= first_resolved + 604800000))::int",
    ),
}  # fmt: skip


async def written(db, rows: Folded) -> None:
    """The rows as tables of the database, with the words of what has some."""
    for name in ("talks", "works", "waits", "spells", "present", "reviews"):
        columns = getattr(rows, name)
        fields = ", ".join(f"{field} bigint" for field in columns.kinds)
        await db.execute(f"create temp table {name}(n bigint, disposition_word text, {fields})")
        words = rows.labels["disposition"].words
        said = columns["disposition"] if "disposition" in columns.kinds else np.zeros(columns.size, int)
        lines = [
            (n, words[said[n]], *(int(columns[field][n]) for field in columns.kinds)) for n in range(columns.size)
        ]  # fmt: skip
        await db.copy_records_to_table(name, records=lines, columns=["n", "disposition_word", *columns.kinds])


async def test_every_measure_is_what_plain_sql_makes_of_the_same_rows(database_url):
    import asyncpg

    rows = folded(*a_month(700))
    db = await asyncpg.connect(database_url)
    try:
        await written(db, rows)
        by_sql = {
            name: tuple((await db.fetchrow(
                f"select count(*), coalesce(sum({value}), 0)::bigint, percentile_disc(0.9) within group (order by {value})"
                f" from {table} where {IN_PERIOD} and {counts}"
            )).values())
            for name, (table, counts, value) in SQL.items()
        }  # fmt: skip
        by_team = dict(await db.fetch(f"select team, sum(ended - started)::bigint from works x where {IN_PERIOD} and bot = 0"
                                      " and ended <> -1 group by team"))  # fmt: skip
        open_by_intent = dict(await db.fetch(
            f"select t.intent, array_agg(s.begun order by s.begun) from spells s join talks t on t.n = s.talk"
            f" where s.begun <= {NOW} and (s.ended = -1 or s.ended > {NOW}) group by 1"))  # fmt: skip
        ages = [row[0] for row in await db.fetch(
            f"select {NOW} - begun from spells where begun <= {NOW} and (ended = -1 or ended > {NOW}) order by 1")]  # fmt: skip
    finally:
        await db.close()

    reckoned = {}
    for name in RECKONED:
        values = values_of(rows, name, MONTH).values
        counted = together(values)
        reckoned[name] = (int(counted.counts[0]), int(counted.totals[0]), quantile(values, 0.9))
    handled = values_of(rows, "handle_time", MONTH)
    totals = grouped(handled.values, handled.rows.of("team"), len(rows.labels["team"].words)).totals

    assert set(SQL) == set(RECKONED)
    assert reckoned == by_sql
    assert {team: int(total) for team, total in enumerate(totals) if total} == by_team
    assert sorted(backlog(rows, NOW, MONTH).values.tolist()) == ages
    assert min(count for count, _, _ in by_sql.values()) > 30
    until = (NOW, NOW)
    lines = {line.word: line.figures for line in by_line(rows, "intent", MONTH, None, until, OPEN_AT_THE_END)}
    for intent, begun in open_by_intent.items():
        count, age = lines[rows.labels["intent"].words[intent]]
        assert (count.value, age.value) == (len(begun), sum(NOW - at for at in begun) / 1000 / len(begun))


def test_the_same_entries_give_the_same_rows_in_however_many_stretches():
    happened = a_month(120)
    whole, piecemeal = folded(*happened), Folded()
    entries = [(seconds, fact) for seconds, facts in happened for fact in (facts if isinstance(facts, list) else [facts])]
    for seq, (seconds, fact) in enumerate(entries, 1):
        piecemeal.fold([(seq, at(seconds), fact)], seq)

    tables = ("talks", "works", "waits", "spells", "present", "reviews")
    same = [
        np.array_equal(getattr(whole, t)[f], getattr(piecemeal, t)[f]) for t in tables for f in getattr(whole, t).kinds
    ]  # fmt: skip
    assert all(same)
    assert (whole.ids, whole.seq) == (piecemeal.ids, piecemeal.seq)


ALWAYS = Asked(0, 10**6, at(20 * 86_400))


def test_an_answer_when_it_is_due_is_in_time_and_one_that_nobody_was_owed_does_not_count():
    rows = folded(
        (0, opened("in time", 0)), (60, replied("in time")), (60, opened("closed", 60)), (61, resolved("closed")),
        (70, opened("missed", 70)), (80, opened("no target", 80, due=None)),
    )  # fmt: skip

    assert values_of(rows, "service_level", ALWAYS).values.tolist() == [1, 0]


def test_an_interaction_that_never_ended_has_no_handle_time_and_counts_for_occupancy_while_its_agent_is_there():
    rows = folded(
        *centre(), (0, present("ana")), (0, opened("a", 0)), (100, accepted("a", "ana")), (400, present("ana", "offline"))
    )

    here, busy = occupied(rows, at(0), at(86_400))
    assert len(values_of(rows, "handle_time", ALWAYS).values) == 0
    assert (here.sum(), busy.sum()) == (400_000, 300_000)


def test_two_interactions_at_once_count_once_for_occupancy():
    rows = folded(
        *centre(), (0, present("ana")), (0, [*opened("a", 0), *opened("b", 0)]),
        (10, accepted("a", "ana")), (20, accepted("b", "ana")), (30, wrapped_up("a", "ana")), (50, wrapped_up("b", "ana")),
        (100, present("ana", "away")),
    )  # fmt: skip

    here, busy = occupied(rows, at(0), at(86_400))
    assert (here.sum(), busy.sum()) == (100_000, 40_000)
    assert set(words_of(rows, "site", places(rows, at(0), at(86_400))["site"][here > 0])) == {"Reforma"}


def test_who_comes_back_with_the_same_issue_on_another_channel_was_not_resolved_at_first_contact():
    rows = folded(
        (0, opened("first", 0, "guest")), (10, resolved("first")), (20, opened("other issue", 20, "guest", intent="bill")),
        (30, resolved("other issue")), (86_400, opened("again", 86_400, "guest", kind="email")), (86_500, resolved("again")),
    )  # fmt: skip

    assert values_of(rows, "first_contact", ALWAYS).values.tolist() == [0, 1, 1]


def test_who_answers_twice_is_taken_at_their_last_word_and_who_answers_about_nothing_that_is_known_changes_nothing():
    talk = an_id("talk", "a")
    rows = folded(
        (0, opened("a", 0)), (10, SurveyAsked(talk)), (20, SurveyAnswered(talk, recommends=2, effort=1)),
        (30, SurveyAnswered(talk, recommends=9)), (40, SurveyAnswered(an_id("talk", "erased"), recommends=0)),
    )  # fmt: skip

    assert values_of(rows, "recommends", ALWAYS).values.tolist() == [100]
    assert values_of(rows, "easy", ALWAYS).values.tolist() == [0]  # left out the second time, so the first word stands
    assert values_of(rows, "response", ALWAYS).values.tolist() == [1]


def test_who_answers_us_in_the_thread_waits_for_nothing_and_what_is_answered_by_a_link_later_leaves_it_standing():
    talk, handle = an_id("talk", "a"), an_id("handle", "a")
    said, meant = (an_id("message", f"a/{nth}") for nth in (1, 2))
    rows = folded(
        (0, opened("a", 0)), (5, replied("a")), (9, resolved("a")), (10, SurveyAsked(talk)),
        (20, [SurveyHinted(talk, meant, handle), *continued("a", 2, 20)]),
        (30, [SurveyHeard(talk, said, handle, "satisfied", 5), *continued("a", 1, 30)]),
        (40, SurveyAnswered(talk, solved=1)), (50, replied("a", 2)),
    )  # fmt: skip

    assert rows.waits.size == 1
    assert (rows.talks["satisfied"][0], rows.talks["solved"][0]) == (5, 1)


def test_what_is_kept_of_what_was_asked_is_bounded_and_changes_no_figure(monkeypatch):
    rows = folded(*a_month(60))
    monkeypatch.setattr(picking, "MOST_VALUES", 300)
    for table in ("talks", "works", "talks"):
        for days in (3, 7, 14, 28):
            found, day = picking.picked(rows, table, Asked(FIRST, FIRST + days, NOW)), getattr(rows, table)["day"]
            sums = [int(found[name].sum()) for name in ("hour", "team", "agent", "hour")]
            inside = (day >= FIRST) & (day < FIRST + days)
            assert sums == [int(getattr(rows, table)[name][inside].sum()) for name in ("hour", "team", "agent", "hour")]
            assert 0 < sum(pick.values for pick in rows.picks.values()) <= picking.MOST_VALUES


def test_what_was_resolved_too_lately_to_know_is_left_out_of_first_contact():
    rows = folded((0, [*opened("a", 0), *opened("b", 0)]), (10, [resolved("a"), resolved("b")]),
                  (99, continued("b", 1, 99, reopened=True)))  # fmt: skip

    assert len(values_of(rows, "first_contact", Asked(0, 10**6, at(6 * 86_400))).values) == 0


def merged(one, into, *, undone=False):
    """A conversation goes on in another one, with all that was said in it."""
    return ConversationsMerged(an_id("talk", one), an_id("talk", into), "ana", (an_id("message", one),), undone=undone)


def open_again(name, message):
    """Somebody waits there, as was said already."""
    ids = an_id("talk", name), an_id("person", name), an_id("handle", name), an_id("message", message)
    return ConversationContinued(*ids, reopened=True)


def test_a_merge_ends_nothing_and_neither_it_nor_its_undoing_is_a_coming_back():
    rows = folded(
        (0, opened("into", 0)), (10, replied("into")), (20, resolved("into")), (30, opened("one", 30)),
        (40, [merged("one", "into"), resolved("one", "merged"), open_again("into", "one")]),
    )  # fmt: skip
    assert values_of(rows, "abandoned", ALWAYS).values.tolist() == [0]
    assert values_of(rows, "resolution", ALWAYS).values.tolist() == [20_000]
    assert values_of(rows, "first_contact", ALWAYS).values.tolist() == [1]

    apart = [merged("one", "into", undone=True), open_again("one", "one")]
    rows.fold([(10, at(50), apart[0]), (11, at(50), apart[1]), (12, at(60), resolved("into"))], 12)
    assert rows.talks["reopened"].tolist() == [0, 0]
    assert rows.talks["again"].tolist() == [NEVER, NEVER]

    rows.fold([(13, at(70), open_again("into", "into"))], 13)
    assert rows.talks["reopened"].tolist() == [1, 0]


def test_messages_that_are_held_for_ever_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(lately, "MOST_KEPT", 2)

    rows = folded(*((n, heard(f"held {n}", n)) for n in range(3)), (9, opened("a", 9)))

    assert (len(rows._heard), len(rows._read), rows.talks.size) == (1, 1, 1)


async def test_rows_that_failed_half_way_are_folded_anew(monkeypatch):
    half = [(seq, at(0), fact) for seq, fact in enumerate([*opened("a", 0), object()], 1)]

    async def head_of(*_):
        return len(half)

    async def stretch(*_):
        return half

    monkeypatch.setattr(following, "head_of", head_of)
    monkeypatch.setattr(following, "stretch", stretch)
    kept = following.Following()

    with pytest.raises(KeyError):
        await kept.catch_up(None, 1)
    assert (kept.folded.seq, kept.folded.talks.size, kept.share) == (0, 0, 0.0)
    half.pop()
    assert (await kept.catch_up(None, 1)).talks.size == 1


def test_the_rows_of_a_file_are_those_of_when_it_was_asked_for():
    rows = folded((0, opened("a", 0)))
    pieces = csv_of(rows, "talks", ALWAYS)
    rows.fold([(seq, at(1), fact) for seq, fact in enumerate(opened("b", 1), 10)], 20)

    assert b"".join(pieces).count(b"\r\n") == 2


def test_an_empty_period_has_nothing_to_count_and_no_figure():
    rows = Folded()

    assert [len(values_of(rows, name, MONTH).values) for name in RECKONED] == [0] * len(RECKONED)
    assert quantile(np.array([], np.int64), 0.5) is None
    assert len(backlog(rows, NOW, MONTH).values) == 0


def test_what_happened_keeps_its_hour_when_the_zone_of_its_brand_changes():
    rows = folded(
        (0, [set_thing("account", "web", channel="webchat", brand="hotel"), set_thing("brand", "hotel", zone="Europe/Madrid")]),
        (1, opened("before", 1)), (2, set_thing("brand", "hotel", zone="America/Mexico_City")), (3, opened("after", 3)),
    )  # fmt: skip

    assert rows.talks["hour"].tolist() == [7, 0]  # 06:00 in UTC
    assert rows.waits["hour"].tolist() == [7, 0]


def test_what_happened_keeps_its_site_and_its_clock_when_a_site_moves_or_its_zone_changes():
    moved = {"attributes": {"site": "Porto"}, "team": "wifi"}
    rows = folded(
        *centre(), (1, set_thing("centre", "", zone="Europe/Lisbon")), (2, opened("before", 2)), (3, accepted("before", "eva")),
        (10, set_thing("agent", "eva", **moved)), (11, set_thing("centre", "", zone="Asia/Tokyo")),
        (12, opened("after", 12)), (13, accepted("after", "eva")),
    )  # fmt: skip

    assert words_of(rows, "site", rows.works["site"]) == ["Lisboa", "Porto"]
    assert rows.works["hour"].tolist() == [6, 15]  # 06:00 in UTC
    assert rows.talks["hour"].tolist() == [6, 15]


def test_the_hour_that_a_clock_change_repeats_is_told_by_the_clock_and_lasts_as_long_as_it_does():
    zone = ZoneInfo("Europe/Madrid")
    night = 1_792_886_400_000  # 2026-10-25 00:00 UTC, 02:00 there; at 01:00 UTC the clocks go back to 02:00
    opening = OpenTime({"sun": ("01:00-04:00",)}, zone, night - 86_400_000, night + 86_400_000)
    spring = 1_774_742_400_000  # 2026-03-29 00:00 UTC; at 01:00 UTC the clocks go on to 03:00
    short = OpenTime({"sun": ("01:00-04:00",)}, zone, spring - 86_400_000, spring + 86_400_000)
    day = np.array([-43_200_000, 43_200_000])

    assert opening.between(night + day[:1], night + day[1:]).tolist() == [4 * 3_600_000]
    assert short.between(spring + day[:1], spring + day[1:]).tolist() == [2 * 3_600_000]


def test_closed_time_does_not_count_in_open_hours():
    rows = folded((0, opened("a", 0)), (16 * 3600, replied("a")))  # 06:00 to 22:00
    opening = OpenTime({"mon": ("09:00-12:00", "11:00-14:00", "20:00-02:00")}, ZoneInfo("UTC"), at(-86_400), at(86_400))

    assert values_of(rows, "first_response", ALWAYS, opening).values.tolist() == [7 * 3_600_000]


def test_a_transfer_and_a_second_question_are_counted_where_they_belong():
    rows = folded(
        *centre(), (0, opened("a", 0)), (5, accepted("a", "ana", waited=5.0)), (10, replied("a")), (20, continued("a", 1, 20)),
        (50, replied("a", 1)), (60, passed_on("a", "ana")), (60, wrapped_up("a", "ana")), (70, accepted("a", "eva", 1)),
    )  # fmt: skip

    assert values_of(rows, "next_response", ALWAYS).values.tolist() == [30_000]
    assert values_of(rows, "transferred", ALWAYS).values.tolist() == [1]
    assert words_of(rows, "team", rows.talks["team"]) == ["wifi"]
    assert words_of(rows, "site", rows.talks["site"]) == ["Lisboa"]
    assert rows.ids == an_id("talk", "a")
    assert rows.works["ended"].tolist()[1] == NEVER
