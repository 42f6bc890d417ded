"""How people of the house are reached where they are: by the house's own account of the network that they named.

An agent names it as the attribute `offers_to`: `sms:+525512345678`, `email:ana@example.org`, `xmpp:ana@example.org` or
`matrix:@ana:example.org`. It is used for offers, and for replies that wait for an approver.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from rapport.app.accounts import Accounts
from rapport.app.house import House
from rapport.app.posting import posting
from rapport.channels.channel import Part
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.model.message import Reach

NETWORKS: dict[str, tuple[str, ...]] = {"sms": ("sms", "smstwilio"), "xmpp": ("xmpp",), "matrix": ("matrix",)}


class Said(msgspec.Struct, frozen=True):
    """What somebody is told, by language; `{link}` in the text is the link. `key`: what makes a network send it once."""

    subject: Mapping[str, str]
    text: Mapping[str, str]
    link: str
    key: str


Reaching = Callable[[int, Agent, Said], Awaitable[str]]


def reaching(house: House, language: str) -> Reaching:
    """`reach(tenant, agent, said)`: the account that sent it; "" where they named no address or the centre has no account.

    It raises BadInput where the address cannot be used, and SendError.
    """
    post = posting(house)

    async def reach(tenant: int, agent: Agent, said: Said) -> str:
        named = agent.attributes.get("offers_to", "")
        network, _, address = named.partition(":") if isinstance(named, str) else ("", "", "")
        if not address:
            return ""
        spoken = agent.attributes.get("languages", ())
        chosen = next((one for one in spoken if one in said.text), language) if isinstance(spoken, (list, tuple)) else language
        text = said.text.get(chosen, said.text["en"]).format(link=said.link)
        if network == "email":
            return await post(tenant, address, said.subject.get(chosen, said.subject["en"]), text)
        return await _deliver(house, tenant, network, Part(text, str(named), Reach.PRIVATE), said.key)

    return reach


async def _deliver(house: House, tenant: int, network: str, part: Part, key: str) -> str:
    """By an account of the network, if the centre has one. Raises BadInput, SendError."""
    accounts = house.accounts
    if network not in NETWORKS or not isinstance(accounts, Accounts):
        known = ", ".join(("email", *NETWORKS))
        raise BadInput(f"offers_to must begin with one of {known}, got {part.to[:40]!r}")
    mine = sorted((a for a in await accounts.accounts(tenant) if a.channel in NETWORKS[network]), key=lambda a: a.id)
    if not mine:
        return ""
    channel = await accounts.channel(tenant, mine[0])
    await channel.deliver(part, key)
    return mine[0].id
