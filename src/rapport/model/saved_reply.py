"""SavedReply: a text that is kept for use."""

import msgspec


class SavedReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text kept for use, by language."""

    id: str
    texts: dict[str, str]
    intent: str = ""
    title: str = ""
