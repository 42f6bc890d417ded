"""What each column of a file says of a person: guessed by its name, corrected by whoever brings the file in."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from rapport.errors import BadInput

# What a column may say. `handle:NETWORK` is a name on a network, `attribute:NAME` anything else that is believed of them.
FIELDS = (
    "id", "name", "first_name", "last_name", "email", "phone", "handle", "company", "company_domain", "household", "role", "-",
)  # fmt: skip
OPEN = ("handle:", "attribute:")
SOCIAL = ("facebook", "instagram", "telegram", "mastodon", "bluesky", "whatsapp", "x", "youtube", "reddit", "matrix", "xmpp")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "contact_id", "user_id", "identificador_unico", "codigo", "cliente_id", "customer_id", "external_id"),
    "name": ("name", "full_name", "nombre", "nombre_completo", "nombre_y_apellidos", "display_name", "nome", "cliente"),
    "first_name": ("first_name", "given_name", "nombres", "primer_nombre", "firstname"),
    "last_name": ("last_name", "family_name", "surname", "apellido", "apellidos", "lastname", "sobrenome"),
    "email": ("email", "e_mail", "mail", "correo", "correo_electronico", "email_address", "emails"),
    "phone": ("phone", "phone_number", "telefono", "movil", "celular", "mobile", "tel", "telephone", "numero_de_telefono"),
    "handle": ("handle", "handles", "cuenta", "cuentas"),
    "company": ("company", "company_name", "empresa", "organization", "organizacion", "organisation", "compania"),
    "company_domain": ("company_domain", "domain", "dominio", "website", "sitio_web"),
    "household": ("household", "hogar", "family", "familia"),
    "role": ("job_title", "puesto", "cargo"),
    "attribute:city": ("city", "ciudad", "location", "cidade"),
    "attribute:country": ("country", "pais", "country_code"),
    "attribute:birth_date": ("birth_date", "birthday", "fecha_de_nacimiento", "nacimiento", "date_of_birth"),
    "attribute:language": ("language", "idioma", "lengua", "locale"),
    "-": (
        "created_at", "updated_at", "last_activity_at", "ip_address", "avatar", "thumbnail", "photo", "url", "password",
        "restriction", "last_login_at", "blocked", "account_id", "verified", "shared", "availability_status",
    ),
}  # fmt: skip
_KNOWN = {name: field for field, names in _NAMES.items() for name in names}
_ACCENTS = str.maketrans("áéíóúüñãõçê", "aeiouunaoce")
_ODD = re.compile(r"[^a-z0-9]+")


def plain_name(column: str) -> str:
    """A column's name without its habits: `Correo Electrónico`: `correo_electronico`."""
    return _ODD.sub("_", column.casefold().translate(_ACCENTS)).strip("_")


def guess(columns: Iterable[str]) -> dict[str, str]:
    """What each column says of a person; what no name tells is an attribute of its own. The first `name` is the name."""
    found: dict[str, str] = {}
    for column in columns:
        plain = plain_name(column)
        field = _KNOWN.get(plain) or (f"handle:{plain}" if plain in SOCIAL else f"attribute:{plain[:60]}" if plain else "-")
        if field in ("id", "name", "company", "role") and field in found.values():
            field = f"attribute:{plain[:60]}"
        found[column] = field
    return found


def check_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    """The mapping as it is used. Raises BadInput where a column is said to be what there is not, or nothing names a person."""
    for column, field in mapping.items():
        opened = next((prefix for prefix in OPEN if field.startswith(prefix)), "")
        if field not in FIELDS and not (opened and plain_name(field.removeprefix(opened))):
            near = get_close_matches(field, FIELDS, 1, 0)[0]
            raise BadInput(
                f"column {column[:60]!r} cannot be {field[:60]!r}; did you mean {near!r}? attribute:NAME is anything else"
            )
    said = set(mapping.values())
    if not said & {"id", "email", "phone", "handle"} and not any(field.startswith("handle:") for field in said):
        raise BadInput("no column says who somebody is; say which one is their id, email, phone or handle")
    return dict(mapping)
