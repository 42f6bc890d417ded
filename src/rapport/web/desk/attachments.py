"""Files beside a composer: attached, described, removed; and the link by which a person fetches one that was sent to them."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from rapport.access.file_links import read_file_link
from rapport.conversations import reading as talk
from rapport.errors import BadInput, NotFound
from rapport.model.ids import show_id
from rapport.replies import attachments
from rapport.replies.attachments import LARGEST, MOST, Kept
from rapport.web.desk.beside import attaching_of, described, files_of
from rapport.web.desk.page import desk_page
from rapport.web.desk.typing_now import keep_text
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.media import served
from rapport.web.office import Office
from rapport.web.page import fragment
from rapport.web.security import EVERYONE, AnyRequest, Who, current, language_of, needs, office_of

WRITE = needs("desk.write")
ROOM = (MOST + 1) * LARGEST  # bytes of one request


class FilesPart(msgspec.Struct, frozen=True):
    """The files beside a composer alone; `refused`: what could not be attached, and why."""

    conversation: str
    files: tuple[Kept, ...]
    refused: tuple[str, ...] = ()


class Attached(msgspec.Struct, frozen=True):
    """A file that is attached now, as a program is told."""

    id: str
    name: str
    type: str
    size: int


async def _attach(office: Office, who: Who, conversation: bytes, uploads: list[UploadFile]) -> list[str]:
    """Keep what can be kept; the rest by name, with the reason."""
    attaching, refused = attaching_of(office), []
    for upload in uploads:
        try:
            file, data = await attaching.clean(upload.filename, await upload.read())
            async with office.store.within(who.tenant) as db:
                now = office.clock.now()
                await attachments.keep_file(db, attaching.keys, who.tenant, conversation, who.agent, file, data, now)
        except BadInput as error:
            refused.append(str(error))
    return refused


@post("/desk/{conversation:str}/files", opt=WRITE, include_in_schema=False, request_max_body_size=ROOM)
async def attach(request: AnyRequest, conversation: FromPath[str]) -> Response[Any]:
    """Attach files to what is being written. What stands in the form is kept; a script is answered with the files alone."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    form = await request.form()
    uploads = [one for one in form.getall("files", []) if isinstance(one, UploadFile) and one.filename]
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    if "text" in said:
        await keep_text(office, who, id, said["text"][:20_000], reply=said.get("reach") == "private")
    await described(office, who, id, said)
    refused = [retell(language_of(request), why) for why in await _attach(office, who, id, uploads)]
    if request.headers.get("x-part"):
        part = FilesPart(conversation, await files_of(office, who, id), tuple(refused))
        return await fragment(request, "desk_files.html", part)
    if refused:
        return await desk_page(request, conversation, problem=" ".join(refused), said=said, status=409)
    return go(f"/desk/{conversation}#composer")


@post("/desk/{conversation:str}/files/{file:str}/remove", opt=WRITE, include_in_schema=False)
async def remove(request: AnyRequest, conversation: FromPath[str], file: FromPath[str]) -> Response[Any]:
    """Take one away again; what stands in the form is kept."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    said = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    if "text" in said:
        await keep_text(office, who, id, said["text"][:20_000], reply=said.get("reach") == "private")
    await described(office, who, id, said)
    async with office.store.within(who.tenant) as db:
        await attachments.take_away(db, who.tenant, id, who.agent, asked_id(file, "file"))
    if request.headers.get("x-part"):
        return await fragment(request, "desk_files.html", FilesPart(conversation, await files_of(office, who, id)))
    return go(f"/desk/{conversation}#composer")


@post(
    "/api/conversations/{conversation:str}/files",
    opt=WRITE | {"gives": Attached, "says": "Attach a file (multipart, field `file`); it goes with the next reply there"},
    request_max_body_size=ROOM,
    status_code=201,
)
async def attach_by_program(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """Attach one file: judged and made harmless as any."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    attaching, upload = attaching_of(office), (await request.form()).get("file")
    if not isinstance(upload, UploadFile):
        raise BadInput("the form must have a file in the field `file`")
    async with office.store.within(who.tenant, readonly=True) as db:
        if await talk.conversation(db, who.tenant, id) is None:
            raise NotFound(f"no conversation {conversation}")
    file, data = await attaching.clean(upload.filename, await upload.read())
    async with office.store.within(who.tenant) as db:
        now = office.clock.now()
        kept = await attachments.keep_file(db, attaching.keys, who.tenant, id, who.agent, file, data, now)
    said = Attached(show_id(kept.id), file.name, file.type, file.size)
    return Response(msgspec.json.encode(said), media_type="application/json", status_code=201)


@get("/files/{link:str}", opt=EVERYONE, include_in_schema=False)
async def fetch(request: AnyRequest, link: FromPath[str]) -> Response[bytes]:
    """A file that was sent to somebody: for who has its link, while that lasts."""
    office = office_of(request)
    try:
        tenant, blob, whose = read_file_link(link, key=office.key, now=office.clock.now())
    except BadInput as error:
        raise NotFound(str(error)) from None
    keys = attaching_of(office).keys
    async with office.store.within(tenant) as db:
        file = await attachments.known_as(db, keys, tenant, blob, whose=whose)
        data = (await attachments.read_files(db, keys, tenant, [blob], whose=whose)).get(blob)
    if file is None or data is None:
        raise NotFound("there is no such file any more")
    return served(data, file.type, file.name)


HANDLERS = [attach, remove, attach_by_program, fetch]
