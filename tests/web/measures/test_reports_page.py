"""The page of reports: its figures, what it is narrowed to, its rows as a file, and what it refuses."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest

from measures.measured import START, a_month, accepted, an_id, centre, opened, recorded, replied, resolved, wrapped_up
from rapport.clock import FakeClock
from rapport.measures.driving import Driven, Reason
from rapport.model.fact import SurveyAnswered, SurveyAsked
from rapport.web.api import reports as api_reports
from rapport.web.measures import drivers_page, reports_page
from web.officework import a_browser, a_conversation, an_office, body, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
DAY = [
    *centre(),
    (0, opened("a", 0)), (30, accepted("a", "ana", waited=30.0)), (40, replied("a")), (100, wrapped_up("a", "ana")),
    (100, resolved("a")), (3600, opened("b", 3600, intent="bill", kind="email")), (3700, accepted("b", "eva")),
    (3800, replied("b")), (4000, wrapped_up("b", "eva")),
]  # fmt: skip


@pytest.fixture
async def desk(store, tenant):
    """A supervisor's browser at the end of a day on which two people wrote: Ana answered in time, Eva did not."""
    await recorded(store, tenant, DAY)
    office = an_office(store, clock=FakeClock(START + timedelta(hours=8)))
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant = office, tenant
        yield client


async def test_a_report_says_each_figure_with_what_it_is_out_of(desk):
    text = words(await desk.get("/reports?period=1&lang=en"))

    assert "Service level 50% 9% to 91%, of 2" in text
    assert "Handle time 3:05" in text  # of 70 s and 300 s
    assert "wifi 2 50% 2:00" in text
    assert "The share whose first answer came by the time it was due" in text


async def test_a_report_tells_groups_apart_and_can_be_narrowed_to_one(desk):
    apart = words(await desk.get("/reports?period=1&by=agent&lang=en"))
    one = words(await desk.get("/reports?period=1&by=agent&agent=ana&lang=en"))

    assert "ana 1 100% 0:40 1:10" in apart
    assert "eva 1 0% 3:20 5:00" in apart
    assert "Agent: ana , remove" in one
    assert "eva" not in one


async def test_the_rows_of_a_report_are_a_file_with_a_line_for_each_conversation_or_interaction(desk):
    talks = list(csv.DictReader(io.StringIO((await desk.get("/reports/rows.csv?period=1")).text)))
    nobodys = (await desk.get("/reports/rows.csv?period=1&agent=")).text.splitlines()
    works = list(csv.DictReader(io.StringIO((await desk.get("/reports/rows.csv?period=1&table=works&site=Lisboa")).text)))

    assert [(row["intent"], row["kind"], row["agent"]) for row in talks] == [("wifi", "chat", "ana"), ("bill", "email", "eva")]
    assert talks[0]["conversation"] == an_id("talk", "a").hex()
    assert len(nobodys) == 1
    assert [(row["team"], row["intent"], row["started"]) for row in works] == [
        ("wifi", "bill", "2026-03-02T07:01:40.000+00:00")
    ]


async def test_behind_a_figure_stand_its_conversations(desk, store):
    await a_conversation(store, desk.tenant, id=an_id("talk", "b"))

    text = words(await desk.get("/reports/conversations?period=1&team=wifi&intent=bill&lang=en"))

    assert "María" in text
    assert "1 conversation; the newest are shown." in text


async def test_what_comes_later_is_in_the_report_at_the_next_look(desk, store):
    await desk.get("/reports")
    await recorded(store, desk.tenant, [(5000, opened("c", 5000))])

    assert "Conversations 3" in words(await desk.get("/reports?period=1&lang=en"))


async def test_every_set_of_figures_is_told_by_group_and_stays_chosen(desk):
    service = words(await desk.get("/reports?period=1&by=agent&columns=service&lang=en"))
    sales = body(await desk.get("/api/reports?period=1&by=agent&columns=outcomes"))

    assert "Agent Conversations Service level First response Next response Speed of answer Abandoned" in service
    assert "Age of the backlog" in service
    assert {"sold", "first_contact_asked", "satisfied"} < set(sales["groups"][0]["figures"])
    assert (await desk.get("/reports?columns=most")).status_code == 400


