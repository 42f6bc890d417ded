"""Which company an e-mail address speaks of: its registered domain, unless anybody may have a mailbox there."""

from functools import cache
from importlib.resources import files

from publicsuffixlist import PublicSuffixList


@cache
def free_mail() -> frozenset[str]:
    """Domains at which anybody may have a mailbox, as `free_mail.txt` beside this file lists them."""
    text = files(__package__).joinpath("free_mail.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@cache
def public_suffixes() -> PublicSuffixList:
    """Under which endings anybody may register a name; read once, as it takes a tenth of a second."""
    return PublicSuffixList()


def company_domain(address: str) -> str:
    """The registered domain of an address (`ana@mail.acme.co.uk`: `acme.co.uk`); "" of free mail and of what is no address."""
    local, at, domain = address.strip().casefold().rpartition("@")
    if not at or not local:
        return ""
    return registered(domain)


def registered(domain: str) -> str:
    """The registered domain of a host's name; "" where it is none, or one of free mail."""
    plain = domain.strip().casefold().strip(".")
    found: str | None = public_suffixes().privatesuffix(plain) if plain and " " not in plain else None
    if (
        not found
        or found in free_mail()
        or plain in free_mail()
        or found.partition(".")[0] in ("gmail", "hotmail", "outlook", "yahoo")
    ):
        return ""
    return found
