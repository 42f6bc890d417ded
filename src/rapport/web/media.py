"""Our own copies of media: served to who may see conversations, never as a page of our origin."""

from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath

from rapport.errors import NotFound
from rapport.ledger.blobs import read_blob
from rapport.replies.attachments import known_as, read_files
from rapport.web.office import Office
from rapport.web.security import AnyRequest, current, needs, office_of

SHOWN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/mpeg",
        "audio/ogg",
        "audio/mp4",
        "audio/wav",
        "video/mp4",
        "video/webm",
    }
)
SANDBOX = "default-src 'none'; sandbox"


@get("/media/{blob:str}", opt=needs("desk.read"), include_in_schema=False)
async def media(request: AnyRequest, blob: FromPath[str]) -> Response[bytes]:
    """A file that came with a message: pictures and sound as they are, everything else to be saved."""
    who = current(request)
    try:
        digest = bytes.fromhex(blob)
    except ValueError:
        raise NotFound("a file is named by 64 hexadecimal digits; open it from its message") from None
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        copy = await read_blob(db, who.tenant, digest)
    if copy is None:
        return await _ours(office_of(request), who.tenant, blob)
    return served(copy.data, copy.type)


async def _ours(office: Office, tenant: int, blob: str) -> Response[bytes]:
    """A file that we sent, or that waits to be. Raises NotFound."""
    if office.attaching is not None:
        async with office.store.within(tenant) as db:
            file = await known_as(db, office.attaching.keys, tenant, blob)
            data = (await read_files(db, office.attaching.keys, tenant, [blob])).get(blob)
        if file is not None and data is not None:
            return served(data, file.type, file.name)
    raise NotFound("there is no such file; it may have been erased")


def served(data: bytes, kind: str, name: str = "") -> Response[bytes]:
    """A file as we serve any: pictures and sound as they are, everything else to be saved; never as a page of ours."""
    called = f"; filename*=UTF-8''{quote(name, safe='')}" if name else ""
    headers = {
        "cache-control": "private, max-age=86400, immutable",
        "content-security-policy": SANDBOX,
        "content-disposition": ("inline" if kind in SHOWN else "attachment") + called,
    }
    return Response(data, media_type=kind if kind in SHOWN else "application/octet-stream", headers=headers)


HANDLERS = [media]
