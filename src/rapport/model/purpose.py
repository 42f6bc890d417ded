"""Purpose: what a department that asks about a person for one purpose may see, as data of the centre."""

from collections.abc import Mapping

import msgspec

MEDICAL = ("care.", "health.", "medical.", "clinic.", "patient.")


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one purpose may see: kinds of events and names of attributes, by how they begin. `only` empty: all but `never`.

    `roles`: who may ask for it, by role or the name of a token; empty: everybody who may read a context.
    `consent`: it is told only of those who agreed to this purpose.
    """

    id: str = ""
    title: dict[str, str] = {}
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    with_messages: bool = True
    with_handles: bool = True
    roles: tuple[str, ...] = ()
    consent: bool = False

    def lets(self, name: str) -> bool:
        """Whether an event of this kind, or an attribute of this name, may be seen."""
        return not name.startswith(self.never) and (not self.only or name.startswith(self.only))


PURPOSES: Mapping[str, Purpose] = {
    "service": Purpose("service", never=MEDICAL),
    "sales": Purpose("sales", never=(*MEDICAL, "complaint.", "legal.")),
    "shop": Purpose(
        "shop", never=(*MEDICAL, "complaint.", "legal.", "bank.", "billing."), with_messages=False, with_handles=False
    ),
    "care": Purpose("care", roles=("care", "administrator")),  # a token named so, or an agent; a centre names its own
}
