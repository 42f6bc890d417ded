"""Questions that people are asked about a conversation, as data, in both languages; and how long they are left in peace."""

from datetime import timedelta

import msgspec

from rapport.measures.definitions import Said

IN_PEACE = timedelta(days=30)  # after a person was asked, about whatever conversation
ANSWERED_BY = timedelta(days=30)


class Question(msgspec.Struct, frozen=True):
    """One question. `id`: the field of SurveyAnswered; answers are whole, from `low` to `high`, whose ends have words."""

    id: str
    text: Said
    low: int
    high: int
    low_word: Said
    high_word: Said


QUESTIONS: tuple[Question, ...] = (
    Question(
        "solved", Said("Was your question settled?", "¿Quedó resuelto su asunto?"), 0, 1, Said("No", "No"), Said("Yes", "Sí")
    ),
    Question(
        "effort", Said("How easy was it to get it settled?", "¿Qué tan fácil fue resolverlo?"), 1, 7,
        Said("very hard", "muy difícil"), Said("very easy", "muy fácil"),
    ),
    Question(
        "satisfied", Said("How satisfied are you with how you were treated?", "¿Qué tan satisfecho está con el trato?"), 1, 5,
        Said("not at all", "nada"), Said("very", "mucho"),
    ),
    Question(
        "recommends", Said("Would you recommend us to somebody you know?", "¿Nos recomendaría a alguien que conoce?"), 0, 10,
        Said("certainly not", "de ninguna manera"), Said("certainly", "con seguridad"),
    ),
)  # fmt: skip
