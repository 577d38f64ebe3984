"""One person's body fitted to their registered pixels, with the covariance of everything fitted.

The site model's shape and pose, the camera's distance and its focal length are found together by damped
Gauss-Newton steps on robust reprojection errors with Gaussian priors. The covariance is that of Laplace's
approximation at the solution: the inverse of the weighted normal matrix, priors included. Errors of
neighbouring pixels are not independent, so that their information is divided by `fit_problem.TOGETHER`; it
and `INFLATION` were chosen on synthetic people (docs/register.md gives the coverage on others).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.dense.fit_problem import FitProblem
from lineament.geometry.site_model import SiteModel
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float64

LEAST_PIXELS: Final = 30
INFLATION: Final = 1.3
"""Factor on every standard deviation, for what is wrong with the model itself."""
LEAST_SIGMA: Final = 0.004
"""Share of the person's size: no registration is taken to be better than this."""
NEAR: Final = 0.05
ROOT_STEPS, STEPS = 8, 25


@dataclass(frozen=True, slots=True, eq=False)
class BodyFit:
    """coefficients (C,), rotations (J, 3) and translation (3,), as `SiteModel.pose` takes them, into the
    camera's frame (OpenCV); focal: pixels. covariance: of (coefficients, rotations row by row, translation,
    log focal), (P, P). residual: pixels, median distance of the samples; size: pixels, the person's larger
    extent. picture: height and width. joints: (J, 3) metres in the camera's frame, with joints_covariance
    (J, 3, 3) relative to the root joint; joints_pixels: (J, 2) with joints_pixels_covariance (J, 2, 2).
    """

    coefficients: Float64
    rotations: Float64
    translation: Float64
    focal: float
    covariance: Float64
    residual: float
    size: float
    picture: tuple[int, int]
    joints: Float64
    joints_covariance: Float64
    joints_pixels: Float64
    joints_pixels_covariance: Float64

    @property
    def joints_confidence(self) -> Float64:
        """(J,) probability that a joint lies within NEAR of the person's size of where it is said to be."""
        spread = np.sqrt(np.maximum(np.linalg.det(self.joints_pixels_covariance), 1e-12))
        return np.asarray(1.0 - np.exp(-0.5 * (NEAR * self.size) ** 2 / spread))

    def project(self, points: Float64) -> Float64:
        """Points (N, 3) of the camera's frame to photograph pixels (N, 2)."""
        height, width = self.picture
        return np.asarray(
            points[:, :2] / np.maximum(points[:, 2:], 1e-3) * self.focal + (width / 2, height / 2)
        )


def fit_body(
    pixels: PersonPixels, picture: tuple[int, int], starts: Sequence[Float64], model: SiteModel
) -> BodyFit | None:
    """Fit from each start, a rotation (3, 3) of the resting person into the camera's frame; the best counts.

    picture: height and width. None when fewer than 30 samples show the person. Metric size comes from the
    shape's prior, since photographs do not show it.
    """
    if len(pixels.parts) < LEAST_PIXELS:
        return None
    problem = FitProblem(model, pixels, picture)
    found = [_solved(problem, _start(problem, turn)) for turn in starts]
    values, sigma, _ = min(found, key=lambda one: one[2])
    matrix, _ = problem.normal(values, sigma)
    return _described(problem, values, np.asarray(np.linalg.inv(matrix) * INFLATION**2))


def _start(problem: FitProblem, turn: Float64) -> Float64:
    """The resting body turned so, as large and where the samples are."""
    values = problem.middle.copy()
    values[problem.turns.start : problem.turns.start + 3] = _rotation_vector(turn)
    points = problem.posed(values).points
    spread = max(float(np.ptp(points[:, :2], axis=0).max()), 0.1)
    distance = problem.focal * spread / problem.size
    flat = points[:, :2].mean(axis=0)
    values[problem.shift] = *(problem.xy.mean(axis=0) / problem.focal * distance - flat), distance
    return values


def _rotation_vector(turn: Float64) -> Float64:
    angle = float(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1)))
    if angle > np.pi - 1e-4:
        axis = np.linalg.svd(turn - np.eye(3))[2][-1]
        return np.asarray(axis * angle)
    skew = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    return np.asarray(skew * (0.5 / np.sinc(angle / np.pi)))


def _solved(problem: FitProblem, values: Float64) -> tuple[Float64, float, float]:
    """The solution, the samples' standard deviation in pixels, and the cost at a common one."""
    coarse = 0.06 * problem.size
    root = np.r_[problem.turns.start : problem.turns.start + 3, problem.shift]
    values = _descended(problem, values, coarse, ROOT_STEPS, root)
    every = np.arange(problem.lens + 1)
    values = _descended(problem, values, 0.5 * coarse, STEPS // 2, every)
    sigma = max(1.4826 * float(np.median(problem.errors(values))) / 1.18, LEAST_SIGMA * problem.size)
    values = _descended(problem, values, sigma, STEPS, every)
    sigma = max(float(np.median(problem.errors(values))) / 1.18, LEAST_SIGMA * problem.size)
    return values, sigma, problem.cost(values, 0.02 * problem.size)


def _descended(problem: FitProblem, values: Float64, sigma: float, steps: int, free: np.ndarray) -> Float64:
    """Levenberg-Marquardt on the parameters `free`."""
    damping, cost = 1e-2, problem.cost(values, sigma)
    for _ in range(steps):
        matrix, gradient = problem.normal(values, sigma)
        matrix, gradient = matrix[np.ix_(free, free)], gradient[free]
        for _ in range(6):
            step = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), gradient)
            tried = values.copy()
            tried[free] -= step
            reached = problem.cost(tried, sigma)
            if reached < cost:
                break
            damping *= 6.0
        else:
            return values
        gained, values, cost, damping = cost - reached, tried, reached, max(damping / 6.0, 1e-6)
        if gained < 1e-3 * max(cost, 1.0):
            return values
    return values


def _described(problem: FitProblem, values: Float64, covariance: Float64) -> BodyFit:
    posed = problem.posed(values)
    focal = float(np.exp(values[problem.lens]))
    pixels, moved = problem.projected(posed.joints, posed.joints_by_shape, posed.joints_by_turns, values)
    by_all = np.zeros((len(posed.joints), 3, len(values)))
    by_all[..., problem.shape], by_all[..., problem.turns] = posed.joints_by_shape, posed.joints_by_turns
    by_all -= by_all[:1]
    height, width = problem.picture
    return BodyFit(
        coefficients=values[problem.shape],
        rotations=values[problem.turns].reshape(-1, 3),
        translation=values[problem.shift],
        focal=focal,
        covariance=covariance,
        residual=float(np.median(problem.errors(values))),
        size=problem.size,
        picture=problem.picture,
        joints=posed.joints + values[problem.shift],
        joints_covariance=by_all @ covariance @ by_all.transpose(0, 2, 1),
        joints_pixels=pixels + np.array([width / 2, height / 2]),
        joints_pixels_covariance=moved @ covariance @ moved.transpose(0, 2, 1),
    )
