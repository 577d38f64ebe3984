"""Some of the site model's points, posed: what every fit of a person evaluates again and again."""

import numpy as np

from lineament.geometry.site_model import SiteModel
from lineament.types import Float64, Int32

SHAPE_COEFFICIENTS = 16
"""The leading coefficients: what silhouettes can show; the rest stays at the mean."""
JOINT_SIGMA = 0.45
SPINE_SIGMA = 0.15
STIFF = ("spine_lower", "spine_middle", "spine_upper", "neck", "left_clavicle", "right_clavicle")


class PosedSamples:
    """M points, each a mean of K sites with weights; only the sites that are used are ever posed.

    sites (M, K), weights (M, K) with rows that sum to 1. A pose is a vector of J rotation vectors and a
    translation.
    """

    def __init__(
        self, model: SiteModel, sites: Int32, weights: Float64, coefficients: int = SHAPE_COEFFICIENTS
    ) -> None:
        self.model, self.weights = model, weights
        used, inverse = np.unique(sites, return_inverse=True)
        self._local = inverse.reshape(sites.shape)
        self._index, self._skin = model.skin_index[used], model.skin_weight[used].astype(np.float64)
        self._mean = model.shape_mean[used].astype(np.float64)
        self._basis = model.shape_basis[:coefficients, used].astype(np.float64)
        self._sigma = np.full((model.joint_count, 3), JOINT_SIGMA)
        self._sigma[[model.joint(name) for name in STIFF]] = SPINE_SIGMA

    def rest(self, coefficients: Float64) -> Float64:
        """Points (M, 3) in rest pose, metres."""
        rest = self._mean + np.tensordot(coefficients, self._basis, 1)
        return np.asarray((rest[self._local] * self.weights[..., None]).sum(axis=1))

    def posed(self, coefficients: Float64, pose: Float64) -> Float64:
        """Points (M, 3) in `pose`, metres."""
        rest = self._mean + np.tensordot(coefficients, self._basis, 1)
        rotations, translation = pose[:-3].reshape(-1, 3), pose[-3:]
        transforms = self.model.transforms(self.model.joints(coefficients), rotations, translation)
        blended = np.einsum("nk,nkab->nab", self._skin, transforms[self._index])
        sites = np.einsum("nab,nb->na", blended[:, :, :3], rest) + blended[:, :, 3]
        return np.asarray((sites[self._local] * self.weights[..., None]).sum(axis=1))

    def prior(self, pose: Float64) -> Float64:
        """Whitened joint rotations; the root is free."""
        return np.asarray((pose[:-3].reshape(-1, 3) / self._sigma)[1:].ravel())
