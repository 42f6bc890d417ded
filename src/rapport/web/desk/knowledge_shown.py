"""An article's text as pages show it: as HTML, and how it begins."""

import re

from markupsafe import Markup

from rapport.knowledge.markdown import as_html, as_text

MARK = re.compile(r"^(?:- |\d+[.)] )", re.M)  # of a line of a list
BEGINNING = 150  # characters of an article that a list shows


def shown(text: str) -> Markup:
    """An article's text as a page shows it: it passed the list of allowed tags (`knowledge.markdown`)."""
    return Markup(as_html(text))


def beginning(text: str) -> str:
    """How an article begins, on one line, without the marks of its lists."""
    plain = " ".join(MARK.sub("", as_text(text[: 8 * BEGINNING])).split())
    return plain if len(plain) <= BEGINNING else f"{plain[:BEGINNING].rsplit(' ', 1)[0]}…"
