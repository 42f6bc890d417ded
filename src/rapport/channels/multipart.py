"""A form with files, as RFC 7578 writes it: bytes and the header that says what they are."""

from collections.abc import Mapping, Sequence

import httpx

from rapport.channels.part import File


def multipart(fields: Mapping[str, str], files: Sequence[tuple[str, File]]) -> tuple[bytes, dict[str, str]]:
    """The body, and its header. `files`: each with the name of its field."""
    given = [(name, (file.name, file.data, file.type)) for name, file in files]
    made = httpx.Request("POST", "http://form.invalid/", data=dict(fields), files=given)
    return made.read(), {"Content-Type": made.headers["content-type"]}
