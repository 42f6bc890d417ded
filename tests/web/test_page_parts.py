"""The small functions behind the pages: threads, plots, edits, times and words."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from rapport.measures.service import Interval
from rapport.model.ids import named_id
from rapport.model.interaction import Interaction
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.need import Offer, OfferState
from rapport.model.person import Handle
from rapport.model.reply import Finding
from rapport.web.desk.actions import inside
from rapport.web.desk.approvals import changes_of, marked
from rapport.web.desk.composing import find_personal, snoozes_of
from rapport.web.desk.person_reading import handle_shown
from rapport.web.desk.thread import woven
from rapport.web.measures.plot import plotted
from rapport.web.wording import (
    channel_icon,
    cleaned,
    initials,
    mentions,
    plain,
    short,
    show_deadline,
    show_full_day,
    show_when,
    spoken,
)

NOON = datetime(2026, 3, 3, 18, tzinfo=UTC)  # 12:00 in Mexico City
ZONE = "America/Mexico_City"


def a_message(name: str, minutes: float, reach: Reach = Reach.PRIVATE, direction: Direction = Direction.IN) -> Message:
    at = NOON + timedelta(minutes=minutes)
    return Message(named_id(at, name), at, direction, Standing.RECEIVED, reach)


def test_a_thread_begins_with_its_day():
    items = woven([a_message("a", 0)], [], [], zone=ZONE, since=None)

    assert [item.day for item in items] == [True, False]


def test_a_new_day_in_the_zone_of_the_centre_is_marked():
    late, early = a_message("a", 11 * 60 + 59), a_message("b", 12 * 60 + 1)

    items = woven([late, early], [], [], zone=ZONE, since=None)

    assert [item.day for item in items] == [True, False, True, False]


def test_where_public_turns_private_the_thread_says_so():
    items = woven([a_message("a", 0, Reach.PUBLIC), a_message("b", 5)], [], [], zone=ZONE, since=None)

    assert [item.kind for item in items if item.kind] == ["private"]


def test_a_note_does_not_change_who_can_read():
    note = a_message("b", 1, direction=Direction.NOTE)

    items = woven([a_message("a", 0, Reach.PUBLIC), note, a_message("c", 2, Reach.PUBLIC)], [], [], zone=ZONE, since=None)

    assert [item.kind for item in items if item.kind] == []


def test_work_and_offers_stand_in_the_thread_at_their_time():
    work = Interaction(b"i", b"c", "ana", "chat", NOON, waited=12, ended_at=NOON + timedelta(minutes=9), disposition="solved")
    declined = Offer(b"o", b"c", "ben", "chat", NOON, NOON, OfferState.DECLINED, NOON - timedelta(minutes=1))

    items = woven([a_message("a", 5)], [work], [declined], zone=ZONE, since=None)

    assert [item.kind or "message" for item in items if not item.day] == ["declined", "taken", "message", "ended"]


def test_a_draft_is_marked_where_its_findings_point():
    pieces = marked("Llame al 55 1234.", [Finding("contact-data", "ask", "", 9, 16)])

    assert [(piece.text, piece.mark) for piece in pieces] == [("Llame al ", ""), ("55 1234", "ask"), (".", "")]


def test_a_finding_that_points_nowhere_marks_nothing():
    assert [piece.mark for piece in marked("Hola", [Finding("empty", "warn", ""), Finding("link", "ask", "", 2, 99)])] == [""]


def test_of_two_findings_that_overlap_the_first_is_marked():
    pieces = marked("abcdef", [Finding("a", "ask", "", 0, 4), Finding("b", "warn", "", 2, 6)])

    assert [(piece.text, piece.mark) for piece in pieces] == [("abcd", "ask"), ("ef", "")]


def test_an_edit_is_shown_word_by_word():
    assert changes_of("su habitación 512", "su cuarto") == (("", "su "), ("-", "habitación 512"), ("+", "cuarto"))
    alike = "a " * 500
    assert changes_of(alike, f"b {alike}") == (("-", alike), ("+", f"b {alike}"))  # else it takes minutes, if it is long


def test_a_plot_of_nothing_can_be_drawn():
    plot = plotted([], since=NOON, until=NOON + timedelta(days=1), now=NOON)

    assert (plot.received_points, plot.last, plot.grid[0]) == ("", None, (220.0, 0))


def test_a_line_of_the_plot_ends_with_the_last_whole_quarter():
    quarters = [Interval(NOON, 3, 1), Interval(NOON + timedelta(minutes=15), 2, 0)]

    plot = plotted(quarters, since=NOON, until=NOON + timedelta(hours=24), now=NOON + timedelta(minutes=20))

    assert (len(plot.received_points.split()), plot.now, plot.received) == (1, 2, 5)


def test_a_script_is_told_what_came_in_the_quarter_that_runs_apart_from_the_line():
    quarters = [Interval(NOON, 3, 1), Interval(NOON + timedelta(minutes=15), 29, 0)]

    told = json.loads(plotted(quarters, since=NOON, until=NOON + timedelta(hours=24), now=NOON + timedelta(minutes=20)).told)

    assert told["lines"] == [[3, None], [1, None], [None, 29]]


def test_the_scale_of_the_plot_holds_its_peak():
    plot = plotted([Interval(NOON, 109, 0)], since=NOON, until=NOON + timedelta(hours=24), now=NOON + timedelta(minutes=15))

    assert (plot.peak, [tick for _, tick in plot.grid]) == (109, [0, 50, 100, 150])


def test_a_snooze_offers_only_times_to_come_and_the_centres_own_morning():
    offered = dict(snoozes_of(NOON, ZONE))

    assert offered["hour"] == NOON + timedelta(hours=1)
    assert offered["tomorrow"].isoformat() == "2026-03-04T08:00:00-06:00"
    assert offered["week"].isoformat() == "2026-03-09T08:00:00-06:00"


def test_in_the_evening_no_snooze_leads_to_the_afternoon():
    assert "afternoon" not in dict(snoozes_of(NOON + timedelta(hours=8), ZONE))


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "12:00"), (-24 * 60, "lun 12:00"), (-24 * 60 * 20, "11 feb"), (-24 * 60 * 400, "27 ene 2025"), (24 * 60, "mié 12:00")],
)
def test_a_time_is_as_short_as_it_stays_clear(minutes, said):
    assert show_when(NOON + timedelta(minutes=minutes), NOON, "es", ZONE) == said


def test_a_day_is_said_in_full():
    assert (show_full_day(NOON, "es", ZONE), show_full_day(NOON, "en", ZONE)) == ("Martes 3 de marzo", "Tuesday 3 March")


@pytest.mark.parametrize(
    ("seconds", "said"), [(40, "40\u00a0s"), (190, "3\u00a0min"), (7300, "2\u00a0h"), (500_000, "6\u00a0d")]
)
def test_a_span_is_rough_and_keeps_its_unit_beside_it(seconds, said):
    assert short(seconds) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("María Fernanda E.", "MF"), ("runs_with_tamales", "RW"), ("+52 55", "·"), ("", "·"), ("نور الهاشمي", "نا")],
)
def test_two_letters_stand_for_a_name(name, letters):
    assert initials(name) == letters


def test_a_mention_is_marked_and_everything_is_escaped():
    assert mentions("<b>@ana@tinta.example</b>") == '&lt;b&gt;<span class="mention">@ana@tinta.example</span>&lt;/b&gt;'


def test_an_address_of_mail_is_no_mention():
    assert "mention" not in mentions("ana@tinta.example")


def test_of_peoples_html_only_words_and_their_order_are_kept():
    html = "<p onclick=x>Hi <b>you</b><script>alert(1)</script><img src=//t.example/x><a href='javascript:x'>a</a></p>"

    assert cleaned(html) == "<p>Hi <b>you</b>a</p>"


def test_what_is_nested_without_end_is_shown_as_words_at_once():
    began = time.process_time()
    shown = cleaned("<div>" * 50_000 + "hola <script>" + "</div>" * 50_000)

    assert "hola" in shown
    assert "<div>" not in shown
    assert "<script>" not in shown
    assert time.process_time() - began < 2.0


def test_a_channel_without_an_icon_of_its_own_has_that_of_its_kind():
    assert (channel_icon("mastodon"), channel_icon("myspace", "social"), channel_icon("x")) == ("fedi", "at", "chat")


def test_keys_and_values_are_read_as_words():
    assert (spoken("hotel.checked_in"), plain(["es", "en"]), plain({"a": 0.5})) == ("hotel, checked in", "es, en", "a 0.5")


def test_the_token_of_a_visitor_is_not_shown():
    assert handle_shown(Handle(b"h", "webchat:d051257e4df28aceccd01176")).name == "D051…"


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example/", "/\\evil.example", "desk", ""])
def test_a_form_leads_to_our_own_pages_alone(address):
    assert inside(address, "/desk") == "/desk"


def test_personal_data_is_found_where_it_stands():
    text = "Mi correo es ana@tinta.example"

    assert [(kind, text[start:end]) for kind, start, end in find_personal(text)] == [("email", "ana@tinta.example")]


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("es", "America/Mexico_City", "domingo 29 de noviembre, 18:00 (Ciudad de México)"),
        ("en", "America/Mexico_City", "Sunday 29 November, 18:00 (Mexico City)"),
        ("en", "Nowhere/Here", "Monday 30 November, 00:00 (UTC)"),
    ],
)
def test_a_deadline_says_its_day_its_time_and_whose_clock_that_is(language, zone, said):
    assert show_deadline(datetime(2026, 11, 30, tzinfo=UTC), language, zone) == said
