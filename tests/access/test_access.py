"""Passwords, logins, invitations, sessions, tokens and the throttle."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.access import invitations, logins, sessions, tokens
from rapport.access.passwords import hash_password, is_password, new_password
from rapport.access.roles import PERMISSIONS, ROLES, TOKEN_ROLES, permissions_of
from rapport.access.throttle import Throttle
from rapport.clock import FakeClock
from rapport.errors import BadInput, Conflict, NotFound

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
KEY = bytes(32)


async def a_login(store, tenant, agent="ana", **changes):
    given = {"email": f"{agent}@hotel.example", "name": agent.title(), "role": "agent"} | changes
    return await logins.add_login(store, tenant, agent, **given)


def test_every_permission_of_a_role_is_one_that_a_route_may_need():
    assert set().union(*ROLES.values()) <= set(PERMISSIONS)


def test_an_administrator_may_everything_and_an_unknown_role_nothing():
    assert permissions_of("administrator") == set(PERMISSIONS)
    assert permissions_of("owner") == frozenset()


def test_whoever_approves_can_be_somebody_else_than_whoever_writes():
    assert "approvals.decide" in ROLES["approver"] - ROLES["agent"]


@pytest.mark.anyio
@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$v=19$broken"])
async def test_no_password_fits_where_none_is_kept(kept):
    assert not await is_password(kept, "")
    assert not await is_password(kept, "anything at all")


def test_a_made_password_is_long_enough_and_never_the_same():
    made = {new_password() for _ in range(100)}

    assert len(made) == 100
    assert {len(one) for one in made} == {19}


@pytest.mark.anyio
@pytest.mark.parametrize("password", ["short", "x" * 257])
async def test_a_password_has_ten_to_256_characters(password):
    with pytest.raises(BadInput, match="10 to 256"):
        await hash_password(password)


@pytest.mark.anyio
async def test_an_id_and_an_email_belong_to_one_login(store, tenant, new_tenant):
    await a_login(store, tenant)

    with pytest.raises(Conflict):
        await a_login(store, tenant, "ana2", email="ANA@hotel.example")
    with pytest.raises(Conflict):
        await a_login(store, tenant, "ana", email="other@hotel.example")
    assert (await a_login(store, await new_tenant())).id == "ana"


@pytest.mark.anyio
@pytest.mark.parametrize("wrong", [{"role": "owner"}, {"email": "ana"}, {"agent": "ana ana"}, {"agent": ""}])
async def test_a_login_that_makes_no_sense_is_refused(store, tenant, wrong):
    with pytest.raises(BadInput):
        await a_login(store, tenant, **wrong)


@pytest.mark.anyio
async def test_whoever_is_disabled_is_out_everywhere_at_once(store, tenant):
    ana = await a_login(store, tenant)
    token = (await sessions.open_session(store, ana, NOW)).partition(".")[2]
    link = await invitations.invitation(store, tenant, "ana", key=KEY, now=NOW)

    await logins.change_login(store, tenant, "ana", disabled=NOW)

    assert await sessions.signed_in(store, tenant, token, NOW) is None
    with pytest.raises(BadInput):
        await invitations.invited(store, link, key=KEY, now=NOW)


@pytest.mark.anyio
async def test_a_new_role_counts_from_the_next_sign_in(store, tenant):
    ana = await a_login(store, tenant)
    token = (await sessions.open_session(store, ana, NOW)).partition(".")[2]

    await logins.change_login(store, tenant, "ana", role="supervisor")

    assert await sessions.signed_in(store, tenant, token, NOW) is None
    assert (await logins.find_login(store, tenant, "ana")).role == "supervisor"


@pytest.mark.anyio
async def test_an_invitation_is_good_for_a_week(store, tenant):
    await a_login(store, tenant)
    link = await invitations.invitation(store, tenant, "ana", key=KEY, now=NOW)

    assert await invitations.invited(store, link, key=KEY, now=NOW + timedelta(days=6)) == (tenant, "ana")
    with pytest.raises(BadInput, match="older than a week"):
        await invitations.invited(store, link, key=KEY, now=NOW + timedelta(days=8))


@pytest.mark.anyio
@pytest.mark.parametrize("link", ["", "x", "x.y", "MS5hbmEuMQ.00", "\u00e9.0", "." * 50])
async def test_an_invitation_that_is_not_ours_is_refused(store, tenant, link):
    with pytest.raises(BadInput):
        await invitations.invited(store, link, key=KEY, now=NOW)


@pytest.mark.anyio
async def test_an_invitation_to_another_cannot_be_made_from_ones_own(store, tenant):
    await a_login(store, tenant, "ana")
    await a_login(store, tenant, "eva")
    mine = await invitations.invitation(store, tenant, "ana", key=KEY, now=NOW)
    hers = await invitations.invitation(store, tenant, "eva", key=KEY, now=NOW)

    with pytest.raises(BadInput):
        await invitations.invited(store, hers.partition(".")[0] + "." + mine.partition(".")[2], key=KEY, now=NOW)


@pytest.mark.anyio
async def test_the_database_holds_no_session_and_no_token_that_could_be_used(store, tenant):
    cookie = await sessions.open_session(store, await a_login(store, tenant), NOW)
    token = await tokens.make_token(store, tenant, name="crm", role="service", now=NOW)

    async with store.within(tenant, readonly=True) as db:
        kept = str([dict(row) for table in ("session", "token") for row in await db.fetch(f"select * from {table}")])

    assert cookie.partition(".")[2] not in kept
    assert token.split("_", 2)[2] not in kept  # what is secret may have a "_" in it


@pytest.mark.anyio
async def test_ended_sessions_are_cleared_away_at_the_next_sign_in(store, tenant):
    ana = await a_login(store, tenant)
    await sessions.open_session(store, ana, NOW)

    await sessions.open_session(store, ana, NOW + timedelta(hours=1))

    async with store.within(tenant, readonly=True) as db:
        assert await db.fetchval("select count(*) from session where tenant = $1", tenant) == 1


@pytest.mark.parametrize("cookie", ["", ".", "1.", ".x", "x.y", "-1.x", "1e3.x", "99999999999.x", "\u0661.x"])
def test_a_cookie_that_names_no_session_names_no_tenant(cookie):
    assert sessions.read_cookie(cookie) == (None, "")


@pytest.mark.anyio
async def test_a_token_is_known_by_its_secret_alone(store, tenant, new_tenant):
    clock = FakeClock(NOW)
    known = tokens.Known(store, clock)
    token = await tokens.make_token(store, tenant, name="crm", role="service", now=NOW)
    other = await new_tenant()

    found = await known.find(token)
    elsewhere = await known.find(token.replace(f"rpt_{tenant}_", f"rpt_{other}_"))
    wrong = await known.find(token[:-1] + ("a" if token[-1] != "a" else "b"))

    assert (found.name, found.permissions) == ("crm", permissions_of("service"))
    assert [elsewhere, wrong] == [None, None]


@pytest.mark.anyio
@pytest.mark.parametrize("text", ["", "rpt", "rpt_", "rpt_1", "rpt_1_", "rpt_x_y", "key_1_x", "rpt_99999999999_x"])
async def test_what_is_no_token_asks_nothing_of_the_database(text):
    assert await tokens.Known(None, FakeClock(NOW)).find(text) is None


@pytest.mark.anyio
async def test_a_token_never_signs_people_in_whatever_its_role(store, tenant):
    known = tokens.Known(store, FakeClock(NOW))
    for role in TOKEN_ROLES:
        token = await known.find(await tokens.make_token(store, tenant, name=role, role=role, now=NOW))
        assert not token.permissions & {"self", "logins.manage"}


@pytest.mark.anyio
async def test_a_token_that_is_not_there_cannot_be_withdrawn(store, tenant):
    with pytest.raises(NotFound):
        await tokens.withdraw_token(store, tenant, "nothing", NOW)


def test_a_throttle_lets_through_again_when_the_oldest_try_is_old():
    throttle = Throttle(2, timedelta(minutes=10))
    throttle.count("ana", NOW)
    throttle.count("ana", NOW + timedelta(minutes=4))

    assert throttle.wait("ana", NOW + timedelta(minutes=5)) == timedelta(minutes=5)
    assert throttle.wait("eva", NOW + timedelta(minutes=5)) == timedelta(0)
    assert throttle.wait("ana", NOW + timedelta(minutes=10)) == timedelta(0)
