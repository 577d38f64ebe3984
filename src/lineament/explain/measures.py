"""Lengths of a body, measured on a photograph with their uncertainty, and on a prototype.

A photograph shows no scale, so that every length is a share of the person's stature. The site model is fitted
to the registered pixels (shape and pose together, Gaussian priors on both), pixels of a part that fits badly
counting less; the curvature of the fit gives the covariance (Laplace's approximation). A fit is drawn towards
the average body m_0 by its prior. For each length that pull can be taken out again: where the prior of a
length has variance p and its posterior mean m and variance v, the likelihood has mean m_0 + (m - m_0) p / (p
- v) and variance v p / (p - v).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.gallery.enrolment.fit import INDEPENDENT, PIXEL_SIGMA, View, fit_photographs
from lineament.gallery.enrolment.posed import SHAPE_COEFFICIENTS, PosedSamples
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.types import Float32, Float64

STEPS: Final = 3
"""Joint steps of shape and pose after the alternating fit."""
_RAYLEIGH: Final = 1.1774
"""Median length of an error in two dimensions of deviation 1 each."""
_STEP: Final = 1e-4
_RIDGE: Final = 1e-3
_LEAST_TOLD: Final = 0.02
"""Share of a length's prior variance below which the photograph says nothing of it."""


@dataclass(frozen=True, slots=True)
class Length:
    """One length of the body. parts: those that must be seen for it, of limbs at least one side. chains:
    lines of joints whose mean length it is; empty for the breadth of the surface between a site and its
    mirror image.
    """

    name: str
    parts: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...] = ()


def _limbs(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(f"{side}_{name}" for name in names) for side in ("left", "right"))


