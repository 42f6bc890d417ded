"""What is suggested where no model is named: saved replies, sentences as they were written; the same ask, the same text."""

from collections.abc import Callable, Sequence

from rapport.assist.asking import Ask, Line, Suggestion
from rapport.errors import AssistFailed
from rapport.model.bilingual import both

Summed = Callable[[Sequence[Line]], str]
NAME = "rapport"
NO_REPLY = both(
    "No saved reply fits this conversation. Write one with its intent under Centre, or name a model (setting assist_url).",
    "Ninguna respuesta guardada encaja con esta conversación. Escriba una con su intención en Centro, o indique un modelo"
    " (ajuste assist_url).",
)
NO_TRANSLATION = both(
    "There is no translation without a model. An administrator names one with the settings assist_url and assist_model.",
    "Sin un modelo no hay traducción. Quien administra indica uno con los ajustes assist_url y assist_model.",
)
NOTHING_SAID = both("There is nothing to summarise yet.", "Aún no hay nada que resumir.")


class Plain:
    """Suggests what the house has written already. `summed`: the lines of a summary, taken from the messages."""

    def __init__(self, summed: Summed) -> None:
        self._summed = summed

    async def suggest(self, tenant: int, ask: Ask) -> Suggestion:
        """The best saved reply, or a summary of sentences. Raises AssistFailed."""
        if ask.kind == "translation":
            raise AssistFailed(NO_TRANSLATION)
        text = self._summed(ask.lines) if ask.kind == "summary" else next(iter(ask.saved), "")
        if not text:
            raise AssistFailed(NOTHING_SAID if ask.kind == "summary" else NO_REPLY)
        return Suggestion(text, NAME)
