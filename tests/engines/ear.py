"""An ear and a mouth: the sound of a telephone by sipp, as RTP with G.711 mu-law (RFC 3551), heard and spoken by a test."""

import asyncio
import socket
import struct
from collections import deque
from contextlib import asynccontextmanager
from time import monotonic

import numpy as np

RATE, FRAME = 8000, 160  # samples a second, and of a packet: 20 ms
KEEP = 3.0  # seconds
EVENT = 101  # the payload type of keys (RFC 4733)
KEYS = "0123456789*#ABCD"


def _decoded() -> np.ndarray:
    """What each byte of mu-law means (G.711), shape (256,)."""
    code = ~np.arange(256, dtype=np.uint8)
    size = (((code & 15).astype(int) << 3) + 132 << ((code >> 4) & 7).astype(int)) - 132
    return np.where(code & 128, -size, size).astype(float)


DECODED = _decoded()


def encoded(samples: np.ndarray) -> bytes:
    """Samples as mu-law: each becomes the byte whose meaning is nearest."""
    order = np.argsort(DECODED)
    at = np.clip(np.searchsorted(DECODED[order], samples), 0, 255)
    return bytes(order[at].astype(np.uint8))


class Ear(asyncio.DatagramProtocol):
    """Hears what comes, and says a tone to whoever speaks to it. `says`: in hertz; 0 is silence."""

    def __init__(self) -> None:
        self.says = 0
        self.keys = ""
        self.packets = 0
        self._heard: deque[tuple[float, np.ndarray]] = deque()
        self._to: tuple[str, int] | None = None
        self._event = -1
        self._sent = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        self._to, kind, stamp = addr, data[1] & 127, struct.unpack("!I", data[4:8])[0]
        if kind == EVENT and stamp != self._event:
            self._event = stamp
            self.keys += KEYS[data[12]]
        elif kind == 0:
            self.packets += 1
            self._heard.append((monotonic(), DECODED[np.frombuffer(data[12:], np.uint8)]))
            while self._heard[0][0] < monotonic() - KEEP:
                self._heard.popleft()

    async def speak(self) -> None:
        """Say the tone until it is cancelled, packet by packet."""
        began = monotonic()
        while True:
            await asyncio.sleep(max(0.0, began + (self._sent + 1) * FRAME / RATE - monotonic()))
            if self._to is not None and self._transport is not None:
                at = (self._sent * FRAME + np.arange(FRAME)) / RATE
                sound = encoded(8000 * np.sin(2 * np.pi * self.says * at))
                head = struct.pack("!BBHII", 0x80, 0, self._sent & 0xFFFF, self._sent * FRAME & 0xFFFFFFFF, 7)
                self._transport.sendto(head + sound, self._to)
            self._sent += 1

    def heard(self, seconds: float = 1.0) -> np.ndarray:
        """The samples of the last seconds."""
        since = monotonic() - seconds
        return np.concatenate([np.zeros(1), *(sound for at, sound in self._heard if at >= since)])

    def loudness(self, seconds: float = 1.0) -> float:
        """Root mean square, 0 to 32,124."""
        return float(np.sqrt(np.mean(self.heard(seconds) ** 2)))

    def share_of(self, hertz: float, seconds: float = 1.0) -> float:
        """How much of what was heard is one tone, 0 to 1."""
        sound = self.heard(seconds)
        whole = float(np.sum(sound**2))
        wave = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / RATE)
        return 2 * abs(complex(np.dot(sound, wave))) ** 2 / len(sound) / whole if whole else 0.0


@asynccontextmanager
async def an_ear():
    """An ear on a port of its own: (ear, port)."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, sock=taken)
    speaking = asyncio.create_task(ear.speak())
    try:
        yield ear, taken.getsockname()[1]
    finally:
        speaking.cancel()
        transport.close()