LENGTHS: Final[tuple[Length, ...]] = (
    Length("shoulders", ("torso", "upper_arm"), (("left_upper_arm", "right_upper_arm"),)),
    Length("hips", ("torso", "thigh")),
    Length("trunk", ("torso", "thigh"), (("root", "neck"),)),
    Length("arms", ("upper_arm", "forearm"), _limbs("upper_arm", "forearm", "hand")),
    Length("legs", ("thigh", "calf"), _limbs("thigh", "calf", "foot")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Lengths:
    """Of `LENGTHS`, in their order, as shares of stature. value, sigma: (L,) what the photograph alone says
    and its standard deviation, infinite where it says nothing. drawn, drawn_sigma: (L,) the same as enrolment
    from photographs has it, drawn towards the average body. adults: (L,) standard deviation among adults.
    looseness: (15,) how many times worse than expected each part fits, 1 at least, 0 for parts not seen.
    """

    value: Float64
    sigma: Float64
    drawn: Float64
    drawn_sigma: Float64
    adults: Float64
    looseness: Float64

    def __post_init__(self) -> None:
        each = (self.value, self.sigma, self.drawn, self.drawn_sigma, self.adults)
        if any(one.shape != (len(LENGTHS),) for one in each):
            raise ValueError("one value for each length")
        if self.looseness.shape != (CLASS_COUNT,):
            raise ValueError("one looseness for each class")


@lru_cache(maxsize=1)
def _hip_sites() -> tuple[int, int]:
    """The outermost site at the height of the hip joints, and its mirror image."""
    template, model = load_template(), SiteModel.load()
    level = model.joint_mean[model.joint("left_thigh"), 2]
    beside = np.isin(template.parts, [PART_INDEX["torso"], PART_INDEX["left_thigh"]])
    near = np.flatnonzero(beside & (np.abs(template.positions[:, 2] - level) < 0.04))
    left = int(near[template.positions[near, 0].argmax()])
    return left, int(template.mirror[left])


def shares(model: SiteModel, coefficients: Float64) -> tuple[Float64, float]:
    """`LENGTHS` (L,) of a shape as shares of its stature, and the stature in metres."""
    joints, sites = model.joints(coefficients), model.shape(coefficients)
    stature = float(np.ptp(sites[:, 2]))
    left, right = _hip_sites()
    found = []
    for one in LENGTHS:
        lines = [joints[[model.joint(name) for name in chain]] for chain in one.chains]
        ends = lines or [sites[[left, right]]]
        found.append(np.mean([np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in ends]))
    return np.array(found) / stature, stature


def shape_of(points: Float32 | Float64, model: SiteModel) -> Float64:
    """Coefficients (K,) of the site model nearest to rest points (N, 3), by ridge regression."""
    basis = model.shape_basis.reshape(model.coefficient_count, -1).astype(np.float64)
    target = (points.astype(np.float64) - model.shape_mean).ravel()
    normal = basis @ basis.T
    normal[np.diag_indices_from(normal)] += _RIDGE
    return np.asarray(np.linalg.solve(normal, basis @ target))


class _Joint:
    """Shape and pose of one view as one vector: coefficients, joint rotations, translation."""

    def __init__(self, model: SiteModel, view: View) -> None:
        self._view = view
        self._samples = PosedSamples(model, view.sites, view.weights)
        self.scale = np.full(len(view.xy), np.sqrt(INDEPENDENT) / (PIXEL_SIGMA * view.height))

    def errors(self, x: Float64) -> Float64:
        """Pixel errors (M, 2)."""
        points = self._samples.posed(x[:SHAPE_COEFFICIENTS], x[SHAPE_COEFFICIENTS:]) @ self._view.intrinsics.T
        return np.asarray(points[:, :2] / np.maximum(points[:, 2:], 1e-3) - self._view.xy)

    def residuals(self, x: Float64) -> Float64:
        """Whitened pixel errors, then the priors of pose and shape."""
        pixel = (self.errors(x) * self.scale[:, None]).ravel()
        return np.concatenate([pixel, self._samples.prior(x[SHAPE_COEFFICIENTS:]), x[:SHAPE_COEFFICIENTS]])

    def normal(self, x: Float64) -> tuple[Float64, Float64]:
        """Curvature (D, D) and slope (D,) of half the robust sum of squares (soft L1)."""
        start = self.residuals(x)
        slopes = np.stack([(self.residuals(x + step) - start) / _STEP for step in _STEP * np.eye(len(x))])
        weight = np.ones(len(start))
        pixels = 2 * len(self.scale)
        weight[:pixels] = 1.0 / np.sqrt(1.0 + start[:pixels] ** 2)
        return (slopes * weight) @ slopes.T, (slopes * weight) @ start


def _looseness(view: View, errors: Float64) -> Float64:
    """How many times larger than PIXEL_SIGMA each part's errors are, (15,), 1 at least, 0 where not seen."""
    size = np.linalg.norm(errors, axis=1) / (_RAYLEIGH * PIXEL_SIGMA * view.height)
    found = np.zeros(CLASS_COUNT)
    for part in np.unique(view.parts):
        found[part] = max(1.0, float(np.median(size[view.parts == part])))
    return found


def measure(view: View, model: SiteModel) -> Lengths:
    """The lengths of the person of one photograph; about a second."""
    first = fit_photographs([view], model)
    x = np.concatenate([first.coefficients, first.rotations[0].ravel(), first.translations[0]])
    problem = _Joint(model, view)
    expected = problem.scale
    looseness = _looseness(view, problem.errors(x))
    for _ in range(STEPS):
        problem.scale = expected / looseness[view.parts]
        curvature, slope = problem.normal(x)
        x = x - np.linalg.solve(curvature, slope)
        looseness = _looseness(view, problem.errors(x))
    covariance = np.asarray(np.linalg.inv(problem.normal(x)[0]), dtype=np.float64)
    shape = slice(SHAPE_COEFFICIENTS)
    return _lengths(model, x[shape], covariance[shape, shape], looseness)


def _lengths(model: SiteModel, coefficients: Float64, covariance: Float64, looseness: Float64) -> Lengths:
    mean = shares(model, coefficients)[0]
    average = shares(model, np.zeros(SHAPE_COEFFICIENTS))[0]
    moved = [shares(model, coefficients + step)[0] for step in 0.01 * np.eye(SHAPE_COEFFICIENTS)]
    slopes = (np.stack(moved) - mean) / 0.01
    posterior = np.einsum("kl,km,ml->l", slopes, covariance, slopes)
    prior = (slopes**2).sum(axis=0)
    known = 1.0 - posterior / prior
    told = known > _LEAST_TOLD
    gain = 1.0 / np.where(told, known, 1.0)
    return Lengths(
        value=np.where(told, average + (mean - average) * gain, mean),
        sigma=np.where(told, np.sqrt(posterior * gain), np.inf),
        drawn=mean,
        drawn_sigma=np.sqrt(posterior),
        adults=np.sqrt(prior),
        looseness=looseness,
    )
