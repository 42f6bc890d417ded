"""Expressions: a small closed language over an agent's attributes and the need's own, such as `languages has need.language`.

A superset of TaskRouter's: AND, OR, NOT, ==, =, !=, <, <=, >, >=, HAS, IN, NOT IN, CONTAINS, in any letter case.
A bare path is the agent's (`agent.` and `worker.` may stand before it); `need.` (or `task.`) and `person.` are the other two.
Two-valued: every comparison is true or false. A missing attribute is NULL: equal to NULL alone, below and above nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapport.matching.language.closures import Record, Test, test_of
from rapport.matching.language.columns import Columns, Mask
from rapport.matching.language.masks import mask_of
from rapport.matching.language.parsing import read_tree
from rapport.matching.language.tree import AGENT, NEED, Node, Path, paths_of

_EMPTY: Record = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `agent_paths` and `need_paths`: what it looks at; a need path is `language` or `person.loyalty`."""

    text: str
    test: Test
    agent_paths: frozenset[tuple[str, ...]]
    need_paths: frozenset[tuple[str, ...]]
    tree: Node
    many: Callable[[Columns, Record], Mask]

    def __call__(self, agent: Record, need: Record = _EMPTY) -> bool:
        """Whether it holds of this agent, for this need."""
        return self.test(agent, need)

    def mask(self, agents: Columns, need: Record = _EMPTY) -> Mask:
        """Of which of many agents it holds, for this need: (agents,), not to be written to."""
        return self.many(agents, need)


@lru_cache(maxsize=4096)
def parse(text: str, bare: int = AGENT) -> Expression:
    """The expression that `text` says; empty text holds of everybody. Raises BadInput, naming the position.

    `bare`: whose a path is that names no side, `AGENT` or `NEED`.
    """
    tree = read_tree(text, bare)
    paths = list(paths_of(tree))
    return Expression(text, test_of(tree), _named(paths, AGENT), _named(paths, NEED), tree, mask_of(tree))


def _named(paths: list[Path], side: int) -> frozenset[tuple[str, ...]]:
    """The names of the paths of one side; a key that is looked up is left out."""
    return frozenset(tuple(key for key in path.keys if isinstance(key, str)) for path in paths if path.side == side)
