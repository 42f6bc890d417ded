"""Plain text: out of HTML, and out of bytes that nobody can trust."""

import html
import re

LONGEST = 200_000  # characters of one text; what is longer is kept as a file or shown as unreadable
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b([^<>]*)>")
_OTHER_TAG = re.compile(r"<[!?/a-zA-Z][^<>]*>")
_PARAGRAPHS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "section", "article"})
_LINES = frozenset({"tr", "dt", "dd", "hr", "address", "header", "footer"})
_UNSEEN = ("script", "style", "head", "title", "template")
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_QUOTE_OPENS, _QUOTE_ENDS = "\ue000", "\ue001"  # private use: marks of our own inside one function


def readable(text: str) -> str:
    """The text without what a database or a page cannot hold: NUL is dropped, a half of a surrogate pair becomes U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", "")


def plain_from_html(source: str) -> str:
    """What a person would read: paragraphs as empty lines, quotations with `> `, no markup. Linear in its input."""
    source = _without_unseen(source.replace(_QUOTE_OPENS, "").replace(_QUOTE_ENDS, ""))
    source = _BLANKS.sub(" ", source.replace("\n", " "))
    source = _TAG.sub(lambda tag: _said_by(tag[2].lower(), bool(tag[1])), source)
    text = html.unescape(_OTHER_TAG.sub("", source)).replace("\xa0", " ")
    return _tidy(_quoted(text))


def _without_unseen(source: str) -> str:
    source = _cut(source, "<!--", "-->")
    lower = source.lower()
    for name in _UNSEEN:
        if f"<{name}" in lower:
            source = _cut(source, f"<{name}", f"</{name}")
            lower = source.lower()
    return source


def _cut(source: str, opens: str, ends: str) -> str:
    """The text without what stands between the two marks; a mark that is not closed hides only itself."""
    lower, kept, at = source.lower(), [], 0
    if len(lower) != len(source):  # a letter whose small form is longer would shift every place
        lower = source
    while (start := lower.find(opens, at)) >= 0:
        if opens != "<!--" and lower[start + len(opens) : start + len(opens) + 1].isalnum():  # <header is no <head
            kept.append(source[at : start + len(opens)])
            at = start + len(opens)
            continue
        end = lower.find(ends, start)
        if end < 0:
            break
        kept.append(source[at:start])
        at = end if ends != "-->" else end + len(ends)
    kept.append(source[at:])
    return "".join(kept)


def _said_by(tag: str, closing: bool) -> str:
    if tag == "br":
        return "\n"
    if tag == "blockquote":
        return f"\n{_QUOTE_ENDS}\n" if closing else f"\n{_QUOTE_OPENS}\n"
    if tag == "li":
        return "" if closing else "\n- "
    if tag in _PARAGRAPHS:
        return "\n\n"
    if tag in _LINES:
        return "\n" if closing or tag == "hr" else ""
    return " " if tag in ("td", "th") else ""


def _quoted(text: str) -> str:
    depth, lines = 0, []
    for line in text.split("\n"):
        if line.strip() == _QUOTE_OPENS:
            depth = min(depth + 1, 20)
        elif line.strip() == _QUOTE_ENDS:
            depth = max(depth - 1, 0)
        else:
            lines.append("> " * depth + line.strip() if depth and line.strip() else line.strip())
    return "\n".join(lines)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", text)).strip()
