"""Masks: what stood where a name or a number was, as a word in the reader's language."""

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from rapport.measures.stories.masking import MASK
from rapport.web.languages import say

MASKED = {"name": "name", "number": "number", "email": "e-mail address", "phone": "telephone", "card": "card"}


def unmasked(text: str, language: str) -> str:
    """The text with each mask as a word in brackets."""
    return MASK.sub(lambda found: f"[{say(language, MASKED.get(found[1], 'number'))}]", text)


@pass_context
def masks(context: Context, text: str) -> Markup:
    """The text with each mask as a word that stands apart."""
    parts, at = [], 0
    for found in MASK.finditer(text):
        word = say(context["frame"].language, MASKED.get(found[1], "number"))
        parts += [escape(text[at : found.start()]), Markup('<span class="masked">{}</span>').format(word)]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
