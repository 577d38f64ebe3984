"""The training loop of registration."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from lineament.errors import BadInputError
from lineament.geometry.site_model import SiteModel
from lineament.networks.image_branch import Answers, Maps
from lineament.networks.losses import (
    DenseTargets,
    PixelSample,
    Places,
    canonical_loss,
    carried_loss,
    contrast_loss,
    dense_targets,
    facing_loss,
    main_is_shown,
    part_loss,
    sample_cells,
    side_loss,
    view_loss,
)
from lineament.networks.points import PrototypeBatch
from lineament.networks.registration import RegistrationNetwork
from lineament.networks.shape_loss import Coefficients, shape_loss
from lineament.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from lineament.training.data import Batch
from lineament.training.interrupt import StopRequest
from lineament.training.progress import ProgressLine
from lineament.training.recipe import Recipe

MakeBatches = Callable[[int], Iterator[Batch]]
"""Number of the first batch -> batches from there on."""

SMOOTHING = 0.98
RECORD_EVERY = 50


class Trainer:
    """A network, its optimiser, the average of its weights, and the run's state; `run` may be interrupted."""

    def __init__(self, network: RegistrationNetwork, recipe: Recipe, data: str, checkpoint: Path) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.recipe = recipe
        self.checkpoint = checkpoint
        self._coefficients = Coefficients(SiteModel.load())
        trunk = [p for p in network.image.trunk.parameters() if p.requires_grad]
        known = {id(p) for p in network.image.trunk.parameters()}
        rest = [p for p in network.parameters() if id(p) not in known]
        self.optimiser = torch.optim.AdamW(
            [{"params": trunk, "peak": recipe.trunk_rate}, {"params": rest, "peak": recipe.rate}],
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self.average = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        self.state = RunState(recipe=recipe.reproducible_part(), data=data)

    def resume(self) -> bool:
        """Go on from the checkpoint when there is one. Raises BadInputError when it is of another recipe or
        data.
        """
        if not self.checkpoint.is_file():
            return False
        former = load_checkpoint(self.checkpoint, self.network, self.average, self.optimiser)
        if (former.recipe, former.data) != (self.state.recipe, self.state.data):
            raise BadInputError(
                f"{self.checkpoint} belongs to a run with other settings or data; "
                "use --no-resume or another --out"
            )
        self.state = former
        return True

    def fraction(self) -> float:
        """Share of the run that is done, 0..1, by steps when their number is given, else by the clock."""
        if self.recipe.steps is not None:
            return min(self.state.step / self.recipe.steps, 1.0)
        return min(self.state.seconds / (60 * self.recipe.minutes), 1.0)

    def run(self, make_batches: MakeBatches, progress: ProgressLine) -> bool:
        """Train to the end of the budget: True. On ctrl-C finish the step, save and return False."""
        batches = make_batches(self.state.step)
        saved = time.monotonic()
        smooth: dict[str, float] = dict(self.state.losses[-1]) if self.state.losses else {}
        with StopRequest() as stop:
            while self.fraction() < 1.0 and not stop.requested:
                begun = time.monotonic()
                batch = next(batches)
                for name, value in self.train_step(batch).items():
                    smooth[name] = SMOOTHING * smooth.get(name, value) + (1 - SMOOTHING) * value
                self._count(batch, time.monotonic() - begun, smooth)
                progress.show(self.state, self.fraction(), smooth)
                if time.monotonic() - saved > self.recipe.checkpoint_seconds:
                    self.save()
                    saved = time.monotonic()
            self.save()
            return not stop.requested

    def _count(self, batch: Batch, seconds: float, smooth: dict[str, float]) -> None:
        self.state.step += 1
        self.state.samples += len(batch.owner)
        self.state.seconds += seconds
        if self.state.step % RECORD_EVERY == 0:
            rounded = {name: round(value, 5) for name, value in smooth.items()}
            self.state.losses.append({**rounded, "step": self.state.step})

    def save(self) -> None:
        """Write the checkpoint."""
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        save_checkpoint(self.checkpoint, self.network, self.average, self.optimiser, self.state)

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser; the losses by name."""
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.state.step)
        rate = _schedule(self.fraction(), self.recipe.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * rate
        self.network.train()
        total, losses = self._losses(batch)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_limit)
        if torch.isfinite(norm):
            self.optimiser.step()
        self._update_average()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _losses(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        image = self.network.image
        maps = image.maps(batch.image.permute(0, 3, 1, 2).float())
        targets = dense_targets(
            batch.part.long(),
            batch.canonical.permute(0, 3, 1, 2),
            batch.main,
            batch.facing.permute(0, 3, 1, 2),
            batch.carried,
        )
        first = self._answer_losses(maps.first, targets)
        losses = self._answer_losses(maps.second, targets)
        view, shape, spread = image.whole(maps)
        losses["view"] = view_loss(view, targets)
        usable = main_is_shown(targets) & (batch.owner >= 0)
        losses["shape"] = shape_loss(shape, spread, self._coefficients(batch.prototypes.points), usable)
        losses["contrast"] = self._contrast(maps, targets, batch)
        weights = self.recipe.weights()
        total = sum((weights[name] * loss for name, loss in losses.items()), torch.zeros(()))
        total = total + self.recipe.first_look * sum(weights[name] * loss for name, loss in first.items())
        return total, losses

    def _answer_losses(self, answers: Answers, targets: DenseTargets) -> dict[str, Tensor]:
        return {
            "parts": part_loss(answers.parts, targets),
            "sides": side_loss(answers.parts, targets),
            "canonical": canonical_loss(answers.canonical + self.network.image.centre, targets),
            "facing": facing_loss(answers.facing, targets),
            "carried": carried_loss(answers.carried, targets),
        }

    def _contrast(self, maps: Maps, targets: DenseTargets, batch: Batch) -> Tensor:
        image, points, settings = self.network.image, self.network.points, self.recipe.contrast
        sites = torch.randperm(len(points.positions))[: settings.sites]
        some = slice(settings.pictures)
        prototypes = PrototypeBatch(*(field[some] for field in batch.prototypes))
        places = Places(
            batch.owner[some],
            points(prototypes, sites),
            points.positions[sites],
            points.onehot[sites].argmax(dim=1),
        )
        compared = DenseTargets(*(field[some] for field in targets))
        cells = sample_cells(compared, settings)
        pixels = PixelSample(
            cells.image,
            image.embed(cells.of(maps.fine), cells.of(maps.second.parts)),
            cells.of(compared.parts[:, None])[:, 0],
            cells.of(compared.canonical),
        )
        background = nn.functional.normalize(self.network.tokens[0], dim=0)
        return contrast_loss(pixels, places, background, self.network.temperature, settings.spread)

    @torch.no_grad()
    def _update_average(self) -> None:
        step = self.state.step
        decay = min(self.recipe.average_decay, (1 + step) / (10 + step))
        for name, tensor in self.network.state_dict().items():
            kept = self.average[name]
            if kept.is_floating_point():
                kept.lerp_(tensor, 1.0 - decay)
            else:
                kept.copy_(tensor)


def _schedule(fraction: float, warm_up: float) -> float:
    """Factor on the learning rate: linear warm-up, then half a cosine down to 1 %."""
    if fraction < warm_up:
        return (fraction + 1e-3) / (warm_up + 1e-3)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (fraction - warm_up) / (1 - warm_up)))