async def test_an_empty_period_is_a_page_that_says_so(desk):
    text = words(await desk.get("/reports?from=2024-01-01&to=2024-01-31&lang=en"))

    assert "Nothing was recorded in this period." in text


@pytest.mark.parametrize(
    "asked",
    [
        "period=3",
        "by=mood",
        "show=luck",
        "back=0",
        "back=00019990",
        "from=yesterday",
        "from=2026-03-02&to=2026-03-01",
        *("from=2016-01-01", "from=0001-01-01&to=0001-01-02", "from=9999-12-30&to=9999-12-31"),
    ],
)
async def test_what_no_report_can_be_about_is_refused_in_words(desk, asked):
    answer = await desk.get(f"/reports?{asked}")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("pages", "path"),
    [
        (reports_page, "/reports"), (reports_page, "/reports/conversations"), (reports_page, "/reports/rows.csv"),
        (api_reports, "/api/reports"), (drivers_page, "/reports/drivers?show=sold"),
    ],
)  # fmt: skip
async def test_who_waits_for_the_rows_takes_no_connection_meanwhile(desk, monkeypatch, pages, path):
    held = []

    def seated(request):
        held.append(reports_page.following_of(desk.office, desk.tenant).lock.locked())
        return take(request)

    take = pages.seated
    monkeypatch.setattr(pages, "seated", seated)

    assert (await desk.get(path)).status_code == 200
    assert held == [True]


async def test_an_agent_sees_no_reports(desk):
    await sign_in(desk, desk.office, desk.tenant, "agent")

    assert (await desk.get("/reports")).status_code == 403


async def test_every_way_of_telling_a_month_apart_is_a_page(store, tenant):
    await recorded(store, tenant, a_month(150))
    office = an_office(store, clock=FakeClock(START + timedelta(days=27)))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        asked = [
            "by=hour&show=abandoned",
            "by=weekday&show=volume",
            "by=day&show=speed&hours=open",
            "by=kind&show=first_contact",
        ]
        asked += [
            "by=language&show=next_response",
            "by=intent&weekday=1&hour=9",
            "by=site&show=transferred",
            "by=brand&period=91",
        ]
        answers = [await client.get(f"/reports?{one}") for one in asked]

    assert [answer.status_code for answer in answers] == [200] * len(asked)


async def test_what_drives_a_measure_is_said_in_words_and_called_an_association(store, tenant):
    await recorded(store, tenant, a_month(400))
    office = an_office(store, clock=FakeClock(START + timedelta(days=27)))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        text = words(await client.get("/reports/drivers?show=sold&by=site&lang=en"))
        scores = await client.get("/reports/drivers?show=recommends&by=team")
        unknown = await client.get("/reports/drivers?show=volume")

    assert "Association, not cause." in text
    assert "Lisboa :" in text
    assert "Reforma :" in text
    assert re.search(r"closes \d+\.\d points (fewer|more) sales than the whole\. [+−]\d+\.\d of that is its mix of work", text)
    assert "cannot be told from chance" in text  # every agent sells by the same chance here
    assert (scores.status_code, unknown.status_code) == (200, 400)


