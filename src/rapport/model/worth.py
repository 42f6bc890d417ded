"""What is taken for granted where the value of a day is reckoned, by name; the centre's own figures go before these."""

from collections.abc import Mapping

TAKEN: dict[str, float] = {
    "agent_hour": 0.0,  # what an hour of an agent costs; 0: no money is shown
    "wait_hour": 0.0,  # what an hour that a customer waits is worth to the house
    "resolved_skilled": 0.78,  # the chance that who has done such work before resolves it at first contact
    "resolved_other": 0.55,  # the same of who has not
    "slower": 1.25,  # how many times as long it takes who has not
    "passed_on": 0.25,  # how often who has not passes it on, so that it is told once more
    "patience_minutes": 30.0,  # after how long people leave, in the mean
}
BOUNDS: dict[str, tuple[float, float]] = {
    "agent_hour": (0.0, 1e6),
    "wait_hour": (0.0, 1e6),
    "resolved_skilled": (0.0, 1.0),
    "resolved_other": (0.0, 1.0),
    "slower": (1.0, 5.0),
    "passed_on": (0.0, 1.0),
    "patience_minutes": (0.5, 10_080.0),
}


def check_worth(said: Mapping[str, float]) -> None:
    """Raise ValueError where a name is not known or a value makes no sense."""
    for name, value in said.items():
        if name not in BOUNDS:
            raise ValueError(f"value knows {', '.join(BOUNDS)}, got {name!r}")
        low, high = BOUNDS[name]
        if not low <= value <= high:
            raise ValueError(f"{name} of value is from {low:g} to {high:g}, got {value:g}")


def worth_of(said: Mapping[str, float]) -> dict[str, float]:
    """Everything that is taken for granted, with what the centre says instead."""
    return TAKEN | dict(said)
