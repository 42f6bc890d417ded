"""Compiled kernels where the extra `fast` is installed; the same functions, interpreted, where it is not."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

COMPILED = importlib.util.find_spec("numba") is not None


def kernel(function: Function) -> Function:
    """The function, compiled at its first call where numba is installed. It may call other kernels of its module.

    No fast mathematics: compiled or not, each operation is rounded alike, so that every decision is the same to the bit.
    """
    if not COMPILED:
        return function
    compiled: Function = importlib.import_module("numba").njit(cache=True)(function)
    return compiled
