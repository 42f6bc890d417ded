"""Which networks there are: each folder beside this file is one, and other packages bring more by an entry point.

A network's code is read when somebody asks for the network: a centre with two accounts need not wait for twenty.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from rapport import channels
from rapport.channels.channel import Channel, Means, Network
from rapport.errors import BadInput
from rapport.model.centre import Account

GROUP = "rapport.channels"
OURS = {"webchat": "webchat", "file": "file"}  # networks of one module, with no folder
ELSEWHERE = {"webhook": "hook"}  # what is not called as its folder is


class Networks(Mapping[str, Network]):
    """Every network by its name; each is read when it is first asked for, all of them when they are counted or listed."""

    def __getitem__(self, name: str) -> Network:
        found = _alone(name) or networks().get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(networks())

    def __len__(self) -> int:
        return len(networks())


@cache
def networks() -> dict[str, Network]:
    """Every network by its name. A plug-in names a `Network` in the entry-point group `rapport.channels`."""
    built_in = [_read(f"{folder}.channel") for folder in sorted(_folders())]
    found = {network.name: network for network in (*built_in, *map(_read, OURS.values()))}
    for point in entry_points(group=GROUP):
        network = point.load()
        if not isinstance(network, Network):
            raise BadInput(f"entry point {point.value!r} of group {GROUP} must be a Network, got {type(network).__name__}")
        found.setdefault(network.name, network)
    return found


def network(name: str) -> Network:
    """The network of that name. Raises BadInput with the nearest known one."""
    found = _alone(name) or networks().get(name)
    if found is None:
        near = get_close_matches(name, networks(), 1, 0)
        raise BadInput(f"no channel is called {name!r}; did you mean {near[0]!r}?")
    return found


def open_channel(account: Account, means: Means) -> Channel:
    """The channel of an account. Raises BadInput where its settings are not what its network asks for."""
    return network(account.channel).open(account, means)


@cache
def _folders() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(channels.__path__) if module.ispkg)


def _alone(name: str) -> Network | None:
    """A network of the house, found by its name without reading any other; None where no folder tells."""
    folder = ELSEWHERE.get(name, name)
    found = _read(OURS[name]) if name in OURS else _read(f"{folder}.channel") if folder in _folders() else None
    return found if found is not None and found.name == name else None


def _read(module: str) -> Network:
    found: Network = import_module(f"{channels.__name__}.{module}").NETWORK
    return found
