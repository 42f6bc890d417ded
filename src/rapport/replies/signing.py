"""Who answers: what ends a reply, so that its reader knows whether a person or a program wrote, and of which house."""

from collections.abc import Mapping

import msgspec

from rapport.model.agent import Agent
from rapport.model.centre import Brand, Centre

AUTOMATED = {"en": "Automated answer", "es": "Respuesta automática"}
SHOWN_BESIDE = frozenset({"webchat"})  # whose reader sees who answers beside the text


class Answerer(msgspec.Struct, frozen=True):
    """Who answers, as the customer may know them."""

    name: str = ""
    bot: bool = False
    organisation: str = ""
    site: str = ""


def answerer(centre: Centre, agent: str, account: str) -> Answerer:
    """Who answers by an account."""
    known = centre.agents.get(agent)
    brand = _brand(centre, account)
    site = known.attributes.get("site", "") if known else ""
    name = (known.name if known else "") or ("" if known and known.bot else agent)
    return Answerer(
        name,
        bool(known and known.bot),
        (brand.name if brand else "") or centre.profile.name,
        site if isinstance(site, str) else "",
    )


def signed(text: str, centre: Centre, agent: Agent | None, account: str, channel: str, kind: str, language: str) -> str:
    """The text with its brand's signature for a kind of channel. What a bot writes always says so."""
    if not text.strip():
        return text
    who = answerer(centre, agent.id if agent else "", account)
    brand = _brand(centre, account)
    label = AUTOMATED.get(language, AUTOMATED["en"])
    template = (brand.signature.get(kind) or brand.signature.get("any", "")) if brand else ""
    ending = _filled(template, who, label)
    if who.bot and channel not in SHOWN_BESIDE and label not in ending and "{who}" not in template:
        ending = " · ".join(part for part in (ending, label) if part)
    return f"{text.rstrip()}\n{ending}" if ending else text


def _brand(centre: Centre, account: str) -> Brand | None:
    known = centre.accounts.get(account)
    return centre.brands.get(known.brand) if known else None


def _filled(template: str, who: Answerer, label: str) -> str:
    first = who.name.split(" ")[0] if who.name else ""
    values: Mapping[str, str] = {
        "name": first,
        "initials": "".join(word[0] for word in who.name.split()[:2]).upper(),
        "brand": who.organisation,
        "site": who.site,
        "who": label if who.bot else "",
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return " ".join(template.split()).strip(" ,·-–—") if not first and "{name}" in template else template.strip()
