"""The constants of the policy, with their units: one value of what follows for a tenant, or a kind of need."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constants:
    """What the policy weighs with. Worth 1 is one resolved need."""

    handle_seconds: float = 300.0  # mean handle time: one unit of an agent's time
    hazard: float = 1.0 / 300.0  # of a waiting need to leave, per second
    chance: float = 0.8  # that a freed agent goes to the only one who waits; of n who wait, each has it over the root of n
    age_per_second: float = 0.0015  # worth that waiting adds
    load_price: float = 0.3  # worth of a busy fraction above the mean of all
    price_step: float = 0.02  # how fast prices learn
    softness: float = 0.02  # worth within which two agents count as alike when prices learn
    occupancy: float = 0.95  # the share of an agent's time that prices leave to be asked for
    look_again_seconds: float = 10.0  # how old the wait value of a need may become
    hard_limit_seconds: float = 900.0  # who waited so long goes next, whatever the surplus; inf: never
    explored: float = 0.03  # share of needs whose agent is drawn among near-ties, in [0, 1]
    near: float = 0.01  # surplus within which pairs are near-ties


PUBLISHED = Constants(chance=1.0, explored=0.0)  # as the recipe was first simulated
