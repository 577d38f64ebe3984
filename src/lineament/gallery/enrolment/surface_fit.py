"""Bring the template's sites onto a scan's surface, once the scan stands in the template's frame or pose."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from lineament.types import Bool, Float64, Int32

SAME_WAY = 0.3
"""Least cosine between the normals of a site and of the scan's point that it is brought to."""


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """For each site (N,): the scan's point, its distance in metres, and whether it is a plausible partner."""

    index: Int32
    distance: Float64
    plausible: Bool


def nearest(tree: cKDTree, scan_normals: Float64, sites: Float64, normals: Float64, reach: float) -> Nearest:
    """The nearest of 8 scan points that face the site's way, within `reach` metres."""
    distance, index = map(np.asarray, tree.query(sites, k=8))
    agrees = np.einsum("nkc,nc->nk", scan_normals[index], normals) >= SAME_WAY
    first = np.where(agrees.any(axis=1), agrees.argmax(axis=1), 0)
    row = np.arange(len(sites))
    chosen = distance[row, first]
    return Nearest(
        index=index[row, first].astype(np.int32),
        distance=chosen,
        plausible=agrees.any(axis=1) & (chosen <= reach),
    )


def solve_shape(mean: Float64, basis: Float64, target: Float64, normals: Float64, sigma: float) -> Float64:
    """Coefficients (K,) that bring mean + basis onto planes through `target` with `normals`: ridge least
    squares.

    mean, target, normals: (M, 3); basis: (K, M, 3); sigma: metres, expected distance of one independent
    point.
    """
    design = np.einsum("kmc,mc->mk", basis, normals) / sigma
    residual = ((target - mean) * normals).sum(axis=1) / sigma
    # Robust: a point three sigmas away counts half (Cauchy weights round the mean shape's residual spread).
    weight = 1.0 / (1.0 + (residual / 3.0) ** 2)
    normal_matrix = (design * weight[:, None]).T @ design + np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(normal_matrix, (design * weight[:, None]).T @ residual))


def rigid(source: Float64, target: Float64, scaled: bool = False) -> tuple[Float64, Float64, float]:
    """Rotation (3, 3), translation (3,) and scale that take source (M, 3) to target (M, 3) in least squares.

    Umeyama, IEEE PAMI 13(4), 1991; the scale is 1 unless `scaled`.
    """
    a, b = source.mean(axis=0), target.mean(axis=0)
    u, d, vt = np.linalg.svd((target - b).T @ (source - a) / len(source))
    sign = np.diag([1.0, 1.0, float(np.sign(np.linalg.det(u @ vt)))])
    rotation = u @ sign @ vt
    scale = float((d * np.diag(sign)).sum() / ((source - a) ** 2).sum(axis=1).mean()) if scaled else 1.0
    return rotation, b - scale * rotation @ a, scale
