"""Markdown as safe HTML: what stands in an article and nothing that could act, load or pretend.

CommonMark with tables. HTML in the text is shown as text; what comes out passes a list of allowed tags once more.
"""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    *("p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "pre", "code", "h2", "h3", "h4", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
SCHEMES = {"https", "http", "mailto", "tel"}
_HEADS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"]).disable("image")


@lru_cache(256)
def as_html(text: str) -> str:
    """The article as HTML. Its headings begin at h2, as the page has its title above; pictures are left as they are written."""
    tokens = _reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADS[token.tag]
    made = _reader.renderer.render(tokens, _reader.options, {})
    return nh3.clean(made, tags=TAGS, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes=SCHEMES, link_rel="noopener")


@lru_cache(1024)
def as_text(text: str) -> str:
    """The article as people would type it into a message: no marks, lists with dashes, links written out."""
    lines: list[str] = []
    mark = ""
    for token in _reader.parse(text):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "- "
        elif token.type in ("inline", "code_block", "fence"):
            said = _plain(token.children) if token.children else token.content.strip()
            lines.append(f"{mark}{said}" if mark or not lines else f"\n{said}")
            mark = ""
    return "\n".join(lines).strip()


def _plain(children: list[Token]) -> str:
    """A line's words, with each link behind what it is called."""
    said: list[str] = []
    links: list[str] = []
    for child in children:
        if child.type == "link_open":
            links.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close":
            link = links.pop()
            said.append("" if said and said[-1] == link else f" ({link})")
        elif child.type in ("softbreak", "hardbreak"):
            said.append("\n" if child.type == "hardbreak" else " ")
        else:
            said.append(child.content)
    return "".join(said)
