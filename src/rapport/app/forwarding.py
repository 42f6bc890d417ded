"""How an offer reaches an agent who is not at their desk: by the house's own account of the network that they named.

An agent names it as the attribute `offers_to`: `sms:+525512345678`, `email:ana@example.org`, `xmpp:ana@example.org` or
`matrix:@ana:example.org`. The text says no more than that somebody waits; the rest is behind the link.
"""

from rapport.access.offer_links import offer_link
from rapport.app.accounts import Accounts
from rapport.app.house import House
from rapport.app.posting import posting
from rapport.channels.channel import Part
from rapport.errors import BadInput
from rapport.matching.forwarding import Waiting
from rapport.model.agent import Agent
from rapport.model.centre import read_thing
from rapport.model.message import Reach
from rapport.pipeline.forward import Forwarding

NETWORKS: dict[str, tuple[str, ...]] = {"sms": ("sms", "smstwilio"), "xmpp": ("xmpp",), "matrix": ("matrix",)}
SUBJECT = {"es": "Alguien le necesita", "en": "Somebody needs you"}
TEXT = {"es": "Alguien le necesita. Véalo y acepte aquí: {link}", "en": "Somebody needs you. Look and accept here: {link}"}


def forwarding(house: House, public_url: str, language: str) -> Forwarding:
    """`send(tenant, waiting)`: the account that sent it; "" where the agent named no address or the centre has no account."""
    key, post = house.keys.derive("web"), posting(house)

    async def send(tenant: int, waiting: Waiting) -> str:
        async with house.within(tenant) as db:
            body = await db.fetchval("select body from thing where tenant = $1 and id = $2", tenant, f"agent/{waiting.agent}")
        agent = read_thing("agent", body) if body else None
        named = agent.attributes.get("offers_to", "") if isinstance(agent, Agent) else ""
        network, _, address = named.partition(":") if isinstance(named, str) else ("", "", "")
        if not address or not isinstance(agent, Agent):
            return ""
        spoken = agent.attributes.get("languages", ())
        chosen = next((one for one in spoken if one in TEXT), language) if isinstance(spoken, (list, tuple)) else language
        link = f"{public_url}/offers/link/{offer_link(tenant, waiting.agent, waiting.offer, waiting.until, key=key)}"
        text = TEXT.get(chosen, TEXT["en"]).format(link=link)
        if network == "email":
            return await post(tenant, address, SUBJECT.get(chosen, SUBJECT["en"]), text)
        return await _deliver(house, tenant, network, named, text, waiting)

    return send


async def _deliver(house: House, tenant: int, network: str, to: object, text: str, waiting: Waiting) -> str:
    """By an account of the network, if the centre has one. Raises BadInput, SendError."""
    accounts = house.accounts
    if network not in NETWORKS or not isinstance(accounts, Accounts):
        known = ", ".join(("email", *NETWORKS))
        raise BadInput(f"offers_to must begin with one of {known}, got {str(to)[:40]!r}")
    mine = sorted((a for a in await accounts.accounts(tenant) if a.channel in NETWORKS[network]), key=lambda a: a.id)
    if not mine:
        return ""
    channel = await accounts.channel(tenant, mine[0])
    await channel.deliver(Part(text, str(to), Reach.PRIVATE), f"offer {waiting.offer.hex()}")
    return mine[0].id
