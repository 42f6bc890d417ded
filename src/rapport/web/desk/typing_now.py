"""Who is writing now: each agent's text is kept as they type, and others see that they do; neither loses a letter.

A table beside the views: what nobody has sent is no fact. Listeners of this process are told at once,
those of others within two seconds.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import asyncpg
import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from rapport.conversations import typed as typed_texts
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.model.ids import read_id
from rapport.web.centre_now import centre_now
from rapport.web.happenings import typing_event
from rapport.web.office import Office
from rapport.web.security import AnyRequest, Who, current, needs, office_of
from rapport.web.stream import hub_of

STILL = timedelta(seconds=8)  # after the last letter somebody counts as writing for so long
LONGEST = 20_000
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Colleague(msgspec.Struct, frozen=True):
    """Somebody else who is writing in this conversation."""

    agent: str
    name: str


class Typing(msgspec.Struct, frozen=True):
    """One's own text as it was kept, and who else is writing."""

    conversation: str
    text: str
    others: tuple[Colleague, ...] = ()


async def keep_text(office: Office, who: Who, conversation: bytes, text: str, *, reply: bool = False) -> None:
    """Keep what somebody is writing, and let the others know; an empty text is forgotten. `reply`: the visitor may know too."""
    async with office.store.within(who.tenant) as db:
        if not await typed_texts.keep(db, who.tenant, conversation, who.agent, text, office.clock.now(), reply=reply):
            raise BadInput(f"no conversation {conversation.hex()}; reload the page")
    hub_of(office, who.tenant).tell(typing_event(conversation, who.agent))


async def forget_text(office: Office, who: Who, conversation: bytes) -> None:
    """It was sent: nothing is being written any more."""
    await keep_text(office, who, conversation, "")


async def typing_in(office: Office, who: Who, conversation: bytes) -> Typing:
    """One's own kept text, and who else is writing now."""
    agents = (await centre_now(office, who.tenant)).agents
    async with office.store.within(who.tenant, readonly=True) as db:
        return await typing_seen(db, office, who, conversation, agents)


async def typing_seen(
    db: asyncpg.Connection, office: Office, who: Who, conversation: bytes, agents: Mapping[str, Agent]
) -> Typing:
    """The same by a connection that is at hand: who holds one and waits for another can wait for ever."""
    since = office.clock.now() - STILL
    rows = await typed_texts.texts_in(db, who.tenant, conversation)
    own = next((text for agent, _, text in rows if agent == who.agent), "")
    others = [agent for agent, at, _ in rows if agent != who.agent and at >= since]
    named = tuple(Colleague(a, (agents[a].name if a in agents else "") or a) for a in others)
    return Typing(conversation.hex(), own, named)


@post("/desk/typing", opt=needs("desk.write"), include_in_schema=False)
async def typing(request: AnyRequest, data: Form) -> Response[bytes]:
    """Keep the text of a composer: `conversation`, `text`. Answers who else is writing."""
    office, who = office_of(request), current(request)
    conversation, text = _conversation(data.get("conversation", "")), data.get("text", "")
    if len(text) > LONGEST:
        raise BadInput(f"a text has at most {LONGEST} characters, got {len(text)}")
    await keep_text(office, who, conversation, text)
    return _json(await typing_in(office, who, conversation))


@get("/desk/typing", opt=needs("desk.read"), include_in_schema=False)
async def typed(request: AnyRequest, conversation: FromQuery[str]) -> Response[bytes]:
    """One's own kept text, and who else is writing."""
    return _json(await typing_in(office_of(request), current(request), _conversation(conversation)))


def _conversation(text: str) -> bytes:
    found = read_id(text)
    if found is None:
        raise BadInput(f"conversation must be 32 hexadecimal digits, got {text[:40]!r}")
    return found


def _json(said: Typing) -> Response[bytes]:
    return Response(
        msgspec.json.encode(said), media_type="application/json", status_code=200, headers={"cache-control": "no-store"}
    )


HANDLERS = [typing, typed]
