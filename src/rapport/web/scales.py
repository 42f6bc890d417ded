"""Scales: the round numbers beside a plot."""

NICE = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000)


def scale_of(most: int) -> tuple[int, ...]:
    """Round numbers from 0 on, the last of them not below `most`."""
    step = next((nice for nice in NICE if nice * 3 >= most), NICE[-1])
    return tuple(step * n for n in range(max(1, -(-most // step)) + 1))
