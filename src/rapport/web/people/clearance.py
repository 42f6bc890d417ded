"""What is sensitive of a person: kept from every page until somebody with the clearance asks for it, each time on record."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import Conflict, NotFound
from rapport.people import reading as people
from rapport.web.acting import act
from rapport.web.desk.page import seated
from rapport.web.desk.sensitive import hidden_of
from rapport.web.going import asked_id
from rapport.web.languages import retell
from rapport.web.on_record import SENSITIVE, on_record
from rapport.web.people.page import show_person
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/people/{person:str}/see", opt=needs("sensitive.see"), include_in_schema=False)
async def see(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """The person's page with what is sensitive, this once."""
    id, who = asked_id(person, "person"), current(request)
    async with seated(request) as seat:
        found = await people.person(seat.db, who.tenant, id)
        names = hidden_of(found, seat.centre) if found else ()
    if found is None or found.conversation is None or not names:
        raise NotFound("nothing sensitive is known of this person")
    try:
        await act(
            office_of(request),
            who,
            "see",
            conversation=found.conversation,
            argument=",".join(names),
            reason=data.get("reason", ""),
        )
    except Conflict as refused:
        return await show_person(request, person, problem=retell(language_of(request), str(refused)))
    await on_record(office_of(request), who, SENSITIVE, id)
    return await show_person(request, person, cleared=True)


HANDLERS = [see]
