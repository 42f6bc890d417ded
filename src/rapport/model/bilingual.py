"""One sentence in both languages in one text: for what a network's rules say, which no catalogue of ours has."""

_BETWEEN = "\u2063\n"  # an invisible separator: no sentence of people or networks has it before a new line


def both(en: str, es: str) -> str:
    """The sentence in English and Spanish as one text."""
    return f"{en}{_BETWEEN}{es}"


def said_in(text: str, language: str) -> str:
    """The text in a language; as it is where it has but one."""
    en, between, es = text.partition(_BETWEEN)
    return es if between and language == "es" else en
