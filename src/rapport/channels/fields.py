"""What an account says of itself, read against the fields that its network asks for."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from rapport.channels.channel import Field, Wording
from rapport.errors import BadInput
from rapport.model.centre import Account

SECRET = "secret:"
READ_MARKS = Field(  # of a network that can be told so: what asks for it is `replies.reading_marks`
    "mark_read", Wording("La persona ve que la leímos", "The person sees that we have read"), "no", choices=("no", "yes")
)


def settings_of(account: Account, fields: Sequence[Field], secret: Callable[[str], str]) -> dict[str, str]:
    """Every field with its value: given, or the default; a value `secret:NAME` is fetched.

    Raises:
        BadInput: a field is missing, unknown, or not one of its choices; names the account, the field and the cure.
    """
    known = {field.name: field for field in fields}
    for name in account.settings:
        if name not in known:
            near = get_close_matches(name, known, 1, 0)
            raise BadInput(f"account {account.id!r} has an unknown setting {name!r}; did you mean {near[0]!r}?")
    values = {}
    for name, field in known.items():
        value = account.settings.get(name, field.default)
        if value is None or (field.default is None and not value):
            raise BadInput(f"account {account.id!r} on {account.channel} needs {name!r} ({field.label.en})")
        if field.choices and value not in field.choices:
            raise BadInput(f"{name!r} of account {account.id!r} must be one of {', '.join(field.choices)}, got {value!r}")
        values[name] = secret(value.removeprefix(SECRET)) if value.startswith(SECRET) else value
    return values


def number(values: dict[str, str], name: str) -> float:
    """A setting that is a number. Raises BadInput where it is none."""
    try:
        return float(values[name])
    except ValueError:
        raise BadInput(f"{name!r} must be a number, got {values[name]!r}") from None
