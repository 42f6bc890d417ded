"""Writing a thing's file: the fields that say something, and a file that is never half written."""

from pathlib import Path
from typing import Any

import msgspec


def plain_fields(value: msgspec.Struct) -> dict[str, Any]:  # Any: plain TOML
    """The fields that are not as by default; the id of the one centre is left out."""
    kept = [f for f in msgspec.structs.fields(value) if getattr(value, f.name) != _default(f)]
    return {field.name: msgspec.to_builtins(getattr(value, field.name)) for field in kept}


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def replace_file(path: Path, text: str) -> list[Path]:
    """Write beside and rename, so that a file is never half written; the path that was written."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, "utf-8", newline="")
    fresh.replace(path)
    return [path]
