"""Text as Bluesky has it: lengths in graphemes and bytes, and facets, which say by byte what is a link or a name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from rapport.channels.capabilities import Unit
from rapport.channels.plain import readable
from rapport.channels.units import measure

BYTES_A_GRAPHEME = 10  # a post of 300 graphemes may have 3,000 bytes, a direct message of 1,000 may have 10,000
LONGEST_TAG = 64  # graphemes
_LINK = re.compile(r"https?://[^\s<>\"]+")
_NAME = re.compile(r"(?<![\w@./])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)", re.I | re.A)
_TAG = re.compile(r"(?<!\S)#(\S+)")
_AFTER = ".,;:!?…'\"»”’"
FACET = "app.bsky.richtext.facet"


@dataclass(frozen=True, slots=True)
class Span:
    """What a piece of a text is: a `link`, a `mention` or a `tag`; `start` and `end` count bytes of UTF-8."""

    start: int
    end: int
    kind: str
    value: str


class _Slice(msgspec.Struct, frozen=True, rename="camel"):
    byte_start: int = -1
    byte_end: int = -1


class _Feature(msgspec.Struct, frozen=True):
    uri: str = ""


class Facet(msgspec.Struct, frozen=True):
    """A piece of somebody's text and what it is."""

    index: _Slice = _Slice()
    features: list[_Feature] = []


def length(text: str) -> int:
    """How much of the network's limit a text takes: its graphemes, or its bytes where those reach the limit first."""
    return max(measure(text, Unit.GRAPHEMES), -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_A_GRAPHEME))


def spans(text: str) -> list[Span]:
    """The links, names and tags in a text of ours, in their order; none lies in another."""
    found: list[Span] = []
    for kind, pattern in (("link", _LINK), ("mention", _NAME), ("tag", _TAG)):
        for match in pattern.finditer(text):
            value = _bare(match[0]) if kind == "link" else _bare(match[1])
            if kind == "tag" and (not value or value.isdigit() or measure(value, Unit.GRAPHEMES) > LONGEST_TAG):
                continue
            start = len(text[: match.start()].encode())
            end = start + len((value if kind == "link" else match[0][0] + value).encode())
            if all(end <= other.start or other.end <= start for other in found):
                found.append(Span(start, end, kind, value))
    return sorted(found, key=lambda span: span.start)


def facets(text: str, known: Mapping[str, str]) -> list[dict[str, object]]:
    """The facets of a text. `known`: whom the names in it mean (their did); who is not in it stays a plain word."""
    made: list[dict[str, object]] = []
    for span in spans(text):
        value = known.get(span.value, "") if span.kind == "mention" else span.value
        if value:
            field = {"link": "uri", "mention": "did", "tag": "tag"}[span.kind]
            index = {"byteStart": span.start, "byteEnd": span.end}
            made.append({"index": index, "features": [{"$type": f"{FACET}#{span.kind}", field: value}]})
    return made


def names(text: str) -> list[str]:
    """The names that a text of ours mentions."""
    return list(dict.fromkeys(span.value for span in spans(text) if span.kind == "mention"))


def expanded(text: str, told: Sequence[Facet]) -> str:
    """What somebody wrote, with every link where it leads: a shortened one whole, one that says something else beside it."""
    raw = text.encode("utf-8", "surrogatepass")
    for facet in sorted(told, key=lambda facet: facet.index.byte_start, reverse=True):
        start, end = facet.index.byte_start, facet.index.byte_end
        uri = next((readable(feature.uri) for feature in facet.features if feature.uri), "")
        if not uri or not 0 <= start < end <= len(raw):
            continue
        shown = raw[start:end].decode("utf-8", "replace")
        raw = raw[:start] + _shown(shown, uri).encode("utf-8", "surrogatepass") + raw[end:]
    return readable(raw.decode("utf-8", "replace"))


def _shown(shown: str, uri: str) -> str:
    if _without_scheme(uri).startswith(_without_scheme(shown).removesuffix("...").removesuffix("…")):
        return uri
    return f"{shown} ({uri})"


def _without_scheme(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").removeprefix("www.")


def _bare(word: str) -> str:
    """A word without the signs that end a sentence."""
    bare = word.rstrip(_AFTER)
    for opens, closes in ("()", "[]"):
        while bare.endswith(closes) and bare.count(closes) > bare.count(opens):
            bare = bare[:-1].rstrip(_AFTER)
    return bare
