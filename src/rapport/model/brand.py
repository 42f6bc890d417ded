"""Brands as customers know them, and the accounts by which they are reached."""

import msgspec


class Brand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that customers know. `links`: registered domains that a reply may point to. `also`: what else it is called.

    `signature`: what ends a reply, by channel kind (`any` for the others), with {name}, {initials}, {brand}, {site}, {who}.
    """

    id: str
    name: str = ""
    zone: str = ""
    links: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    signature: dict[str, str] = {}


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account on one network. Secrets are never in `settings`: a value `secret:NAME` names one kept sealed."""

    id: str
    channel: str
    brand: str = ""
    settings: dict[str, str] = {}
    paused: bool = False
