"""Static files: read once, served under an address that holds their digest, so that a browser may keep them for ever."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from rapport.web.security import EVERYONE

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
    "toml": "text/plain; charset=utf-8",
}


@cache
def _all_files() -> dict[str, tuple[bytes, str, str]]:
    """Every file by its path: bytes, media type, digest."""
    found: dict[str, tuple[bytes, str, str]] = {}

    def walk(folder: Traversable, prefix: str) -> None:
        for entry in folder.iterdir():
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif (kind := TYPES.get(entry.name.rpartition(".")[2])) is not None:
                body = entry.read_bytes()
                found[prefix + entry.name] = (body, kind, sha256(body).hexdigest()[:12])

    walk(files("rapport.web") / "static", "")
    return found


def static_url(name: str) -> str:
    """The address of a static file. Raises KeyError where there is none: a page must not name what is not there."""
    return f"/static/{_all_files()[name][2]}/{name}"


def static_body(name: str) -> bytes:
    """The bytes of a static file."""
    return _all_files()[name][0]


@get("/static/{digest:str}/{path:path}", opt=EVERYONE, include_in_schema=False, sync_to_thread=False)
def static_file(digest: FromPath[str], path: FromPath[str]) -> Response[bytes]:
    """A static file; one whose digest is not the current one is sent without being kept."""
    found = _all_files().get(str(path).lstrip("/"))
    if found is None:
        raise NotFoundException(f"no static file {path}")
    body, kind, current = found
    keep = "public, max-age=31536000, immutable" if digest == current else "no-cache"
    return Response(body, media_type=kind, headers={"cache-control": keep})


HANDLERS = [static_file]