async def test_drivers_open_on_the_service_level_by_team_or_on_the_first_that_has_rows_and_keep_it_in_the_address(
    desk, monkeypatch
):
    monkeypatch.setattr(drivers_page, "FEWEST", 2)  # rows of a group
    opened_on = await desk.get("/reports/drivers")
    shown = await desk.get(opened_on.headers["location"])
    monkeypatch.setattr(drivers_page, "counted", lambda _, name, *__: 2 * (name == "handle_time"))
    other = await desk.get("/reports/drivers?period=7&by=agent")
    monkeypatch.setattr(drivers_page, "counted", lambda *_: 0)
    nothing = await desk.get("/reports/drivers")

    assert opened_on.headers["location"] == "/reports/drivers?by=team&show=service_level&back=7&period=28"
    assert shown.status_code == 200
    assert '<option value="service_level" selected>' in shown.text
    assert other.headers["location"] == "/reports/drivers?by=agent&show=handle_time&back=7&period=7"
    assert nothing.headers["location"] == opened_on.headers["location"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("show=sold&lang=en", "closes as many sales as the whole. Its mix of work makes no difference. What is its own"),
        ("show=sold&lang=es", "cierra tantas ventas como el total. Su mezcla de trabajo no cambia nada. "),
        ("show=handle_time&lang=en", "as the whole. Its mix of work makes no difference. What is its own"),
        ("show=recommends&lang=es", "como el total. Su mezcla de trabajo no cambia nada. "),
    ],
)
async def test_what_rounds_to_nothing_is_said_in_words_and_has_no_sign(desk, monkeypatch, address, said):
    tiny = Reason("intent", "wifi", -0.0002, 0.01)
    one = Driven("Lisboa", 900, -0.0003, -0.0004, 0.0001, -0.02, 0.02, False, (tiny,))
    monkeypatch.setattr(drivers_page, "driven", lambda *_: (one,))

    text = words(await desk.get(f"/reports/drivers?{address}"))

    assert said in text
    assert not re.search(r"[-−+]0[.:]0+(?![.:\d])", text)


async def test_parts_of_a_mix_that_cancel_out_are_told(desk, monkeypatch):
    parts = (Reason("intent", "wifi", 0.02, 0.1), Reason("intent", "bill", -0.0201, 0.1))
    one = Driven("Lisboa", 900, 0.03, -0.0001, 0.03, 0.01, 0.05, True, parts)
    monkeypatch.setattr(drivers_page, "driven", lambda *_: (one,))

    text = words(await desk.get("/reports/drivers?show=sold&lang=en"))

    assert "Its mix of work makes no difference: a larger share of" in text
    assert "(+2.0), a larger share of" in text


async def test_the_tier_of_a_customer_is_looked_up_for_those_who_are_asked_about_while_it_holds(store, tenant, monkeypatch):
    monkeypatch.setattr(drivers_page, "MOST_AT_ONCE", 2)
    now, office = START + timedelta(days=27), an_office(store, clock=FakeClock(START + timedelta(days=27)))
    ends = {"gold": None, "silver": now + timedelta(days=1), "old": now - timedelta(days=1), "others": None}
    async with store.within(tenant) as db:
        for tier, end in ends.items():
            said = {"name": "tier", "value": tier, "source": "crm", "expires": end and end.isoformat()}
            made = "insert into person(tenant, id, attributes) values ($1, $2, $3::jsonb)"
            await db.execute(made, tenant, an_id("person", tier), json.dumps([said]))

    found = await drivers_page._tiers_of(office, tenant, [an_id("person", tier) for tier in ("gold", "silver", "old")])
    assert found == {an_id("person", tier): tier for tier in ("gold", "silver")}


async def test_the_figures_of_a_report_are_given_to_programs_with_what_they_are_out_of(desk):
    said = body(await desk.get("/api/reports?period=1&by=agent"))

    level = said["measures"]["service_level"]
    assert (level["figure"]["value"], level["figure"]["count"], level["unit"]) == (0.5, 2, "share")
    assert {group["word"]: group["figures"]["handle_time"]["value"] for group in said["groups"]} == {"ana": 70.0, "eva": 300.0}
    assert said["counted"] == 1.0


async def test_the_views_for_other_tools_have_walls_and_nothing_that_was_said(store, tenant, new_tenant):
    other = await new_tenant()
    await a_conversation(store, tenant, opened_at=START, answered_at=START + timedelta(seconds=30), due_at=START)
    await a_conversation(store, other)

    async with store.within(tenant, readonly=True) as db:
        rows = await db.fetch("select * from reports.conversations")
        names = {name for view in ("interactions", "offers") for name in await columns(db, view)}

    assert [(row["tenant"], row["first_response_s"], row["in_time"]) for row in rows] == [(tenant, 30.0, False)]
    assert not {"name", "preview", "subject", "text"} & (names | set(rows[0].keys()))


async def columns(db, view):
    return [one.name for one in (await db.prepare(f"select * from reports.{view}")).get_attributes()]


