"""The pages over a filled centre: what each shows, and what each form becomes."""

import re
from contextlib import asynccontextmanager

import pytest

from browser.filled import NOW, an_id, fill
from databases import a_tenant
from rapport.access.logins import add_login
from rapport.channels.channel import Fitted, Unit
from rapport.clock import FakeClock
from rapport.errors import Conflict
from rapport.model.conversation import Conversation
from web.officework import PAGE, a_browser, an_office, enter, sign_in

pytestmark = pytest.mark.anyio

PAGES = (
    *("/desk", "/offer", "/approvals", "/wallboard", "/patterns", "/held", "/agents", "/matching", "/desk/find?q=wifi"),
    *("/knowledge", "/knowledge/gaps", "/knowledge/pool.es/edit"),
    *("/agents/teams", "/agents/access", "/centre/pool/night"),
)
PARTS = (
    "/desk/part/inbox",
    "/desk/part/offer",
    "/desk/part/presence",
    "/desk/part/presence-menu",
    "/offer/part",
    "/approvals/part/list",
    "/wallboard/part/now",
    "/matching/part/studies",
)


@asynccontextmanager
async def a_desk(store, tenant, guest):
    """A browser of Ana's, signed in as administrator, over the hotel; `desk.csrf`, `desk.office`, `desk.guest`."""
    office = an_office(store, clock=FakeClock(NOW), fit=lambda *asked: Fitted((asked[3],), 500, Unit.CHARS))
    async with a_browser(office) as client:
        client.csrf = await enter(client, office, tenant, "ana")
        client.office, client.guest, client.tenant = office, guest, tenant
        yield client


async def a_hotel(store):
    """A tenant with the hotel, and its guest's conversation."""
    tenant = await a_tenant(store)
    guest = await fill(store, tenant)
    await add_login(store, tenant, "ana", email="ana@hotel.example", name="Ana", role="administrator")
    return tenant, guest.id.hex()


@pytest.fixture(scope="module")
async def hotel(store):
    """The hotel of all tests that write nothing into its rows: filling it takes longer than what they do."""
    return await a_hotel(store)


@pytest.fixture
async def desk(store, hotel):
    async with a_desk(store, *hotel) as desk:
        yield desk


@pytest.fixture
async def own_desk(store):
    """The same over a hotel that the test may change."""
    async with a_desk(store, *await a_hotel(store)) as desk:
        yield desk


async def posted(client, url: str, **data: str):
    return await client.post(url, data={"csrf": client.csrf, **data}, headers=PAGE)


