"""`rapport up` and `rapport demo`: what they start."""

import socket

from rapport.app.up import children_of
from rapport.settings import Settings


def test_a_child_makes_its_links_with_the_port_that_was_chosen(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = Settings(data=tmp_path, port=18_000)

        _, *children = children_of(settings, None, "all", True, [listening])

    assert {child.name for child in children} >= {"worker 0", "web 0"}
    assert {child.argv[child.argv.index("--port") + 1] for child in children} == {"18000"}
    assert {child.argv[child.argv.index("--host") + 1] for child in children} == {"127.0.0.1"}
