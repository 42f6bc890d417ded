"""Which attributes of a person are sensitive here, and what is left to show without a clearance."""

from msgspec.structs import replace

from rapport.model.attribute import Attribute
from rapport.model.centre import Centre
from rapport.model.need import Explanation
from rapport.model.person import Person


def hidden_of(person: Person | None, centre: Centre) -> tuple[str, ...]:
    """The names of the person's attributes that are sensitive."""
    sensitive = set(centre.profile.sensitive)
    return tuple(attribute.name for attribute in person.attributes if attribute.name in sensitive) if person else ()


def shown_of(person: Person, centre: Centre) -> Person:
    """The person without what is sensitive."""
    hidden = set(hidden_of(person, centre))
    if not hidden:
        return person
    kept: tuple[Attribute, ...] = tuple(attribute for attribute in person.attributes if attribute.name not in hidden)
    return replace(person, attributes=kept)


def reasons_of(why: Explanation | None, centre: Centre) -> Explanation | None:
    """The reasons of a match without those that name a sensitive attribute."""
    sensitive = set(centre.profile.sensitive)
    if why is None or not sensitive:
        return why
    return replace(why, terms=tuple(term for term in why.terms if not sensitive & {term.attribute, term.value}))
