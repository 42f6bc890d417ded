"""Giving something to the system behind a webhook: signed, named by `once`, plain or as a CloudEvent."""

from dataclasses import dataclass

import msgspec

from rapport.channels.hook.envelope import STRUCTURED, attributes, structured
from rapport.channels.hook.signing import signed
from rapport.channels.json_api import JsonApi

FORMATS = ("standard", "cloudevents", "cloudevents-binary")


class Answer(msgspec.Struct, frozen=True):
    """What a receiver may answer: the name that it gave the message. Nothing at all is as good."""

    key: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where our side of the conversation is posted. `secrets`: the newest first; `source`: who we are in a CloudEvent."""

    api: JsonApi
    secrets: tuple[bytes, ...]
    source: str
    format: str = "standard"

    async def tell(self, kind: str, once: str, told: dict[str, str]) -> str:
        """Post one event of the type `kind`; the name that the receiver gives it, "" where it gives none.

        Raises:
            Refused, Unavailable, OutcomeUnknown: as `JsonApi.ask`.
        """
        now = self.api.clock.now()
        headers = {"Content-Type": "application/json"}
        if self.format == "cloudevents":
            body, headers = structured(kind, once, self.source, now, told), {"Content-Type": STRUCTURED}
        elif self.format == "cloudevents-binary":
            body = msgspec.json.encode(told)
            headers = {f"ce-{name}": value for name, value in attributes(kind, once, self.source, now).items()}
            headers["Content-Type"] = headers.pop("ce-datacontenttype")
        else:
            body = msgspec.json.encode({"type": kind, "timestamp": now.isoformat(), "data": told})
        headers |= signed(self.secrets, once, now, body)
        response = await self.api.ask("POST", "", content=body, headers=headers)
        try:
            answer = msgspec.json.decode(response.content, type=Answer)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return ""
        return answer.key or answer.id
