"""Which networks there are: the four that come with the house, and those that other packages bring by an entry point."""

from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points

from rapport.channels import file, webchat
from rapport.channels.channel import Channel, Means, Network
from rapport.channels.email import channel as email
from rapport.channels.mastodon import channel as mastodon
from rapport.errors import BadInput
from rapport.model.centre import Account

GROUP = "rapport.channels"
BUILT_IN = (mastodon.NETWORK, email.NETWORK, webchat.NETWORK, file.NETWORK)


@cache
def networks() -> dict[str, Network]:
    """Every network by its name. A plug-in names a `Network` in the entry-point group `rapport.channels`."""
    found = {network.name: network for network in BUILT_IN}
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
