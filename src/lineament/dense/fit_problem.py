"""One person's samples against the site model: errors, their derivatives, and what is known beforehand."""

from typing import Final

import numpy as np

from lineament.dense.joints import joints_seen
from lineament.dense.posed_jacobian import Posed, PosedSites
from lineament.gallery.enrolment.posed import JOINT_SIGMA, SHAPE_COEFFICIENTS, SPINE_SIGMA, STIFF
from lineament.geometry.site_model import SiteModel
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float64, Int32, UInt8

SAMPLES_PER_PART: Final = 32
JOINT_NOISE: Final = 0.03
FIELD_OF_VIEW: Final = np.radians(45.0)
FOCAL_SIGMA: Final = 0.5
"""Of the logarithm of the focal length: what a photograph without notes tells of its lens."""
TOGETHER: Final = 12.0
"""Samples whose errors count as one."""
LIMB_SIGMA: Final = {
    "upper_arm": 0.7, "forearm": 0.9, "hand": 0.4, "fingers": 0.2,
    "thigh": 0.6, "calf": 0.8, "foot": 0.35, "toes": 0.15,
}  # fmt: skip
"""Radians: how far the joints of limbs usually are from rest."""
ARMS_DOWN: Final = 0.6
"""Radians about the y axis from the template's rest, where arms point 45 degrees down, to arms that hang."""
OUTLIER: Final = 2.0
"""Robust errors, in standard deviations, from which on a sample loses its say (Cauchy)."""


