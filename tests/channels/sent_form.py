"""Reading a form with files as a network does."""

from email import policy
from email.parser import BytesParser


def read_form(request) -> dict[str, bytes]:
    """The fields of a multipart request; of a file its bytes."""
    head = b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
    parts = BytesParser(policy=policy.HTTP).parsebytes(head + request.content).iter_parts()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}


def is_form(request) -> bool:
    """Whether a request carries files."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")
