"""The XML parser that feedparser is told to use: Python's own, with each text given in one piece. Named, not imported."""

from xml.sax.expatreader import ExpatParser


class Buffered(ExpatParser):
    """Without it, a text with a thousand entities is a thousand and one calls into Python."""

    def reset(self) -> None:
        """Begin a document."""
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined]  # the stubs leave it out


def create_parser() -> ExpatParser:
    """What `xml.sax.make_parser` asks a module for."""
    return Buffered()
