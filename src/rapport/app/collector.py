"""The collector of cyclic garbage, told what a process of ours is like: much that stays, and batches of what soon goes."""

import gc

YOUNG = 20_000  # objects made before a look; the default, 700, looks several times a message


def hold_off() -> None:
    """Look at nothing until `let_lie`: what is read at the start stays."""
    gc.disable()


def let_lie() -> None:
    """Leave what was read at the start out of every later look, and look less often: a full one holds everybody up."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
