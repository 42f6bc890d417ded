"""Markup: people's HTML made harmless when it comes: nothing in it runs, loads or leads astray, wherever it is shown."""

import re
from collections import Counter

import nh3

DEEPEST = 100  # elements inside elements; cleaning takes time with the square of it
LONGEST = 256 * 1024
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b")
_ENDS_BY_ITSELF = {
    *("area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p", "param"),
    *("source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr"),
}
KEPT = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "i", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "u", "ul"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr"),
}


def harmless(source: str) -> str | None:
    """The words of HTML in their order, with links and nothing else; None: too long or too deep to be cleaned.

    No picture stays, so nobody learns that a mail was opened; no style, script, form or frame.
    """
    if len(source) > LONGEST or is_deeper(source, DEEPEST):
        return None
    schemes = {"http", "https", "mailto"}
    kept = nh3.clean(source, tags=KEPT, attributes={"a": {"href"}}, url_schemes=schemes, link_rel=None)
    return kept if len(kept) <= LONGEST else None


def is_deeper(source: str, most: int) -> bool:
    """Whether more than `most` elements are open at once. Linear; elements that need no end do not count."""
    open_: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(source):
        name = tag[2].lower()
        if name in _ENDS_BY_ITSELF or (tag[1] and not open_[name]):
            continue
        step = -1 if tag[1] else 1
        open_[name] += step
        depth += step
        if depth > most:
            return True
    return False
