"""Attributes that may never be used for matching: what a person or an agent is, not what they need or can do.

Categories of personal data that the GDPR, article 9, sets apart, and those by which Mexican and US law forbid to treat people
unlike; by the words that name them in Spanish and English. A tenant adds its own names (`protected` of `[centre]`).
A skill of that name, such as `health`, is what somebody can do, and may be used. What a message asks for may be used too.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapport.matching.stems import words_in

PROTECTED: Mapping[str, str] = {
    "ethnicity": "ethnicity, ethnic, race, racial, skin color, skin colour, skin tone, caste, tribe, indigenous, "
    "national origin, nationality, birthplace, birth place, place of birth, immigration, immigrant, "
    "etnia, etnico, etnica, origen etnico, raza, color de piel, tono de piel, casta, tribu, indigena, nacionalidad, "
    "lugar de nacimiento, migrante, inmigrante, estatus migratorio",
    "religion": "religion, religious, faith, creed, belief, church, mosque, synagogue, "
    "religiosa, religioso, fe, credo, creencia, iglesia, mezquita, sinagoga",
    "health": "health, medical, illness, disease, diagnosis, disability, disabled, pregnant, pregnancy, medication, hiv, "
    "salud, medico, enfermedad, diagnostico, discapacidad, discapacitado, discapacitada, embarazo, embarazada, vih, medicacion",
    "orientation": "orientation, sexuality, sexual, gay, lesbian, bisexual, queer, lgbt, lgbtq, "
    "orientacion, sexualidad, lesbiana",
    "politics": "politics, political, political party, party affiliation, voter, voting, ideology, "
    "politica, politico, partido politico, afiliacion politica, votante, ideologia",
    "union": "union, trade union, union member, union membership, unionized, unionised, "
    "sindicato, sindical, sindicalizado, sindicalizada, afiliacion sindical",
    "age": "age, birthdate, birthday, birth date, date of birth, birth year, year of birth, dob, elderly, "
    "edad, edades, nacimiento, fecha de nacimiento, cumpleanos, ano de nacimiento, anciano, anciana",
    "gender": "gender, sex, transgender, pronoun, genero, sexo, transgenero, pronombre",
    "family": "marital status, marital, married, parental status, estado civil, casado, casada",
    "body": "genetic, biometric, genetico, genetica, biometrico, biometrica",
    "record": "criminal, conviction, antecedente penal, antecedentes penales",
}
"""What is protected by law, by category: phrases that name it, parted by commas."""

_CAMEL = re.compile(r"(?<=[a-z0-9áéíóúüñ])(?=[A-ZÁÉÍÓÚÜÑ])")


def _words(name: str) -> tuple[str, ...]:
    """The words of an attribute's name, without accents and the s of a plural."""
    return tuple(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in words_in(_CAMEL.sub(" ", name))
    )


_PHRASES: Mapping[tuple[str, ...], str] = {
    _words(phrase): category for category, phrases in PROTECTED.items() for phrase in phrases.split(", ")
}
_LONGEST = max(map(len, _PHRASES))


@lru_cache(maxsize=65536)
def category_of(name: str, own: tuple[str, ...] = ()) -> str:
    """The category by which an attribute of this name is protected, `own` for one of the tenant's; "" where it is not."""
    words = _words(name)
    if any(words == _words(mine) for mine in own):
        return "own"
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
            category = _PHRASES.get(words[start:end])
            if category:
                return category
    return ""


def is_protected(name: str, own: tuple[str, ...] = ()) -> bool:
    """Whether an attribute of this name may never be used for matching. `own`: the tenant's own names."""
    return category_of(name, own) != ""


def usable(names: Iterable[str], own: tuple[str, ...] = ()) -> list[str]:
    """Of the names of interests, those that say nothing of what is protected, in their order; a `race` is one to run."""
    hidden = {_words(mine) for mine in own} | set(_PHRASES)
    return [name for name in names if _words(name) == ("race",) or _words(name) not in hidden]
