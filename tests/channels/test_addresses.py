"""Which addresses lie in the open: the list is of RFC 6890 and of what reference reports found let through."""

from ipaddress import ip_address

import pytest

from rapport.channels.addresses import is_open, safe_addresses
from rapport.errors import BadInput

pytestmark = pytest.mark.anyio

HIDDEN = [
    *("127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1"),
    *("ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "100::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::"),
    *("2002:a9fe:a9fe::", "2002:a00:1::", "2001:0:7f00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe"),
]
OPEN = ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", HIDDEN)
def test_an_address_of_our_own_or_of_nobody_is_not_asked(text):
    assert not is_open(ip_address(text))


@pytest.mark.parametrize("text", OPEN)
def test_an_address_in_the_open_is_asked(text):
    assert is_open(ip_address(text))


def resolver(*addresses):
    async def resolve(host, port):
        return list(addresses)

    return resolve


async def test_one_hidden_address_among_open_ones_is_enough_to_refuse():
    with pytest.raises(BadInput, match=r"10\.0\.0\.1"):
        await safe_addresses("example.org", 443, resolver=resolver("8.8.8.8", "10.0.0.1"))


async def test_all_open_addresses_are_kept_in_order():
    assert await safe_addresses("example.org", 443, resolver=resolver("8.8.8.8", "1.1.1.1")) == ["8.8.8.8", "1.1.1.1"]


@pytest.mark.parametrize("found", [(), ("what?",)])
async def test_a_host_without_an_address_is_refused(found):
    with pytest.raises(BadInput, match="has no address"):
        await safe_addresses("example.org", 443, resolver=resolver(*found))


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_other_ways_to_write_our_own_address_lead_nowhere(host):
    with pytest.raises(BadInput):
        await safe_addresses(host, 80)
