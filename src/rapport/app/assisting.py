"""Who suggests texts: a model where the settings name one, the house's own words where they do not."""

from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from rapport.app.house import House
from rapport.assist.asking import Assist, Line
from rapport.assist.plain import Plain
from rapport.assist.provider import Endpoint, Provider
from rapport.assist.spending import spend
from rapport.channels.trust import trusted
from rapport.conversations.summarising import extract
from rapport.errors import SettingsError
from rapport.model.ids import derived_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.settings import Settings
from rapport.understanding.personal_data import find


def assisting(house: House, settings: Settings) -> Assist:
    """Whom the desk asks. Raises SettingsError where a model is named by half."""
    if bool(settings.assist_url) != bool(settings.assist_model):
        raise SettingsError(
            "assist_url and assist_model are given together: the address of an endpoint and the model's name there"
        )
    if not settings.assist_url:
        return Plain(summed)
    if not settings.assist_url.startswith(("http://", "https://")):
        raise SettingsError(f"assist_url begins with https:// or http://, got {settings.assist_url[:60]!r}")
    client = httpx.AsyncClient(
        timeout=settings.assist_seconds,
        proxy=settings.outbound_proxy or None,
        verify=trusted(settings.ca_file),
        trust_env=False,
    )

    async def spent(tenant: int, tokens: int) -> int:
        async with house.within(tenant) as db:
            return await spend(db, tenant, house.clock.now().date(), tokens)

    def personal(text: str) -> list[tuple[str, int, int]]:
        return [(one.kind, one.start, one.end) for one in find(text)]

    endpoint = Endpoint(
        settings.assist_url,
        settings.assist_model,
        settings.assist_key.reveal(),
        settings.assist_seconds,
        settings.assist_tokens_per_day,
    )
    return Provider(endpoint, client, personal, spent)


def summed(lines: Sequence[Line]) -> str:
    """What was said, tried and promised, each as it was written."""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    messages = [
        Message(
            id=derived_id(bytes(16), "line", nth),
            at=start.replace(microsecond=nth),
            direction=Direction.OUT if line.ours else Direction.IN,
            standing=Standing.SENT,
            reach=Reach.PRIVATE,
            account="",
            channel="",
            kind=ChannelKind.CHAT,
            text=line.text,
        )
        for nth, line in enumerate(lines)
    ]
    summary = extract(messages)
    parts = (("", summary.said[-4:]), ("→ ", summary.tried), ("✓ ", summary.promised))
    return "\n".join(f"{mark}{line}" for mark, found in parts for line in found)
