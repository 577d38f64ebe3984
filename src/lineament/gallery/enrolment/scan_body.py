"""Fit a scan of a whole person: register renders of it, pose the site model, then bring its sites onto the
surface.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from lineament.anatomy import HEAD
from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.enrolment.posed import PosedSamples
from lineament.gallery.enrolment.scan_file import Scan
from lineament.gallery.enrolment.scan_views import lift, look, orientations
from lineament.gallery.enrolment.surface_fit import nearest, rigid
from lineament.geometry.site_model import SiteModel
from lineament.recognition.pixels import person_pixels
from lineament.recognition.recogniser import Recogniser
from lineament.types import Bool, Float64, Int32

AZIMUTHS: Final = tuple(np.radians(range(0, 360, 45)))
LOOK_SIZE: Final = 288
SPARSE: Final = 60_000
INLIER: Final = 0.15
"""Metres; a limb that is posed otherwise than the template's lies outside, the trunk inside."""
SAMPLES_PER_VIEW: Final = 160
CORRESPONDENCE_SIGMA: Final = 0.05
SURFACE_SIGMA: Final = 0.02
INDEPENDENT: Final = 0.25
BODY_COEFFICIENTS: Final = 24
SURFACE_SITES: Final = 700
REACHES: Final = (0.10, 0.08, 0.06, 0.05, 0.04, 0.04)
KEEP_REACH: Final = 0.025
WORST_RESIDUAL: Final = 0.02
LEAST_MEASURED: Final = 300


@dataclass(frozen=True, slots=True, eq=False)
class BodyFit:
    """points: (N, 3) rest sites, metres. measured: (N,). nearest: (N,) scan point of each site. residual:
    metres, median over the measured sites before they were moved. head_rotation: (3, 3) from the scan to a
    head that is upright and faces -y; head_middle: (3,) of the head after it.
    """

    points: Float64
    measured: Bool
    nearest: Int32
    residual: float
    head_rotation: Float64
    head_middle: Float64


@dataclass(frozen=True, slots=True, eq=False)
class _Correspondences:
    """points: (M, 3) on the scan, its own axes. sites, weights: (M, K)."""

    points: Float64
    sites: Int32
    weights: Float64


def fit_body(scan: Scan, recogniser: Recogniser, model: SiteModel) -> BodyFit:
    """Raises NothingFoundError when nobody is recognised on the scan, BadInputError when the fit is bad."""
    upright = _upright(scan, recogniser)
    views = [_register(scan, upright, float(azimuth), recogniser) for azimuth in AZIMUTHS]
    known = [view for view in views if view is not None]
    if not known:
        raise NothingFoundError(f"no person was recognised on {scan.name}; give a scan of a whole person")
    pairs = _Correspondences(
        *(np.concatenate([getattr(view, name) for view in known]) for name in ("points", "sites", "weights"))
    )
    coefficients, pose = _pose(pairs, upright, model)
    tree = cKDTree(scan.points)
    for reach in REACHES:
        coefficients, pose = _refine(scan, tree, coefficients, pose, model, recogniser, reach)
    return _onto_surface(scan, tree, coefficients, pose, model, recogniser)


def _upright(scan: Scan, recogniser: Recogniser) -> Float64:
    """The rotation (3, 3) from the scan's axes to an upright person facing -y, by the view that registers
    best.
    """
    extent = np.ptp(scan.points, axis=0)
    tall = np.flatnonzero(extent >= 0.8 * extent.max())
    best, rotation = 0, np.eye(3)
    sites = recogniser.template.positions.astype(np.float64)
    for candidate in orientations():
        if int(np.abs(candidate[2]).argmax()) not in tall:
            continue
        pairs = _register(scan, candidate, 0.0, recogniser)
        if pairs is None:
            continue
        rest = (sites[pairs.sites] * pairs.weights[..., None]).sum(axis=1)
        turn, count = _robust_rigid(pairs.points, rest)
        if count > best:
            best, rotation = count, turn
    if best < 20:
        raise NothingFoundError(f"no person was recognised on {scan.name}; give a scan of a whole person")
    return rotation


def _robust_rigid(source: Float64, target: Float64, rounds: int = 8) -> tuple[Float64, int]:
    """Rotation source -> target by trimmed least squares, and the number of points within INLIER."""
    kept = np.ones(len(source), bool)
    turn = np.eye(3)
    for _ in range(rounds):
        turn, shift, _ = rigid(source[kept], target[kept])
        error = np.linalg.norm(source @ turn.T + shift - target, axis=1)
        kept = error <= max(INLIER, float(np.quantile(error, 0.5)))
    return turn, int((error <= INLIER).sum())


