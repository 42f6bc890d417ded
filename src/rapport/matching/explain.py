"""Why this agent, in words: the terms of an explanation as short clauses in the reader's language."""

from collections.abc import Mapping

from rapport.model.need import Explanation, Term

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "es": "Spanish", "en": "English", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian", "ca": "Catalan",
        "zh": "Chinese", "ja": "Japanese", "ar": "Arabic", "nl": "Dutch", "ru": "Russian", "ko": "Korean", "hi": "Hindi",
    },
    "es": {
        "es": "español", "en": "inglés", "pt": "portugués", "fr": "francés", "de": "alemán", "it": "italiano", "ca": "catalán",
        "zh": "chino", "ja": "japonés", "ar": "árabe", "nl": "neerlandés", "ru": "ruso", "ko": "coreano", "hi": "hindi",
    },
}  # fmt: skip
FEELINGS: Mapping[str, Mapping[str, str]] = {"en": {}, "es": {"anger": "enojo", "fear": "miedo", "sadness": "tristeza"}}
CLAUSES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "languages": "speaks {value}",
        "skills": "good at {value}",
        "topics": "knows {value}, which they ask about",
        "interests": "shares an interest: {value}",
        "known": "knows them: {value}",
        "answered": "has answered them before",
        "bot": "answers at once, a person is one word away",
        "transfer": "asked for by a colleague: {value}",
        "plan": "as the plan asks: {value}",
        "prefer": "preferred by the plan: {value}",
        "calming": "known to calm: {value}",
        "address": "is as formal as they are",
        "brevity": "writes as briefly as they do",
        "warmth": "is as warm as they are",
        "record": "resolves more than most",
        "idle": "free now",
        "other": "{attribute}: {value}",
    },
    "es": {
        "languages": "habla {value}",
        "skills": "sabe de {value}",
        "topics": "sabe de {value}, por lo que preguntan",
        "interests": "comparte un interés: {value}",
        "known": "ya se conocen: {value}",
        "answered": "ya les ha atendido",
        "bot": "contesta al momento; una persona está a una palabra",
        "transfer": "lo pide un colega: {value}",
        "plan": "como pide el plan: {value}",
        "prefer": "preferencia del plan: {value}",
        "calming": "sabe calmar: {value}",
        "address": "trata igual de tú o de usted",
        "brevity": "escribe igual de breve",
        "warmth": "igual de cercano en el trato",
        "record": "resuelve más que la mayoría",
        "idle": "libre ahora",
        "other": "{attribute}: {value}",
    },
}


def sentences(explanation: Explanation, language: str) -> list[str]:
    """What spoke for the agent as clauses, weightiest first; `language` is es or en, any other reads English."""
    chosen = language if language in CLAUSES else "en"
    return list(dict.fromkeys(_clause(term, chosen) for term in explanation.terms if term.weight >= 0))


def in_words(explanation: Explanation, language: str) -> str:
    """The reasons in one line."""
    return " · ".join(sentences(explanation, language))


def _clause(term: Term, language: str) -> str:
    clauses = CLAUSES[language]
    value = term.value.replace("-", " ").replace("_", " ")
    if term.attribute == "languages":
        value = LANGUAGES[language].get(term.value, term.value)
    if term.attribute == "calming":
        value = FEELINGS[language].get(term.value, term.value)
    if term.attribute == "known":
        value = term.value.replace("_", " ").replace(".", ": ", 1)
    name = "answered" if (term.attribute, term.value) == ("known", "answered") else term.attribute
    return clauses.get(name, clauses["other"]).format(attribute=term.attribute, value=value)
