"""Who is writing now: each agent's text is kept as they type, and others see that they do; neither loses a letter.

A table beside the views: what nobody has sent is no fact. Listeners of this process are told at once,
those of others within two seconds.
"""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from rapport.errors import BadInput
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


async def keep_text(office: Office, who: Who, conversation: bytes, text: str) -> None:
    """Keep what somebody is writing, and let the others know; an empty text is forgotten."""
    async with office.store.within(who.tenant) as db:
        if not await db.fetchval(
            "select exists (select from conversation where tenant = $1 and id = $2)", who.tenant, conversation
        ):
            raise BadInput(f"no conversation {conversation.hex()}; reload the page")
        if text:
            await db.execute(
                """insert into typing(tenant, conversation, agent, at, text) values ($1, $2, $3, $4, $5)
                   on conflict (tenant, conversation, agent) do update set at = excluded.at, text = excluded.text""",
                who.tenant,
                conversation,
                who.agent,
                office.clock.now(),
                text.replace("\x00", "�"),
            )
        else:
            await db.execute(
                "delete from typing where tenant = $1 and conversation = $2 and agent = $3", who.tenant, conversation, who.agent
            )
    hub_of(office, who.tenant).tell(typing_event(conversation, who.agent))


async def forget_text(office: Office, who: Who, conversation: bytes) -> None:
    """It was sent: nothing is being written any more."""
    await keep_text(office, who, conversation, "")


async def typing_in(office: Office, who: Who, conversation: bytes) -> Typing:
    """One's own kept text, and who else is writing now."""
    since = office.clock.now() - STILL
    async with office.store.within(who.tenant, readonly=True) as db:
        rows = await db.fetch(
            "select agent, at, text from typing where tenant = $1 and conversation = $2 order by agent",
            who.tenant,
            conversation,
        )
    agents = (await centre_now(office, who.tenant)).agents
    own = next((row["text"] for row in rows if row["agent"] == who.agent), "")
    others = [row["agent"] for row in rows if row["agent"] != who.agent and row["at"] >= since]
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