def _register(
    scan: Scan, rotation: Float64, azimuth: float, recogniser: Recogniser
) -> _Correspondences | None:
    """Correspondences of one view between scan points (in the scan's own axes) and sites."""
    view = look(scan, rotation, azimuth=azimuth, size=LOOK_SIZE, most=SPARSE)
    bodies = recogniser.registrar.people(view.drawn.image)
    if not bodies:
        return None
    pixels = person_pixels(bodies[0], recogniser.template)
    chosen = np.linspace(0, len(pixels.parts) - 1, min(SAMPLES_PER_VIEW, len(pixels.parts))).astype(int)
    points = lift(view, pixels.xy[chosen].astype(np.float64), reach=2)
    good = np.isfinite(points).all(axis=1)
    if good.sum() < 20:
        return None
    chosen = chosen[good]
    return _Correspondences(
        points[good] @ rotation, pixels.sites[chosen], pixels.weights[chosen].astype(np.float64)
    )


def _pose(pairs: _Correspondences, upright: Float64, model: SiteModel) -> tuple[Float64, Float64]:
    """First pose and shape from the correspondences of all views."""
    samples = PosedSamples(model, pairs.sites, pairs.weights, BODY_COEFFICIENTS)
    coefficients = np.zeros(BODY_COEFFICIENTS)
    pose = np.zeros(model.joint_count * 3 + 3)
    pose[:3] = Rotation.from_matrix(upright.T).as_rotvec()
    pose[-3:] = np.median(pairs.points - samples.posed(coefficients, pose), axis=0)
    scale = np.sqrt(INDEPENDENT) / CORRESPONDENCE_SIGMA

    def residuals(values: Float64) -> Float64:
        c, p = values[:BODY_COEFFICIENTS], values[BODY_COEFFICIENTS:]
        return np.concatenate([((samples.posed(c, p) - pairs.points) * scale).ravel(), samples.prior(p), c])

    solution = least_squares(residuals, np.concatenate([coefficients, pose]), loss="soft_l1", max_nfev=40).x
    return solution[:BODY_COEFFICIENTS], solution[BODY_COEFFICIENTS:]


def _refine(
    scan: Scan,
    tree: cKDTree,
    coefficients: Float64,
    pose: Float64,
    model: SiteModel,
    recogniser: Recogniser,
    reach: float,
) -> tuple[Float64, Float64]:
    """One round of closest points: bring some hundred sites onto the scan's tangent planes."""
    rest, joints = model.shape(coefficients), model.joints(coefficients)
    rotations, translation = pose[:-3].reshape(-1, 3), pose[-3:]
    sites = model.pose(rest, joints, rotations, translation)
    normals = model.turn(recogniser.template.normals.astype(np.float64), joints, rotations)
    found = nearest(tree, scan.normals, sites, normals, reach)
    chosen = np.flatnonzero(found.plausible)[:: max(1, int(found.plausible.sum()) // SURFACE_SITES)]
    if len(chosen) < 50:
        raise BadInputError(f"{scan.name} does not fit a body; check its --unit or give a fuller scan")
    samples = PosedSamples(
        model, chosen[:, None].astype(np.int32), np.ones((len(chosen), 1)), BODY_COEFFICIENTS
    )
    target, plane = scan.points[found.index[chosen]], scan.normals[found.index[chosen]]
    scale = np.sqrt(INDEPENDENT) / SURFACE_SIGMA

    def residuals(values: Float64) -> Float64:
        c, p = values[:BODY_COEFFICIENTS], values[BODY_COEFFICIENTS:]
        gap = samples.posed(c, p) - target
        along = (gap * plane).sum(axis=1)
        # A little of the full distance keeps sites from sliding along flat surfaces.
        return np.concatenate([along * scale, 0.2 * scale * gap.ravel(), samples.prior(p), c])

    solution = least_squares(residuals, np.concatenate([coefficients, pose]), loss="soft_l1", max_nfev=20).x
    return solution[:BODY_COEFFICIENTS], solution[BODY_COEFFICIENTS:]


def _onto_surface(
    scan: Scan, tree: cKDTree, coefficients: Float64, pose: Float64, model: SiteModel, recogniser: Recogniser
) -> BodyFit:
    rest, joints = model.shape(coefficients), model.joints(coefficients)
    rotations, translation = pose[:-3].reshape(-1, 3), pose[-3:]
    sites = model.pose(rest, joints, rotations, translation)
    normals = model.turn(recogniser.template.normals.astype(np.float64), joints, rotations)
    found = nearest(tree, scan.normals, sites, normals, KEEP_REACH)
    measured = found.plausible
    residual = float(np.median(found.distance[measured])) if measured.any() else np.inf
    if measured.sum() < LEAST_MEASURED or residual > WORST_RESIDUAL:
        raise BadInputError(
            f"{scan.name} does not fit a body: {int(measured.sum())} of {len(sites)} places agree, median "
            f"distance {residual * 1000:.0f} mm; give a scan in a simple pose, and its --unit"
        )
    moved = sites.copy()
    moved[measured] = scan.points[found.index[measured]]
    points = model.unpose(moved, joints, rotations, translation)
    turn = model.transforms(joints, rotations, translation)[model.joint("head"), :, :3]
    middle = sites[recogniser.template.parts == HEAD].mean(axis=0) @ turn
    return BodyFit(points, measured, found.index, residual, turn.T, middle)
