"""Train the 2D-3D face refiner on head renders and release it."""

import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from lineament.assets import require
from lineament.networks.face_alignment import (
    GRID,
    TRUNK_CHANNELS,
    AlignmentHead,
    FaceAlignment,
    FaceTrunk,
    alignment_loss,
)
from lineament.runtime.face_alignment import AlignmentTemplate
from lineament.runtime.face_crops import CROP_SIZE
from lineament.runtime.session import open_session
from lineament.synth.landmarks import LANDMARKS
from lineament.training.alignment_views import AlignmentViews, alignment_views
from lineament.training.export import save_half
from lineament.training.head_pictures import HeadPictures
from lineament.types import Float16, Float32

REPORT_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class AlignmentRecipe:
    """views: crops made and put through the trunk; each is learned from `uses` times. kept: views held at a
    time.
    """

    seed: int = 0
    views: int = 9_600
    uses: int = 8
    fresh: int = 16
    kept: int = 8192
    rate: float = 1.5e-3
    weight_decay: float = 0.02
    direction_weight: float = 2.0


class TrunkRunner:
    """The frozen trunk by ONNX Runtime, several times faster on a CPU than in PyTorch."""

    def __init__(self, trunk: FaceTrunk, threads: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trunk.onnx"
            export(trunk, ["features"], path)
            self._session = open_session(path, threads)

    def __call__(self, crops: np.ndarray) -> Float16:
        """Features (B, 512, 7, 7) of crops (B, 112, 112, 3) uint8."""
        batch = np.ascontiguousarray(crops.transpose(0, 3, 1, 2), dtype=np.float32)
        return self._session.run(None, {"crop": batch})[0].astype(np.float16)


@dataclass(slots=True)
class Replay:
    """The latest views and their features, overwritten in turn."""

    features: Float16
    landmarks: Float32
    visible: Float32
    direction: Float32
    written: int = 0

    @classmethod
    def empty(cls, size: int) -> "Replay":
        """Room for `size` views."""
        marks = len(LANDMARKS)
        return cls(
            np.zeros((size, TRUNK_CHANNELS, GRID, GRID), np.float16),
            np.zeros((size, marks, 2), np.float32),
            np.zeros((size, marks), np.float32),
            np.zeros((size, 2), np.float32),
        )

    def add(self, features: Float16, views: AlignmentViews) -> None:
        """Put views over the oldest ones."""
        places = (self.written + np.arange(len(features))) % len(self.features)
        self.features[places], self.landmarks[places] = features, views.landmarks
        self.visible[places], self.direction[places] = views.visible, views.direction
        self.written += len(features)

    def draw(self, count: int, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Features, landmarks, direction, visible of `count` random views."""
        places = rng.integers(0, min(self.written, len(self.features)), count)
        arrays = (self.features, self.landmarks, self.direction, self.visible)
        return tuple(torch.from_numpy(array[places]).float() for array in arrays)


def train_head(
    pictures: HeadPictures,
    rough: Float32,
    template: AlignmentTemplate,
    recipe: AlignmentRecipe,
    threads: int = 1,
) -> tuple[FaceAlignment, list[dict[str, float]]]:
    """The trained network and its losses every 100 steps; deterministic given the recipe's seed and the
    pictures.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    trunk = FaceTrunk.load(require("sface"))
    head = AlignmentHead(len(LANDMARKS))
    runner, replay = TrunkRunner(trunk, threads), Replay.empty(recipe.kept)
    optimiser = torch.optim.AdamW(head.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    steps = recipe.views // recipe.fresh
    record: list[dict[str, float]] = []
    begun = time.monotonic()
    for step, chosen in enumerate(_orders(len(pictures), recipe.fresh, rng)):
        if step == steps:
            break
        views = alignment_views(pictures, chosen, rough, template, rng)
        replay.add(runner(views.crops), views)
        for group in optimiser.param_groups:
            group["lr"] = (
                recipe.rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
            )
        features, landmarks, direction, visible = replay.draw(recipe.fresh * recipe.uses, rng)
        losses = alignment_loss(head(features), landmarks, direction, visible)
        optimiser.zero_grad()
        (losses["landmarks"] + recipe.direction_weight * losses["direction"]).backward()
        nn.utils.clip_grad_norm_(head.parameters(), 5.0)
        optimiser.step()
        if (step + 1) % REPORT_EVERY == 0:
            values = {name: round(float(value.detach()), 4) for name, value in losses.items()}
            record.append({"step": step + 1, "seconds": round(time.monotonic() - begun, 1), **values})
            print(record[-1], flush=True)
    return FaceAlignment(trunk, head.eval()).eval(), record


def _orders(count: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Batches of picture numbers, all pictures once before any comes again."""
    while True:
        order = rng.permutation(count)
        yield from (order[start : start + size] for start in range(0, count - size + 1, size))


def export(network: nn.Module, outputs: list[str], path: Path) -> None:
    """Write ONNX with input "crop" (B, 3, 112, 112) float32 RGB 0..255 and the named outputs."""
    program = torch.onnx.export(
        network.eval(),
        (torch.rand(2, 3, CROP_SIZE, CROP_SIZE) * 255,),
        input_names=["crop"],
        output_names=outputs,
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    save_half(program.model_proto, path)
