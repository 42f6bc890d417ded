"""A further ability of channels: a network that calls one address for all accounts of an application."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Shares(Protocol):
    """A channel whose network's calls may hold what is of other accounts; `parse` of each account takes what is its own."""

    @property
    def own(self) -> str:
        """This account, as `named_in` names it."""
        ...

    def named_in(self, raw: bytes) -> frozenset[str]:
        """The accounts of which a call says something. Pure and total."""
        ...
