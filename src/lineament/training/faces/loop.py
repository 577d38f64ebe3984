"""Learning one arm on kept features, starting from the frozen recogniser exactly."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from lineament.networks.joint_entropy import collapsed, joint_entropy
from lineament.training.faces.deep import Faces
from lineament.training.faces.features import FaceSet
from lineament.training.faces.network import Learned, packed
from lineament.training.faces.people import Cast
from lineament.training.faces.recipe import FaceArm, FaceRecipe
from lineament.training.faces.steps import Steps
from lineament.training.memory import keep_freed_memory
from lineament.types import Float32

LOG_EVERY: Final = 50
CHUNK: Final = 512

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """network: with averaged weights, frozen. log: what was told every 50 steps. failure: why the run counts
    as failed, in words, "" where it does not. minutes: by the clock.
    """

    network: nn.Module
    log: list[dict[str, Any]]
    failure: str
    minutes: float

    def embedder(self, share: float = 1.0) -> "Blend":
        """As judged, with a share of the learned change."""
        return Blend(self.network, share)


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Embeddings on the way from the frozen recogniser (share 0) to the learned one (1)."""

    network: nn.Module
    share: float

    @torch.no_grad()
    def __call__(self, faces: Faces, yaw: Float32) -> Float32:
        """(N, 128) in chunks."""
        told = []
        for start in range(0, len(yaw), CHUNK):
            rows = slice(start, start + CHUNK)
            some = Faces(faces.base[rows], faces.features[rows])
            learned = self.network(packed(some), torch.from_numpy(yaw[rows])).numpy()
            told.append(some.base + self.share * (learned - some.base))
        return np.concatenate(told) if told else faces.base


def learn(arm: FaceArm, recipe: FaceRecipe, faces: FaceSet, cast: Cast, say: Say) -> Trained:
    """Train a learned arm for `recipe.steps`; the same for the same recipe, crops and people."""
    keep_freed_memory()
    begun = time.monotonic()
    steps = Steps(arm, recipe, faces, cast)
    parameters = [*steps.network.parameters(), *steps.heads.parameters(), steps.logit_scale]
    optimiser = torch.optim.AdamW(parameters, recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps, pct_start=0.1)
    average = torch.optim.swa_utils.AveragedModel(
        steps.network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.keep), use_buffers=True
    )
    log: list[dict[str, Any]] = []
    sums: dict[str, float] = {}
    for step in range(recipe.steps):
        terms, said = steps.losses(step)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(steps.network)
        sums = {name: sums.get(name, 0.0) + float(value.detach()) for name, value in terms.items()}
        if (step + 1) % LOG_EVERY == 0 or step + 1 == recipe.steps:
            count = (step % LOG_EVERY) + 1
            means = {name: round(value / count, 4) for name, value in sums.items()}
            log.append({"step": step + 1, **means, **_told(steps, said)})
            sums = {}
            say(f"{arm.name}: {log[-1]}")
    network = average.module.eval().requires_grad_(False)
    return Trained(network, log, failure_of(log), round((time.monotonic() - begun) / 60, 2))


def _told(steps: Steps, said: Learned) -> dict[str, Any]:
    """Of the attention: gamma, what is left of it in each domain, and what the domains' maps share."""
    told: dict[str, Any] = {}
    if steps.network.gammas():
        told["gamma"] = steps.network.gammas()
    for domain, attention in (("image", said.image_attention), ("cloud", said.cloud_attention)):
        if attention is not None:
            found = collapsed(attention.detach())
            told[f"{domain} attention"] = {
                "row entropy": round(found.row_entropy, 4),
                "spread": round(found.spread, 4),
                "collapsed": list(found.reasons),
            }
    if said.image_attention is not None and said.cloud_attention is not None:
        with torch.no_grad():
            both = joint_entropy(said.image_attention, said.cloud_attention)
        told["entropies"] = {name: round(float(one), 4) for name, one in both._asdict().items()}
    return told


def failure_of(log: list[dict[str, Any]]) -> str:
    """Why the end of a run counts as failed, "" where it does not."""
    last = log[-1]
    if not all(np.isfinite(value) for value in last.values() if isinstance(value, float)):
        return "a loss is no number"
    reasons = [
        f"the attention of the {domain}s collapsed ({', '.join(last[key]['collapsed'])}: row entropy "
        f"{last[key]['row entropy']:.2f} of the largest, {last[key]['spread']:.2f} nats told by its values)"
        for domain, key in (("picture", "image attention"), ("cloud", "cloud attention"))
        if last.get(key, {}).get("collapsed")
    ]
    return "; ".join(reasons)
