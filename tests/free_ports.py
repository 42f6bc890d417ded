"""A port for a server that is told its port before it listens."""

import random
import socket

GIVEN_OUT = 32_768  # from here on Linux takes ports for outgoing connections, at any moment


def free_port() -> int:
    """A loopback port that nobody uses now, and that no outgoing connection is given meanwhile."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(GIVEN_OUT - 12_000, GIVEN_OUT)
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with socket.socket() as line:
            try:
                line.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
