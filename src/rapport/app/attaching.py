"""Files of replies: what is judged and made harmless when it is attached, and how it goes out on each account."""

from datetime import datetime

from msgspec.structs import replace

from rapport.access.file_links import ends_at, file_link
from rapport.app.house import House
from rapport.channels.carrying import carried
from rapport.channels.filing import named, refusal_of
from rapport.channels.media import DOWNLOAD
from rapport.channels.picture import FORMATS
from rapport.errors import BadInput
from rapport.model.message import Media, Reach
from rapport.model.reply import Carried
from rapport.web.attaching import Carrying, Cleaning

DRAWN = frozenset(f"image/{name.lower()}" for name in FORMATS)


def carrying(house: House) -> Carrying:
    """What makes the parts of a text with its files, for any account of the house."""
    key = house.keys.derive("web")

    def carry(
        tenant: int, account: str, channel: str, text: str, reach: Reach, to: str, files: tuple[Media, ...], now: datetime
    ) -> Carried:
        def split(said: str) -> tuple[str, ...]:
            return house.accounts.fit(tenant, account, channel, said, reach, to).parts

        def link(file: Media) -> str:
            return f"{house.origin}/files/{file_link(tenant, file.blob, ends_at(now), key=key, to=to)}"

        rules = house.accounts.carries(tenant, account, channel)
        if rules.reach not in ("", reach):
            rules = replace(rules, types=())
        return carried(rules, split, text, files, link if house.origin else None)

    return carry


def cleaning(house: House) -> Cleaning:
    """What makes a file that somebody attaches ready to go out: judged by its content, named safely, a picture drawn anew."""

    async def clean(name: str, data: bytes) -> tuple[Media, bytes]:
        kind = (await house.media.sandbox.run("file", data)).decode()
        if why := refusal_of(name, kind):
            raise BadInput(why)
        file, made = await house.media.cleaned(Media("", kind), data)
        if kind in DRAWN and file.type == DOWNLOAD:
            raise BadInput(f"The picture {name[:60]!r} cannot be read; save it again as PNG or JPEG.")
        file = replace(file, type=file.type if file.type != DOWNLOAD else kind, reason="")
        return replace(file, name=named(name, file.type)), made

    return clean
