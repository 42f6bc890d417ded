"""Whom connections trust: the system's certificate authorities, and those of a house's own."""

import ssl
from functools import cache

from rapport.errors import SettingsError


@cache
def system_trust() -> ssl.SSLContext:
    """Whom this machine trusts; read once, as that takes a tenth of a second."""
    return ssl.create_default_context()


def trusted(ca_file: str) -> ssl.SSLContext:
    """The system's certificate authorities, and those of a file ("": none). Raises SettingsError."""
    if not ca_file:
        return system_trust()
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"ca_file {ca_file!r} has no certificate authority that can be read: {error}") from error
    return context
