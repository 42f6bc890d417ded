"""Videos of articles: put there with their captions, and played from here, any stretch of them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Stream

from rapport.errors import BadInput, NotFound
from rapport.knowledge import film
from rapport.knowledge.finding import EVERYBODY
from rapport.model.article import Article
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import tenant_named
from rapport.web.going import go
from rapport.web.knowledge.page import listed, there
from rapport.web.knowledge.reading import article_now
from rapport.web.languages import LANGUAGES, retell
from rapport.web.office import Office
from rapport.web.security import EVERYONE, AnyRequest, current, language_of, needs, office_of

ROOM = film.LARGEST + 2_000_000  # bytes of one upload
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@post("/knowledge/{name:str}/video", opt=needs("knowledge.write"), include_in_schema=False, request_max_body_size=ROOM)
async def put_video(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """Put a video to an article with its captions, change these, or take it off."""
    office, who = office_of(request), current(request)
    form = await request.form()
    async with office.store.within(who.tenant, readonly=True) as db:
        article = await article_now(db, who.tenant, name)
    try:
        captions = dict(article.captions) | {code: said for code in LANGUAGES if (said := await _captions(form, code))}
        video = form.get("video")
        data = await video.read() if isinstance(video, UploadFile) and video.filename else b""
        named = article.video
        if data:
            async with office.store.within(who.tenant) as db:
                named = await film.keep(db, who.tenant, data)
        if form.get("do") == "remove":
            named, captions = "", {}
        wanted = msgspec.convert(msgspec.to_builtins(article) | {"video": named, "captions": captions}, Article)
    except (BadInput, msgspec.ValidationError) as wrong:
        return await listed(request, retell(language_of(request), str(wrong).partition(" - at `$")[0]), 400)
    await set_piece(office, who, "article", name, msgspec.json.encode(wanted))
    await there(request, name, wanted)
    return go(f"/knowledge/{name}?said=saved")


async def _captions(form: Any, code: str) -> str:  # Any: Litestar's form
    given = form.get(f"captions_{code}")
    if not isinstance(given, UploadFile) or not given.filename:
        return ""
    try:
        return (await given.read()).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"captions in {code!r}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


@get("/knowledge/{name:str}/video", opt=needs("desk.read"), include_in_schema=False)
async def video_for_colleagues(request: AnyRequest, name: FromPath[str]) -> Response[bytes] | Stream:
    """The video of an article, for colleagues."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        article = await article_now(db, who.tenant, name)
    if article.state != "published" and not who.may("knowledge.write"):
        raise NotFound("there is no such video")
    return await _played(request, who.tenant, article.video, "private, max-age=3600")


@get("/knowledge/{name:str}/captions/{code:str}", opt=needs("desk.read"), include_in_schema=False)
async def captions_for_colleagues(request: AnyRequest, name: FromPath[str], code: FromPath[str]) -> Response[str]:
    """Its captions in a language, for colleagues."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        article = await article_now(db, who.tenant, name)
    if article.state != "published" and not who.may("knowledge.write"):
        raise NotFound("there are no such captions")
    return _vtt(article, code)


async def _public(request: AnyRequest, tenant: str, language: str, slug: str) -> tuple[int, Article]:
    """A published article that everybody may read. Raises NotFound."""
    number = await tenant_named(office_of(request), tenant)
    async with office_of(request).store.within(number, readonly=True) as db:
        article = await article_now(db, number, f"{slug}.{language}") if number else None
        if article is None or not article.video or not await film.may_be_seen(db, number, article.video, EVERYBODY):
            raise NotFound("there is no such video")
    if (article.state, article.audience) != ("published", "public"):
        raise NotFound("there is no such video")
    return number, article


@get("/help/{tenant:str}/{language:str}/{slug:str}/video", opt=EVERYONE, include_in_schema=False)
async def video_for_everybody(
    request: AnyRequest, tenant: FromPath[str], language: FromPath[str], slug: FromPath[str]
) -> Response[bytes] | Stream:
    """The video of a public article."""
    number, article = await _public(request, tenant, language, slug)
    return await _played(request, number, article.video, "public, max-age=3600")


@get("/help/{tenant:str}/{language:str}/{slug:str}/captions/{code:str}", opt=EVERYONE, include_in_schema=False)
async def captions_for_everybody(
    request: AnyRequest, tenant: FromPath[str], language: FromPath[str], slug: FromPath[str], code: FromPath[str]
) -> Response[str]:
    """Its captions in a language."""
    _, article = await _public(request, tenant, language, slug)
    return _vtt(article, code)


def _vtt(article: Article, code: str) -> Response[str]:
    if code not in article.captions:
        raise NotFound("there are no such captions")
    return Response(article.captions[code], media_type="text/vtt", headers={"cache-control": "max-age=60"})


def stretch(asked: str, size: int) -> tuple[int, int] | None:
    """The first and last byte that a Range header asks for; None: all of it. Raises BadInput where there is no such stretch."""
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    first, last = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if first > last:
        raise BadInput(f"the video has {size} bytes, and none from {first} on")
    return first, last


async def _played(request: AnyRequest, tenant: int, video: str, keep: str) -> Response[bytes] | Stream:
    """The stretch that is asked for, at most one piece of it; all of it where no stretch is asked for."""
    office = office_of(request)
    async with office.store.within(tenant, readonly=True) as db:
        known = await film.size_of(db, tenant, video) if video else None
        if known is None:
            raise NotFound("there is no such video")
        kind, size = known
        headers = {"accept-ranges": "bytes", "cache-control": keep, "etag": f'"{video[:32]}"'}
        try:
            asked = stretch(request.headers.get("range", ""), size)
        except BadInput:
            return Response(b"", status_code=416, media_type=kind, headers={"content-range": f"bytes */{size}"})
        if asked is not None:
            first, last = asked[0], min(asked[1], asked[0] + film.PIECE - 1)
            data = await film.piece(db, tenant, video, first, last - first + 1)
            told = headers | {"content-range": f"bytes {first}-{last}/{size}"}
            return Response(data, status_code=206, media_type=kind, headers=told)
    return Stream(_whole(office, tenant, video, size), media_type=kind, headers=headers | {"content-length": str(size)})


async def _whole(office: Office, tenant: int, video: str, size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, film.PIECE):
        async with office.store.within(tenant, readonly=True) as db:
            data = await film.piece(db, tenant, video, start, film.PIECE)
        yield data


HANDLERS = [put_video, video_for_colleagues, captions_for_colleagues, video_for_everybody, captions_for_everybody]
