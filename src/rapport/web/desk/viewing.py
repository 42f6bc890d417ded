"""A page says which conversation it shows, as long as it is looked at; colleagues who have it open see that at once."""

from typing import Annotated

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.conversations import reading as talk, viewing
from rapport.errors import NotFound
from rapport.web.going import asked_id
from rapport.web.happenings import typing_event
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.stream import hub_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/desk/viewing", opt=needs("desk.read"), include_in_schema=False, status_code=204)
async def look(request: AnyRequest, data: Form) -> Response[None]:
    """`conversation` is open here, or (`here` 0) no more. Others are told only of what changed."""
    office, who = office_of(request), current(request)
    conversation, here = asked_id(data.get("conversation", ""), "conversation"), data.get("here") != "0"
    async with office.store.within(who.tenant) as db:
        if await talk.conversation(db, who.tenant, conversation) is None:
            raise NotFound("there is no such conversation; reload the page")
        news = await viewing.look(db, who.tenant, conversation, who.agent, office.clock.now(), here=here)
    if news:
        hub_of(office, who.tenant).tell(typing_event(conversation, who.agent))
    return Response(None, status_code=204)


HANDLERS = [look]
