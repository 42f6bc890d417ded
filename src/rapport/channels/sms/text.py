"""Text in short messages: its alphabet, how many messages a network makes of it, and what makes it dearer."""

from rapport.channels.limits import limits_of
from rapport.channels.units import GSM_EXTENDED, is_gsm, septets

_LENGTHS = limits_of(__package__).lengths
# Signs that editors put in by themselves, with what the alphabet of GSM-7 has for them. Letters are never changed.
TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)


def simplified(text: str) -> str:
    """The text in plain typography where GSM-7 can then write all of it; else the text as it is."""
    plain = text.translate(TYPOGRAPHY)
    return plain if is_gsm(plain) else text


def segments(text: str) -> int:
    """How many messages a network makes of a text; an extended sign or a pair of surrogates is never cut in two."""
    if is_gsm(text):
        if septets(text) <= _LENGTHS["septets_alone"]:
            return 1
        return _packed([1 + (sign in GSM_EXTENDED) for sign in text], _LENGTHS["septets_joined"])
    sizes = [1 + (ord(sign) > 0xFFFF) for sign in text]
    return 1 if sum(sizes) <= _LENGTHS["units_alone"] else _packed(sizes, _LENGTHS["units_joined"])


def foreign(text: str) -> list[str]:
    """The signs, each once, that GSM-7 does not have."""
    return [sign for sign in dict.fromkeys(text) if not is_gsm(sign)]


def room(most: int) -> int:
    """What `most` joined messages take in either alphabet, in units of `Unit.GSM`."""
    return limits_of(__package__).text_limit if most == 1 else most * _LENGTHS["for_each_joined"]


def _packed(sizes: list[int], room: int) -> int:
    count, left = 1, room
    for size in sizes:
        if size > left:
            count, left = count + 1, room
        left -= size
    return count
