"""The collector of cyclic garbage, told what a process of ours is like: much that stays, and batches of what soon goes."""

import gc

YOUNG = 5_000  # objects made before a look; the default, 700, looks several times a message
OLDER = 10  # looks before one at all that the last ones left: it holds everybody up for as long as they did together


def hold_off() -> None:
    """Look at nothing until `let_lie`: what is read at the start stays."""
    gc.disable()


def let_lie() -> None:
    """Leave what was read at the start out of every later look, and look less often: a full one holds everybody up."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
