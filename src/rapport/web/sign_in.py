"""Signing in and out, the invitation that sets a password, and one's own language."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access import invitations, logins, sessions
from rapport.access.logins import Login
from rapport.access.passwords import LONGEST, SHORTEST
from rapport.access.throttle import Throttle
from rapport.errors import BadInput
from rapport.model.fact import InvitationTaken
from rapport.web.centre_now import centre_now, tenant_named, tenants_now
from rapport.web.languages import LANGUAGES, say
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import (
    COOKIE,
    EVERYONE,
    FROM_OUR_PAGES,
    AnyRequest,
    address_of,
    current,
    language_of,
    needs,
    office_of,
    perhaps,
)

TRIES = 8
TRIES_OF_AN_ADDRESS = 60
SPAN = timedelta(minutes=15)
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class SignIn(msgspec.Struct, frozen=True):
    """The page to sign in. `tenants` empty: there is one alone."""

    next: str
    email: str = ""
    tenant: str = ""
    tenants: tuple[str, ...] = ()
    wrong: str = ""


class Welcome(msgspec.Struct, frozen=True):
    """The page that an invitation opens."""

    link: str
    name: str
    wrong: str = ""


@get("/", opt=EVERYONE, include_in_schema=False)
async def start(request: AnyRequest) -> Response[None]:
    """Where to begin: the desk, or what one's role opens on; the set-up while there is no centre."""
    who = perhaps(request)
    if who is None:
        return _go("/sign-in")
    if who.may("centre.write"):
        centre = await centre_now(office_of(request), who.tenant)
        if not centre.profile.name and not centre.agents:
            return _go("/set-up")
    return _go(next((url for need, url in _FIRST_PAGES if who.may(need)), "/api"))


_FIRST_PAGES = (("desk.read", "/desk"), ("wallboard.read", "/wallboard"))


@get("/sign-in", opt=EVERYONE, include_in_schema=False)
async def sign_in_page(request: AnyRequest) -> Response[Any]:
    """The page to sign in."""
    return await _page(request, SignIn(_inside(request.query_params.get("next", ""))))


@post("/sign-in", opt=FROM_OUR_PAGES, include_in_schema=False)
async def sign_in(request: AnyRequest, data: Form) -> Response[Any]:
    """Sign somebody in; a wrong password and an unknown name get the same answer after the same time."""
    office, language = office_of(request), language_of(request)
    email, then = data.get("email", "").strip()[:300], _inside(data.get("next", ""))
    named = data.get("tenant", "")
    page = SignIn(then, email, named)
    wait = _wait(office, named, email, address_of(request))
    if wait:
        minutes = max(1, round(wait.total_seconds() / 60))
        wrong = say(language, "Too many tries. Try again in %(minutes)s minutes.", minutes=minutes)
        return await _page(request, msgspec.structs.replace(page, wrong=wrong), status=429, wait=wait)
    _count(office, named, email, address_of(request))
    login = await _login(office, named, email, data.get("password", ""))
    if login is None:
        wrong = say(language, "No one signs in with this e-mail and password.")
        return await _page(request, msgspec.structs.replace(page, wrong=wrong), status=401)
    _throttles(office)[0].forgive(f"{named}/{email.lower()}")
    return await enter(office, request, login, then or "/")


async def _login(office: Office, named: str, email: str, password: str) -> Login | None:
    tenant = await tenant_named(office, named)  # 0 is nobody's: the same time passes
    return await logins.check_password(office.store, tenant, email, password)


async def enter(office: Office, request: AnyRequest, login: Login, then: str) -> Response[Any]:
    """Sign in with a new session; the old one of this browser ends."""
    tenant, token = sessions.read_cookie(request.cookies.get(COOKIE, ""))
    if tenant is not None:
        await sessions.close_session(office.store, tenant, token)
    answer = _go(then)
    answer.set_cookie(
        key=COOKIE,
        value=await sessions.open_session(office.store, login, office.clock.now()),
        max_age=int(sessions.AT_MOST.total_seconds()),
        path="/",
        httponly=True,
        secure=office.secure,
        samesite="lax",
    )
    return answer


