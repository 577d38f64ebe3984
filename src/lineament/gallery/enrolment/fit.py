"""Fit the site model (shape, pose, camera) to one person's registered pixels in one or more photographs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from scipy.optimize import least_squares

from lineament.anatomy import PART_INDEX
from lineament.gallery.enrolment.posed import SHAPE_COEFFICIENTS, PosedSamples
from lineament.geometry.site_model import SiteModel
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float64, Int32

SAMPLES_PER_PART = 24
SITES_PER_SAMPLE = 3
PIXEL_SIGMA = 0.02
"""Expected error of a registered pixel, as a share of the person's height in the photograph."""
INDEPENDENT = 0.25
"""Neighbouring pixels err together: this share of them counts as independent."""
FIELD_OF_VIEW = np.radians(45.0)
ROUNDS = 2
POSE_EVALUATIONS = 25
SHAPE_EVALUATIONS = 15
CORE = tuple(PART_INDEX[name] for name in ("head", "torso", "left_thigh", "right_thigh"))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Samples of one photograph. xy: (M, 2) pixels. sites, weights: (M, 3). intrinsics: (3, 3). height:
    pixels.
    """

    xy: Float64
    sites: Int32
    weights: Float64
    parts: np.ndarray
    intrinsics: Float64
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """coefficients: (16,). rotations, translations: of each view, (J, 3) and (3,) as `SiteModel.pose` takes
    them; they bring the person into the camera's frame (OpenCV). residual: metres, median distance of
    registered pixels from the fitted surface, over all views; residual_share: the same in heights of the
    person in the photograph.
    """

    coefficients: Float64
    rotations: tuple[Float64, ...]
    translations: tuple[Float64, ...]
    residual: float
    residual_share: float


def view_of(pixels: PersonPixels, shape: tuple[int, ...]) -> View | None:
    """Choose samples evenly over the parts; None when fewer than 30 pixels show the person."""
    if len(pixels.parts) < 30:
        return None
    chosen = np.concatenate(
        [
            mine[np.linspace(0, len(mine) - 1, min(SAMPLES_PER_PART, len(mine))).astype(int)]
            for mine in (np.flatnonzero(pixels.parts == part) for part in np.unique(pixels.parts))
        ]
    )
    order = np.argsort(-pixels.weights[chosen], axis=1)[:, :SITES_PER_SAMPLE]
    weights = np.take_along_axis(pixels.weights[chosen], order, axis=1).astype(np.float64)
    height, width = shape[:2]
    focal = 0.5 * max(height, width) / np.tan(FIELD_OF_VIEW / 2)
    spread = np.ptp(pixels.xy, axis=0)
    return View(
        xy=pixels.xy[chosen].astype(np.float64),
        sites=np.take_along_axis(pixels.sites[chosen], order, axis=1),
        weights=weights / weights.sum(axis=1, keepdims=True),
        parts=pixels.parts[chosen],
        intrinsics=np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]]),
        height=float(max(spread.max(), 8.0)),
    )


class _Problem:
    """One view's samples against the model."""

    def __init__(self, model: SiteModel, view: View) -> None:
        self.model, self.view = model, view
        self.samples = PosedSamples(model, view.sites, view.weights)

    def errors(self, coefficients: Float64, pose: Float64) -> Float64:
        """Pixel errors (M, 2)."""
        points = self.samples.posed(coefficients, pose) @ self.view.intrinsics.T
        depth = np.maximum(points[:, 2:], 1e-3)
        return np.asarray(points[:, :2] / depth - self.view.xy)

    def residuals(self, coefficients: Float64, pose: Float64) -> Float64:
        """Whitened pixel errors and the pose's prior."""
        scale = np.sqrt(INDEPENDENT) / (PIXEL_SIGMA * self.view.height)
        pixel = self.errors(coefficients, pose).ravel() * scale
        return np.concatenate([pixel, self.samples.prior(pose)])


def _start(problem: _Problem, coefficients: Float64) -> Float64:
    """Root pose by PnP on the trunk of the resting body; the other joints at rest."""
    view, model = problem.view, problem.model
    core = np.isin(view.parts, CORE)
    core = core if core.sum() >= 12 else np.ones(len(view.parts), bool)
    points = problem.samples.rest(coefficients)
    found, turn, shift, _ = cv2.solvePnPRansac(
        points[core],
        view.xy[core],
        view.intrinsics,
        None,
        reprojectionError=0.06 * view.height,
        iterationsCount=300,
        flags=cv2.SOLVEPNP_SQPNP,
    )
    pose = np.zeros(model.joint_count * 3 + 3)
    root = model.joints(coefficients)[0]
    if found and shift[2, 0] > 0:
        matrix = cv2.Rodrigues(turn)[0]
        pose[:3], pose[-3:] = turn[:, 0], matrix @ root + shift[:, 0] - root
    else:
        # Upright and facing the camera: z up becomes y down, -y becomes towards the camera.
        matrix = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
        distance = view.intrinsics[0, 0] * 1.7 / view.height
        centre = (view.xy.mean(axis=0) - view.intrinsics[:2, 2]) / view.intrinsics[0, 0] * distance
        pose[:3] = cv2.Rodrigues(matrix)[0][:, 0]
        pose[-3:] = np.array([centre[0], centre[1], distance]) - root
    return pose


def _shape_residuals(
    problems: Sequence[_Problem], poses: Sequence[Float64], coefficients: Float64
) -> Float64:
    """All views' residuals, and the shape's prior."""
    seen = [problem.residuals(coefficients, pose) for problem, pose in zip(problems, poses, strict=True)]
    return np.concatenate([*seen, coefficients])


def fit_photographs(views: Sequence[View], model: SiteModel) -> Fit:
    """Alternate between each view's pose and the shape that all views share.

    Minimises robust (soft L1) reprojection errors with Gaussian priors on joints and shape, by trust region
    least squares (scipy). Metric size comes from the shape's prior, since photographs do not show it.
    """
    problems = [_Problem(model, view) for view in views]
    coefficients = np.zeros(SHAPE_COEFFICIENTS)
    poses = [_start(problem, coefficients) for problem in problems]
    for _ in range(ROUNDS):
        poses = [
            least_squares(
                partial(problem.residuals, coefficients), pose, loss="soft_l1", max_nfev=POSE_EVALUATIONS
            ).x
            for problem, pose in zip(problems, poses, strict=True)
        ]
        coefficients = least_squares(
            partial(_shape_residuals, problems, poses),
            coefficients,
            loss="soft_l1",
            max_nfev=SHAPE_EVALUATIONS,
        ).x
    metres, shares = [], []
    for problem, pose in zip(problems, poses, strict=True):
        pixel = np.linalg.norm(problem.errors(coefficients, pose), axis=1)
        depth = problem.samples.posed(coefficients, pose)[:, 2]
        metres.append(pixel * depth / problem.view.intrinsics[0, 0])
        shares.append(pixel / problem.view.height)
    return Fit(
        coefficients=coefficients,
        rotations=tuple(pose[:-3].reshape(-1, 3) for pose in poses),
        translations=tuple(pose[-3:] for pose in poses),
        residual=float(np.median(np.concatenate(metres))),
        residual_share=float(np.median(np.concatenate(shares))),
    )
