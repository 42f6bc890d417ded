"""What a WhatsApp message holds, of whatever type, as words for people and as files."""

import msgspec

from rapport.channels.plain import readable
from rapport.channels.wire import line
from rapport.model.message import Media

MOST_LINES = 40


class _Text(msgspec.Struct, frozen=True):
    body: str = ""


class _File(msgspec.Struct, frozen=True):
    id: str = ""
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    title: str = ""
    description: str | None = None


class _Form(msgspec.Struct, frozen=True):
    body: str | None = None
    response_json: str | None = None


class _Interactive(msgspec.Struct, frozen=True):
    button_reply: _Choice | None = None
    list_reply: _Choice | None = None
    nfm_reply: _Form | None = None


class _Button(msgspec.Struct, frozen=True):
    text: str = ""


class _Location(msgspec.Struct, frozen=True):
    latitude: float | str | None = None
    longitude: float | str | None = None
    name: str | None = None
    address: str | None = None


class _Called(msgspec.Struct, frozen=True):
    formatted_name: str = ""


class _Phone(msgspec.Struct, frozen=True):
    phone: str | None = None


class _Card(msgspec.Struct, frozen=True):
    name: _Called = _Called()
    phones: list[_Phone] = []


class _Product(msgspec.Struct, frozen=True):
    product_retailer_id: str = ""
    quantity: int | str = 1


class _Order(msgspec.Struct, frozen=True):
    text: str | None = None
    product_items: list[_Product] = []


class Content(msgspec.Struct, frozen=True):
    """The content of a message; which of these there is, its type says."""

    text: _Text | None = None
    image: _File | None = None
    video: _File | None = None
    audio: _File | None = None
    document: _File | None = None
    sticker: _File | None = None
    interactive: _Interactive | None = None
    button: _Button | None = None
    location: _Location | None = None
    contacts: list[_Card] | None = None
    order: _Order | None = None


def words_in(content: Content) -> str:
    """The words of a message; a place, a card, a choice or an order as lines of words."""
    words = [
        content.text.body if content.text else "",
        *((file.caption or "") for file in _files(content)),
        content.button.text if content.button else "",
        _choice(content.interactive) if content.interactive else "",
        _place(content.location) if content.location else "",
        "\n".join(_card(card) for card in (content.contacts or [])[:MOST_LINES]),
        _order(content.order) if content.order else "",
    ]
    return readable("\n".join(said for said in words if said))


def files_in(content: Content, root: str) -> tuple[Media, ...]:
    """The files of a message, by the address at which the network is asked for them with our token."""
    return tuple(
        Media(
            line(file.filename, 150) or kind, line(file.mime_type, 100) or "application/octet-stream", url=f"{root}/{file.id}"
        )
        for kind, file in _named(content)
        if file.id.isalnum() and len(file.id) <= 100
    )


def _named(content: Content) -> list[tuple[str, _File]]:
    given = {
        "image": content.image,
        "video": content.video,
        "audio": content.audio,
        "document": content.document,
        "sticker": content.sticker,
    }
    return [(kind, file) for kind, file in given.items() if file is not None]


def _files(content: Content) -> list[_File]:
    return [file for _, file in _named(content)]


def _choice(interactive: _Interactive) -> str:
    chosen = interactive.button_reply or interactive.list_reply
    if chosen is not None:
        return "\n".join(said for said in (chosen.title, chosen.description) if said)
    form = interactive.nfm_reply
    return "\n".join(said for said in (form.body, form.response_json) if said) if form else ""


def _place(place: _Location) -> str:
    where = f"{place.latitude}, {place.longitude}" if place.latitude is not None else ""
    return "\n".join(said for said in (place.name, place.address, where) if said)


def _card(card: _Card) -> str:
    return " ".join(said for said in (card.name.formatted_name, *(phone.phone for phone in card.phones)) if said)


def _order(order: _Order) -> str:
    items = [f"{item.quantity} × {item.product_retailer_id}" for item in order.product_items[:MOST_LINES]]
    return "\n".join(said for said in (order.text, *items) if said)
