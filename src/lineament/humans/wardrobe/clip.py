"""Cutting a mesh along a line on it, once, so that the cut follows the mesh wherever it is posed."""

from dataclasses import dataclass

import numpy as np

from lineament.types import Float32, Int32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class ClippedMesh:
    """The part of a mesh where a value is positive.

    faces: (F, 3) into the old vertices (U,) followed by the cut ones; uv: (F, 3, 2); parts: (F,). Cut vertex
    k lies at `share[k]` of the way from old vertex `edges[k, 0]` to `edges[k, 1]`. border: (B, 2) cut
    vertices, numbered from 0, of the segments of the cut, and border_uv: (B, 2, 2).
    """

    faces: Int32
    uv: Float32
    parts: UInt8
    edges: Int32
    share: Float32
    border: Int32
    border_uv: Float32

    def extend(self, values: Float32) -> Float32:
        """Old per-vertex values (U, C) followed by those of the cut vertices."""
        return np.concatenate([values, self.along_cut(values)])

    def along_cut(self, values: Float32) -> Float32:
        """Values (E, C) of the cut vertices from the old ones (U, C)."""
        start, end = values[self.edges[:, 0]], values[self.edges[:, 1]]
        return start + self.share[:, None] * (end - start)


def clip_mesh(faces: Int32, uv: Float32, parts: UInt8, inside: Float32) -> ClippedMesh:
    """Cut the mesh faces (F, 3), uv (F, 3, 2), parts (F,) where `inside` (U,), taken as linear, changes its
    sign.
    """
    positive = inside > 0
    count = positive[faces].sum(axis=1)
    whole = count == 3
    out_faces, out_uv, out_parts = [faces[whole]], [uv[whole]], [parts[whole]]
    pairs: list[Int32] = []
    corners: list[tuple[Int32, Float32, UInt8, bool]] = []
    for lone_is_inside in (True, False):
        chosen = np.flatnonzero(count == (1 if lone_is_inside else 2))
        lone = (positive[faces[chosen]] == lone_is_inside).argmax(axis=1)
        order = (lone[:, None] + np.arange(3)) % 3
        turned = np.take_along_axis(faces[chosen], order, axis=1)
        corners.append(
            (turned, np.take_along_axis(uv[chosen], order[..., None], 1), parts[chosen], lone_is_inside)
        )
        pairs += [turned[:, [0, 1]], turned[:, [0, 2]]]
    edges, number = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0, return_inverse=True)
    share = inside[edges[:, 0]] / (inside[edges[:, 0]] - inside[edges[:, 1]])
    number = number.reshape(-1).astype(np.int32) + len(inside)
    start = 0
    border, border_uv = [], []
    for turned, turned_uv, own, lone_is_inside in corners:
        size = len(turned)
        p, q = number[start : start + size], number[start + size : start + 2 * size]
        start += 2 * size
        a, b, c = turned.T
        values = inside[turned]
        to_p = (values[:, 0] / (values[:, 0] - values[:, 1]))[:, None]
        to_q = (values[:, 0] / (values[:, 0] - values[:, 2]))[:, None]
        ua, ub, uc = (turned_uv[:, k] for k in range(3))
        up, uq = ua + to_p * (ub - ua), ua + to_q * (uc - ua)
        segment = (q, p) if lone_is_inside else (p, q)
        border.append(np.stack(segment, axis=1) - len(inside))
        border_uv.append(np.stack((uq, up) if lone_is_inside else (up, uq), axis=1))
        triangles = (
            [((a, p, q), (ua, up, uq))]
            if lone_is_inside
            else [((p, b, c), (up, ub, uc)), ((p, c, q), (up, uc, uq))]
        )
        for corner, corner_uv in triangles:
            out_faces.append(np.stack(corner, axis=1))
            out_uv.append(np.stack(corner_uv, axis=1))
            out_parts.append(own)
    return ClippedMesh(
        np.concatenate(out_faces).astype(np.int32),
        np.concatenate(out_uv).astype(np.float32),
        np.concatenate(out_parts),
        edges.astype(np.int32),
        share.astype(np.float32),
        np.concatenate(border).astype(np.int32),
        np.concatenate(border_uv).astype(np.float32),
    )
