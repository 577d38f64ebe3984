"""How a person of a photograph compares with prototypes part by part, the parts of both sharing what they
know.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from lineament.anatomy import CLASS_COUNT
from lineament.geometry.site_model import SiteModel
from lineament.runtime.session import open_session
from lineament.types import BodySummary, Bool, Float32, UInt8

SITE_ERROR = 0.004
"""Metres by which a measured site may differ from every shape of the site model."""
SHAPE_SIZE = 40
"""Leading coefficients of the site model that are compared."""
MOST_AT_ONCE = 1024


class PartSharing:
    """The released comparison network, sharing.onnx of a registration model."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._session = open_session(folder / "sharing.onnx", threads)

    def scores(self, summary: BodySummary, tokens: Float32, coefficients: Float32) -> Float32:
        """(K, 15) what each part, and in entry 0 the whole build, adds to the logit that K prototypes, of
        `tokens` (K, 15, D) and `coefficients` (K, k), are this person. 0 for parts that are not seen.
        """
        found = []
        for start in range(0, len(tokens), MOST_AT_ONCE):
            some = slice(start, start + MOST_AT_ONCE)
            feeds = {
                "pooled": summary.tokens[None],
                "overall": summary.overall[None],
                "prototype_pooled": tokens[some],
                "prototype_coefficients": coefficients[some],
            }
            cast = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in feeds.items()}
            found.append(np.asarray(self._session.run(["scores"], cast)[0][0], dtype=np.float32))
        return np.concatenate(found) if found else np.zeros((0, CLASS_COUNT), np.float32)


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
