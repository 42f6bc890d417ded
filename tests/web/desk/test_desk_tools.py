"""The desk's tools over a filled centre: filters, views, doing much at once, marks, search, transcript, the offer's link."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from browser.filled import NOW, an_id
from rapport.access.offer_links import offer_link, read_offer_link
from rapport.errors import BadInput
from rapport.ledger.seal import Keys
from rapport.model.fact import ACTIONS
from rapport.web.attaching import Attaching
from rapport.web.desk.busy_times import Busy, read_busy
from rapport.web.desk.filling import filled
from rapport.web.desk.snippets import snippet
from web.officework import PAGE, a_browser, an_office, sign_in
from web.test_pages import own_desk as desk, posted, words

pytestmark = pytest.mark.anyio
__all__ = ["desk"]
CALENDAR = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;TZID=America/Mexico_City:20260304T090000
DTEND;TZID=America/Mexico_City:20260304T103000
RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=2
SUMMARY:doctor
END:VEVENT
BEGIN:VEVENT
DTSTART:20260305T100000Z
DURATION:PT30M
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""


async def test_a_filter_narrows_a_view_and_stands_in_its_address(desk):
    said = words(await desk.get("/desk?view=all&channel=sms&lang=en"))

    assert "+52 55 5550 0142" in said
    assert "Óscar Ibarrondo" not in said


async def test_a_saved_view_is_one_s_own_and_can_be_removed(desk):
    await posted(desk, "/desk/views", name="Reseñas", query="view=open&channel=review&nonsense=1")
    page = await desk.get("/desk?view=open&channel=review&lang=en")
    (forget,) = re.findall(r'id="forget-view" method="post" action="([^"]+)"', page.text)

    assert 'href="/desk?view=open&amp;channel=review#inbox" aria-current="page"' in page.text
    await posted(desk, forget)
    assert "Reseñas" not in (await desk.get("/desk?lang=en")).text


async def test_much_is_done_at_once_with_a_report_and_a_way_back(desk):
    chosen = {f"c_{an_id('c', name).hex()}": "1" for name in ("minibar", "cots")}
    page = await posted(desk, "/desk/bulk?lang=en", do="label", label="wifi", once="k", **chosen)
    (steps,) = re.findall(r'name="steps" value="([^"]+)"', page.text)

    assert "2 conversations labelled" in words(page)
    assert [act["do"] for act in desk.office.intake.acts] == ["label", "label"]
    await posted(desk, "/desk/undo", steps=steps)
    assert [(act["do"], act["argument"]) for act in desk.office.intake.acts[2:]] == [("unlabel", "wifi")] * 2


async def test_what_is_refused_of_much_is_named_with_its_reason(desk):
    desk.office.intake.refusal = "This conversation is resolved already."
    page = await posted(desk, "/desk/bulk?lang=es", do="resolve", once="k", **{f"c_{an_id('c', 'minibar').hex()}": "1"})

    assert "Óscar Ibarrondo" in words(page)
    assert "ya está resuelta" in words(page)
    assert 'name="steps"' not in page.text


@pytest.mark.parametrize(
    ("path", "data", "done"),
    [
        ("mark", {"labels": "vip, Wi Fi", "priority": "high"}, [("label", "vip, wi-fi"), ("prioritise", "high")]),
        ("merge", {"into": f"https://x/desk/{an_id('c', 'cots').hex()}?view=mine#c"}, [("merge", an_id("c", "cots").hex())]),
        ("split", {"message": an_id("m", "wifi", 1).hex(), "which": "one"}, [("split", "one")]),
        ("bar/spam", {}, [("spam", None)]),
        ("say", {"text": "hola", "reach": "private", "later": "2026-03-05T09:00"}, [("reply", "2026-03-05T09:00:00-06:00")]),
    ],
)
async def test_what_is_done_with_a_conversation_becomes_an_action(desk, path, data, done):
    answer = await posted(desk, f"/desk/{desk.guest}/{path}", **data)

    assert answer.status_code == 303
    assert [(act["do"], act.get("argument")) for act in desk.office.intake.acts] == done
    assert {do for do, _ in done} <= ACTIONS


async def test_what_was_said_is_found_with_its_words_marked(desk):
    page = await desk.get("/search?q=WIFÍ%20cuarto&lang=en")
    api = (await desk.get("/api/search?q=wifi")).json()
    nowhere = f"/api/search?q=wifi&after=0001-01-01T00:00:00%2B14:00~{an_id('m', 'x').hex()}"
    assert (await desk.get(nowhere)).json() == api

    assert "<mark>wifi</mark>" in page.text
    assert api["found"][0]["conversation"] == desk.guest
    assert "**wifi**" in api["found"][0]["text"]


async def test_a_transcript_leaves_notes_out_unless_they_are_asked_for(desk):
    text = await desk.get(f"/desk/{desk.guest}/transcript?as=text&lang=en")
    whole = await desk.get(f"/desk/{desk.guest}/transcript?as=html&notes=1&lang=en")

    assert "punto 5-B" not in text.text
    assert "punto 5-B" in whole.text
    assert text.headers["content-disposition"].startswith("attachment")


async def test_my_desk_keeps_a_calendar_s_times_and_nothing_else(desk):
    sent = {"csrf": desk.csrf, "sound": "1"}
    await desk.post("/me/desk", data=sent, files={"calendar": ("c.ics", CALENDAR, "text/calendar")}, headers=PAGE)

    assert (await desk.get("/me/notices")).json() == {"sound": True, "notify": False}
    assert "09:00" in words(await desk.get("/me?lang=en"))
    assert "doctor" not in str(read_busy(CALENDAR, NOW))


async def test_a_calendar_by_its_address_is_kept_sealed_and_what_becomes_of_it_is_told(store, tenant):
    office = an_office(store, attaching=Attaching(Keys(bytes(range(32))), None, None))
    async with a_browser(office) as page:
        csrf = await sign_in(page, office, tenant, agent="ana")
        sent = {"csrf": csrf, "address": "webcal://calendar.example/private-7f3/basic.ics"}
        kept = await page.post("/me/desk", data=sent, headers=PAGE)
        shown = await page.get("/me?lang=en")
        wrong = await page.post("/me/desk?lang=en", data=sent | {"address": "http://10.0.0.1/x"}, headers=PAGE)
        async with store.within(tenant) as db:
            sealed = await db.fetchval("select sealed from calendar_feed where tenant = $1 and agent = 'ana'", tenant)
        await page.post("/me/desk", data={"csrf": csrf, "forget": "1"}, headers=PAGE)
        after = await page.get("/me?lang=en")

    assert (kept.status_code, wrong.status_code) == (303, 400)
    assert "calendar.example is read within a minute" in words(shown)
    assert "private-7f3" not in shown.text
    assert b"private-7f3" not in sealed
    assert "calendar.example" not in after.text


async def test_the_link_to_an_offer_accepts_it_without_signing_in_and_only_by_a_tap(desk):
    office, offer = desk.office, an_id("o", "taxi")
    link = offer_link(desk.tenant, "ana", offer, NOW + timedelta(seconds=40), key=office.key)
    desk.cookies.clear()

    assert "taxi" in words(await desk.get(f"/offers/link/{link}?lang=en"))
    assert office.intake.acts == []
    answer = await desk.post(f"/offers/link/{link}?lang=en", data={"do": "accept"}, headers=PAGE)
    assert "It is yours" in words(answer)
    assert [(act["agent"], act["do"], act["offer"]) for act in office.intake.acts] == [("ana", "accept", offer)]
    assert (await desk.get(f"/offers/link/{link[:-1]}x")).status_code == 400


async def test_what_installs_it_on_a_phone_is_there(desk):
    assert (await desk.get("/manifest.webmanifest")).json()["start_url"] == "/offer"
    assert "/offline" in (await desk.get("/offline.js")).text
    assert (await desk.get("/offline")).status_code == 200


def test_a_link_to_an_offer_is_for_that_agent_and_ends_with_it():
    link = offer_link(7, "ana.q", bytes(16), NOW, key=b"k")

    assert read_offer_link(link, key=b"k", now=NOW - timedelta(seconds=1)) == (7, "ana.q", bytes(16))
    before = NOW - timedelta(seconds=1)
    for key, now, asked in ((b"k", NOW, link), (b"other", before, link), (b"k", before, link[:-1] + "é")):
        with pytest.raises(BadInput):
            read_offer_link(asked, key=key, now=now)


def test_a_calendar_says_when_somebody_is_busy():
    begin = datetime(2026, 3, 4, 15, tzinfo=UTC)

    assert read_busy(CALENDAR, NOW) == tuple(Busy(at, at + timedelta(minutes=90)) for at in (begin, begin + timedelta(days=7)))
    with pytest.raises(BadInput):
        read_busy(b"<html>", NOW)


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=999999",
        "DTSTART;TZID=Asia/Tokyo:00010101T000000\nDURATION:PT1H",
        "DTSTART;TZID=America:20260304T090000\nDURATION:P99999999999W",
        f"DTSTART:20260304T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=²;COUNT={'9' * 5000}",
        "DTSTART:20260304T090000Z\nDTEND:99991231T235959Z",
    ],
)
def test_a_calendar_that_means_harm_is_read_in_no_time(lines):
    calendar = "BEGIN:VCALENDAR\n" + f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n" * 100 + "END:VCALENDAR"

    assert len(read_busy(calendar.encode(), NOW)) <= 22


def test_a_meeting_that_has_repeated_for_years_still_counts():
    def begins(rule: str) -> list[int]:
        event = f"BEGIN:VEVENT\nDTSTART:19900101T150000Z\nDURATION:PT1H\nRRULE:{rule}\nEND:VEVENT"
        return [(busy.begin - NOW).days for busy in read_busy(f"BEGIN:VCALENDAR\n{event}".encode(), NOW)]

    assert begins("FREQ=DAILY") == list(range(21))
    assert begins("FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2") == [5, 7, 19]
    assert begins("FREQ=DAILY;COUNT=13212") == [0]


MADRID = """BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("day", "lines", "begins"),
    [  # of March, on which it is read; days and hours in UTC; where a rule of RFC 5545 is meant, by a wall calendar of 2026
        (20, "DTSTART;TZID=Europe/Madrid:20260225T090000\nRRULE:FREQ=WEEKLY", ["25 08", "01 07", "08 07"]),
        (20, "DTSTART;TZID=Romance Standard Time:20260325T090000\nRRULE:FREQ=WEEKLY;COUNT=2", ["25 08", "01 07"]),
        (3, "DTSTART:20260304T090000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260305T090000Z,20260306T090000Z", ["04 09", "07 09"]),
        (3, "DTSTART:20260304T090000Z\nRDATE:20260305T110000Z,20260306T110000Z", ["04 09", "05 11", "06 11"]),
        (3, "DTSTART:20260113T160000Z\nRRULE:FREQ=MONTHLY;BYDAY=2TU", ["10 16"]),
        (20, "DTSTART:20260130T160000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["31 16"]),
        (3, "DTSTART:20190312T160000Z\nRRULE:FREQ=YEARLY", ["12 16"]),
        (20, "DTSTART:20260131T160000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20260331T160000Z", ["31 16"]),
        (3, "DTSTART:20260310T160000Z\nRRULE:FREQ=HOURLY", ["10 16"]),
    ],
)
def test_what_repeats_is_busy_on_its_own_clock_without_what_was_taken_out(day, lines, begins):
    calendar = f"BEGIN:VCALENDAR\n{MADRID}BEGIN:VEVENT\n{lines}\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR"
    assert [f"{busy.begin:%d %H}" for busy in read_busy(calendar.encode(), NOW.replace(day=day))] == begins


