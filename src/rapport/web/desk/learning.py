"""What an agent says a message is, where its reading was wrong: one click beside the message."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict
from rapport.web.acting import act
from rapport.web.desk.page import desk_page
from rapport.web.going import asked_id, go, inside
from rapport.web.languages import retell
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/desk/{conversation:str}/messages/{message:str}/reading", opt=needs("desk.write"), include_in_schema=False)
async def correct_it(request: AnyRequest, conversation: FromPath[str], message: FromPath[str], data: Form) -> Response[Any]:
    """Say what a message is about, its mood, its urgency, how it speaks of us, or whether it is spam."""
    typed = "-".join(data.get("intent", "").split()).casefold()
    argument = data.get("argument", "") or f"intent:{typed}"
    office, who = office_of(request), current(request)
    of, said = asked_id(conversation, "conversation"), asked_id(message, "message")
    try:
        await act(office, who, "correct", conversation=of, message=said, argument=argument)
    except (Conflict, BadInput) as refused:
        return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)
    return go(inside(data.get("next", ""), f"/desk/{conversation}#m-{message}"))


HANDLERS = [correct_it]
