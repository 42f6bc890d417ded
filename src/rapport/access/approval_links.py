"""Links to a reply that waits, for an approver who is not at their desk: signed, for that draft and person, and ending."""

from datetime import datetime

from rapport.access.ending_links import ending_link, read_ending_link

PURPOSE = b"approval link"
OVER = "this link is not ours, or its time is over; sign in and look under Approvals"


def approval_link(tenant: int, agent: str, draft: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens one draft for one approver."""
    return ending_link(PURPOSE, tenant, agent, draft, until, key=key)


def read_approval_link(link: str, *, key: bytes, now: datetime) -> tuple[int, str, bytes]:
    """Tenant, approver and draft of a link. Raises BadInput where it is not ours or over."""
    return read_ending_link(PURPOSE, link, OVER, key=key, now=now)
