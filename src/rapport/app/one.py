"""One process of a centre, as its supervisor starts it: it reads its program, waits at the gate, and runs."""

from rapport.app.database import address
from rapport.app.master_key import master_key
from rapport.settings import Settings


def run_one(settings: Settings, what: str, number: int, *, fd: int, gate: int, demo: bool) -> int:
    """One process of it. `gate`: what it waits at when it has read its program; -1: nothing."""
    from rapport.app.collector import hold_off
    from rapport.app.logs import set_up_logging

    hold_off()
    set_up_logging(settings)
    url, master = address(settings), master_key(settings)
    if what == "worker":
        import uvloop

        from rapport.app.worker import work

        _pass(gate)
        uvloop.run(work(settings, url, master, f"worker-{number}"))
    else:
        from rapport.app.serving import serve

        _pass(gate)
        serve(settings, url, master, fd, demo=demo)
    return 0


def _pass(gate: int) -> None:
    if gate >= 0:
        with open(gate, "rb") as end:
            end.read()  # until whoever holds the gate opens it, or is no more
