"""Narrowing a view of the inbox: by label, channel, account, agent, language and priority, each a condition on the list."""

from typing import Any

import asyncpg
import msgspec

NOBODY = "-"  # as an agent: conversations that nobody has

_CONDITIONS: dict[str, str] = {
    "label": """id = any(array(select conversation from labelled l where l.tenant = $1 and l.label = {}
order by l.conversation desc limit 5000))""",  # the newest: their ids begin with their time
    "signal": """id = any(array(select conversation from signalled s where s.tenant = $1 and s.kind = {}
order by s.at desc limit 5000))""",
    "channel": "channel = {}",
    "accounts": "account = any({}::text[])",
    "agent": "agent = {} and agent <> '' and state <> 'resolved'",  # nobody has what is resolved
    "nobody": "agent = {}",
    "language": "language = {}",
    "priority": "priority = {} and priority <> ''",
    "normal": "priority = {}",
}
_EMPTY = {("agent", NOBODY): "nobody", ("priority", "normal"): "normal"}  # what stands as "" in its column
# Every label that is in use, by skipping from one to the next along the index.
_LABELS = """with recursive known(label) as (
  (select label from labelled where tenant = $1 and label <> '' order by label limit 1)
  union all
  select (select l.label from labelled l
    where l.tenant = $1 and l.label <> '' and l.label > known.label order by l.label limit 1)
  from known where known.label is not null)
select label from known where label is not null limit $2"""


class Narrow(msgspec.Struct, frozen=True):
    """What must hold of a conversation to stand in the list; "" and None: anything. `accounts`: any of them, as a brand has."""

    label: str = ""
    channel: str = ""
    accounts: tuple[str, ...] | None = None
    agent: str = ""
    language: str = ""
    priority: str = ""
    signal: str = ""

    def conditions(self, first: int) -> tuple[str, list[Any]]:  # Any: values of its fields
        """The conditions as SQL, each with ` and ` before it, and their values from `$first` on."""
        text, values = "", []
        for field in self.__struct_fields__:
            name, value = field, getattr(self, field)
            if value is None or value == "":
                continue
            if (name, value) in _EMPTY:
                name, value = _EMPTY[name, value], ""
            condition = _CONDITIONS[name]
            values.append(list(value) if isinstance(value, tuple) else value)
            text += f" and {condition.format(f'${first + len(values) - 1}')}"
        return text, values


EVERYTHING = Narrow()


async def labels_in_use(db: asyncpg.Connection, tenant: int, limit: int = 200) -> list[str]:
    """The labels that any conversation has, by name."""
    return [row["label"] for row in await db.fetch(_LABELS, tenant, limit)]