def words(answer) -> str:
    """The page's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.mark.parametrize("language", ["es", "en"])
async def test_every_page_and_part_is_there_in_both_languages(desk, language):
    answers = {url: await desk.get(f"{url}{'&' if '?' in url else '?'}lang={language}") for url in PAGES + PARTS}

    said = {url: (answer.status_code, answer.headers["content-language"]) for url, answer in answers.items()}
    assert said == dict.fromkeys(PAGES + PARTS, (200, language))


async def test_the_desk_shows_a_conversation_with_its_person(desk):
    said = words(await desk.get(f"/desk/{desk.guest}?lang=es"))

    assert "Tercera noche y el wifi" in said
    assert "Lo que importa ahora" in said
    assert "Por qué usted" in said
    assert "hotel, checked in" in said.lower()


async def test_a_note_is_dashed_and_public_is_outlined_with_its_word(desk):
    text = (await desk.get(f"/desk/{desk.guest}")).text

    assert re.search(r'class="msg note" id="m-', text)
    assert re.search(r'class="msg public" id="m-', text)
    assert re.search(r'class="msg out public" id="m-', text)


async def test_a_send_of_which_nobody_knows_offers_both_ways_on(desk):
    said = words(await desk.get(f"/desk/{desk.guest}?lang=en"))

    assert "It may have arrived: nobody can say" in said
    assert "Send again" in said
    assert "Leave it" in said


async def test_what_people_write_is_escaped_and_their_html_stands_in_a_sandbox(desk):
    text = (await desk.get(f"/desk/{an_id('c', 'cots').hex()}")).text

    assert re.search(r'<iframe class="html" sandbox loading="lazy" src="/outside/[0-9a-f]{32}/formatted"', text)
    assert "<b>Two cots</b>" not in text
    assert "alert(1)" not in text
    assert "tracker.example" not in text


VIEWS = {  # what is in a view, and what is not
    "mine": ("wifi", "taxi"),
    "waiting": ("taxi", "wifi"),
    "snoozed": ("tarde", "wifi"),
    "approval": ("desayuno", "wifi"),
    "open": ("pago", "gracias"),
    "resolved": ("gracias", "wifi"),
    "team": ("carrera", "pago"),
}


async def test_a_view_lists_its_conversations(desk):
    texts = {view: (await desk.get(f"/desk/part/inbox?view={view}")).text for view in VIEWS}

    listed = {view: tuple(f"r-{an_id('c', name).hex()}" in texts[view] for name in names) for view, names in VIEWS.items()}
    assert listed == dict.fromkeys(VIEWS, (True, False))


async def test_who_is_no_agent_is_told_so_where_agents_wait_for_offers(store, tenant):
    office = an_office(store)
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "administrator")
        said = words(await client.get("/desk?lang=en"))

    assert "You are no agent of this centre" in said
    assert "The next conversation comes to you" not in said


async def test_an_empty_view_says_what_to_do(store, tenant):
    office = an_office(store)
    await office.intake.set_things(tenant, [("agent", "agent", b'{"id": "agent"}')])
    async with a_browser(office) as client:
        await sign_in(client, office, tenant)
        said = words(await client.get("/desk?lang=en"))

    assert "All caught up" in said
    assert "Be available" in said


ALIKE = ", ".join(f'"{name}"' for name in Conversation.__struct_fields__ if name not in ("id", "last_at"))
CLONES = f"""insert into conversation(tenant, id, last_at, {ALIKE})
    select tenant, lpad(to_hex(n), 32, '0')::uuid, last_at - n * interval '1 second', {ALIKE}
    from conversation, generate_series(1, $3) n where tenant = $1 and id = $2"""


def listed(text: str) -> list[str]:
    """The conversations of a list, in its order."""
    return re.findall(r'id="r-([0-9a-f]+)"', text)


async def test_a_list_shows_all_that_there_is(desk):
    text = (await desk.get("/desk/part/inbox?view=resolved")).text

    assert len(listed(text)) == 41
    assert "data-more" not in text


async def test_a_long_list_grows_by_a_page_and_then_goes_on_after_its_end(own_desk):
    async with own_desk.office.store.within(own_desk.tenant) as db:
        await db.execute(CLONES, own_desk.tenant, an_id("c", "gracias"), 200)

    first = (await own_desk.get("/desk/part/inbox?view=resolved")).text
    longest = (await own_desk.get("/desk/part/inbox?view=resolved&show=200")).text
    after = re.search(r'href="/desk\?view=resolved&amp;after=([^"#&]+)', longest)[1]
    rest = (await own_desk.get(f"/desk/part/inbox?view=resolved&after={after}")).text

    assert len(listed(first)) == 50
    assert "show=100" in first
    assert len({*listed(longest), *listed(rest)}) == len(listed(longest)) + len(listed(rest)) == 241


async def test_the_list_asks_for_itself_again_with_its_own_view(desk):
    text = (await desk.get("/desk/part/inbox?view=snoozed&show=100")).text

    assert 'hx-get="/desk/part/inbox?view=snoozed&amp;show=100"' in text


@pytest.mark.parametrize(
    "url", ["/desk/xyz", f"/desk/{'0' * 32}", "/people/xyz", f"/approvals/{'0' * 32}", f"/audit/{'0' * 32}"]
)
async def test_what_is_not_there_is_said_to_be_not_there(desk, url):
    assert (await desk.get(url, headers={"accept": "text/html"})).status_code == 404


async def test_an_address_that_is_none_is_told_in_the_language_of_the_page_alone(desk):
    page = (await desk.get("/nothing?lang=es", headers={"accept": "text/html"})).text

    assert "Aquí no hay nada" in page
    assert "Not Found" not in page


async def test_the_conversation_of_another_tenant_is_not_there(desk, store, new_tenant):
    other = await new_tenant()
    foreign = await fill(store, other)

    async with a_browser(desk.office) as client:
        await sign_in(client, desk.office, await new_tenant(), "administrator")
        answer = await client.get(f"/desk/{foreign.id.hex()}")

    assert answer.status_code == 404


async def test_a_reply_becomes_an_action_and_leads_back_to_the_conversation(desk):
    answer = await posted(desk, f"/desk/{desk.guest}/say", text="Ya quedó", reach="private", once="k1", view="mine")

    done = desk.office.intake.acts[-1]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/desk/{desk.guest}?view=mine&said=k1#conversation"
    assert (done["do"], done["text"], done["reach"], done["once"]) == ("reply", "Ya quedó", "private", "ana/reply/k1")


async def test_a_note_is_never_a_reply(desk):
    await posted(desk, f"/desk/{desk.guest}/say", text="@Lupe gracias", reach="note")

    assert [act["do"] for act in desk.office.intake.acts] == ["note"]


async def test_a_refused_reply_comes_back_with_its_reason_and_every_letter(desk):
    desk.office.intake.refusal = "A reply needs words."

    answer = await posted(desk, f"/desk/{desk.guest}/say?lang=es", text="Ya <quedó>", reach="public")

    assert answer.status_code == 409
    assert "Una respuesta necesita palabras." in answer.text
    assert "Ya &lt;quedó&gt;</textarea>" in answer.text


async def test_a_form_without_the_token_of_the_session_does_nothing(desk):
    answer = await desk.post(f"/desk/{desk.guest}/say", data={"text": "x", "reach": "private"}, headers=PAGE)

    assert answer.status_code == 403
    assert desk.office.intake.acts == []


async def test_the_button_says_that_a_public_reply_needs_approval(desk):
    text = (await desk.get(f"/desk/{desk.guest}?lang=en")).text

    assert re.search(r'for-public"[^>]*>.{0,120}Ask approval', text, re.S)
    assert re.search(r'for-private"[^>]*>.{0,120}Send', text, re.S)


async def test_the_checks_say_what_and_where_while_it_is_written(desk):
    answer = await posted(desk, f"/desk/{desk.guest}/checks?lang=en", text="Call 55 5550 0199 now", reach="public")

    said = words(answer)
    assert "55 5550 0199" in said
    assert "21 / 500" in said


async def test_what_is_being_written_is_kept_and_comes_back(own_desk):
    await posted(own_desk, f"/desk/{own_desk.guest}/checks", text="Ya casi", reach="private")

    assert "Ya casi</textarea>" in (await own_desk.get(f"/desk/{own_desk.guest}")).text


async def test_a_colleague_who_writes_in_the_same_conversation_is_shown(own_desk):
    async with a_browser(own_desk.office) as other:
        other.csrf = await sign_in(other, own_desk.office, own_desk.tenant, "agent", "noor")
        await posted(other, f"/desk/{own_desk.guest}/checks", text="Yo también", reach="private")

    assert "Noor Baptiste-Oyelaran is here too" in words(await own_desk.get(f"/desk/{own_desk.guest}/part/standing?lang=en"))


async def test_resolving_what_one_has_wraps_it_up_with_its_disposition(own_desk):
    id = an_id("c", "minibar").hex()
    async with own_desk.office.store.within(own_desk.tenant) as db:
        await db.execute(
            "update conversation set interaction = id where tenant = $1 and id = $2", own_desk.tenant, bytes.fromhex(id)
        )

    answer = await posted(own_desk, f"/desk/{id}/resolve", disposition="solved", view="mine")

    done = own_desk.office.intake.acts[-1]
    where = f"/desk?view=mine&did=resolve&of={id}#inbox"
    assert (done["do"], done["argument"], answer.headers["location"]) == ("wrap_up", "solved", where)


async def test_resolving_what_nobody_has_closes_it(desk):
    await posted(desk, f"/desk/{an_id('c', 'taxi').hex()}/resolve", disposition="spam")

    assert desk.office.intake.acts[-1]["do"] == "close"


async def test_a_snooze_until_a_time_of_ones_own_is_in_the_zone_of_the_centre(desk):
    await posted(desk, f"/desk/{desk.guest}/snooze", own="2026-03-05T08:00", until="x")

    assert desk.office.intake.acts[-1]["argument"] == "2026-03-05T08:00:00-06:00"


async def test_a_transfer_carries_what_the_next_one_should_know(desk):
    await posted(desk, f"/desk/{desk.guest}/transfer", to="lupe", reason="Es la red")

    (act,) = desk.office.intake.acts
    assert (act["do"], act["argument"], act["reason"]) == ("transfer", "lupe", "Es la red")


async def test_opening_ones_own_unread_conversation_marks_it_read(desk):
    await desk.get(f"/desk/{an_id('c', 'minibar').hex()}")

    assert [act["do"] for act in desk.office.intake.acts] == ["read"]


async def test_opening_what_somebody_else_has_marks_nothing(desk):
    await desk.get(f"/desk/{an_id('c', 'taxi').hex()}")

    assert desk.office.intake.acts == []


async def test_an_open_offer_lies_on_the_desk_with_its_reasons_and_its_time(desk):
    said = words(await desk.get("/desk?lang=en"))

    assert "An offer for you" in said
    assert "Speaks Spanish" in said
    assert "0:48" in said


async def test_accepting_an_offer_leads_to_its_conversation(desk):
    offer, about = an_id("o", "taxi").hex(), an_id("c", "taxi").hex()

    answer = await posted(desk, f"/offers/{offer}", do="accept", next="/desk")

    assert answer.headers["location"] == f"/desk/{about}#conversation"
    assert desk.office.intake.acts[-1]["offer"].hex() == offer


async def test_declining_on_the_road_says_why_and_stays_there(desk):
    answer = await posted(desk, f"/offers/{an_id('o', 'taxi').hex()}", do="decline-driving", next="/offer")

    done = desk.office.intake.acts[-1]
    assert (done["do"], done["argument"], answer.headers["location"]) == ("decline", "driving", "/offer")


async def test_who_accepts_too_late_reads_why(desk):
    desk.office.intake.refusal = "The offer has expired."

    answer = await posted(desk, f"/offers/{an_id('o', 'taxi').hex()}", do="accept", next="/desk")

    assert answer.status_code == 409
    assert "The offer has expired." in answer.text


@pytest.mark.parametrize("do", ["go_online", "go_busy", "go_away", "go_offline"])
async def test_presence_changes_by_a_form(desk, do):
    await posted(desk, "/desk/presence", do=do)

    assert desk.office.intake.acts[-1]["do"] == do


async def test_an_approver_reads_the_draft_the_findings_and_the_exact_parts(desk):
    said = words(await desk.get(f"/approvals/{an_id('d', 'desayuno').hex()}?lang=en"))

    assert "Contact data" in said
    assert "@chayo Gracias, Chayo." in said
    assert "Approve and publish" in said


async def test_nobody_is_shown_a_way_to_approve_their_own_text(desk):
    said = words(await desk.get(f"/approvals/{an_id('d', 'propio').hex()}?lang=en"))

    assert "Approve and publish" not in said
    assert "It is your own text: somebody else decides." in said


async def test_an_approval_without_a_change_carries_no_edit(desk):
    draft = an_id("d", "desayuno").hex()
    text = re.search(
        r'<textarea class="input as-written"[^>]*>(.*?)</textarea>', (await desk.get(f"/approvals/{draft}")).text, re.S
    )

    await posted(desk, f"/drafts/{draft}", do="approve", text=text[1])

    assert (desk.office.intake.acts[-1]["do"], desk.office.intake.acts[-1]["text"]) == ("approve", "")


async def test_an_edited_approval_carries_the_edit(desk):
    await posted(desk, f"/drafts/{an_id('d', 'desayuno').hex()}", do="approve", text="Gracias, Chayo.")

    assert desk.office.intake.acts[-1]["text"] == "Gracias, Chayo."


async def test_a_return_needs_a_reason(desk):
    answer = await posted(desk, f"/drafts/{an_id('d', 'desayuno').hex()}?lang=en", do="return", reason=" ")

    assert answer.status_code == 409
    assert "Say why, so that its author can do better." in answer.text
    assert desk.office.intake.acts == []


async def test_a_returned_draft_comes_back_to_its_author_with_the_reason(own_desk):
    async with own_desk.office.store.within(own_desk.tenant) as db:
        await db.execute(
            "update draft set state = 'returned', approver = 'irene', reason = 'Sin la habitación', decided_at = $3"
            " where tenant = $1 and id = $2", own_desk.tenant, an_id("d", "propio"), NOW,
        )  # fmt: skip

    text = (await own_desk.get(f"/desk/{own_desk.guest}?lang=en")).text

    assert "Returned by Irene Villaseñor." in text
    assert "Sin la habitación" in text
    assert "Ya quedó, María Fernanda.</textarea>" in text


async def test_taking_a_draft_back_keeps_its_text_for_the_composer(own_desk):
    await posted(own_desk, f"/drafts/{an_id('d', 'propio').hex()}/withdraw")

    assert own_desk.office.intake.acts[-1]["do"] == "withdraw"
    assert "Ya quedó, María Fernanda.</textarea>" in (await own_desk.get(f"/desk/{own_desk.guest}")).text


async def test_the_wallboard_shows_each_number_with_what_it_counts(desk):
    said = words(await desk.get("/wallboard?lang=en"))

    assert "33 of 46 in time today" in said
    assert "Burst: 312 nearly equal messages held" in said
    assert "Of the conversations opened today that were answered or are past their target" in said


async def test_the_plot_can_be_read_without_seeing_it(desk):
    text = (await desk.get("/wallboard?lang=en")).text

    assert '<svg class="plot" viewBox="0 0 1180 250" role="img" aria-labelledby="flow-t flow-d">' in text
    assert "<table" in text[text.index("flow-figures") :]


async def test_what_is_held_can_be_let_through(desk):
    id = an_id("held", 1).hex()

    answer = await posted(desk, f"/held/{id}/release")

    done = desk.office.intake.acts[-1]
    assert (done["do"], done["conversation"].hex(), answer.headers["location"]) == ("release", id, "/held")


async def test_an_entry_set_aside_can_be_tried_again(desk):
    await posted(desk, f"/held/{an_id('aside').hex()}/retry")

    assert desk.office.intake.acts[-1]["do"] == "retry"


async def test_the_bytes_of_what_could_not_be_read_come_as_a_download(desk):
    async def raw(tenant: int, message: bytes) -> bytes:
        return b"<script>"

    desk.office.memory["raw_bytes"] = raw

    answer = await desk.get(f"/held/{an_id('bad', 1).hex()}/raw")

    assert answer.content == b"<script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_person_has_their_whole_journey_and_filters(desk):
    person = an_id("p", "María Fernanda Echeverría-Goikoetxea Ruiz de la Peña").hex()

    everything = words(await desk.get(f"/people/{person}"))
    billing = words(await desk.get(f"/people/{person}?only=event&source=Facturación"))

    assert "Invoice, corrected" in everything
    assert "Hotel, checked in" in everything
    assert "Invoice, corrected" in billing
    assert "Hotel, checked in" not in billing


async def test_a_journey_event_is_called_what_its_kind_says_in_the_language_of_the_page(store):
    tenant, guest = await a_hotel(store)
    kind = b'{"id": "hotel.checked_in", "title": {"es": "Vino al hotel", "en": "Arrived"}}'
    async with a_desk(store, tenant, guest) as desk:
        await desk.office.intake.set_things(tenant, [("event_kind", "hotel.checked_in", kind)])
        said = words(await desk.get(f"/desk/{guest}?lang=es"))

    assert "Vino al hotel" in said
    assert "hotel, checked in" not in said.lower()


async def test_a_search_finds_people_and_open_conversations(desk):
    for asked in ("minibar", an_id("c", "minibar").hex()[-8:].upper()):
        said = words(await desk.get(f"/desk/find?q={asked}", headers={"x-part": "1"}))
        assert "Óscar Ibarrondo" in said


async def test_agents_and_accounts_say_how_they_are(desk):
    said = words(await desk.get("/agents?lang=en"))

    assert "Noor Baptiste-Oyelaran" in said
    assert "1 not sent" in said


async def test_who_is_no_agent_of_the_centre_is_told_so(own_desk):
    async with a_browser(own_desk.office) as other:
        await sign_in(other, own_desk.office, own_desk.tenant, "auditor")
        said = words(await other.get("/desk?lang=en"))

    assert "Looks on: no agent of this centre" in said


async def test_an_action_that_waits_for_no_worker_still_leads_on(desk):
    async def nobody(tenant: int, action: bytes, timeout: float = 3.0) -> None:
        return None

    desk.office.intake.outcome = nobody

    assert (await posted(desk, f"/desk/{desk.guest}/take")).status_code == 303


async def test_a_refusal_outside_of_a_conversation_is_shown_on_the_desk(desk):
    desk.office.intake.refusal = str(Conflict("The centre has no agent ana."))

    answer = await posted(desk, "/desk/presence", do="go_online")

    assert answer.status_code == 409
    assert "El centro no tiene ningún agente ana." in answer.text
