"""How good a pose prior is: reconstruction and separation, beside PCA and a Gaussian of the same numbers."""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.stats import rankdata

from lineament.humans.main_joints import JOINTS, from_six, to_six
from lineament.humans.pose_prior import PosePrior, angles_between
from lineament.training.pose_prior_data import PoseData
from lineament.types import Float64

COUNT: Final = 2000
"""Poses of each kind that are told apart."""
_FLOOR: Final = 1e-2
"""Added to the Gaussian's variances of the standardised numbers."""


def judge(prior: PosePrior, data: PoseData, seed: int) -> dict[str, float]:
    """Figures on held-out poses; areas under the curve of score separation are of real against made ones."""
    rng = np.random.default_rng([seed, 1])
    real = data.held_out[rng.integers(len(data.held_out), size=COUNT)]
    made = {
        "random_within_limits": np.stack([data.limits.sample(rng) for _ in range(COUNT)]),
        "limbs_of_different_poses": _limbs_shuffled(data.held_out, rng),
        "joints_of_different_poses": _joints_shuffled(data.held_out, rng),
        "samples_of_the_prior": prior.decode(rng.standard_normal((COUNT, prior.latent_size))),
    }
    pca, gaussian = _plain(to_six(data.training), prior.latent_size)
    figures: dict[str, float] = {}
    for name, rebuild in (("", lambda one: prior.decode(prior.encode(one)[0])), ("pca_", pca)):
        degrees, millimetres = _errors(data, real, rebuild(real))
        figures[f"{name}reconstruction_degrees"] = degrees
        figures[f"{name}reconstruction_mm"] = millimetres
    for name, score in (("", prior.score), ("gaussian_", gaussian)):
        for what, poses in made.items():
            figures[f"{name}auc_{what}"] = round(separation(score(real), score(poses)), 3)
    return figures


def separation(real: Float64, made: Float64) -> float:
    """Area under the curve: how often a real pose scores above a made one."""
    ranks = rankdata(np.concatenate([real, made]))
    return float((ranks[: len(real)].sum() - len(real) * (len(real) + 1) / 2) / (len(real) * len(made)))


def _errors(data: PoseData, real: Float64, rebuilt: Float64) -> tuple[float, float]:
    """Mean angle of the joints in degrees and mean error of their places in millimetres, the root at rest."""
    still = np.array(real)
    still[:, 0] = np.eye(3)
    gaps = np.linalg.norm(data.skeleton.places(still) - data.skeleton.places(rebuilt), axis=-1)
    return round(float(angles_between(still, rebuilt).mean()), 2), round(float(gaps[:, 1:].mean()) * 1000, 1)


def _plain(
    six: Float64, components: int
) -> tuple[Callable[[Float64], Float64], Callable[[Float64], Float64]]:
    """Reconstruction by principal components, and the log-likelihood of a Gaussian up to a constant."""
    mean, scale = six.mean(0), np.maximum(six.std(0), 0.02)
    variances, axes = np.linalg.eigh(np.cov(((six - mean) / scale).T))
    largest = axes[:, np.argsort(-variances)[:components]]

    def rebuild(main: Float64) -> Float64:
        standard = (to_six(main) - mean) / scale
        return from_six(standard @ largest @ largest.T * scale + mean)

    def score(main: Float64) -> Float64:
        along = (to_six(main) - mean) / scale @ axes
        return np.asarray(-0.5 * (along**2 / (variances + _FLOOR)).sum(-1))

    return rebuild, score


def _limbs_shuffled(poses: Float64, rng: np.random.Generator) -> Float64:
    """Trunk, arms and legs of five different poses."""
    made = poses[rng.integers(len(poses), size=COUNT)]
    for side in ("L", "R"):
        for limb in (("clavicle", "upperarm", "lowerarm", "hand"), ("upperleg", "lowerleg", "foot")):
            joints = [JOINTS.index(f"{name}.{side}") for name in limb]
            made[:, joints] = poses[rng.integers(len(poses), size=COUNT)][:, joints]
    return made


def _joints_shuffled(poses: Float64, rng: np.random.Generator) -> Float64:
    """Every joint of a different pose."""
    made = np.array(poses[:COUNT]) if len(poses) >= COUNT else np.array(poses[np.arange(COUNT) % len(poses)])
    for joint in range(len(JOINTS)):
        made[:, joint] = poses[rng.integers(len(poses), size=COUNT), joint]
    return made
