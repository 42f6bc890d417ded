"""What networks call us with: in the ledger before they are answered, once, whoever else calls is counted and told nothing."""

import hashlib
import hmac
import json
from types import SimpleNamespace

import httpx
import msgspec
import pytest

from app.fake_shop import NOW, Shop
from ledger.ledgerwork import an_intake
from rapport.app.accounts import Accounts
from rapport.app.budgets import Budgets
from rapport.app.credentials import Secrets
from rapport.app.hooks import Hooks
from rapport.channels.media import MediaKeeper
from rapport.channels.registry import network
from rapport.clock import FakeClock
from rapport.ledger.read import read_entries
from rapport.model.centre import Account
from rapport.model.fact import MessageReceived
from rapport.pipeline.pushes import MOST_TRIES, Pushes
from rapport.web.office import Call

pytestmark = pytest.mark.anyio
STORE = Account("store", "shop", settings={"key": "secret:store.key"})


@pytest.fixture
async def taking(store, tenant):
    """Hooks over the real database, with an account of a shop whose key is `old`."""
    shop, clock = Shop(), FakeClock(NOW)
    async with an_intake(store) as intake:
        secrets = Secrets(store.within, intake.keys)
        network = shop.network()
        accounts = Accounts(store.within, clock, secrets, None, None, None, Budgets(store.within, clock), lambda name: network)
        await secrets.put(tenant, "store.key", "old")
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(lambda asked: httpx.Response(200, stream=httpx.ByteStream(FILE)))
        ) as http:
            house = SimpleNamespace(
                intake=intake, keys=intake.keys, within=store.within, clock=clock, media=MediaKeeper(http, None)
            )
            yield Hooks(house, accounts)


FILE = b"%PDF-1.7 and what follows"


class OneAccount:
    """The accounts of a centre that has one."""

    def __init__(self, accounts: Accounts) -> None:
        self.all = accounts

    async def accounts(self, tenant: int) -> list[Account]:
        return [STORE]

    async def channel(self, tenant: int, account: Account):
        return await self.all.channel(tenant, account)

    def probed(self, tenant: int, account: str):
        return None


def pushes_of(taking: Hooks) -> Pushes:
    """The worker's side of the same account."""
    house = taking.house
    return Pushes(house.intake, house.within, OneAccount(taking.accounts), house.media, list)


def a_call(body: bytes, signature: str = "old", method: str = "POST", **query: str) -> Call:
    return Call(method, "/hooks/t/store", tuple(query.items()), {"signature": signature}, body, "https://x/hooks/t/store", "")


async def received(store, tenant, keys) -> list[str]:
    async with store.within(tenant) as db:
        entries = await read_entries(db, keys, tenant, 0, 100)
    return [entry.content.text for entry in entries if isinstance(entry.fact, MessageReceived)]


async def health(store, tenant):
    async with store.within(tenant) as db:
        return await db.fetchrow("select * from account_health where tenant = $1 and account = 'store'", tenant)


async def test_what_is_verified_is_in_the_ledger_when_the_network_is_answered_and_only_once(taking, store, tenant):
    call = a_call(b'{"key": "1", "text": "uno"}\n{"key": "2", "text": "dos"}')

    answers = [await taking.take(tenant, STORE, call), await taking.take(tenant, STORE, call)]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"ok")] * 2
    assert await received(store, tenant, taking.house.intake.keys) == ["uno", "dos"]
    assert (await health(store, tenant))["last_pushed"] == NOW


async def test_a_challenge_is_answered(taking, tenant):
    answer = await taking.take(tenant, STORE, a_call(b"", method="GET", challenge="xyz"))

    assert (answer.status, answer.body) == (200, b"xyz")


async def test_what_is_not_the_networks_is_counted_and_nothing_of_it_is_kept(taking, store, tenant):
    answers = [await taking.take(tenant, STORE, a_call(b'{"key": "1", "text": "x"}', "forged")) for _ in range(3)]

    assert {(answer.status, answer.body) for answer in answers} == {(403, b"")}
    assert await received(store, tenant, taking.house.intake.keys) == []
    assert (await health(store, tenant))["rejected"] == 3


