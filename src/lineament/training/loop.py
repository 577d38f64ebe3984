"""The training loop of registration: one process alone, or several that share every step."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lineament.errors import BadInputError
from lineament.networks.registration import RegistrationNetwork
from lineament.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from lineament.training.data import Batch
from lineament.training.interrupt import StopRequest
from lineament.training.machine import Machine
from lineament.training.objective import Objective
from lineament.training.progress import ProgressLine
from lineament.training.recipe import Recipe
from lineament.training.record import piece

MakeBatches = Callable[[int], Iterator[Batch]]
"""Number of the run's next batch -> this rank's batches from there on."""

SMOOTHING = 0.98
RECORD_EVERY = 50


class Trainer:
    """A network, its optimiser, the average of its weights, and the run's state; `run` may be interrupted.

    Of several ranks each has its own batches; the gradient is their mean, so that weights, statistics and
    averages are the same on all. The first rank alone writes.
    """

    def __init__(
        self,
        network: RegistrationNetwork,
        recipe: Recipe,
        data: str,
        checkpoint: Path,
        machine: Machine | None = None,
    ) -> None:
        self.machine = machine or Machine()
        self.network = network.to(self.machine.device, memory_format=torch.channels_last)
        self.recipe = recipe
        self.checkpoint = checkpoint
        self._objective = self._shared(Objective(self.network, recipe, self.machine))
        trunk = [p for p in network.image.trunk.parameters() if p.requires_grad]
        known = {id(p) for p in network.image.trunk.parameters()}
        rest = [p for p in network.parameters() if id(p) not in known]
        self.optimiser = torch.optim.AdamW(
            [{"params": trunk, "peak": recipe.trunk_rate}, {"params": rest, "peak": recipe.rate}],
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self._statistics = [b for name, b in network.named_buffers() if ".running_" in name]
        self.average = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        self.state = RunState(recipe=recipe.reproducible_part(), data=data)

    def _shared(self, objective: Objective) -> nn.Module:
        objective = objective.to(self.machine.device)
        if self.machine.ranks == 1:
            return objective
        # A batch of pictures that cannot be compared leaves the point branch without a gradient.
        return DistributedDataParallel(objective, find_unused_parameters=True, broadcast_buffers=False)

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
        """Train to the end of the budget: True. On ctrl-C, of any rank, finish the step, save and return
        False.
        """
        if self.fraction() >= 1.0:
            return True
        batches = make_batches(self._next_batch())
        self.state.pieces.append(piece(self.state, self.machine, self.recipe))
        saved = time.monotonic()
        with StopRequest() as stop:
            while self.fraction() < 1.0 and not self.machine.largest(stop.requested):
                begun = time.monotonic()
                batch = next(batches)
                losses = self.train_step(batch)
                # Clocks differ: the slowest rank's sets the rate and ends the run, for all at the same step.
                self._count(len(batch.owner), self.machine.largest(time.monotonic() - begun), losses)
                progress.show(self.state, self.fraction(), self.state.smooth)
                if time.monotonic() - saved > self.recipe.checkpoint_seconds:
                    self.save()
                    saved = time.monotonic()
            self.save()
        return self.fraction() >= 1.0

    def _next_batch(self) -> int:
        """Number of the first batch that no rank has seen."""
        return self.state.samples // self.recipe.batch

    def _count(self, pictures: int, seconds: float, losses: dict[str, float]) -> None:
        state = self.state
        state.step += 1
        state.samples += pictures * self.machine.ranks
        state.seconds += seconds
        for name, value in losses.items():
            state.smooth[name] = SMOOTHING * state.smooth.get(name, value) + (1 - SMOOTHING) * value
        if state.step % RECORD_EVERY == 0:
            rounded = {name: round(value, 5) for name, value in state.smooth.items()}
            state.losses.append({**rounded, "step": state.step})

    def save(self) -> None:
        """Write the checkpoint, on the first rank."""
        if self.machine.leads:
            self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
            save_checkpoint(self.checkpoint, self.network, self.average, self.optimiser, self.state)

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser; the losses by name, means over the ranks."""
        # What is drawn in a step depends on the batch alone, so that a resumed run draws the same.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self._next_batch() + self.machine.rank)
        rate = _schedule(self.fraction(), self.recipe.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * rate
        self.network.train()
        total, losses = self._objective(batch.to(self.machine.device))
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_limit)
        if torch.isfinite(norm):
            self.optimiser.step()
        values = torch.stack([loss.detach() for loss in losses.values()])
        self.machine.average([values, *self._statistics])
        self._update_average()
        return dict(zip(losses, values.tolist(), strict=True))

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
