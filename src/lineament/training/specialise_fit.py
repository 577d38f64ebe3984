"""Learning to tell a gallery's people apart, from what the image branch says of renders of them.

Linear discriminants: one covariance within people, shrunk towards the identity, and the mean of each person.
A mean is one of differences within takes, so that it owes nothing to which takes somebody was seen in.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from lineament.recognition.specialised import against_others
from lineament.types import Float32, Float64, Int32

SHRINKAGES: Final = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
FOLDS: Final = 3
RIDGE: Final = 1e-3
SINGULAR: Final = 1e-9
"""Only differences between people are known, so that one singular value is zero but for rounding."""
LEAST_SPREAD: Final = 1e-3
"""Of a feature within people, in shares of the largest one: others are constant in these pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class Logits:
    """Logits of K people, linear in standardised features (F,); fields as in `Specialised`."""

    centre: Float32
    spread: Float32
    weight: Float32
    bias: Float32
    shrinkage: float

    def of(self, features: Float32) -> Float64:
        """(n, K) of features (n, F)."""
        return np.asarray(((features - self.centre) / self.spread) @ self.weight.T + self.bias, np.float64)


def fit_logits(features: Float32, person: Int32, take: Int32, group: Int32) -> Logits:
    """Discriminants of pictures (n, F) of `person` 0..K-1 in `take`; the shrinkage is the one by which
    pictures of other groups (outfits) are told apart best. Raises ValueError when somebody is never seen.
    """
    known = features.astype(np.float64)
    fold = np.unique(group, return_inverse=True)[1] % FOLDS
    loss = np.zeros(len(SHRINKAGES))
    for left_out in np.unique(fold):
        learned, other = fold != left_out, fold == left_out
        if len(np.unique(person[learned])) < len(np.unique(person)):
            continue
        for place, one in enumerate(_discriminants(known[learned], person[learned], take[learned])):
            loss[place] += _surprise(one.of(features[other]), person[other])
    return list(_discriminants(known, person, take))[int(loss.argmin())]


def _discriminants(features: Float64, person: Int32, take: Int32) -> list[Logits]:
    """One for each of SHRINKAGES."""
    count = int(person.max()) + 1
    if len(np.unique(person)) < count:
        raise ValueError("somebody is never seen")
    means = _means(features, person, take, count)
    within = features - means[person]
    spread = within.std(axis=0)
    spread = np.maximum(spread, LEAST_SPREAD * max(float(spread.max()), 1e-9))
    centre = means.mean(axis=0)
    _, size, axes = np.linalg.svd(within / spread / np.sqrt(len(within)), full_matrices=False)
    apart = (means - centre) / spread
    along = apart @ axes.T
    found = []
    for shrinkage in SHRINKAGES:
        inside = (1 - shrinkage) * size**2 + shrinkage
        # Outside the span of the samples the covariance is the shrinkage alone.
        weight = (along / inside) @ axes + (apart - along @ axes) / shrinkage
        bias = -0.5 * (weight * apart).sum(axis=1)
        parts = (one.astype(np.float32) for one in (centre, spread, weight, bias))
        found.append(Logits(*parts, shrinkage))
    return found


def _means(features: Float64, person: Int32, take: Int32, count: int) -> Float64:
    """(count, F) of each person, the effect of takes taken out: least squares of features on both."""
    apart = np.linalg.pinv(_within(np.eye(count)[person], take), rcond=SINGULAR)
    return np.asarray(apart @ _within(features, take) + features.mean(axis=0))


def _within(values: Float64, take: Int32) -> Float64:
    """Rows without the mean of their take."""
    number = np.unique(take, return_inverse=True)[1]
    mean = np.eye(number.max() + 1)[:, number] @ values / np.bincount(number)[:, None]
    return np.asarray(values - mean[number])


def _surprise(logits: Float64, person: Int32) -> float:
    """Sum of -ln p of who is seen, at the temperature of the logits that suits these pictures best."""
    own = np.arange(len(person)), person

    def total(temperature: float) -> float:
        scaled = logits * temperature
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[own]).sum())

    return min(total(one) for one in np.geomspace(0.02, 1.0, 12))


def fit_ratio(logits: Float64, base: Float64, person: Int32) -> tuple[float, float]:
    """Slope >= 0 and intercept by which the adapter's ratio is added to the log-likelihood ratios `base`
    (n, K) of the recogniser without it, so that the sum is calibrated: a logistic regression with both
    classes of equal weight (Brümmer & du Preez 2006). person (n,): -1 for a stranger, who is nobody's mate.
    """
    count = logits.shape[1]
    ratio, given = against_others(logits).ravel(), base.ravel()
    mated = (person[:, None] == np.arange(count)).ravel()
    known = np.isfinite(given)
    ratio, given, mated = ratio[known], given[known], mated[known]
    weight = np.where(mated, 0.5 / max(1, mated.sum()), 0.5 / max(1, (~mated).sum()))
    sign = np.where(mated, 1.0, -1.0)

    def loss(w: Float64) -> tuple[float, Float64]:
        z = sign * (given + w[0] * ratio + w[1])
        slope = -weight * sign * np.exp(-np.logaddexp(0.0, z))
        value = float((weight * np.logaddexp(0.0, -z)).sum() + RIDGE * w[0] ** 2)
        return value, np.array([slope @ ratio + 2 * RIDGE * w[0], slope.sum()])

    found = minimize(loss, np.zeros(2), jac=True, bounds=[(0, None), (None, None)], method="L-BFGS-B").x
    return float(found[0]), float(found[1])
