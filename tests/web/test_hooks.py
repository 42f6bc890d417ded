"""What networks call: nothing is believed before it is verified, nothing is told to strangers, and floods are bounded."""

import asyncio

import pytest

from rapport.errors import StoreError
from rapport.model.centre import Account
from rapport.web import hooks
from rapport.web.office import Answer, Call
from web.officework import HERE, a_browser, an_office

pytestmark = pytest.mark.anyio


class Taken(list[tuple[int, Account, Call]]):
    """A hook that keeps what it is given, and answers `answer`."""

    answer: Answer | Exception = Answer(200, b"taken")

    async def take(self, tenant: int, account: Account, call: Call) -> Answer:
        self.append((tenant, account, call))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def an_account(office, tenant: int, body: bytes = b'{"id": "crm", "channel": "webhook"}') -> str:
    """Set an account called crm; the path of its hook."""
    await office.intake.set_things(tenant, [("account", "crm", body)])
    async with office.store.within(tenant, readonly=True) as db:
        name = await db.fetchval("select name from tenant where id = $1", tenant)
    return f"/hooks/{name}/crm"


async def test_the_channel_gets_the_bytes_the_headers_and_the_address_as_they_came(store, tenant):
    taken = Taken()
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post(
            f"{path}?a=1&a=2", content=b'{"x":  1}', headers={"X-Signature": "abc", "authorization": "Bearer x"}
        )

    [(number, account, call)] = taken
    assert (answer.status_code, answer.content) == (200, b"taken")
    assert (number, account.id, call.method, call.body) == (tenant, "crm", "POST", b'{"x":  1}')
    assert (call.headers["x-signature"], call.query) == ("abc", (("a", "1"), ("a", "2")))
    assert call.url == f"{HERE}{path}?a=1&a=2"


async def test_a_network_that_asks_whether_it_is_us_is_answered(store, tenant):
    taken = Taken()
    taken.answer = Answer(200, b"12345")
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.get(f"{path}?hub.challenge=12345")

    assert (answer.status_code, answer.text, answer.headers["content-type"].split(";")[0]) == (200, "12345", "text/plain")


@pytest.mark.parametrize("path", ["/hooks/nobody/crm", "/hooks/{tenant}/other"])
async def test_what_names_no_account_is_404_and_reaches_no_channel(store, tenant, path):
    taken = Taken()
    office = an_office(store, hook=taken.take)
    ours = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post(path.replace("{tenant}", ours.split("/")[2]), content=b"{}")

    assert (answer.status_code, answer.content, taken) == (404, b"", [])


async def test_what_is_rejected_is_403_without_a_word(store, tenant):
    taken = Taken()
    taken.answer = Answer(403)
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post(path, content=b"{}")

    assert (answer.status_code, answer.content) == (403, b"")


async def test_an_address_that_sends_what_is_no_networks_is_soon_heard_no_more(store, tenant):
    taken = Taken()
    taken.answer = Answer(403)
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        codes = [(await client.post(path, content=b"{}")).status_code for _ in range(hooks.OFTEN_WRONG[0] + 2)]

    assert codes == [403] * hooks.OFTEN_WRONG[0] + [429] * 2


async def test_more_than_five_mebibytes_are_not_read(store, tenant):
    taken = Taken()
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        fits = await client.post(path, content=b"x" * hooks.LARGEST)
        too_large = await client.post(path, content=b"x" * (hooks.LARGEST + 1))

    assert (fits.status_code, too_large.status_code, len(taken)) == (200, 413, 1)


@pytest.mark.parametrize("error", [StoreError("away"), TimeoutError()])
async def test_what_could_not_be_kept_is_asked_for_again(store, tenant, error):
    taken = Taken()
    taken.answer = error
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post(path, content=b"{}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_network_is_never_kept_waiting(store, tenant, monkeypatch):
    async def slow(tenant: int, account: Account, call: Call) -> Answer:
        await asyncio.sleep(60)
        return Answer(200)

    monkeypatch.setattr(hooks, "SECONDS", 0.05)
    office = an_office(store, hook=slow)
    path = await an_account(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post(path, content=b"{}")

    assert answer.status_code == 503


async def test_an_account_that_is_paused_asks_the_network_to_come_back(store, tenant):
    taken = Taken()
    office = an_office(store, hook=taken.take)
    path = await an_account(office, tenant, b'{"id": "crm", "channel": "webhook", "paused": true}')

    async with a_browser(office) as client:
        answer = await client.post(path, content=b"{}")

    assert (answer.status_code, taken) == (503, [])
