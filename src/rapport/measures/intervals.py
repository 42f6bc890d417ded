"""Intervals: between which bounds a share or a mean lies, with 95 % confidence. Pure.

A share: Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22. A mean: its standard
error, from sums; it says little of fewer than thirty values.
"""

from math import sqrt

Z = 1.959963984540054  # of the normal distribution, two-sided 95 %


def wilson(hits: int, count: int, z: float = Z) -> tuple[float, float]:
    """Bounds of a share, in [0, 1]; (0, 1) of nothing."""
    if count <= 0:
        return 0.0, 1.0
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_bounds(total: float, squares: float, count: int, z: float = Z) -> tuple[float, float]:
    """Bounds of a mean, from the sum of the values and that of their squares; the mean itself of one value."""
    if count <= 0:
        return 0.0, 0.0
    mean = total / count
    spread = max(0.0, squares / count - mean * mean) * count / max(count - 1, 1)
    half = z * sqrt(spread / count)
    return mean - half, mean + half
