"""scipy's exact assignment, read from its own file: `scipy.optimize` whole costs each process 50 MB and half a second."""

from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

import scipy

FILE = "_lsap"
Solve = Callable[..., tuple[Any, Any]]  # Any: arrays of positions, as scipy's `linear_sum_assignment` gives them


def _solver() -> Solve:
    """`scipy.optimize.linear_sum_assignment`; in the usual way where scipy keeps it elsewhere."""
    found = PathFinder.find_spec(FILE, [f"{folder}/optimize" for folder in scipy.__path__])
    if found is not None and found.loader is not None:
        module = module_from_spec(found)
        found.loader.exec_module(module)
        if hasattr(module, "linear_sum_assignment"):
            return module.linear_sum_assignment  # type: ignore[no-any-return]  # a compiled module says nothing of its types
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment  # type: ignore[no-any-return]  # as above


linear_sum_assignment = _solver()
