"""What is done to a post that is there: one of ours is taken down or edited, one of theirs becomes a favourite."""

from typing import Any
from urllib.parse import quote

import msgspec

from rapport.channels.capabilities import Op
from rapport.channels.mastodon.api import Api, Missing
from rapport.channels.mastodon.instance import Found
from rapport.errors import Refused

USUAL = frozenset({Op.REPLY, Op.SEND_DIRECT})
MARKS = frozenset({Op.REACT, Op.UNREACT})


class _Kept(msgspec.Struct, frozen=True):
    id: str | int


class _Status(msgspec.Struct, frozen=True):
    spoiler_text: str | None = ""
    sensitive: bool | None = False
    media_attachments: list[_Kept] | None = None


def ops_of(found: Found | None) -> frozenset[Op]:
    """What an account can do, by whose software its server runs: snac takes nothing down and edits nothing."""
    if found is None:
        return USUAL
    return USUAL | MARKS if found.is_snac else USUAL | MARKS | {Op.DELETE, Op.EDIT}


async def moderate(api: Api, id: str, op: Op, text: str) -> None:
    """Do it to the post that the server calls `id`; done twice is done once. Raises Refused, Unavailable."""
    place = f"/api/v1/statuses/{quote(id, safe='')}"
    if op is Op.REACT:
        await api.change("POST", f"{place}/favourite")
    elif op is Op.UNREACT:
        await api.change("POST", f"{place}/unfavourite")
    elif op is Op.DELETE:
        await _delete(api, place)
    elif op is Op.EDIT:
        await _edit(api, place, text)
    else:
        raise Refused(f"a server of Mastodon cannot {op} a post")


async def _delete(api: Api, place: str) -> None:
    """Take it down; a server that knows no such request answers as if the post were gone, so it is looked for."""
    try:
        await api.change("DELETE", place)
    except Missing:
        try:
            await api.get(place, _Status)
        except Missing:
            return
        raise Refused("this server takes no post down") from None


async def _edit(api: Api, place: str, text: str) -> None:
    """Give it other words; what stands beside them is given again, or the server would take it off."""
    before: _Status = await api.get(place, _Status)
    form: dict[str, Any] = {  # Any: a text or texts
        "status": text,
        "spoiler_text": before.spoiler_text or "",
        "sensitive": "true" if before.sensitive else "false",
        "media_ids[]": [str(kept.id) for kept in before.media_attachments or ()],
    }
    await api.change("PUT", place, form)
