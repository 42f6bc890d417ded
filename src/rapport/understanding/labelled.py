"""Labelled texts in files: JSON lines, gzip; each line an object with `text` and a label under the head's name or `label`."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rapport.errors import BadInput

LABEL = "label"


def rows_in(file: Path) -> Iterator[dict[str, Any]]:  # Any: each set has its own fields
    """The objects of a file. Raises BadInput, with the file and the line, where one cannot be read."""
    number = 0
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                    raise BadInput(f'{file}:{number}: each line must be an object with a "text", got {line[:60]!r}')
                yield row
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as JSON lines, gzip: {error}") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}:{number}: this is not JSON: {error}") from None


def labelled(file: Path, head: str) -> tuple[list[str], list[str]]:
    """The texts of a file and their labels. Raises BadInput where one has none."""
    texts: list[str] = []
    labels: list[str] = []
    for number, row in enumerate(rows_in(file), 1):
        label = row.get(head, row.get(LABEL))
        if not isinstance(label, str) or not label:
            raise BadInput(f"{file}:{number}: a label is needed under {head!r} or {LABEL!r}; this line has {', '.join(row)}")
        texts.append(row["text"])
        labels.append(label)
    if not texts:
        raise BadInput(f"{file} holds no rows")
    return texts, labels