async def test_who_was_asked_and_who_answered_stands_on_a_page_of_its_own(desk, store):
    asked = [(5000 + n, opened(f"s{n}", 5000 + n, language="es" if n % 3 else "en")) for n in range(30)]
    asked += [(6000 + n, SurveyAsked(an_id("talk", f"s{n}"))) for n in range(30)]
    asked += [(7000 + n, SurveyAnswered(an_id("talk", f"s{n}"), satisfied=5)) for n in range(0, 30, 2)]
    await recorded(store, desk.tenant, asked)

    page = words(await desk.get("/reports/surveys?period=1&lang=en"))
    spanish = words(await desk.get("/reports/surveys?period=1&lang=es"))

    assert "15 of 30 who were asked answered (50%)." in page
    assert "Satisfaction 15 100%" in page
    assert "Kind of channel, language" in page or "Language; worth 15 equal answers" in page
    assert "Respondieron 15 de 30 personas preguntadas" in spanish


async def test_a_period_in_which_nobody_was_asked_says_what_to_do(desk):
    page = words(await desk.get("/reports/surveys?period=1&lang=en"))

    assert "Nobody was asked in this period. Send one from the menu of a conversation" in page


async def test_whoever_sees_a_report_may_be_told_of_it_by_mail_and_stops_their_own(desk, store):
    told = {"query": "period=7&by=agent&team=", "every": "week", "weekday": "1", "hour": "9"}
    answer = await posted(desk, "/reports/mail", **told)
    [made] = desk.office.intake.recorded
    async with store.within(desk.tenant) as db:
        for nth, agent in enumerate(("supervisor", "somebody")):
            await db.execute(
                "insert into report_mail(tenant, id, agent, query, every, weekday, hour, next_at) "
                "values ($1, $2, $3, $4, 'week', 1, 9, $5)",
                desk.tenant, an_id("mail", nth), agent, made.query, made.next_at,
            )  # fmt: skip
    page = words(await desk.get("/reports?lang=en"))
    stopped = [(await posted(desk, f"/reports/mail/{an_id('mail', nth).hex()}/stop")).status_code for nth in (0, 1)]

    assert answer.status_code == 303
    assert (made.agent, made.every, made.weekday, made.hour) == ("supervisor", "week", 1, 9)
    assert "team=&" in f"{made.query}&"
    assert made.next_at > desk.office.clock.now()
    assert page.count("every tuesday at 09:00") == 1
    assert stopped == [303, 404]
    assert desk.office.intake.recorded[-1].stopped


@pytest.mark.parametrize(
    "told",
    [{"every": "hour"}, {"hour": "24"}, {"weekday": "x"}, {"query": "from=2026-03-01&to=2026-03-02"}, {"query": "by=mood"}],
    ids=["how often", "no hour", "no day", "fixed days", "no such group"],
)
async def test_a_report_by_mail_that_makes_no_sense_is_refused(desk, told):
    asked = {"query": "period=7", "every": "day", "hour": "9"} | told

    assert (await posted(desk, "/reports/mail", **asked)).status_code == 400
    assert desk.office.intake.recorded == []


async def test_a_program_is_told_of_a_report_by_mail_by_the_same_rules(desk, store):
    desk.headers["x-csrf-token"] = desk.csrf
    made = await desk.post("/api/mails", json={"query": "period=7&by=agent", "every": "week", "weekday": 1, "hour": 9})
    wrong = await desk.post("/api/mails", json={"query": "period=7", "every": "hour"})
    [fact] = desk.office.intake.recorded
    async with store.within(desk.tenant) as db:
        await db.execute(
            "insert into report_mail(tenant, id, agent, query, every, weekday, hour, next_at) "
            "values ($1, $2, 'supervisor', $3, 'week', 1, 9, $4)",
            desk.tenant, fact.mail, fact.query, fact.next_at,
        )  # fmt: skip
    [mine] = body(await desk.get("/api/mails"))
    stopped = await desk.post(f"/api/mails/{mine['id']}/stop")

    assert (made.status_code, wrong.status_code, stopped.status_code) == (201, 400, 200)
    assert mine == body(made)
    assert desk.office.intake.recorded[-1].stopped
    assert (await desk.post(f"/api/mails/{an_id('other').hex()}/stop")).status_code == 404
