"""The forecast of whole days: a few profiles of the day from a singular value decomposition, their weights by the calendar.

Square roots of counts make the noise alike everywhere (Brown, Zhang, Zhao 2001). Profiles and weights are those of Shen and
Huang (2008); the weights are Gaussian processes over the calendar, averaged over guesses by their marginal likelihood.
Arrays are (days, intervals); a forecast is the mean number that will come.
"""

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.workforce.calendar_kernel import Prior

Floats = NDArray[np.float64]
PROFILES = 4
DAYS_A_PROFILE = 5  # so many days of history are needed for each
FAR = 3.5  # robust standard deviations at which something is drawn in
TEMPER = 0.3  # how much of the marginal likelihood is believed: days hang together more than the model says
TO_SPREAD = 1.4826  # from the median distance to a standard deviation


def rooted(counts: Floats) -> Floats:
    """Counts on the scale of the model, where Poisson noise has the variance 1/4."""
    return np.sqrt(np.maximum(counts, 0.0) + 0.25)


def counted(roots: Floats) -> Floats:
    """Back from the scale of the model; never negative."""
    return np.maximum(np.maximum(roots, 0.0) ** 2 - 0.25, 0.0)


def forecast(counts: Floats, prior: Prior, ahead: int) -> Floats:
    """The next `ahead` days after `counts`, (ahead, intervals). `prior` is over the days of `counts` and those ahead.

    Raises:
        BadInput: there is no day to learn from, or the prior ends before.
    """
    known = len(counts)
    if known < 1 or known + ahead > prior.common.shape[1]:
        raise BadInput(f"{known} days are known and {ahead} asked for, of a calendar of {prior.common.shape[1]}")
    if known == 1:
        return np.repeat(counts, ahead, axis=0)
    weights, profiles = _profiles(rooted(counts))
    middle = weights.mean(axis=0)
    spread = TO_SPREAD * np.median(np.abs(weights - np.median(weights, axis=0)), axis=0)
    spread = np.where(spread > 1e-9, spread, np.maximum(weights.std(axis=0), 1e-9))
    scaled = _drawn_in((weights - middle) / spread, prior.whitening[0, :known, :known])
    return counted((middle + spread * _expected(scaled, prior, ahead)) @ profiles)


def _profiles(roots: Floats) -> tuple[Floats, Floats]:
    """Weights (days, profiles) and profiles (profiles, intervals); single intervals that stand far out are drawn in first."""
    kept = max(1, min(PROFILES, len(roots) // DAYS_A_PROFILE, roots.shape[1]))
    left, sizes, right = np.linalg.svd(roots, full_matrices=False)
    smooth = (left[:, :kept] * sizes[:kept]) @ right[:kept]
    apart = roots - smooth
    limit = FAR * (TO_SPREAD * np.median(np.abs(apart), axis=0) + 1e-9)
    left, sizes, right = np.linalg.svd(smooth + np.clip(apart, -limit, limit), full_matrices=False)
    return left[:, :kept] * sizes[:kept], right[:kept]


def _drawn_in(scaled: Floats, whitening: Floats) -> Floats:
    """Days that the others would not have foretold, drawn in: (days, profiles)."""
    precision = whitening.T @ whitening
    diagonal = np.diag(precision)[:, None]
    off = (precision @ scaled) / np.sqrt(diagonal)
    return scaled - np.where(np.abs(off) > FAR, (np.abs(off) - FAR) * np.sign(off) / np.sqrt(diagonal), 0.0)


def _expected(scaled: Floats, prior: Prior, ahead: int) -> Floats:
    """The expected weights of the days ahead, (ahead, profiles), averaged over the guesses."""
    known = len(scaled)
    whitening = prior.whitening[:, :known, :known]
    white = whitening @ scaled
    fit = -0.5 * known * np.log(np.maximum((white**2).mean(axis=1), 1e-12))
    fit += prior.log_spread[:, :known].sum(axis=1)[:, None]
    belief = np.exp(TEMPER * (fit - fit.max(axis=0)))
    belief /= belief.sum(axis=0)
    seen = whitening @ prior.common[:, :known, known : known + ahead]
    return np.asarray(np.einsum("gap,gp->ap", seen.transpose(0, 2, 1) @ white, belief), np.float64)
