"""Who asks: tokens that are renewed, and tokens that we sign; PyJWT reads what we sign."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qsl

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from contracts.channel import NOW
from rapport.channels.json_api import JsonApi
from rapport.channels.kept import Kept
from rapport.channels.tokens import Granted, Signed, basic, web_token
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused, Unavailable

pytestmark = pytest.mark.anyio
CLAIMS = {"iss": "us", "exp": 4_000_000_000}


def pem(key):
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*kind).decode()


class Issuer:
    """Gives access tokens `t1`, `t2`, …; `answers` are given first; the API takes only tokens in `good`."""

    def __init__(self, *answers, **granted):
        self.answers, self.granted, self.asked, self.good = list(answers), granted, [], {"t1", "t2", "t3"}

    def __call__(self, request):
        if request.url.path != "/token":
            taken = request.headers["authorization"].removeprefix("Bearer ") in self.good
            return httpx.Response(200 if taken else 401, json={})
        self.asked.append(request.content.decode())
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return httpx.Response(200, json={"access_token": f"t{len(self.asked)}", "expires_in": 3600} | self.granted)

    def granted_to(self, clock):
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Granted(self.http, "https://id.example/token", lambda: {"refresh_token": "r0"}, clock)


async def test_a_token_is_asked_for_once_and_again_shortly_before_it_ends():
    clock, issuer = FakeClock(NOW), Issuer()
    token = issuer.granted_to(clock)

    first = [await token.headers(), await token.headers()]
    clock.move(timedelta(minutes=59, seconds=1))
    later = await token.headers()

    assert first == [{"Authorization": "Bearer t1"}] * 2
    assert later == {"Authorization": "Bearer t2"}


async def test_two_that_ask_at_once_use_one_token():
    issuer = Issuer()

    async def slowly(request):
        await asyncio.sleep(0)
        return issuer(request)

    token = issuer.granted_to(FakeClock(NOW))
    token.http = httpx.AsyncClient(transport=httpx.MockTransport(slowly))

    told = await asyncio.gather(*(token.headers() for _ in range(5)))

    assert (told, len(issuer.asked)) == ([{"Authorization": "Bearer t1"}] * 5, 1)


async def test_a_refresh_token_that_comes_back_is_the_one_used_next():
    clock, issuer = FakeClock(NOW), Issuer(refresh_token="r1")
    token = issuer.granted_to(clock)
    await token.headers()
    clock.move(timedelta(hours=2))

    await token.headers()

    assert issuer.asked == ["refresh_token=r0", "refresh_token=r1"]


async def test_a_token_that_was_taken_back_is_renewed_once_and_the_request_repeated():
    issuer = Issuer()
    signs = issuer.granted_to(FakeClock(NOW))
    issuer.good = {"t2"}

    response = await JsonApi(issuer.http, "https://api.example", FakeClock(NOW), signs).ask("POST", "/posts")

    assert response.status_code == 200
    assert len(issuer.asked) == 2


async def test_an_account_whose_new_token_is_refused_too_must_be_connected_again():
    issuer = Issuer()
    signs = issuer.granted_to(FakeClock(NOW))
    issuer.good = set()

    with pytest.raises(Refused, match="connect it again"):
        await JsonApi(issuer.http, "https://api.example", FakeClock(NOW), signs).ask("POST", "/posts")

    assert len(issuer.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout("no"), Unavailable),
        (httpx.Response(503), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(200, content=b"<html>"), Unavailable),
        (httpx.Response(400, json={"error": "invalid_grant"}), Refused),
    ],
    ids=str,
)
async def test_where_no_token_can_be_had_nothing_was_sent(answer, error):
    with pytest.raises(error):
        await Issuer(answer).granted_to(FakeClock(NOW)).headers()


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)], ids=["ec", "rsa"]
)
def test_a_token_that_we_sign_is_taken_by_another_library(key):
    said = web_token(pem(key), CLAIMS, {"kid": "K1"})

    assert jwt.decode(said, key.public_key(), ["ES256", "RS256"]) == CLAIMS
    assert jwt.get_unverified_header(said)["kid"] == "K1"


def test_a_key_that_was_pasted_in_one_line_is_read():
    key = ec.generate_private_key(ec.SECP256R1())

    said = web_token(pem(key).replace("\n", "\\n"), CLAIMS)

    assert jwt.decode(said, key.public_key(), ["ES256"]) == CLAIMS


@pytest.mark.parametrize(
    "key", ["", "no key", pem(ed25519.Ed25519PrivateKey.generate()), pem(ec.generate_private_key(ec.SECP384R1()))]
)
def test_a_key_that_cannot_sign_is_refused_without_showing_it(key):
    with pytest.raises(BadInput, match="private key") as raised:
        web_token(key, CLAIMS)

    assert not key or key not in str(raised.value)


async def test_a_signed_token_is_made_anew_before_it_ends():
    clock, made = FakeClock(NOW), []
    signed = Signed(lambda now: made.append(now) or f"t{len(made)}", clock)

    first = [await signed.headers(), await signed.headers()]
    clock.move(timedelta(minutes=9))
    later = await signed.headers()

    assert first == [{"Authorization": "Bearer t1"}] * 2
    assert later == {"Authorization": "Bearer t2"}


async def test_a_name_and_a_password_go_as_the_standard_says():
    assert await basic("Aladdin", "open sesame").headers() == {
        "Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    }  # RFC 7617, 2


class Single:
    """Gives refresh tokens that may be used once: r0 for r1, r1 for r2, …; an old one is refused."""

    def __init__(self):
        self.good = 0

    def __call__(self, request):
        used = dict(parse_qsl(request.content.decode()))["refresh_token"]
        if used != f"r{self.good}":
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.good += 1
        told = {"access_token": f"t{self.good}", "refresh_token": f"r{self.good}", "expires_in": 3600}
        return httpx.Response(200, json=told)


@pytest.fixture
def begin():
    """`begin(first)`: a process that begins now, with what earlier ones kept."""
    issuer, notes = Single(), {}

    async def read(name, credential):
        return notes.get((name, credential), "")

    async def write(name, credential, value):
        notes[name, credential] = value

    def begin(first="r0"):
        http = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
        form = {"refresh_token": first}
        return Granted(http, "https://id.example/token", lambda: form, FakeClock(NOW), kept=Kept(read, write))

    return begin


async def test_a_refresh_token_that_took_the_place_of_a_used_one_outlives_a_restart(begin):
    first = begin()
    await first.headers()
    first.renewed()
    await first.headers()

    assert await begin().headers() == {"Authorization": "Bearer t3"}


async def test_of_two_processes_the_one_whose_token_the_other_used_takes_the_newer(begin):
    worker, web = begin(), begin()
    await worker.headers()
    await web.headers()
    worker.renewed()

    assert await worker.headers() == {"Authorization": "Bearer t3"}


async def test_what_was_kept_of_another_credential_is_not_used(begin):
    await begin().headers()

    with pytest.raises(Refused, match="invalid_grant"):
        await begin("r9").headers()


async def test_nothing_is_asked_with_a_token_whose_successor_is_not_kept_yet():
    away = [True]

    async def write(name, credential, value):
        if away[0]:
            raise Unavailable("the database is away")

    http = httpx.AsyncClient(transport=httpx.MockTransport(Single()))
    token = Granted(http, "https://id.example/t", lambda: {"refresh_token": "r0"}, FakeClock(NOW), kept=Kept(write=write))
    with pytest.raises(Unavailable, match="away"):
        await token.headers()
    away[0] = False

    assert await token.headers() == {"Authorization": "Bearer t1"}
