"""What of a person's body a photograph shows, site by site, and why the rest is not seen."""

from typing import Final

import cv2
import numpy as np
from scipy.spatial import cKDTree

from lineament.dense.fit import BodyFit
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template
from lineament.recognition.pixels import PersonPixels
from lineament.runtime.windows import inverse
from lineament.types import Bool, DenseRegistration, Float64, UInt8

UNKNOWN, SEEN, TURNED_AWAY, OUTSIDE, COVERED = range(5)
STATES: Final = ("unknown", "seen", "own body", "outside", "covered")
"""Of a site: nothing is known (no body was fitted); a pixel shows it or the cloth on it; the person's own
body hides it; it lies outside the picture; something or somebody else hides it.
"""
REACH: Final = 0.035
"""Metres on the template: a pixel speaks for the sites of its part so near."""
NEIGHBOURS, SAME_SIDE = 4, 0.3
"""Pixels that are asked, and the least cosine between the normals of their sites and of the site."""
GRID: Final = 96
"""Cells of the fitted body's longer side when it is drawn to see what it hides of itself."""
BEHIND: Final = 0.03
"""Metres behind the fitted body's own surface from which on a site counts as hidden by it."""
SLANT: Final = 0.05
"""Cosine to the line of sight below which a surface is taken to face away."""


def site_states(
    body: DenseRegistration, pixels: PersonPixels, fit: BodyFit | None, template: Template, model: SiteModel
) -> UInt8:
    """(N,) the state of each site, an index of STATES.

    What pixels show is taken from them; the rest from the fitted body, and is unknown without one. A site
    that the fitted body turns to the camera is seen where the picture shows this person there.
    """
    states = np.full(len(template), UNKNOWN, dtype=np.uint8)
    if fit is not None:
        states = _expected(fit, body, template, model)
    states[_shown(pixels, template)] = SEEN
    return states


def _shown(pixels: PersonPixels, template: Template) -> Bool:
    """Sites (N,) with a pixel of their part near them on the template, on the same side of the limb."""
    shown = np.zeros(len(template), dtype=bool)
    best = np.take_along_axis(pixels.sites, pixels.weights.argmax(axis=1)[:, None], axis=1)[:, 0]
    for part in np.unique(pixels.parts):
        sites = np.flatnonzero(template.parts == part)
        mine = pixels.parts == part
        near = min(NEIGHBOURS, int(mine.sum()))
        tree = cKDTree(pixels.places[mine])
        found = tree.query(template.positions[sites], k=near)
        away, which = (np.reshape(one, (len(sites), near)) for one in found)
        normals = template.normals[best[mine]][which]
        agree = np.einsum("sna,sa->sn", normals, template.normals[sites]) > SAME_SIDE
        shown[sites] = ((away < REACH) & agree).any(axis=1)
    return shown


def _expected(fit: BodyFit, body: DenseRegistration, template: Template, model: SiteModel) -> UInt8:
    """What the fitted body lets expect; what it shows where the person is not to be seen is covered."""
    joints = model.joints(fit.coefficients)
    points = model.pose(model.shape(fit.coefficients), joints, fit.rotations, fit.translation)
    normals = _normals(points, template)
    pixels = fit.project(points)
    height, width = fit.picture
    inside = ((pixels >= 0) & (pixels < (width, height))).all(axis=1) & (points[:, 2] > 0.05)
    sight = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    away = -(normals * sight).sum(axis=1) < SLANT
    hidden = away | (points[:, 2] > _surface(points, pixels, template) + BEHIND)
    in_view = np.where(_of_person(body, pixels), SEEN, COVERED)
    return np.where(~inside, OUTSIDE, np.where(hidden, TURNED_AWAY, in_view)).astype(np.uint8)


def _of_person(body: DenseRegistration, pixels: Float64) -> Bool:
    """Whether the photograph's `pixels` (N, 2) show the person."""
    to_grid = inverse(body.to_photo)
    column, row = np.floor(pixels @ to_grid[:, :2].T + to_grid[:, 2]).astype(int).T
    height, width = body.parts.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    shown = body.parts[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)] > 0
    return np.asarray(inside & shown)


def _normals(points: Float64, template: Template) -> Float64:
    """Unit normals (N, 3), outwards, of the posed sites' own triangles."""
    a, b, c = points[template.triangles].transpose(1, 0, 2)
    each = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(3):
        np.add.at(total, template.triangles[:, corner], each)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def _surface(points: Float64, pixels: Float64, template: Template) -> Float64:
    """Depth (N,) of the nearest surface of the body on each site's line of sight; triangles drawn far to
    near on a coarse grid.
    """
    low = pixels.min(axis=0)
    scale = (GRID - 1) / max(float(np.ptp(pixels, axis=0).max()), 1e-6)
    cells = (pixels - low) * scale
    depth = np.full((GRID, GRID), np.inf, dtype=np.float32)
    middle = points[template.triangles, 2].mean(axis=1)
    for triangle in np.argsort(-middle):
        corners = np.round(cells[template.triangles[triangle]] * 16).astype(np.int32)
        cv2.fillConvexPoly(depth, corners, float(middle[triangle]), shift=4)
    column, row = np.clip(np.round(cells).astype(int), 0, GRID - 1).T
    return np.asarray(depth[row, column], dtype=np.float64)
