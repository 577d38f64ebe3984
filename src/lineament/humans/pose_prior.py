"""The learned pose prior in NumPy: samples, scores and projects poses of the main joints.

A variational autoencoder trained by `lineament train poses` on captured poses; the root's rotation, hands and
face are none of its business. Half precision on disk, double in use.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import load_file
from scipy.spatial.transform import Rotation

from lineament.humans.main_joints import from_six, to_six
from lineament.types import Float64
from lineament.weights import folder as weights_folder

_DRAWS: Final = 16
"""Latent samples that the score averages over; fixed, so that a pose always scores the same."""
_STEPS: Final = 8
"""Halvings of the way from a pose to its reconstruction."""


@dataclass(frozen=True, slots=True, eq=False)
class PosePrior:
    """Make one by `PosePrior.load()`.

    arrays: layers "encoder.0.weight" (out, in) and so on, "mean", "scale", "sigma" (108,). quantiles (101,):
    scores of poses that were held out, from the least plausible on. anchors (A, latent): means of captured
    poses that sampling starts from, with anchor_roots (A, 3, 3) and anchor_kinds (A,).
    """

    arrays: dict[str, Float64]
    quantiles: Float64
    anchors: Float64
    anchor_roots: Float64
    anchor_kinds: tuple[str, ...]
    revision: str

    def __post_init__(self) -> None:
        if self.anchors.shape != (len(self.anchor_kinds), self.latent_size):
            raise ValueError("a pose prior needs an anchor and a kind each, as long as its latent vectors")
        if not (np.diff(self.quantiles) >= 0).all() or len(self.quantiles) != 101:
            raise ValueError("a pose prior needs 101 rising quantiles of its scores")

    @classmethod
    def load(cls, folder: Path | None = None) -> "PosePrior":
        """The released prior, read once, or that of another `folder`."""
        return _released() if folder is None else _read(folder)

    @property
    def latent_size(self) -> int:
        """Length of a latent vector."""
        return int(self.arrays["decoder.0.weight"].shape[1])

    def encode(self, main: Float64) -> tuple[Float64, Float64]:
        """Mean and deviation (..., latent) of main poses (..., 19, 3, 3)."""
        standard = (to_six(main) - self.arrays["mean"]) / self.arrays["scale"]
        middle, log_variance = np.split(self._layers("encoder", standard), 2, axis=-1)
        return middle, np.exp(0.5 * log_variance)

    def decode(self, latent: Float64) -> Float64:
        """Main poses (..., 19, 3, 3), the root at rest, of latent vectors (..., latent)."""
        found = self._layers("decoder", latent)
        return from_six(found * self.arrays["scale"] + self.arrays["mean"])

    def sample(self, rng: np.random.Generator) -> Float64:
        """A main pose (19, 3, 3) of a latent vector drawn from the standard normal distribution."""
        return self.decode(rng.standard_normal(self.latent_size))

    def vary(self, rng: np.random.Generator, kind: str, reach: float = 1.0) -> Float64:
        """A new main pose (19, 3, 3), root included, of one of the kinds of the anchors.

        Two anchors that are neighbours, a place between or a little beyond them, and noise of `reach` times a
        fifth of the prior's own spread. Raises ValueError for a kind without anchors.
        """
        mine = np.flatnonzero(np.array(self.anchor_kinds) == kind)
        if not len(mine):
            raise ValueError(f"the pose prior has no anchors of kind {kind!r}")
        start = int(rng.choice(mine))
        near = mine[np.argsort(np.linalg.norm(self.anchors[mine] - self.anchors[start], axis=1))[1:9]]
        end = int(rng.choice(near)) if len(near) else start
        share = rng.uniform(-0.1, 0.6)
        latent = (1 - share) * self.anchors[start] + share * self.anchors[end]
        main = self.decode(latent + rng.normal(0.0, 0.2 * reach, self.latent_size))
        main[0] = self.anchor_roots[start]
        return main

    def score(self, main: Float64) -> Float64:
        """Evidence lower bound in nats of main poses (..., 19, 3, 3): (...,); higher is more plausible."""
        six = to_six(main)
        flat = ((six - self.arrays["mean"]) / self.arrays["scale"]).reshape(-1, 108)
        middle, log_variance = np.split(self._layers("encoder", flat), 2, axis=-1)
        noise = np.random.default_rng(0).standard_normal((_DRAWS, self.latent_size))
        noise = np.concatenate([noise, -noise])
        drawn = middle[:, None] + np.exp(0.5 * log_variance)[:, None] * noise
        error = (flat[:, None] - self._layers("decoder", drawn)) / self.arrays["sigma"]
        misfit = 0.5 * (error**2).sum(-1).mean(1) + np.log(self.arrays["sigma"]).sum()
        divergence = 0.5 * (middle**2 + np.exp(log_variance) - 1.0 - log_variance).sum(-1)
        return np.asarray(-(misfit + divergence).reshape(six.shape[:-1]))

    def percentile(self, main: Float64) -> Float64:
        """Share in percent of held-out captured poses that score lower; 0 is stranger than all of them."""
        return np.asarray(np.interp(self.score(main), self.quantiles, np.arange(101.0)))

    def project(self, main: Float64, least: float = 5.0) -> Float64:
        """The nearest plausible pose on the way to the reconstruction of a main pose (19, 3, 3).

        It moves no farther than until its percentile is `least`, or all the way to the reconstruction of the
        reconstruction where that does not suffice. The root's rotation stays.
        """
        if self.percentile(main) >= least:
            return np.array(main)
        middle, _ = self.encode(main)
        # Latent vectors of the data lie on a shell: no pose is plausible far outside of it.
        most = np.sqrt(self.latent_size)
        middle = middle * min(1.0, most / max(float(np.linalg.norm(middle)), 1e-9))
        goal = self.decode(middle)
        goal[0] = main[0]
        way = Rotation.from_matrix(main.swapaxes(-1, -2) @ goal).as_rotvec()
        low, high = 0.0, 1.0
        for _ in range(_STEPS):
            share = 0.5 * (low + high)
            if self.percentile(main @ Rotation.from_rotvec(share * way).as_matrix()) >= least:
                high = share
            else:
                low = share
        return np.asarray(main @ Rotation.from_rotvec(high * way).as_matrix())

    def _layers(self, name: str, values: Float64) -> Float64:
        for layer in (0, 2, 4):
            weight, bias = (self.arrays[f"{name}.{layer}.{what}"] for what in ("weight", "bias"))
            values = values @ weight.T + bias
            if layer < 4:
                values = values / (1.0 + np.exp(-np.clip(values, -60.0, 60.0)))
        return values


def angles_between(one: Float64, other: Float64) -> Float64:
    """Angles in degrees (..., 18) between the joints below the root of two main poses (..., 19, 3, 3)."""
    trace = (one[..., 1:, :, :] * other[..., 1:, :, :]).sum((-1, -2))
    return np.degrees(np.arccos(np.clip((trace - 1.0) / 2.0, -1.0, 1.0)))


@lru_cache(maxsize=1)
def _released() -> PosePrior:
    return _read(weights_folder("pose_prior"))


def _read(folder: Path) -> PosePrior:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    arrays = {n: a.astype(np.float64) for n, a in load_file(folder / "model.safetensors").items()}
    roots = Rotation.from_rotvec(arrays.pop("anchor_roots")).as_matrix()
    return PosePrior(
        anchors=arrays.pop("anchors"),
        anchor_roots=roots,
        anchor_kinds=tuple(kind for kind, count in config["anchors"].items() for _ in range(count)),
        arrays=arrays,
        quantiles=np.array(config["score_quantiles"]),
        revision=config["revision"],
    )
