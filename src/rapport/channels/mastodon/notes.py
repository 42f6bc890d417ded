"""Where a notification stands among the others: its id and its time, whatever else it says."""

from datetime import datetime

import msgspec


class _Dated(msgspec.Struct, frozen=True):
    id: str | int = ""
    created_at: datetime | None = None


def id_in(raw: bytes) -> str:
    """The id of a notification; "" where it says none."""
    return str(_dated(raw).id)


def written_at(raw: bytes) -> datetime | None:
    """When it came; None where it does not say."""
    return _dated(raw).created_at


def rank(name: str) -> tuple[int, str]:
    """Ids of one server in the order in which it gave them: numbers, written without leading zeros."""
    return len(name), name


def _dated(raw: bytes) -> _Dated:
    try:
        return msgspec.json.decode(raw, type=_Dated)
    except (msgspec.MsgspecError, RecursionError):
        return _Dated()
