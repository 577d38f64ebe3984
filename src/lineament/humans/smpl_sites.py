"""From an SMPL-like model to the template's sites.

Both skeletons have the same 24 joints. Our average sites are stretched to the
model's joint positions and turned into its T-pose, each site takes the nearest point of the model's
neutral surface in the same part, and keeps that place (triangle and barycentric) for every shape. Sites
in our rest pose come from turning the limbs back.
"""

import numpy as np
import trimesh
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from lineament.anatomy import PART_INDEX
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template, load_template
from lineament.humans.rig import shortest_turn
from lineament.humans.smpl import SmplModel
from lineament.types import Float64, Int32

_TURNED = {
    f"{side}_{joint}": f"{side}_{child}"
    for side in ("left", "right")
    for joint, child in (
        ("upper_arm", "forearm"),
        ("forearm", "hand"),
        ("hand", "fingers"),
        ("thigh", "calf"),
        ("calf", "foot"),
    )
}
"""Joints whose limbs point elsewhere in a T-pose than in our rest pose, and the child that gives the
direction.
"""


def rest_sites(model: SmplModel, betas: tuple[float, ...]) -> Float64:
    """The template's sites (N, 3) on the person of `betas`, in our rest pose, feet on z = 0, metres."""
    sites, template = SiteModel.load(), load_template()
    faces, barycentric = _places(model, sites, template)
    vertices = model.shaped(betas)
    points = np.einsum("nk,nkc->nc", barycentric, vertices[faces])
    rest, rotations = _to_rest(sites, model.joints(vertices))
    found = sites.unpose(points, rest, rotations)
    found[:, 2] -= found[:, 2].min()
    return found


def _places(model: SmplModel, sites: SiteModel, template: Template) -> tuple[Int32, Float64]:
    """For each site, the corners (N, 3) of a triangle of the neutral surface and the place (N, 3) in it."""
    rest, rotations = _to_rest(sites, model.joints(model.v_template))
    moved = rest - sites.joint_mean
    stretched = sites.shape_mean + np.einsum("nk,nkc->nc", sites.skin_weight, moved[sites.skin_index])
    posed = sites.pose(stretched, rest, rotations)
    of_joint = _joint_parts(sites)
    weights = model.site_weights()[model.faces].sum(axis=1)
    face_part = (
        np.stack([weights[:, of_joint == part].sum(axis=1) for part in range(1, 15)], axis=1).argmax(1) + 1
    )
    corners = np.empty((len(template), 3), dtype=np.int32)
    places = np.empty((len(template), 3))
    for part in range(1, 15):
        mine, theirs = template.parts == part, face_part == part
        faces = model.faces[theirs if theirs.any() else slice(None)]
        corners[mine], places[mine] = _nearest_places(model.v_template, faces, posed[mine])
    return corners, places


def _nearest_places(
    vertices: Float64, faces: Int32, points: Float64, candidates: int = 16
) -> tuple[Int32, Float64]:
    """Nearest places on the surface of `points` (P, 3): corners (P, 3) and barycentric coordinates (P, 3).

    Looks among the `candidates` triangles whose centres are nearest.
    """
    triangles = vertices[faces]
    count = min(candidates, len(faces))
    _, near = cKDTree(triangles.mean(axis=1)).query(points, k=range(1, count + 1))
    repeated = np.repeat(points, count, axis=0)
    closest = trimesh.triangles.closest_point(triangles[near.ravel()], repeated)
    distance = np.linalg.norm(closest - repeated, axis=1).reshape(len(points), count)
    best = distance.argmin(axis=1)
    chosen = near[np.arange(len(points)), best]
    place = closest.reshape(len(points), count, 3)[np.arange(len(points)), best]
    return faces[chosen], trimesh.triangles.points_to_barycentric(triangles[chosen], place)


def _joint_parts(sites: SiteModel) -> np.ndarray:
    whole = {
        "neck": "head",
        "root": "torso",
        "spine": "torso",
        "clavicle": "torso",
        "fingers": "hand",
        "toes": "foot",
    }
    parts = []
    for name in sites.joint_names:
        side, _, rest = name.partition("_") if name.startswith(("left", "right")) else ("", "", name)
        part = whole.get(rest, whole.get(rest.partition("_")[0], rest))
        parts.append(PART_INDEX[part if part in ("head", "torso") else f"{side}_{part}"])
    return np.array(parts)


def _to_rest(sites: SiteModel, posed: Float64) -> tuple[Float64, Float64]:
    """Rest joints (J, 3) and rotation vectors (J, 3) that give the T-pose joints `posed` (J, 3)."""
    names, parents, mean = list(sites.joint_names), sites.joint_parents, sites.joint_mean
    world = np.tile(np.eye(3), (len(names), 1, 1))
    local = world.copy()
    rest = np.array(posed)
    for joint, parent in enumerate(parents):
        above = world[parent] if parent >= 0 else np.eye(3)
        child = _TURNED.get(names[joint])
        if child is not None:
            end = names.index(child)
            now = above @ (mean[end] - mean[joint])
            world[joint] = shortest_turn(now, posed[end] - posed[joint]) @ above
        else:
            world[joint] = above
        local[joint] = above.T @ world[joint]
        if parent >= 0:
            rest[joint] = rest[parent] + world[parent].T @ (posed[joint] - posed[parent])
    return rest, Rotation.from_matrix(local).as_rotvec()
