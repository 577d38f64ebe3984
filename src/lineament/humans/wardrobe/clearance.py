"""Keeps skirts and coat tails outside the legs that move in them."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree

from lineament.humans.wardrobe.facts import SKIN_END, BodyFacts
from lineament.types import Float32, Int32

_CANDIDATES = 40
_MARGIN = 0.012
_MOST = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Clearance:
    """For each garment vertex (U,) the leg vertices `near` (U, K) that may come through it, and who its
    neighbours are.

    smooth: (U, U) rows sum to 1.
    """

    near: Int32
    smooth: sp.csr_matrix

    @classmethod
    def of_skirt(cls, faces: Int32, facts: BodyFacts) -> "Clearance":
        """For a helper mesh round the legs: every other leg and hip vertex near it on the canonical body."""
        used = np.unique(faces)
        canonical, fields = facts.model.canonical, facts.fields
        skin = np.arange(SKIN_END)
        legs = skin[(fields.armness[:SKIN_END] < 0.3) & (fields.z[:SKIN_END] < canonical[used, 2].max())]
        legs = legs[::3]
        # Heights count double: a leg swings forwards and sideways, seldom up.
        stretch = np.array([1.0, 1.0, 2.0])
        _, found = cKDTree(canonical[legs] * stretch).query(canonical[used] * stretch, k=_CANDIDATES)
        local = np.searchsorted(used, faces)
        links = sp.coo_matrix(
            (np.ones(local.size), (local.ravel(), np.roll(local, 1, axis=1).ravel())), (len(used), len(used))
        ).tocsr()
        links = ((links + links.T) > 0).astype(np.float32) + sp.eye(len(used), dtype=np.float32)
        smooth = sp.diags(1.0 / np.asarray(links.sum(axis=1)).ravel()) @ links
        return cls(legs[found].astype(np.int32), smooth.tocsr().astype(np.float32))

    def restricted(self, rows: Int32) -> "Clearance":
        """The same for some of the garment's vertices, (K,) in its order."""
        smooth = self.smooth[rows][:, rows]
        total = np.asarray(smooth.sum(axis=1)).ravel()
        return Clearance(self.near[rows], (sp.diags(1.0 / total) @ smooth).tocsr().astype(np.float32))

    def __call__(self, points: Float32, normals: Float32, body: Float32) -> Float32:
        """Metres (U,) to move `points` along `normals` so that the legs of `body` (V, 3) stay inside."""
        apart = body[self.near] - points[:, None]
        through = np.einsum("ukc,uc->uk", apart, normals)
        beside = np.einsum("ukc,ukc->uk", apart, apart) - through**2
        depth = np.where(beside < (0.04 + 0.3 * np.abs(through)) ** 2, through, -1.0).max(axis=1)
        push = np.clip(depth + _MARGIN, 0.0, _MOST)
        smoothed = push
        for _ in range(2):
            smoothed = self.smooth @ smoothed
        return np.maximum(push, smoothed).astype(np.float32)
