"""The week by which schedulers are compared: three skills, fifty people in six groups, quarters of an hour from 7 to 23."""

import numpy as np

from rapport.workforce.queues import needed
from rapport.workforce.schedule import Group, Week

SLOTS, DAYS, SKILLS, LENGTH = 64, 7, 3, 32
SHIFTS = 5
GROUPS = (((0,), 12), ((1,), 10), ((2,), 8), ((0, 1), 8), ((1, 2), 6), ((0, 1, 2), 6))
BREAKS = ((8, 15, 24), (7, 14, 22), (9, 18, 26))  # a break, lunch of two, a break: slots after the beginning
WEEKDAYS = (1.15, 1.0, 0.98, 0.98, 1.02, 0.6, 0.5)
MIX = (0.45, 0.3, 0.25)
HANDLE_SECONDS, WITHIN_SECONDS, TARGET = 300.0, 20.0, 0.8
SEED = 7


def reference_week() -> Week:
    """The instance of the reference: 6,501 skill-slots are required, and no schedule leaves fewer than 257.65 short."""
    groups = tuple(Group(frozenset(skills), agents, SHIFTS) for skills, agents in GROUPS)
    return Week(groups, templates(), _required())


def templates() -> np.ndarray:
    """51 shifts of eight hours: (51, 64), 1 where one works."""
    found = []
    for start in range(0, SLOTS - LENGTH + 1, 2):
        for first, lunch, second in BREAKS:
            shift = np.zeros(SLOTS, np.int64)
            shift[start : start + LENGTH] = 1
            shift[[start + first, start + lunch, start + lunch + 1, start + second]] = 0
            found.append(shift)
    return np.array(found)


def _required() -> np.ndarray:
    hours = 7 + np.arange(SLOTS) / 4
    day = np.exp(-(((hours - 10.5) / 2.2) ** 2)) + 0.85 * np.exp(-(((hours - 16) / 3) ** 2)) + 0.25
    chance = np.random.default_rng(SEED).standard_normal((DAYS, SKILLS, SLOTS))
    load = 11 * np.array(WEEKDAYS)[:, None, None] * np.array(MIX)[None, :, None] * day[None, None] * (1 + 0.08 * chance)
    return needed(np.maximum(0.2, load), HANDLE_SECONDS, WITHIN_SECONDS, TARGET)
