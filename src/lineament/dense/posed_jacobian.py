"""The site model posed, with its derivatives: what makes a fit quick and its covariance exact."""

from dataclasses import dataclass

import numpy as np

from lineament.geometry.site_model import SiteModel, rotation_matrices
from lineament.types import Float64, Int32


def left_jacobians(vectors: Float64) -> Float64:
    """(..., 3, 3): a small change d of a rotation vector turns by J d, applied after the rotation.

    Closed form of Chirikjian, Stochastic Models, Information Theory, and Lie Groups 2 (2012), 10.86.
    """
    angle = np.maximum(np.linalg.norm(vectors, axis=-1), 1e-8)[..., None, None]
    cross = cross_matrices(vectors)
    first = (1.0 - np.cos(angle)) / angle**2
    second = (angle - np.sin(angle)) / angle**3
    return np.asarray(np.eye(3) + first * cross + second * (cross @ cross))


def cross_matrices(vectors: Float64) -> Float64:
    """(..., 3, 3): the matrices that multiply by `vectors` (..., 3) in the vector product."""
    x, y, z = np.moveaxis(np.asarray(vectors, dtype=np.float64), -1, 0)
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """Points (M, 3) with the derivatives by coefficients (M, 3, C), rotations (M, 3, 3 J) and joints alike.

    joints: (J, 3). joints_by_shape: (J, 3, C). joints_by_turns: (J, 3, 3 J). turned: (J, 3, 3) world
    rotations of the joints.
    """

    points: Float64
    by_shape: Float64
    by_turns: Float64
    joints: Float64
    joints_by_shape: Float64
    joints_by_turns: Float64
    turned: Float64


class PosedSites:
    """Chosen sites of the model with `count` shape coefficients; a pose is J rotation vectors and a shift."""

    def __init__(self, model: SiteModel, sites: Int32, count: int) -> None:
        self.model, self.count = model, count
        joints = model.joint_count
        self._mean = model.shape_mean[sites].astype(np.float64)
        self._basis = model.shape_basis[:count, sites].astype(np.float64).transpose(1, 2, 0)
        self._joint_basis = model.joint_basis[:count].astype(np.float64).transpose(1, 2, 0)
        self._skin = np.zeros((len(sites), joints))
        index = np.arange(len(sites))[:, None]
        np.add.at(self._skin, (index, model.skin_index[sites]), model.skin_weight[sites].astype(np.float64))
        self._below = np.eye(joints, dtype=bool)
        for joint in range(joints - 1, 0, -1):
            self._below[model.joint_parents[joint]] |= self._below[joint]

    def posed(self, coefficients: Float64, rotations: Float64) -> Posed:
        """Everything at `coefficients` (C,) and `rotations` (J, 3), before any shift."""
        parents = self.model.joint_parents
        rest = self.model.joints(coefficients)
        local = rotation_matrices(rotations)
        turned, places = np.empty_like(local), np.empty_like(rest)
        by_shape = np.empty_like(self._joint_basis)
        for joint, parent in enumerate(parents):
            if parent < 0:
                turned[joint], places[joint] = local[joint], rest[joint]
                by_shape[joint] = self._joint_basis[joint]
                continue
            turned[joint] = turned[parent] @ local[joint]
            places[joint] = places[parent] + turned[parent] @ (rest[joint] - rest[parent])
            change = self._joint_basis[joint] - self._joint_basis[parent]
            by_shape[joint] = by_shape[parent] + turned[parent] @ change
        shape = self._mean + self._basis @ coefficients
        # each joint's share of each point: (M, J, 3)
        offset = places - np.einsum("jab,jb->ja", turned, rest)
        shares = self._skin[..., None] * (np.einsum("jab,mb->mja", turned, shape) + offset)
        offset_by_shape = by_shape - np.einsum("jab,jbc->jac", turned, self._joint_basis)
        blended = np.einsum("mj,jab->mab", self._skin, turned)
        points_by_shape = blended @ self._basis + np.tensordot(self._skin, offset_by_shape, 1)
        axes = self._axes(turned, rotations)
        carried = np.einsum("jd,mda->mja", self._below.astype(np.float64), shares)
        weight = self._skin @ self._below.T.astype(np.float64)
        arms = carried - weight[..., None] * places
        joint_arms = np.where(self._below.T[..., None], places[:, None] - places[None], 0.0)
        return Posed(
            points=shares.sum(axis=1),
            by_shape=points_by_shape,
            by_turns=_swept(arms, axes),
            joints=places,
            joints_by_shape=by_shape,
            joints_by_turns=_swept(joint_arms, axes),
            turned=turned,
        )

    def _axes(self, turned: Float64, rotations: Float64) -> Float64:
        """(J, 3, 3): the turn in the world that a change of each joint's rotation vector makes."""
        before = np.stack([np.eye(3) if p < 0 else turned[p] for p in self.model.joint_parents])
        return np.asarray(before @ left_jacobians(rotations))


def _swept(arms: Float64, axes: Float64) -> Float64:
    """Derivatives (M, 3, 3 J) of points with `arms` (M, J, 3) of joints that turn about `axes` (J, 3, 3)."""
    moved = -cross_matrices(arms) @ axes
    return np.asarray(moved.transpose(0, 2, 1, 3).reshape(len(arms), 3, -1))
