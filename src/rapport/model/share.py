"""How sure a share is: Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22, 209)."""

from math import sqrt

Z = 1.959963984540054  # of the normal distribution, two-sided 95 %


def wilson(hits: float, cases: float) -> tuple[float, float]:
    """The bounds within which a share lies with 95 % confidence; (0, 1) of no cases."""
    if cases <= 0:
        return 0.0, 1.0
    share, square = hits / cases, Z * Z
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    half = Z / (1 + square / cases) * sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    return max(0.0, middle - half), min(1.0, middle + half)