@post("/sign-out", opt=needs("self"), include_in_schema=False)
async def sign_out(request: AnyRequest) -> Response[Any]:
    """Sign out: the session ends here and now."""
    tenant, token = sessions.read_cookie(request.cookies.get(COOKIE, ""))
    if tenant is not None:
        await sessions.close_session(office_of(request).store, tenant, token)
    answer = _go("/sign-in")
    answer.delete_cookie(COOKIE)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@post("/me/language", opt=needs("self"), include_in_schema=False)
async def choose_language(request: AnyRequest, data: Form) -> Response[Any]:
    """Speak Spanish or English to whoever is signed in, from now on."""
    who, chosen = current(request), data.get("language", "")
    if chosen not in LANGUAGES:
        raise BadInput(f"language must be one of {', '.join(LANGUAGES)}, got {chosen[:20]!r}")
    await logins.change_login(office_of(request).store, who.tenant, who.agent, language=chosen)
    return _go(_inside(data.get("next", "")) or _came_from(request) or "/")


@get("/welcome/{link:str}", opt=EVERYONE, include_in_schema=False)
async def welcome_page(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """The page that an invitation opens."""
    office = office_of(request)
    tenant, agent = await invitations.invited(office.store, link, key=office.key, now=office.clock.now())
    login = await logins.find_login(office.store, tenant, agent)
    return await render(request, "welcome.html", Welcome(link, login.name))


@post("/welcome/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def welcome(request: AnyRequest, link: FromPath[str], data: Form) -> Response[Any]:
    """Set the password that the invitation asks for, and sign in."""
    office = office_of(request)
    tenant, agent = await invitations.invited(office.store, link, key=office.key, now=office.clock.now())
    login = await logins.find_login(office.store, tenant, agent)
    try:
        await invitations.take_invitation(office.store, link, data.get("password", ""), key=office.key, now=office.clock.now())
    except BadInput as error:
        if str(error) == invitations.USED:
            raise
        wrong = say(language_of(request), "A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST)
        return await render(request, "welcome.html", Welcome(link, login.name, wrong), status=400)
    await office.intake.record(tenant, [InvitationTaken(agent)])
    return await enter(office, request, login, "/")


async def _page(request: AnyRequest, page: SignIn, status: int = 200, wait: timedelta | None = None) -> Response[Any]:
    names = tuple(t.name for t in await tenants_now(office_of(request)))
    shown = msgspec.structs.replace(page, tenants=names if len(names) > 1 else ())
    headers = {"retry-after": str(int(wait.total_seconds()) + 1)} if wait else {}
    return await render(request, "sign_in.html", shown, status=status, headers=headers)


def _go(url: str) -> Response[None]:
    return Response(None, status_code=303, headers={"location": url, "cache-control": "no-store"})


def _came_from(request: AnyRequest) -> str:
    """The page of ours on which a form was; "" where the browser does not say. Only our own pages get here: see `gate`."""
    _, found, path = request.headers.get("referer", "").partition("://")
    return _inside("/" + path.partition("/")[2].partition("?")[0]) if found else ""


def _inside(url: str) -> str:
    """The address when it is one of ours, else "": a link must not lead people elsewhere (ASVS 10.4.1)."""
    parts = urlsplit(url[:2_000])
    inside = url.startswith("/") and not url.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return url if inside and url.isprintable() else ""


def _throttles(office: Office) -> tuple[Throttle, Throttle]:
    made: tuple[Throttle, Throttle] = office.memory.setdefault(
        "sign-in", (Throttle(TRIES, SPAN), Throttle(TRIES_OF_AN_ADDRESS, SPAN))
    )
    return made


def _wait(office: Office, tenant: str, email: str, address: str) -> timedelta:
    names, addresses = _throttles(office)
    now = office.clock.now()
    return max(names.wait(f"{tenant}/{email.lower()}", now), addresses.wait(address, now))


def _count(office: Office, tenant: str, email: str, address: str) -> None:
    names, addresses = _throttles(office)
    names.count(f"{tenant}/{email.lower()}", office.clock.now())
    addresses.count(address, office.clock.now())


HANDLERS = [start, sign_in_page, sign_in, sign_out, choose_language, welcome_page, welcome]
