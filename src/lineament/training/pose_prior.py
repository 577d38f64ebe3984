"""From captured poses to a released pose prior: train, judge beside plainer baselines, write the folder."""

import json
import time
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy.spatial.transform import Rotation

from lineament.humans.main_joints import to_six
from lineament.humans.pose_prior import PosePrior
from lineament.humans.poses import without_heading
from lineament.networks.pose_prior import PosePriorNetwork
from lineament.training.pose_prior_data import HELD_OUT, PoseData, pose_data
from lineament.training.pose_prior_figures import judge
from lineament.types import Float64

REVISION: Final = "pose-prior-1"
"""Changes whenever released weights change: other poses are sampled."""
ANCHORS: Final = 320
"""Latent vectors of each kind of pose that are released to sample around."""

CARD: Final = """# {revision}: which poses people take

A variational autoencoder of 18 joints' rotations relative to their parents (no root, no hands, no face; the
role of VPoser): it samples poses, scores them by the evidence lower bound and projects them.

- Network: 108 numbers, two layers of {hidden}, {latent} latent numbers, and back; half precision on disk.
- Training data: {training:,} poses (mirror images included) of the CMU Graphics Lab Motion Capture Database
  (free for all uses; created with funding from NSF EIA-0196217) and MakeHuman's CC0 pose files, within the
  joint limits; {steps:,} steps, {seconds:.0f} seconds on one core, seed {seed}. No photograph was used.
- {anchors:,} latent vectors of training poses with their root's rotation lie beside the weights.
- Judged on {held_out:,} poses of {clips} clips held out (of actors who also appear in training):
{figures}
- The Gaussian is that of the same 108 numbers, full covariance; PCA has as many components as the
  autoencoder.
- Limits: adults walking, playing, dancing, sitting and at sports in one laboratory; few lie or stand on
  their hands.

Licence: Apache-2.0. `record.json` holds recipe and figures; `lineament train poses` repeats the run.
"""


@dataclass(frozen=True, slots=True)
class PriorRecipe:
    """How the prior is trained: epochs over the poses, sizes, and noise on each number (deviation)."""

    epochs: int = 80
    batch: int = 256
    hidden: int = 256
    latent: int = 32
    rate: float = 1.5e-3
    weight_decay: float = 1e-3
    noise: float = 0.01


def release(out: Path, seed: int = 0, recipe: PriorRecipe | None = None, threads: int = 1) -> Path:
    """Train a prior by `recipe` and write model.safetensors, config, card, licence and record to `out`.

    Raises BadInputError without motion capture.
    """
    recipe = recipe or PriorRecipe()
    torch.set_num_threads(threads)
    data = pose_data(seed)
    begun = time.monotonic()
    network, losses = train(data.training, recipe, seed)
    seconds = time.monotonic() - begun
    out.mkdir(parents=True, exist_ok=True)
    counts = write_weights(network, data, out)
    write_config({}, counts, np.arange(101.0), out)
    prior = PosePrior.load(out)
    quantiles = np.quantile(prior.score(data.held_out), np.linspace(0, 1, 101))
    write_config({"latent": recipe.latent, "hidden": recipe.hidden}, counts, quantiles, out)
    record = {
        "revision": REVISION,
        "command": "lineament train poses",
        "seed": seed,
        "recipe": asdict(recipe),
        "training_poses": len(data.training),
        "held_out_poses": len(data.held_out),
        "seconds": round(seconds, 1),
        "torch": torch.__version__,
        "figures": judge(prior, data, seed),
        "losses": losses,
    }
    write_words(record, sum(counts.values()), out)
    return out


def train(poses: Float64, recipe: PriorRecipe, seed: int) -> tuple[PosePriorNetwork, list[dict[str, float]]]:
    """The trained network on main poses (N, 19, 3, 3), and its losses in nats along the way."""
    six = torch.from_numpy(to_six(poses).astype(np.float32))
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = PosePriorNetwork(six.mean(0), six.std(0).clamp(min=0.02), recipe.hidden, recipe.latent)
    steps = recipe.epochs * len(six) // recipe.batch
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=max(steps, 2))
    losses = []
    for step in range(steps):
        batch = six[torch.randint(len(six), (recipe.batch,), generator=generator)]
        batch = batch + recipe.noise * torch.randn(batch.shape, generator=generator)
        misfit, divergence = network(batch, generator)
        optimiser.zero_grad()
        (misfit + divergence).mean().backward()
        optimiser.step()
        schedule.step()
        if step % 500 == 0 or step == steps - 1:
            one = {"misfit": float(misfit.detach().mean()), "divergence": float(divergence.detach().mean())}
            losses.append({"step": step} | {name: round(value, 3) for name, value in one.items()})
    return network.eval(), losses


def write_weights(network: PosePriorNetwork, data: PoseData, out: Path) -> dict[str, int]:
    """Write model.safetensors with weights and anchors; returns the number of anchors of each kind."""
    arrays = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    arrays["sigma"] = np.exp(np.maximum(arrays.pop("log_sigma"), -4.0))
    anchors, roots, counts = [], [], {}
    for kind, poses in data.kinds.items():
        with torch.no_grad():
            standard = (torch.from_numpy(to_six(poses).astype(np.float32)) - network.mean) / network.scale
            latent = network.encoder(standard).chunk(2, dim=1)[0].numpy()
        chosen = spread(latent, min(ANCHORS, len(latent)))
        anchors.append(latent[chosen])
        roots.append([Rotation.from_matrix(without_heading(poses[k][0])).as_rotvec() for k in chosen])
        counts[kind] = len(chosen)
    arrays |= {"anchors": np.concatenate(anchors), "anchor_roots": np.concatenate(roots)}
    save_file(
        {name: np.ascontiguousarray(value, dtype=np.float16) for name, value in arrays.items()},
        out / "model.safetensors",
    )
    return counts


def spread(points: Float64, count: int) -> list[int]:
    """Indices of `count` points (N, D), each the farthest from those before, first the most central."""
    chosen = [int(np.linalg.norm(points - points.mean(0), axis=1).argmin())]
    gap = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < count:
        chosen.append(int(gap.argmax()))
        gap = np.minimum(gap, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return chosen


def write_config(sizes: dict[str, int], counts: dict[str, int], quantiles: Float64, out: Path) -> None:
    """Write config.json: sizes, anchors of each kind in their order, quantiles of the held-out scores."""
    config = {
        "revision": REVISION,
        "input": "18 joints x 2 columns of the rotation relative to the parent, world axes of the rest pose",
        **sizes,
        "anchors": counts,
        "score_quantiles": [round(float(value), 3) for value in quantiles],
    }
    (out / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


def write_words(record: dict[str, object], anchors: int, out: Path) -> None:
    """Write record.json, CARD.md and LICENSE."""
    (out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    recipe, figures, losses = record["recipe"], record["figures"], record["losses"]
    card = CARD.format(
        revision=record["revision"],
        hidden=recipe["hidden"],
        latent=recipe["latent"],
        training=record["training_poses"],
        held_out=record["held_out_poses"],
        clips=HELD_OUT,
        steps=losses[-1]["step"] + 1,
        seconds=record["seconds"],
        seed=record["seed"],
        anchors=anchors,
        figures="\n".join(f"  - {name.replace('_', ' ')}: {value}" for name, value in figures.items()),
    )
    (out / "CARD.md").write_text(card, encoding="utf-8")
    licence = files("lineament.weights.template").joinpath("LICENSE").read_text(encoding="utf-8")
    (out / "LICENSE").write_text(licence, encoding="utf-8")
