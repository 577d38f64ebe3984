"""What people ask of a fitted body, each with its standard deviation from the fit's covariance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.dense.fit import BodyFit
from lineament.geometry.site_model import SiteModel, rotation_matrices
from lineament.types import Float64

STEP: Final = 1e-4
"""Of the differences that derivatives are taken from; metres or radians."""


@dataclass(frozen=True, slots=True)
class Measured:
    """value and sigma in metres or radians."""

    value: float
    sigma: float

    def interval(self, sigmas: float = 1.96) -> tuple[float, float]:
        """The value less and plus so many standard deviations; 1.96 give 95 %."""
        return self.value - sigmas * self.sigma, self.value + sigmas * self.sigma


def stature(fit: BodyFit, model: SiteModel) -> Measured:
    """Metres from the lowest to the highest site of the body at rest. Size comes mostly from the shape's
    prior, which the standard deviation tells.
    """
    count = len(fit.coefficients)
    height = model.shape(fit.coefficients)[:, 2]
    top, bottom = int(height.argmax()), int(height.argmin())
    slope = (model.shape_basis[:count, top, 2] - model.shape_basis[:count, bottom, 2]).astype(np.float64)
    variance = slope @ fit.covariance[:count, :count] @ slope
    return Measured(float(height[top] - height[bottom]), float(np.sqrt(variance)))


def facing(fit: BodyFit, model: SiteModel, joint: str) -> tuple[Measured, Measured]:
    """Azimuth and elevation of the camera in the frame of a joint, such as "head" or "spine_upper", radians.

    Azimuth 0: the camera sees its front; positive: the camera stands towards the person's left.
    """
    chain = [model.joint(joint)]
    while model.joint_parents[chain[0]] >= 0:
        chain.insert(0, int(model.joint_parents[chain[0]]))
    at, count = fit.joints[model.joint(joint)], len(fit.coefficients)
    flat = fit.rotations[chain].ravel()

    def direction(values: Float64) -> Float64:
        matrix = np.eye(3)
        for vector in values.reshape(-1, 3):
            matrix = matrix @ rotation_matrices(vector)
        return np.asarray(matrix.T @ (-at / np.linalg.norm(at)))

    rows = np.concatenate([np.arange(count + 3 * j, count + 3 * j + 3) for j in chain])
    covariance = fit.covariance[np.ix_(rows, rows)]

    def measured(angle: Callable[[Float64], float]) -> Measured:
        value = angle(direction(flat))
        moved = [angle(direction(flat + STEP * row)) - value for row in np.eye(len(flat))]
        slope = (np.array(moved) + np.pi) % (2 * np.pi) - np.pi
        return Measured(value, float(np.sqrt(slope @ covariance @ slope)) / STEP)

    return measured(lambda d: float(np.arctan2(d[0], -d[1]))), measured(
        lambda d: float(np.arcsin(np.clip(d[2], -1, 1)))
    )
