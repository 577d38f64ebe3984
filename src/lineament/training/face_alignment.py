"""Train the 2D-3D aligner on head renders."""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from lineament.assets import require
from lineament.networks.face_alignment import (
    VIEW,
    AlignmentHead,
    Alignments,
    AlignmentTrunk,
    FaceAlignment,
    alignment_loss,
)
from lineament.training.alignment_views import AlignmentViews
from lineament.training.export import save_half
from lineament.training.memory import keep_freed_memory
from lineament.types import Int32
from lineament.writing import replacing

REPORT_EVERY: Final = 100
WARM_UP: Final = 100

Draw = Callable[[Int32, np.random.Generator], AlignmentViews]


@dataclass(frozen=True, slots=True)
class AlignmentRecipe:
    """rounds: of each, augmented views that are learned from once, and the peak learning rate of the head;
    the trunk's is `trunk_rate` of it. Each round warms up and cools down (SGDR, Loshchilov and Hutter 2017).
    The weights are what the losses count.
    """

    seed: int = 0
    rounds: tuple[tuple[int, float], ...] = ((80_000, 2e-3), (360_000, 1.5e-3), (400_000, 1.2e-3))
    batch: int = 32
    trunk_rate: float = 0.25
    weight_decay: float = 0.02
    visible_weight: float = 0.5
    rotation_weight: float = 5.0


def train_aligner(
    pictures: int,
    landmarks: int,
    draw: Draw,
    recipe: AlignmentRecipe,
    folder: Path | None = None,
    threads: int = 1,
) -> tuple[FaceAlignment, list[dict[str, float]]]:
    """The trained network and its mean losses of every 100 steps.

    Learns `landmarks` places from the views that `draw` makes of the numbers (B,) of `pictures` pictures;
    deterministic given the recipe's seed and the pictures. folder: rounds that are done lie there, and a run
    that was stopped goes on with the next one.
    """
    keep_freed_memory()
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    network = FaceAlignment(AlignmentTrunk.load(require("efficientnet-lite0")), AlignmentHead(landmarks))
    network = network.to(memory_format=torch.channels_last)
    record: list[dict[str, float]] = []
    for number, (views, rate) in enumerate(recipe.rounds):
        done = None if folder is None else folder / f"round-{number}.safetensors"
        if done is not None and done.is_file():
            record = _taken_up(network, done)
            continue
        record += [
            {"round": number, **one} for one in _round(network, pictures, draw, recipe, number, views, rate)
        ]
        if done is not None:
            _keep(network, record, done)
    return network.eval(), record


def _round(
    network: FaceAlignment,
    pictures: int,
    draw: Draw,
    recipe: AlignmentRecipe,
    number: int,
    views: int,
    rate: float,
) -> list[dict[str, float]]:
    """One round of training, in place; mean losses of every 100 steps."""
    torch.manual_seed(recipe.seed + number)
    rng = np.random.default_rng(recipe.seed + number)
    optimiser = _optimiser(network, rate, recipe)
    steps = max(1, views // recipe.batch)
    peaks = [group["lr"] for group in optimiser.param_groups]
    record: list[dict[str, float]] = []
    recent: list[dict[str, float]] = []
    begun = time.monotonic()
    for step, chosen in zip(range(steps), _orders(pictures, recipe.batch, rng), strict=False):
        share = min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * share
        recent.append(_step(network, optimiser, draw(chosen, rng), recipe))
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == steps:
            values = {name: round(float(np.mean([one[name] for one in recent])), 4) for name in recent[0]}
            record.append({"step": step + 1, "seconds": round(time.monotonic() - begun, 1), **values})
            print(record[-1], flush=True)
            recent.clear()
    return record


def _keep(network: FaceAlignment, record: list[dict[str, float]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    with replacing(path) as partial:
        save_file(weights, partial, metadata={"losses": json.dumps(record)})


def _taken_up(network: FaceAlignment, path: Path) -> list[dict[str, float]]:
    """Load what `_keep` wrote; the losses until then."""
    network.load_state_dict(load_file(path))
    with safe_open(path, "pt") as held:
        return list(json.loads(held.metadata()["losses"]))


def _optimiser(network: FaceAlignment, rate: float, recipe: AlignmentRecipe) -> torch.optim.AdamW:
    trunk = [weight for weight in network.trunk.parameters() if weight.requires_grad]
    groups = [
        {"params": trunk, "lr": rate * recipe.trunk_rate},
        {"params": list(network.head.parameters()), "lr": rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)


def _step(
    network: FaceAlignment, optimiser: torch.optim.Optimizer, views: AlignmentViews, recipe: AlignmentRecipe
) -> dict[str, float]:
    """One step; its losses."""
    batch = torch.from_numpy(views.views).permute(0, 3, 1, 2).float()
    out = network.train()(batch.contiguous(memory_format=torch.channels_last))
    goals = (views.landmarks, views.visible, views.rotation)
    losses = alignment_loss(out, *(torch.from_numpy(goal) for goal in goals))
    weights = {"landmarks": 1.0, "visible": recipe.visible_weight, "rotation": recipe.rotation_weight}
    optimiser.zero_grad()
    torch.stack([weights[name] * loss for name, loss in losses.items()]).sum().backward()
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return {name: float(loss.detach()) for name, loss in losses.items()}


def _orders(count: int, size: int, rng: np.random.Generator) -> Iterator[Int32]:
    """Batches of picture numbers, all pictures once before any comes again."""
    while True:
        order = rng.permutation(count).astype(np.int32)
        yield from (order[start : start + size] for start in range(0, max(1, count - size + 1), size))


def export(network: FaceAlignment, path: Path) -> None:
    """Write ONNX: input "view" (B, 3, 128, 128) float32 RGB 0..255, outputs as in `Alignments`."""
    program = torch.onnx.export(
        network.eval().to(memory_format=torch.contiguous_format),
        (torch.rand(2, 3, VIEW, VIEW) * 255,),
        input_names=["view"],
        output_names=list(Alignments._fields),
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    save_half(program.model_proto, path)
