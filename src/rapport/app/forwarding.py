"""How an offer reaches an agent who is not at their desk: no word of what it is about, and a link to its page."""

from rapport.access.offer_links import offer_link
from rapport.app.house import House
from rapport.app.reaching import Said, reaching
from rapport.matching.forwarding import Waiting
from rapport.model.agent import Agent
from rapport.model.centre import read_thing
from rapport.pipeline.forward import Forwarding

SUBJECT = {"es": "Alguien le necesita", "en": "Somebody needs you"}
TEXT = {"es": "Alguien le necesita. Véalo y acepte aquí: {link}", "en": "Somebody needs you. Look and accept here: {link}"}


def forwarding(house: House, public_url: str, language: str) -> Forwarding:
    """`send(tenant, waiting)`: the account that sent it; "" where the agent named no address or the centre has no account."""
    key, reach = house.keys.derive("web"), reaching(house, language)

    async def send(tenant: int, waiting: Waiting) -> str:
        async with house.within(tenant) as db:
            body = await db.fetchval("select body from thing where tenant = $1 and id = $2", tenant, f"agent/{waiting.agent}")
        agent = read_thing("agent", body) if body else None
        if not isinstance(agent, Agent):
            return ""
        link = f"{public_url}/offers/link/{offer_link(tenant, waiting.agent, waiting.offer, waiting.until, key=key)}"
        return await reach(tenant, agent, Said(SUBJECT, TEXT, link, f"offer {waiting.offer.hex()}"))

    return send
