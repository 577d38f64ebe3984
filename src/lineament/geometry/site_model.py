"""The site model: shape, joints and skinning of the template's sites, in numpy.

It is what the product carries instead of a body library. Shape and joints are linear in coefficients of
unit variance; pose is linear blend skinning over a skeleton of 24 joints, each turned relative to its
parent about world axes of the rest pose (SMPL's convention; Loper et al. 2015), without pose-dependent
corrections.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from lineament.geometry.template import TEMPLATE_FOLDER
from lineament.types import Float32, Float64, Int32


def rotation_matrices(axis_angle: Float64) -> Float64:
    """Rodrigues: rotation vectors (..., 3) radians to matrices (..., 3, 3); smooth through zero."""
    vectors = np.asarray(axis_angle, dtype=np.float64)
    angle = np.sqrt((vectors**2).sum(axis=-1))[..., None, None]
    zero = np.zeros(vectors.shape[:-1])
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*vectors.shape[:-1], 3, 3)
    sine = np.sinc(angle / np.pi)
    cosine = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    return np.asarray(np.eye(3) + sine * cross + cosine * (cross @ cross))


@dataclass(frozen=True, slots=True, eq=False)
class SiteModel:
    """Linear shape, linear joints, skinning.

    shape_mean (N, 3), shape_basis (K, N, 3), joint_mean (J, 3), joint_basis (K, J, 3): metres, a
    coefficient of 1 is one standard deviation among adults. joint_parents (J,), -1 for the root, parents
    before children. skin_index and skin_weight (N, 4). joint_names (J,).
    """

    shape_mean: Float32
    shape_basis: Float32
    joint_mean: Float32
    joint_basis: Float32
    joint_parents: Int32
    skin_index: Int32
    skin_weight: Float32
    joint_names: tuple[str, ...]
    revision: str

    def __post_init__(self) -> None:
        sites, joints, count = len(self.shape_mean), len(self.joint_mean), len(self.shape_basis)
        if self.shape_basis.shape != (count, sites, 3) or self.joint_basis.shape != (count, joints, 3):
            raise ValueError("site model: bases must be (K, N, 3) and (K, J, 3)")
        if self.skin_index.shape != (sites, 4) or self.skin_weight.shape != (sites, 4):
            raise ValueError("site model: skinning must be (N, 4)")
        if len(self.joint_parents) != joints or len(self.joint_names) != joints:
            raise ValueError("site model: every joint needs a parent and a name")
        if not (self.joint_parents < np.arange(joints)).all():
            raise ValueError("site model: parents must come before their children")

    @classmethod
    def load(cls, folder: Path = TEMPLATE_FOLDER) -> "SiteModel":
        """The released site model (or that of another `folder`), read once."""
        return _load(folder)

    @property
    def coefficient_count(self) -> int:
        """K, the number of shape coefficients."""
        return len(self.shape_basis)

    @property
    def joint_count(self) -> int:
        """J, the number of joints."""
        return len(self.joint_mean)

    def joint(self, name: str) -> int:
        """Index of a joint; raises ValueError for an unknown name."""
        return self.joint_names.index(name)

    def shape(self, coefficients: Float64) -> Float64:
        """Rest sites (N, 3) metres of `coefficients` (k,), k <= K; those left out are 0."""
        k = len(coefficients)
        return np.asarray(self.shape_mean + np.tensordot(coefficients, self.shape_basis[:k], 1))

    def joints(self, coefficients: Float64) -> Float64:
        """Rest joints (J, 3) metres of `coefficients` (k,), k <= K."""
        k = len(coefficients)
        return np.asarray(self.joint_mean + np.tensordot(coefficients, self.joint_basis[:k], 1))

    def transforms(self, joints: Float64, rotations: Float64, translation: Float64 | None = None) -> Float64:
        """World transforms (J, 3, 4) that take rest points to posed ones.

        joints (J, 3) rest joints; rotations (J, 3) rotation vectors relative to the parent, in world
        axes of the rest pose; translation (3,) added last. The root turns about its own joint.
        """
        local = rotation_matrices(rotations)
        turned = np.empty_like(local)
        places = np.empty((len(joints), 3))
        for joint, parent in enumerate(self.joint_parents):
            if parent < 0:
                turned[joint], places[joint] = local[joint], joints[joint]
                continue
            turned[joint] = turned[parent] @ local[joint]
            places[joint] = places[parent] + turned[parent] @ (joints[joint] - joints[parent])
        shift = places - np.einsum("jab,jb->ja", turned, joints)
        if translation is not None:
            shift = shift + translation
        return np.concatenate([turned, shift[..., None]], axis=-1)

    def blend(self, transforms: Float64) -> Float64:
        """Each site's blended transform (N, 3, 4) of the joints' (J, 3, 4)."""
        return np.asarray(np.einsum("nk,nkab->nab", self.skin_weight, transforms[self.skin_index]))

    def pose(
        self, points: Float64, joints: Float64, rotations: Float64, translation: Float64 | None = None
    ) -> Float64:
        """Posed sites (N, 3) of rest `points` (N, 3); other arguments as for `transforms`."""
        blended = self.blend(self.transforms(joints, rotations, translation))
        return np.asarray(np.einsum("nab,nb->na", blended[:, :, :3], points) + blended[:, :, 3])

    def unpose(
        self, points: Float64, joints: Float64, rotations: Float64, translation: Float64 | None = None
    ) -> Float64:
        """Rest sites (N, 3) of posed `points` (N, 3): the exact inverse of `pose`.

        Raises numpy.linalg.LinAlgError where a blended transform is singular (a joint turned by half a turn).
        """
        blended = self.blend(self.transforms(joints, rotations, translation))
        return np.asarray(np.linalg.solve(blended[:, :, :3], (points - blended[:, :, 3])[..., None])[..., 0])

    def turn(self, directions: Float64, joints: Float64, rotations: Float64) -> Float64:
        """Posed unit directions (N, 3), such as normals, of rest `directions` (N, 3)."""
        blended = self.blend(self.transforms(joints, rotations))[:, :, :3]
        # Normals follow the inverse transpose, which blending makes differ from the blended rotation.
        turned = np.linalg.solve(blended.transpose(0, 2, 1), directions[..., None])[..., 0]
        return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True))


@lru_cache(maxsize=4)
def _load(folder: Path) -> SiteModel:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    arrays = load_file(folder / "site_model.safetensors")
    for name in ("shape_basis", "joint_basis", "shape_mean", "joint_mean", "skin_weight"):
        arrays[name] = arrays[name].astype(np.float32)
    names = tuple(config["site_model"]["joint_names"])
    return SiteModel(**arrays, joint_names=names, revision=config["revision"])