async def test_a_hint_that_brings_nothing_itself_says_that_there_is_something_to_read(taking, store, tenant):
    await taking.take(tenant, STORE, a_call(b""))

    assert (await health(store, tenant))["hinted_at"] == NOW


async def test_a_call_signed_with_the_former_key_counts_while_keys_change_hands(taking, store, tenant):
    await taking.accounts.secrets.put(tenant, "store.key", "new")

    answers = [await taking.take(tenant, STORE, a_call(b'{"key": "1", "text": "x"}', key)) for key in ("old", "new", "none")]

    assert [answer.status for answer in answers] == [200, 200, 403]


async def test_what_has_files_is_kept_sealed_before_the_network_is_answered_and_completed_by_a_worker(taking, store, tenant):
    answer = await taking.take(tenant, STORE, a_call(b'{"key": "1", "text": "x", "files": ["https://cdn.example/a.png"]}'))
    async with store.within(tenant) as db:
        kept = await db.fetchval("select sealed from pushed where tenant = $1", tenant)
    before = await received(store, tenant, taking.house.intake.keys)
    taken = await pushes_of(taking).take(tenant)

    async with store.within(tenant) as db:
        [entry] = await read_entries(db, taking.house.intake.keys, tenant, 0, 10)
        left = await db.fetchval("select count(*) from pushed where tenant = $1", tenant)
    assert (answer.status, before, taken, left) == (200, [], 1, 0)
    assert b"cdn.example" not in kept
    assert (entry.content.text, entry.content.media[0].size) == ("x", len(FILE))


async def test_what_cannot_be_completed_is_taken_in_at_last_without_its_files(taking, store, tenant):
    await taking.take(tenant, STORE, a_call(b'{"key": "1", "text": "x", "files": ["https://cdn.example/a.png"]}'))
    pushes = pushes_of(taking)
    pushes.media = None  # whatever is done with it fails
    taken = [await pushes.take(tenant) for _ in range(MOST_TRIES + 1)]

    assert taken == [0] * MOST_TRIES + [1]
    assert await received(store, tenant, taking.house.intake.keys) == ["x"]


async def test_an_account_whose_credential_is_missing_asks_the_network_to_come_back(taking, tenant):
    answer = await taking.take(tenant, Account("other", "shop", settings={"key": "secret:nobody"}), a_call(b""))

    assert answer.status == 503


PAGES = ("1001", "1002", "1003", "1004")
APP = {"token": "t", "app_secret": "secret:app", "verify_token": "v"}


def a_page(page: str, secret: str = "secret:app") -> Account:
    return Account(f"page-{page}", "facebook", settings=APP | {"page": page, "app_secret": secret})


def comment(page: str) -> dict:
    value = {"item": "comment", "verb": "add", "comment_id": f"{page}_1", "post_id": f"{page}_9", "message": f"to {page}"}
    told = value | {"from": {"id": "77", "name": "Ana"}, "created_time": int(NOW.timestamp())}
    return {"id": page, "time": 1, "changes": [{"field": "feed", "value": told}]}


async def test_what_an_application_tells_of_other_pages_goes_to_their_accounts_and_of_nobody_is_counted(taking, store, tenant):
    taking.accounts.find = network
    others = [a_page("1002"), a_page("1003", "secret:other")]
    await taking.accounts.secrets.put(tenant, "app", "shared")
    await taking.accounts.secrets.put(tenant, "other", "not shared")
    async with store.within(tenant) as db:
        rows = [(tenant, f"account/{one.id}", msgspec.json.encode(one), NOW) for one in others]
        await db.executemany("insert into thing (tenant, id, body, at) values ($1, $2, $3, $4)", rows)
    body = json.dumps({"object": "page", "entry": [comment(page) for page in PAGES]}).encode()
    proof = {"x-hub-signature-256": "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()}

    answer = await taking.take(tenant, a_page("1001"), Call("POST", "/hooks/t/page-1001", (), proof, body, "", ""))

    async with store.within(tenant) as db:
        entries = await read_entries(db, taking.house.intake.keys, tenant, 0, 100)
        counted = await db.fetchval("select rejected from account_health where tenant = $1 and account = 'page-1001'", tenant)
    assert answer.status == 200
    assert [(e.fact.account, e.content.text) for e in entries] == [("page-1001", "to 1001"), ("page-1002", "to 1002")]
    assert counted == 1
