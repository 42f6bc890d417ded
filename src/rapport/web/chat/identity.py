"""Who a visitor of the chat is, as the page around it knows and signs."""

import hmac

import msgspec

from rapport.errors import NotAllowed
from rapport.model.centre import Account
from rapport.web.chat import visitor as v
from rapport.web.office import Office


class Identity(msgspec.Struct, frozen=True):
    """Who the visitor is, as the page around the chat knows. `hash`: HMAC-SHA256, in hexadecimal, with the chat's key, of
    id, email and name, a line each.
    """

    id: str
    hash: str
    email: str = ""
    name: str = ""


def unnamed(office: Office, email: str) -> str:
    """What stands for an address where it would stand in the open for ever, in what names a declaration: a keyed hash."""
    return hmac.new(office.key, email.strip().casefold().encode("utf-8", "replace"), "sha256").hexdigest()[:32]


async def identified(office: Office, seen: v.Visitor, account: Account, identity: Identity) -> v.Visitor:
    """The visitor as the page around the chat knows them; what they wrote before it said so is theirs.

    Raises NotAllowed where it is not signed with the chat's key.
    """
    name = account.settings.get("key", "").removeprefix("secret:")
    key = (await office.secrets.of(seen.tenant)).get(name, "") if name else ""
    if not key:
        raise NotAllowed(f"the chat {account.id} has no key to check who somebody is; set `key` on the accounts page")
    if not identity.id or not v.is_signed(key, identity.hash, identity.id, identity.email, identity.name):
        raise NotAllowed("`hash` is not HMAC-SHA256 of id, email and name, a line each, with this chat's key")
    known = v.known_visitor(seen.tenant, account.id, identity.id[:200], office.clock.now())
    if seen.id != known.id:
        handles = [known.handle, seen.handle] + ([f"email:{identity.email.lower()}"] if "@" in identity.email else [])
        about = {"customer id": identity.id[:200]}
        source_id = f"{known.id}/{seen.id}/{unnamed(office, identity.email)}"
        await office.intake.declare(seen.tenant, handles, identity.name[:200], about, f"chat:{account.id}", source_id)
    return known
