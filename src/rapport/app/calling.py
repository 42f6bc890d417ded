"""How an approver who is not at their desk hears that a reply waits: no word of it, and a link to its page."""

from rapport.access.approval_links import approval_link
from rapport.app.house import House
from rapport.app.reaching import Said, reaching
from rapport.pipeline.calls import Call
from rapport.replies.calling import Called

SUBJECT = {"es": "Una respuesta espera su decisión", "en": "A reply waits for your decision"}
TEXT = {
    "es": "Una respuesta espera su decisión. Léala y decida aquí: {link}",
    "en": "A reply waits for your decision. Read it and decide here: {link}",
}


def calling(house: House, public_url: str, language: str) -> Call:
    """`call(tenant, called)`: the account that told them; "" where there is no way to."""
    key, reach = house.keys.derive("web"), reaching(house, language)

    async def call(tenant: int, called: Called) -> str:
        link = f"{public_url}/approvals/link/{approval_link(tenant, called.agent.id, called.draft, called.until, key=key)}"
        return await reach(tenant, called.agent, Said(SUBJECT, TEXT, link, f"approval {called.draft.hex()} {called.agent.id}"))

    return call
