"""Asked: one request of a TaskRouter program, with all that answers it; lists by the page, and versions that must match."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput, NotFound, RapportError
from rapport.web.office import Office
from rapport.web.security import Who
from rapport.web.taskrouter.form import Field, is_sid, number, read_form
from rapport.web.taskrouter.kept import Kept, find

PAGE, MOST_PAGE = 50, 1000
Shown = dict[str, Any]  # Any: plain JSON


class Stale(RapportError):
    """What was to be changed has changed meanwhile: `If-Match` names another version."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`sids`: those of the address, by their place in it; `base`: what every address begins with, `/v1` last."""

    office: Office
    who: Who
    base: str
    path: str
    sids: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    form: Mapping[str, Sequence[str]]
    if_match: str = ""

    @property
    def tenant(self) -> int:
        """Whose it is."""
        return self.who.tenant

    @property
    def account(self) -> str:
        """The AccountSid: the tenant's number."""
        return account_sid(self.who.tenant)

    @property
    def workspace(self) -> str:
        """The workspace of the address."""
        return self.sids["workspace"]

    @property
    def root(self) -> str:
        """The address of the workspace."""
        return f"{self.base}/Workspaces/{self.workspace}"

    @property
    def now(self) -> datetime:
        """The present time."""
        return self.office.clock.now()

    def within(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A transaction inside the tenant's walls."""
        return self.office.store.within(self.tenant)

    def reads(self, fields: Mapping[str, Field], *, required: bool = True) -> dict[str, Any]:  # Any: the fields, read
        """The form's fields. Raises BadInput, naming the field."""
        return read_form(self.form, fields, required=required)

    def asks(self, fields: Mapping[str, Field]) -> dict[str, Any]:  # Any: the fields, read
        """The query's fields. Raises BadInput, naming the field."""
        return read_form(self.query, fields)


def account_sid(tenant: int) -> str:
    """The AccountSid of a tenant."""
    return f"AC{tenant:032x}"


async def workspace_of(asked: Asked, db: asyncpg.Connection) -> Kept:
    """The workspace of the address. Raises NotFound."""
    return await find(db, asked.tenant, asked.workspace, "workspace", asked.workspace)


async def object_of(asked: Asked, db: asyncpg.Connection, kind: str) -> Kept:
    """The object of the address. Raises NotFound."""
    await workspace_of(asked, db)
    return await find(db, asked.tenant, asked.workspace, kind, asked.sids["sid"])


def made(shown: Shown) -> Response[bytes]:
    """What was made: 201."""
    return _answer(shown, 201)


def shown(what: Shown, status: int = 200) -> Response[bytes]:
    """What stands."""
    return _answer(what, status)


def gone() -> Response[bytes]:
    """It is gone: 204."""
    return Response(b"", status_code=204)


def _answer(what: Shown, status: int) -> Response[bytes]:
    headers = {"etag": version_of(what)} if "sid" in what else {}
    return Response(msgspec.json.encode(what), status_code=status, media_type="application/json", headers=headers)


def version_of(what: Shown) -> str:
    """The version of what is shown: its age alone is no change."""
    stands = {name: value for name, value in what.items() if name != "age"}
    return f'"{sha256(msgspec.json.encode(stands)).hexdigest()[:16]}"'


def check_version(asked: Asked, what: Shown) -> None:
    """Raises Stale where the program saw another version than stands."""
    wanted = [one.strip().removeprefix("W/") for one in asked.if_match.split(",") if one.strip()]
    stands = version_of(what)
    if wanted and "*" not in wanted and stands not in wanted and stands.strip('"') not in wanted:
        raise Stale(f"If-Match {asked.if_match[:60]} is another version than stands, {stands}; read it again")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for."""

    page: int
    size: int

    @property
    def first(self) -> int:
        """How many stand before it."""
        return self.page * self.size


PAGING: Mapping[str, Field] = {"PageSize": Field(number(1, MOST_PAGE)), "Page": Field(number(0, 10**9))}


def paging_of(asked: Asked) -> Paging:
    """The page that is asked for: by its token, or by its number. Raises BadInput."""
    sent = asked.asks(PAGING)
    token = asked.query.get("PageToken", [""])[-1]
    if token and not (token.startswith("PT") and token[2:].isascii() and token[2:].isdigit() and len(token) < 12):
        raise BadInput(f"PageToken must be one of an earlier page's addresses, got {token[:60]!r}")
    return Paging(int(token[2:]) if token else sent.get("Page", 0), sent.get("PageSize", PAGE))


def cut(everything: Sequence[Any], paging: Paging) -> list[Any]:  # Any: whatever is listed
    """One page of a list, and one more where there is one."""
    return list(everything[paging.first : paging.first + paging.size + 1])


def listed(asked: Asked, key: str, found: Sequence[Shown], paging: Paging) -> Response[bytes]:
    """A page of a list. `found`: one more than the page holds where there is a next one."""
    here = f"{asked.base}{asked.path}"
    filters = {n: list(v) for n, v in asked.query.items() if n not in {"Page", "PageSize", "PageToken"}}

    def address(page: int) -> str:
        return f"{here}?{urlencode({**filters, 'PageSize': paging.size, 'Page': page, 'PageToken': f'PT{page}'}, doseq=True)}"

    meta = {
        "key": key,
        "page": paging.page,
        "page_size": paging.size,
        "first_page_url": f"{here}?{urlencode({**filters, 'PageSize': paging.size, 'Page': 0}, doseq=True)}",
        "previous_page_url": address(paging.page - 1) if paging.page else None,
        "url": address(paging.page),
        "next_page_url": address(paging.page + 1) if len(found) > paging.size else None,
    }
    body = {key: list(found[: paging.size]), "meta": meta}
    return Response(msgspec.json.encode(body), media_type="application/json")


def when(at: datetime | None) -> str | None:
    """A time as it is shown: whole seconds, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else None


def known_sid(value: str, prefix: str) -> bytes:
    """The id that a Sid shows. Raises NotFound where it shows none."""
    if not is_sid(value, prefix):
        raise NotFound(f"{value[:40]!r} is no Sid of this kind")
    return bytes.fromhex(value[2:])
