"""What templates call most, made cheap: sentences looked up once; functions and macros without jinja's questions.

A desk page looks up some 300 sentences and calls as many macros; jinja asked each time what it is that it calls, and put
nothing into each sentence again.
"""

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from jinja2.runtime import Context, Macro
from markupsafe import Markup

from rapport.web.languages import Catalogue

Told = Callable[..., Markup]


def told_by(words: Catalogue) -> tuple[Told, Told]:
    """`_` and `ngettext` of a language, as jinja's newstyle ones: markup, with values put in escaped."""
    sentences: dict[str, Markup] = {}  # as many as templates have: they look up none but their own (test_page_words)
    plain: dict[str, Markup] = {}

    def tell(sentence: str, /, **values: Any) -> Markup:  # Any: whatever a sentence is given
        if not values:
            found = plain.get(sentence)
            if found is None:
                found = plain[sentence] = Markup(words.gettext(sentence)) % {}
            return found
        found = sentences.get(sentence)
        if found is None:
            found = sentences[sentence] = Markup(words.gettext(sentence))
        return found % values

    def tell_many(one: str, many: str, number: int, /, **values: Any) -> Markup:  # Any: as above
        return Markup(words.ngettext(one, many, number)) % ({"num": number} | values)

    return tell, tell_many


class Called(Context):
    """A context that calls plain functions, methods and macros at once; whatever wants to be given more goes jinja's way."""

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:  # Any: as jinja has it
        """What is called gives."""
        kind = type(called)
        if kind is Macro or ((kind is FunctionType or kind is MethodType) and not hasattr(called, "jinja_pass_arg")):
            named.pop("_loop_vars", None)
            named.pop("_block_vars", None)
            return called(*args, **named)
        return super().call(called, *args, **named)
