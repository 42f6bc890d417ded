"""Between which bounds a mean lies, with 95 % confidence: its standard error, from sums. Little of fewer than thirty values."""

from math import sqrt

from rapport.model.share import Z


def mean_bounds(total: float, squares: float, count: int, z: float = Z) -> tuple[float, float]:
    """Bounds of a mean, from the sum of the values and that of their squares; the mean itself of one value."""
    if count <= 0:
        return 0.0, 0.0
    mean = total / count
    spread = max(0.0, squares / count - mean * mean) * count / max(count - 1, 1)
    half = z * sqrt(spread / count)
    return mean - half, mean + half
