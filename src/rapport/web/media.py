"""Our own copies of media: served to who may see conversations, never as a page of our origin."""

from litestar import Response, get
from litestar.params import FromPath

from rapport.errors import NotFound
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
        row = await db.fetchrow("select type, data from blob where tenant = $1 and hash = $2", who.tenant, digest)
    if row is None:
        raise NotFound("there is no such file; it may have been erased")
    shown = row["type"] in SHOWN
    headers = {
        "cache-control": "private, max-age=86400, immutable",
        "content-security-policy": SANDBOX,
        "content-disposition": "inline" if shown else "attachment",
    }
    return Response(row["data"], media_type=row["type"] if shown else "application/octet-stream", headers=headers)


HANDLERS = [media]
