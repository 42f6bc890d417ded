"""What the pages of the knowledge read: an article as it stands, its versions with what changed, its public address."""

import asyncio
import difflib
from datetime import datetime
from itertools import islice

import asyncpg
import msgspec

from rapport.centre.changes import FieldChange
from rapport.centre.history import Setting, settings_of
from rapport.errors import NotFound
from rapport.knowledge.finding import read_articles
from rapport.model.article import Article
from rapport.web.centre.editor import changes_between
from rapport.web.centre_now import tenants_now
from rapport.web.office import Office

MOST_VERSIONS = 20
MOST_LINES = 60  # of a difference
MOST_COMPARED = 2_000  # lines of a text


class Version(msgspec.Struct, frozen=True):
    """One time that an article was set. `lines`: what changed in its text, with + or - before each; `now`: it stands so."""

    seq: int
    at: datetime
    by: str
    fields: tuple[FieldChange, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    removed: bool = False
    now: bool = False


def lines_between(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The lines that were taken out of a text or put in, the first of them; slow: not where others wait."""
    old, new = before.splitlines()[:MOST_COMPARED], after.splitlines()[:MOST_COMPARED]
    found = islice(difflib.unified_diff(old, new, n=0, lineterm=""), 2, None)  # after the names of two files
    return tuple(islice(((line[0], line[1:]) for line in found if line[0] in "+-" and line[1:].strip()), MOST_LINES))


def difference_of(name: str, before: bytes, after: bytes) -> tuple[tuple[FieldChange, ...], tuple[tuple[str, str], ...]]:
    """What differs between two settings of an article: fields, and lines of its text. `before` b"": there was none."""
    fields = changes_between("article", name, before or None, after)
    old = msgspec.json.decode(before).get("text", "") if before else ""
    lines = lines_between(old, msgspec.json.decode(after).get("text", ""))
    return tuple(field for field in fields if field.name != "text"), lines


async def versions_of(db: asyncpg.Connection, tenant: int, name: str) -> tuple[Version, ...]:
    """The versions of an article, newest first."""
    settings = [one for one in (await settings_of(db, tenant, "article"))["article"] if one.name == name]
    return await asyncio.to_thread(lambda: tuple(_version(settings, nth) for nth in range(min(len(settings), MOST_VERSIONS))))


def _version(settings: list[Setting], nth: int) -> Version:
    one = settings[nth]
    if not one.body:
        return Version(one.seq, one.at, one.by, removed=True)
    before = settings[nth + 1].body if nth + 1 < len(settings) else b""
    fields, lines = difference_of(one.name, before, one.body)
    return Version(one.seq, one.at, one.by, fields, lines, now=nth == 0)


async def article_now(db: asyncpg.Connection, tenant: int, name: str) -> Article:
    """An article as it stands. Raises NotFound."""
    found = (await read_articles(db, tenant, [name])).get(name)
    if found is None:
        raise NotFound(f"there is no article {name[:80]!r}; it may have been taken away, or have another language")
    return found.article


async def public_address(office: Office, tenant: int, article: Article) -> str:
    """Where everybody can read it; "" where nobody can."""
    if article.audience != "public" or article.state != "published":
        return ""
    return f"{await help_address(office, tenant)}/{article.language}/{article.slug}"


async def help_address(office: Office, tenant: int) -> str:
    """Where the public pages of a tenant's knowledge begin."""
    name = next((one.name for one in await tenants_now(office) if one.id == tenant), "")
    return f"{office.public_url}/help/{name}"
