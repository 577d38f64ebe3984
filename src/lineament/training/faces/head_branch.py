"""Heads at their own resolution: a picture's crop and a point cloud compared by embeddings of either.

Contrast (symmetric InfoNCE, several pictures of each person, hard negatives of like age, sex and skin) brings
the embeddings of both domains together. With sharing, the places of a picture and of a cloud first look at
each other (one cross-attention whose weights serve both directions), for every pair that is compared, mated
or not; otherwise the answer would be told.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.networks.pointnet2 import FACE_LEVELS, PointNet2
from lineament.networks.reshaping import CanonicalReshaping
from lineament.networks.sface import EMBEDDING_SIZE
from lineament.synth.seeds import generator
from lineament.training.faces.deep import GRID
from lineament.training.faces.features import FaceSet
from lineament.training.faces.network import packed
from lineament.training.faces.people import Cast, Crowds
from lineament.training.faces.steps import TEMPERATURE, contrast
from lineament.training.memory import keep_freed_memory
from lineament.types import Float32

WIDTH: Final = 32
"""Of a place's token."""
LOG_EVERY: Final = 50
PAIRS: Final = 256
"""Pictures whose pairs with all clouds are looked at together when judging."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """Each step compares `crowd` people, a share `hard` of them alike, with `views` pictures each."""

    seed: int = 1611
    steps: int = 400
    crowd: int = 32
    views: int = 3
    hard: float = 0.5
    rate: float = 2e-3
    weight_decay: float = 0.05
    size: int = 64
    sharing: bool = True


class HeadBranch(nn.Module):
    """Logits (B, K) of pictures with clouds: cosines over a learned temperature.

    channels: of the kept maps. layout: (1024, 2) of the clouds' places. sharing: whether places look across.
    """

    def __init__(self, channels: int, layout: Float32, size: int, sharing: bool) -> None:
        super().__init__()
        self.sharing = sharing
        points = FACE_LEVELS[-1].widths[-1]
        self.points = PointNet2()
        self.reshaped = CanonicalReshaping(points, points, torch.from_numpy(layout))
        self.image, self.cloud = _reader(channels), _reader(points)
        self.place = nn.Parameter(0.02 * torch.randn(GRID**2, WIDTH))
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.gamma = nn.Parameter(torch.tensor(0.1))
        self.dense = nn.Linear(GRID**2 * WIDTH, size)
        self.base = nn.Linear(EMBEDDING_SIZE, size)
        self.scale = nn.Parameter(torch.tensor(1 / TEMPERATURE).log())

    def seen(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Of packed faces (B, ...): tokens (B, 49, 32), and what the frozen embedding says (B, size)."""
        maps = faces[:, EMBEDDING_SIZE:].unflatten(1, (-1, GRID, GRID))
        base = functional.normalize(faces[:, :EMBEDDING_SIZE])
        return self._tokens(self.image, maps), self.base(base)

    def felt(self, clouds: Tensor) -> Tensor:
        """Tokens (K, 49, 32) of clouds (K, 1024, 9)."""
        return self._tokens(self.cloud, self.reshaped(self.points(clouds)))

    def forward(self, seen: tuple[Tensor, Tensor], felt: Tensor) -> Tensor:
        """Logits of every picture with every cloud."""
        x, base = seen
        if not self.sharing:
            image = functional.normalize(self._embedded(x) + base)
            return self.temperature * image @ functional.normalize(self._embedded(felt)).t()
        from_cloud, from_image = self._shared(x, felt)
        image = self._embedded(x[:, None] + self.gamma * from_cloud) + base[:, None]
        cloud = self._embedded(felt[None] + self.gamma * from_image)
        return self.temperature * functional.cosine_similarity(image, cloud, dim=-1)

    @property
    def temperature(self) -> Tensor:
        """What cosines are multiplied by."""
        return self.scale.exp().clamp(max=100)

    def _tokens(self, reader: nn.Module, maps: Tensor) -> Tensor:
        tokens: Tensor = reader(maps).flatten(2).transpose(1, 2) + self.place
        return tokens

    def _embedded(self, tokens: Tensor) -> Tensor:
        embedded: Tensor = self.dense(tokens.flatten(-2))
        return embedded

    def _shared(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """What places of pictures (B, 49, d) take from those of clouds (K, 49, d), and the other way, (B, K,
        49, d).
        """
        scale = 1 / math.sqrt(WIDTH)
        towards = torch.einsum("bid,kjd->bkij", self.query(x) * scale, self.key(y)).softmax(dim=-1)
        back = torch.einsum("kjd,bid->bkji", self.query(y) * scale, self.key(x)).softmax(dim=-1)
        taken = torch.einsum("bkij,kjd->bkid", towards, self.value(y))
        return taken, torch.einsum("bkji,bid->bkjd", back, self.value(x))


def _reader(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm2d(channels, affine=False),
        nn.Dropout2d(0.1),
        nn.Conv2d(channels, WIDTH, 1),
        nn.PReLU(WIDTH),
    )


def learn_heads(
    recipe: HeadRecipe, faces: FaceSet, cast: Cast, say: Say
) -> tuple[HeadBranch, list[dict[str, Any]], float]:
    """The branch, its log every 50 steps, and the minutes it took."""
    keep_freed_memory()
    torch.manual_seed(recipe.seed)
    begun = time.monotonic()
    network = HeadBranch(faces.features.shape[1], cast.layout, recipe.size, recipe.sharing).train()
    person = cast.places(faces)
    crowds = Crowds(cast, person, recipe.crowd, recipe.views, recipe.hard)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps, pct_start=0.1)
    log: list[dict[str, Any]] = []
    losses = []
    for step in range(recipe.steps):
        rng = generator(recipe.seed, "head step", step)
        people, crops = crowds.draw(rng)
        logits = network(network.seen(packed(faces.faces(crops))), network.felt(cast.scanned(people, rng)))
        loss = contrast(logits, torch.from_numpy(person[crops]), torch.from_numpy(people))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if (step + 1) % LOG_EVERY == 0 or step + 1 == recipe.steps:
            log.append(
                {
                    "step": step + 1,
                    "contrast": round(float(np.mean(losses)), 4),
                    "gamma": round(float(network.gamma.detach()), 4),
                    "scale": round(float(network.temperature.detach()), 2),
                }
            )
            losses = []
            say(f"heads, {'with' if recipe.sharing else 'without'} sharing: {log[-1]}")
    minutes = round((time.monotonic() - begun) / 60, 2)
    return network.eval().requires_grad_(False), log, minutes


@torch.no_grad()
def compared(network: HeadBranch, faces: FaceSet, cast: Cast) -> Float32:
    """Cosines (N, P) of all crops with the clouds of all people."""
    clouds = torch.from_numpy(cast.clouds)
    felt = torch.cat([network.felt(part) for part in clouds.split(64)])
    rows = []
    for start in range(0, len(faces), PAIRS):
        some = np.arange(start, min(start + PAIRS, len(faces)))
        seen = network.seen(packed(faces.faces(some)))
        columns = [network(seen, part) / network.temperature for part in felt.split(20)]
        rows.append(torch.cat(columns, dim=1))
    return torch.cat(rows).numpy()
