"""Pool: people who are staffed together, by a saved expression; not a place in which anybody waits."""

import msgspec


class Pool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People staffed together. `who`: an expression over agents, as a plan's `require`; it looks at no need.

    Agents have the pools that they are in as `pools`, so that plans and policies can say `pools has 'night'`.
    """

    id: str
    who: str
    title: str = ""
