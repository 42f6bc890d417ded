"""The safe window: links are shown and never live, formatting stands in a sandbox, and whoever goes outside is on record."""

import pytest

from browser.filled import NOW, an_id, fill
from rapport.clock import FakeClock
from web.officework import PAGE, a_browser, an_office, sign_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(store, tenant):
    """A browser of Irene's, who supervises the filled hotel; `desk.mail` is the message with links."""
    await fill(store, tenant)
    office = an_office(store, clock=FakeClock(NOW))
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor", "irene")
        client.office, client.tenant = office, tenant
        async with store.within(tenant) as db:
            client.mail = (await db.fetchval("select id from message where tenant = $1 and html <> ''", tenant)).hex()
        yield client


async def test_links_of_a_message_are_shown_with_their_domain_and_none_is_live(desk):
    text = (await desk.get(f"/desk/{an_id('c', 'cots').hex()}?lang=en")).text

    assert "https://forms.<b>okonkwo.example</b>/48817</span>" in text
    assert "https://reforma.example.login.<b>evil.example</b>/pay?x=1</span>" in text
    assert "It looks like an address of ours and is none." in text
    assert 'href="http' not in text


async def test_formatting_is_served_in_a_sandbox_that_loads_and_runs_nothing(desk):
    answer = await desk.get(f"/outside/{desk.mail}/formatted")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert "<b>Two cots</b>" in answer.text
    assert "href" not in answer.text
    assert "tracker.example" not in answer.text
    assert "alert" not in answer.text


@pytest.mark.parametrize("language", ["es", "en"])
async def test_before_somebody_goes_the_page_says_where_and_has_no_live_link(desk, language):
    answer = await desk.get(f"/outside/{desk.mail}/2?lang={language}")

    assert "<b>evil.example</b>" in answer.text
    assert 'href="http' not in answer.text
    assert desk.office.intake.acts == []


async def test_whoever_goes_is_on_record_with_the_address_and_only_then_it_is_live(desk):
    answer = await desk.post(f"/outside/{desk.mail}/2", data={"csrf": desk.csrf}, headers=PAGE)

    [act] = desk.office.intake.acts
    assert (act["agent"], act["do"], act["argument"]) == ("irene", "open_link", desk.mail)
    assert act["text"] == "https://reforma.example.login.evil.example/pay?x=1"
    assert 'href="https://reforma.example.login.evil.example/pay?x=1" target="_blank" rel="noreferrer' in answer.text


async def test_an_agent_sees_links_and_cannot_go_there(store, tenant):
    await fill(store, tenant)
    office = an_office(store, clock=FakeClock(NOW))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "agent", "ana")
        page = await client.get(f"/desk/{an_id('c', 'cots').hex()}")
        refused = await client.get(f"/outside/{an_id('m', 'cots', '0').hex()}/0", headers={"accept": "text/html"})

    assert "okonkwo.example</b>" in page.text
    assert "/outside/" not in page.text.replace("/formatted", "").replace(f"/outside/{desk_frame(page.text)}", "")
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["0" * 32 + "/0", "what/0", "MAIL/99"])
async def test_no_other_address_can_be_reached_through_here(desk, path):
    answer = await desk.get(f"/outside/{path.replace('MAIL', desk.mail)}")

    assert answer.status_code == 404


def desk_frame(text: str) -> str:
    """The message whose formatting a page shows in its frame."""
    return text.split('src="/outside/')[1].split("/")[0] if 'src="/outside/' in text else ""
