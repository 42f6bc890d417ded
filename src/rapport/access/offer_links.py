"""Links to an offer for somebody who is not at their desk: signed, for that offer and agent alone, over when the offer is."""

from datetime import datetime

from rapport.access.ending_links import ending_link, read_ending_link

PURPOSE = b"offer link"
OVER = "this link is not ours, or its offer is over"


def offer_link(tenant: int, agent: str, offer: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens one offer for one agent."""
    return ending_link(PURPOSE, tenant, agent, offer, until, key=key)


def read_offer_link(link: str, *, key: bytes, now: datetime) -> tuple[int, str, bytes]:
    """Tenant, agent and offer of a link. Raises BadInput where it is not ours or over."""
    return read_ending_link(PURPOSE, link, OVER, key=key, now=now)
