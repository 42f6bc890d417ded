"""The agents' softphones at Asterisk: a WebRTC endpoint each, made when they log in; a password lasts as its session does."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

import httpx

CONFIG = "/asterisk/config/dynamic/res_pjsip"
REALM = "rapport"
DOMAIN = "rapport.invalid"
PLAIN = re.compile(r"[A-Za-z0-9_.]{1,60}")  # no hyphen: the last one ends the name of the application


@dataclass(frozen=True, slots=True)
class Made:
    """What a softphone registers with."""

    user: str
    password: str
    domain: str = DOMAIN


def endpoint_of(app: str, agent: str) -> str:
    """The endpoint of an agent; letters that SIP has no place for become a hash."""
    return f"{app}-{agent if PLAIN.fullmatch(agent) else sha256(agent.encode()).hexdigest()[:24]}"


def auth_of(endpoint: str, session: str) -> str:
    """The credentials of one session of an endpoint."""
    return f"{endpoint}-{sha256(session.encode()).hexdigest()[:16]}"


async def make(http: httpx.AsyncClient, app: str, agent: str, session: str) -> Made:
    """A softphone with a new password; what the agent's former session had is of no use any more. Raises httpx.HTTPError."""
    user, password = endpoint_of(app, agent), secrets.token_urlsafe(24)
    auth = auth_of(user, session)
    await _put(http, "auth", auth, auth_type="userpass", username=user, password=password, realm=REALM)
    await _put(http, "aor", user, max_contacts="1", remove_existing="yes", qualify_frequency="15", qualify_timeout="3")
    await _put(
        http, "endpoint", user, webrtc="yes", context="phones", disallow="all", allow="opus,ulaw", aors=user, auth=auth,
        dtls_auto_generate_cert="yes", rtp_timeout="15", rtp_timeout_hold="900", direct_media="no", allow_transfer="no",
        from_domain=DOMAIN, dtmf_mode="rfc4733", identify_by="username,auth_username",
    )  # fmt: skip
    return Made(user, password)


async def withdraw(http: httpx.AsyncClient, app: str, agent: str, session: str) -> None:
    """Take a session's password away; one that is gone is well. Raises httpx.HTTPError."""
    answer = await http.delete(f"{CONFIG}/auth/{auth_of(endpoint_of(app, agent), session)}")
    if answer.status_code != 404:
        answer.raise_for_status()


async def _put(http: httpx.AsyncClient, kind: str, id: str, **fields: str) -> None:
    body = {"fields": [{"attribute": name, "value": value} for name, value in fields.items()]}
    (await http.put(f"{CONFIG}/{kind}/{id}", json=body)).raise_for_status()
