"""The in-memory channel keeps the contract first: what it cannot show, the contract must not ask."""

import msgspec
import pytest

from channels.memory import MemoryChannel
from contracts.channel import NOW, ChannelContract
from rapport.clock import FakeClock


class TestMemoryChannel(ChannelContract):
    @pytest.fixture
    def channel(self):
        return MemoryChannel(FakeClock(NOW))

    @pytest.fixture
    def to(self):
        return "memory:ana"

    @pytest.fixture
    def write(self, channel):
        async def write(text):
            channel.said.append(msgspec.json.encode(("ana", text)))

        return write

    @pytest.fixture
    def arrived(self, channel):
        async def arrived(text):
            return sum(part.text == text for part in channel.sent.values())

        return arrived

    @pytest.fixture
    def filed(self, channel):
        async def filed():
            return [file.data for part in channel.sent.values() for file in part.files]

        return filed