class FitProblem:
    """The samples of one person against the model; parameters are one vector (C + 3 J + 3 + 1)."""

    def __init__(self, model: SiteModel, pixels: PersonPixels, picture: tuple[int, int]) -> None:
        self.model, self.picture = model, picture
        chosen = _spread(pixels.parts)
        best = pixels.weights[chosen].argmax(axis=1)
        self.xy = pixels.xy[chosen].astype(np.float64) - (picture[1] / 2, picture[0] / 2)
        self.belief = pixels.part_probability[chosen].astype(np.float64)
        self.size = float(max(np.ptp(pixels.xy, axis=0).max(), 8.0))
        self.sites = PosedSites(model, pixels.sites[chosen, best], SHAPE_COEFFICIENTS)
        self.shape = slice(0, SHAPE_COEFFICIENTS)
        self.turns = slice(SHAPE_COEFFICIENTS, SHAPE_COEFFICIENTS + 3 * model.joint_count)
        self.shift = slice(self.turns.stop, self.turns.stop + 3)
        self.lens = self.shift.stop
        sigma = np.full((model.joint_count, 3), JOINT_SIGMA)
        for name, value in LIMB_SIGMA.items():
            sigma[[model.joint(f"{side}_{name}") for side in ("left", "right")]] = value
        sigma[[model.joint(name) for name in STIFF]] = SPINE_SIGMA
        self.precision = np.zeros(self.lens + 1)
        self.precision[self.shape] = 1.0
        self.precision[self.turns] = (sigma**-2).ravel()
        self.precision[self.turns.start : self.turns.start + 3] = 0.0
        self.precision[self.lens] = FOCAL_SIGMA**-2
        self.seen_joints = joints_seen(pixels, model)
        self.joint_xy = self.seen_joints.xy - (picture[1] / 2, picture[0] / 2)
        self.focal = 0.5 * max(picture) / np.tan(FIELD_OF_VIEW / 2)
        self.middle = np.zeros(self.lens + 1)
        self.middle[self.lens] = np.log(self.focal)
        for side, turn in (("left", ARMS_DOWN), ("right", -ARMS_DOWN)):
            self.middle[self.turns.start + 3 * model.joint(f"{side}_upper_arm") + 1] = turn

    def posed(self, values: Float64) -> Posed:
        """The samples' sites before the shift."""
        return self.sites.posed(values[self.shape], values[self.turns].reshape(-1, 3))

    def projected(
        self, points: Float64, by_shape: Float64, by_turns: Float64, values: Float64
    ) -> tuple[Float64, Float64]:
        """Pixels (M, 2) from the picture's middle and their derivatives (M, 2, P)."""
        local, focal = points + values[self.shift], float(np.exp(values[self.lens]))
        depth = np.maximum(local[:, 2], 0.05)
        pixels = local[:, :2] / depth[:, None] * focal
        camera = np.zeros((len(points), 2, 3))
        camera[:, 0, 0] = camera[:, 1, 1] = focal / depth
        camera[:, :, 2] = -pixels / depth[:, None]
        moved = [camera @ by_shape, camera @ by_turns, camera, pixels[..., None]]
        return pixels, np.concatenate(moved, axis=2)

    def cost(self, values: Float64, sigma: float) -> float:
        """Robust errors and priors."""
        posed = self.posed(values)
        pixels, _ = self.projected(posed.points, posed.by_shape, posed.by_turns, values)
        square = ((pixels - self.xy) ** 2).sum(axis=1) / sigma**2
        robust = OUTLIER**2 * np.log1p(square / OUTLIER**2)
        own = float((self.belief * robust).sum() / TOGETHER)
        pixels, _ = self.projected(posed.joints, posed.joints_by_shape, posed.joints_by_turns, values)
        square = ((pixels - self.joint_xy) ** 2).sum(axis=1) / self.joint_sigma(sigma) ** 2
        joints = float((OUTLIER**2 * np.log1p(square / OUTLIER**2)).sum())
        return own + joints + float((self.precision * (values - self.middle) ** 2).sum())

    def joint_sigma(self, sigma: float) -> Float64:
        """(J,) pixels, of each joint's own measurement."""
        return np.asarray(
            max(JOINT_NOISE * self.size, sigma) / np.sqrt(np.maximum(self.seen_joints.support, 1e-6))
        )

    def normal(self, values: Float64, sigma: float) -> tuple[Float64, Float64]:
        """The normal matrix (P, P) and the gradient (P,) of half the cost."""
        posed = self.posed(values)
        pixels, moved = self.projected(posed.points, posed.by_shape, posed.by_turns, values)
        error = pixels - self.xy
        weight = self.belief / (1.0 + (error**2).sum(axis=1) / (OUTLIER * sigma) ** 2) / sigma**2 / TOGETHER
        flat = moved.reshape(-1, moved.shape[2])
        weighted = flat * np.repeat(weight, 2)[:, None]
        matrix = weighted.T @ flat + np.diag(self.precision)
        gradient = weighted.T @ error.ravel() + self.precision * (values - self.middle)
        pixels, moved = self.projected(posed.joints, posed.joints_by_shape, posed.joints_by_turns, values)
        error, spread = pixels - self.joint_xy, self.joint_sigma(sigma)
        weight = 1.0 / (1.0 + (error**2).sum(axis=1) / (OUTLIER * spread) ** 2) / spread**2
        flat = moved.reshape(-1, moved.shape[2])
        weighted = flat * np.repeat(weight, 2)[:, None]
        return matrix + weighted.T @ flat, gradient + weighted.T @ error.ravel()

    def errors(self, values: Float64) -> Float64:
        """Distances (M,) in pixels."""
        posed = self.posed(values)
        pixels, _ = self.projected(posed.points, posed.by_shape, posed.by_turns, values)
        return np.asarray(np.linalg.norm(pixels - self.xy, axis=1))


def _spread(parts: UInt8) -> Int32:
    """Samples taken evenly over each part, so that small parts have their say."""
    each = [np.flatnonzero(parts == part) for part in np.unique(parts)]
    counts = [min(SAMPLES_PER_PART, len(mine)) for mine in each]
    chosen = [
        mine[np.linspace(0, len(mine) - 1, n).astype(int)] for mine, n in zip(each, counts, strict=True)
    ]
    return np.concatenate(chosen).astype(np.int32)