MEXICO = """BEGIN:VTIMEZONE
TZID:Central Standard Time (Mexico)
BEGIN:STANDARD
DTSTART:19961027T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20221030T070000Z
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960407T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20220403T080000Z
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_clock_that_changes_no_more_stays_as_it_was_changed_last():
    event = "DTSTART;TZID=Central Standard Time (Mexico):20260710T090000\nDURATION:PT1H"
    calendar = f"BEGIN:VCALENDAR\n{MEXICO}BEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR"

    begin = datetime(2026, 7, 10, 15, tzinfo=UTC)
    assert read_busy(calendar.encode(), begin - timedelta(days=9)) == (Busy(begin, begin + timedelta(hours=1)),)


@pytest.mark.parametrize(
    "lines",
    [
        "BEGIN:VALARM\n" * 70_000,
        "".join(
            f"BEGIN:VTIMEZONE\nTZID:{n}\n"
            + "BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYSETPOS=1\n" * 12
            for n in range(50)
        ),
        f"RRULE:FREQ=YEARLY;BYDAY={'1MO,' * 200_000}",
    ],
)
def test_a_calendar_that_says_the_same_without_end_is_read_in_a_moment(lines):
    event = f"DTSTART;TZID=1:20260304T090000\nDURATION:PT1H\n{lines}"

    assert len(read_busy(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{event}\n".encode(), NOW)) == 1


@pytest.mark.parametrize(
    ("lines", "times", "says"),
    [
        ("DTSTART:20260304T090000Z", 10_001, "10000 events"),
        ("DTSTART:19300304T090000Z\nRRULE:FREQ=DAILY;COUNT=900000", 5, "repeats more than can be read"),
        (f"DTSTART:20260304T090000Z\nRDATE:{'20260305T090000Z,' * 20_000}", 1, "20000 days"),
    ],
    ids=["events", "repeats", "dates"],
)
def test_a_calendar_that_asks_for_more_than_can_be_read_is_refused_with_the_cure(lines, times, says):
    calendar = "BEGIN:VCALENDAR\n" + f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n" * times

    with pytest.raises(BadInput, match=says):
        read_busy(calendar.encode(), NOW)


def test_meetings_that_ended_and_a_few_that_go_on_for_years_leave_a_calendar_readable():
    ended = "DTSTART:20180304T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20190101T000000Z"
    long = "DTSTART:20190304T090000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;COUNT=120;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    calendar = "BEGIN:VCALENDAR\n" + f"BEGIN:VEVENT\n{ended}\n" * 900 + f"BEGIN:VEVENT\n{long}\n" * 4

    assert [f"{busy.begin:%m-%d %H}" for busy in read_busy(calendar.encode(), NOW.replace(day=20))] == ["03-31 09"]


def test_a_meeting_that_was_moved_this_once_is_busy_where_it_went():
    weekly = "UID:one\nDTSTART:20260304T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    moved = "UID:one\nRECURRENCE-ID:20260311T090000Z\nDTSTART:20260312T140000Z\nDURATION:PT1H"
    calendar = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{weekly}\nEND:VEVENT\nBEGIN:VEVENT\n{moved}\nEND:VEVENT\nEND:VCALENDAR"

    assert [f"{busy.begin:%d %H}" for busy in read_busy(calendar.encode(), NOW)] == ["04 09", "12 14"]


def test_a_saved_reply_says_what_the_conversation_knows_and_leaves_the_rest():
    assert filled("Hi {person.name}, {case} {nix}", {"person.name": "Ana", "case": "7F"}) == "Hi Ana, 7F {nix}"


def test_a_snippet_marks_other_forms_and_accents_too():
    runs = snippet("Me llegó la FACTURACIÓN de la factura vieja", ("factura",))

    assert [run.text for run in runs if run.mark] == ["factura"]
    assert [run.text for run in snippet("Las habitaciónes dobles", ("habitacion",)) if run.mark] == ["habitaciónes"]
