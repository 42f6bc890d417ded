"""Which networks there are: each folder beside this file is one, and other packages bring more by an entry point."""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from rapport import channels
from rapport.channels import file, webchat
from rapport.channels.channel import Channel, Means, Network
from rapport.errors import BadInput
from rapport.model.centre import Account

GROUP = "rapport.channels"
OURS = (webchat.NETWORK, file.NETWORK)


@cache
def networks() -> dict[str, Network]:
    """Every network by its name. A plug-in names a `Network` in the entry-point group `rapport.channels`."""
    folders = sorted(module.name for module in iter_modules(channels.__path__) if module.ispkg)
    built_in = [import_module(f"{channels.__name__}.{folder}.channel").NETWORK for folder in folders]
    found = {network.name: network for network in (*built_in, *OURS)}
    for point in entry_points(group=GROUP):
        network = point.load()
        if not isinstance(network, Network):
            raise BadInput(f"entry point {point.value!r} of group {GROUP} must be a Network, got {type(network).__name__}")
        found.setdefault(network.name, network)
    return found


def network(name: str) -> Network:
    """The network of that name. Raises BadInput with the nearest known one."""
    known = networks()
    if name not in known:
        near = get_close_matches(name, known, 1, 0)
        raise BadInput(f"no channel is called {name!r}; did you mean {near[0]!r}?")
    return known[name]


def open_channel(account: Account, means: Means) -> Channel:
    """The channel of an account. Raises BadInput where its settings are not what its network asks for."""
    return network(account.channel).open(account, means)
