"""Fit a head scan: find its face in renders, align by five landmarks, then shape and surface."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.enrolment.assemble import site_normals
from lineament.gallery.enrolment.scan_file import Scan
from lineament.gallery.enrolment.scan_views import LOOKING_UP_DOWN, SEARCH_SIZE, lift, look, orientations
from lineament.gallery.enrolment.surface_fit import nearest, rigid, solve_shape
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template
from lineament.runtime.detector import FaceDetector
from lineament.types import Bool, Float64

FACE_FIVE: Final = np.array(
    [
        (-0.0273, -0.1406, 1.5758),
        (0.0273, -0.1406, 1.5758),
        (0.0, -0.1671, 1.5391),
        (-0.0236, -0.1455, 1.5059),
        (0.0236, -0.1455, 1.5059),
    ]
)
"""Pupils, nose tip and mouth corners (right before left) on the average body of the template, metres."""
FACE_SCORE: Final = 0.5
SCALE_RANGE: Final = (0.75, 1.3)
REACHES: Final = (0.03, 0.025, 0.02, 0.015, 0.012, 0.010, 0.010, 0.010)
SIGMA: Final = 0.02
"""Metres; far above a scanner's noise, since neighbouring points repeat each other and hair is not skin."""
KEEP_REACH: Final = 0.008
WORST_RESIDUAL: Final = 0.006
LEAST_SITES: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class HeadFit:
    """points: (N, 3) rest sites, metres. measured: (N,). rotation, translation: take scan metres to the
    template. nearest: (N,) scan point of each site. residual: metres, median over the measured sites before
    they were moved.
    """

    points: Float64
    measured: Bool
    rotation: Float64
    translation: Float64
    nearest: np.ndarray
    residual: float


def fit_head(scan: Scan, detector: FaceDetector, model: SiteModel, template: Template) -> HeadFit:
    """Raises NothingFoundError when no face can be found on the scan, BadInputError when the unit or the fit
    is bad.
    """
    return follow_head(scan, *_coarse(scan, detector), model, template)


def follow_head(
    scan: Scan, rotation: Float64, translation: Float64, model: SiteModel, template: Template
) -> HeadFit:
    """Fit from a rough rotation (3, 3) and translation (3,) that take the scan to the template.

    Raises BadInputError when too little of the head lies on the scan, or the fit is bad.
    """
    head = np.flatnonzero(template.parts == HEAD)
    tree = cKDTree(scan.points)
    mean = model.shape_mean[head].astype(np.float64)
    basis = model.shape_basis[:, head].astype(np.float64)
    coefficients = np.zeros(len(basis))
    for reach in REACHES:
        sites = mean + np.tensordot(coefficients, basis, 1)
        normals = site_normals(model.shape(coefficients), template)[head].astype(np.float64)
        found = nearest(tree, scan.normals, (sites - translation) @ rotation, normals @ rotation, reach)
        if found.plausible.sum() < LEAST_SITES:
            raise BadInputError(
                f"{scan.name}: only {int(found.plausible.sum())} places of the head lie on the scan; "
                "give a scan of the whole face, or its --unit"
            )
        kept, partner = found.plausible, scan.points[found.index]
        turn, shift, _ = rigid(partner[kept], sites[kept])
        rotation, translation = turn, shift
        target = partner @ rotation.T + translation
        coefficients = solve_shape(mean[kept], basis[:, kept], target[kept], normals[kept], SIGMA)
    return _onto_surface(scan, tree, coefficients, rotation, translation, model, template)


def _coarse(scan: Scan, detector: FaceDetector) -> tuple[Float64, Float64]:
    """The similarity by five landmarks from whichever way of holding the scan shows a face best."""
    best: tuple[float, Float64, float] = (0.0, np.eye(3), 0.0)
    for candidate in orientations():
        for elevation in LOOKING_UP_DOWN:
            view = look(scan, candidate, azimuth=0.0, elevation=elevation, size=SEARCH_SIZE, most=60_000)
            score = max((found.score for found in detector.detect(view.drawn.image)), default=0.0)
            if score > best[0]:
                best = (score, candidate, elevation)
    if best[0] < FACE_SCORE:
        raise NothingFoundError(
            f"no face was found on {scan.name} from any side; give a scan with a face, or one with colours"
        )
    view = look(scan, best[1], azimuth=0.0, elevation=best[2], size=2 * SEARCH_SIZE)
    found = detector.detect(view.drawn.image)
    if not found:
        raise NothingFoundError(
            f"no face was found on {scan.name} at a second look; give a scan with more points"
        )
    five = lift(view, max(found, key=lambda one: one.score).landmarks.astype(np.float64))
    good = np.isfinite(five).all(axis=1)
    if good.sum() < 4:
        raise NothingFoundError(
            f"the face on {scan.name} has holes at the eyes, nose or mouth; give a fuller scan"
        )
    turn, shift, scale = rigid(five[good] @ best[1], FACE_FIVE[good], scaled=True)
    if not SCALE_RANGE[0] <= scale <= SCALE_RANGE[1]:
        raise BadInputError(
            f"the face on {scan.name} is {1 / scale:.2f} times as large as a face; give the right --unit "
            f"(about {scan.metres * scale:.3g} metres for one unit of the file)"
        )
    turn, shift, _ = rigid(five[good] @ best[1], FACE_FIVE[good])
    return turn, shift


def _onto_surface(
    scan: Scan,
    tree: cKDTree,
    coefficients: Float64,
    rotation: Float64,
    translation: Float64,
    model: SiteModel,
    template: Template,
) -> HeadFit:
    points = model.shape(coefficients).astype(np.float64)
    normals = site_normals(points, template).astype(np.float64)
    found = nearest(tree, scan.normals, (points - translation) @ rotation, normals @ rotation, KEEP_REACH)
    measured = found.plausible & (template.parts == HEAD)
    if measured.sum() < LEAST_SITES:
        raise BadInputError(
            f"{scan.name} does not fit a head ({int(measured.sum())} places agree); give another scan"
        )
    residual = float(np.median(found.distance[measured]))
    if residual > WORST_RESIDUAL:
        raise BadInputError(
            f"{scan.name} does not fit a head: median distance {residual * 1000:.1f} mm, "
            f"{WORST_RESIDUAL * 1000:.0f} mm allowed; check its --unit"
        )
    points[measured] = scan.points[found.index[measured]] @ rotation.T + translation
    return HeadFit(points, measured, rotation, translation, found.index, residual)
