"""A prototype's side of the comparison of parts: mean features of each part, and the shape of the body."""

from functools import lru_cache

import numpy as np

from lineament.anatomy import CLASS_COUNT
from lineament.geometry.site_model import SiteModel
from lineament.networks.shape import SHAPE_SIZE
from lineament.types import Bool, Float32, UInt8

SITE_ERROR = 0.004
"""Metres by which a measured site may differ from every shape of the site model."""


def prototype_tokens(features: Float32, parts: UInt8, measured: Bool) -> Float32:
    """(15, D) mean of the site features (N, D) of each part's measured sites; zero without any."""
    chosen = np.eye(CLASS_COUNT, dtype=np.float32)[parts] * measured[:, None]
    count = np.maximum(chosen.sum(axis=0), 1.0)
    return np.asarray(chosen.T @ features.astype(np.float32) / count[:, None], dtype=np.float32)


def prototype_coefficients(points: Float32, measured: Bool, count: int = SHAPE_SIZE) -> Float32:
    """The likeliest (count,) coefficients of the site model for sites (N, 3) of which some are measured."""
    solve = _whole(count) if measured.all() else _solver(count, measured)
    shift = (points - SiteModel.load().shape_mean)[measured].reshape(-1)
    return np.asarray(solve @ shift, dtype=np.float32)


@lru_cache(maxsize=4)
def _whole(count: int) -> Float32:
    return _solver(count, np.ones(len(SiteModel.load().shape_mean), dtype=bool))


def _solver(count: int, measured: Bool) -> Float32:
    """(count, 3 M) from shifts of the measured sites to coefficients: least squares with unit prior."""
    basis = SiteModel.load().shape_basis[:count][:, measured].reshape(count, -1).astype(np.float64)
    normal = basis @ basis.T + SITE_ERROR**2 * np.eye(count)
    return np.asarray(np.linalg.solve(normal, basis), dtype=np.float32)
