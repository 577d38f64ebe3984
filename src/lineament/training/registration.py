"""One registration run from start to release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from lineament.assets import require
from lineament.geometry.template import Template, load_template
from lineament.networks.lite0 import load_imagenet
from lineament.networks.registration import RegistrationNetwork
from lineament.training.checkpoint import RunState, load_checkpoint
from lineament.training.data import Batch, BatchPlan, BatchStream, Source, loader
from lineament.training.loop import Trainer
from lineament.training.memory import keep_freed_memory
from lineament.training.progress import ProgressLine
from lineament.training.recipe import Recipe
from lineament.training.release import release
from lineament.training.start import start_from

CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True, slots=True)
class Data:
    """A name for the record and a picklable maker of the source, called once in each worker."""

    name: str
    make_source: Callable[[], Source]


def new_network(recipe: Recipe, template: Template) -> RegistrationNetwork:
    """The network at the start of a run: ImageNet trunk, the rest from the seed.

    Raises BadInputError when the asset efficientnet-lite0 is absent or damaged.
    """
    torch.manual_seed(recipe.seed)
    network = RegistrationNetwork(template.positions, template.parts)
    load_imagenet(network.image.trunk, require("efficientnet-lite0"))
    return network


def train(
    recipe: Recipe, data: Data, out: Path, resume: bool = True, start: Path | None = None
) -> Path | None:
    """Train into `out` and return the release folder, or None when ctrl-C ended the run early.

    The checkpoint lies in `out`; with `resume` a former run of the same recipe, data and `start` goes on from
    it. start: checkpoint of another run to begin with.
    """
    keep_freed_memory()
    template = load_template()
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    network = new_network(recipe, template)
    origin = "" if start is None else start_from(network, start)
    trainer = Trainer(network, recipe, f"{data.name} {origin}".strip(), out / CHECKPOINT)
    plan = BatchPlan(recipe.seed, recipe.batch, recipe.uses, recipe.mosaics)

    def batches(start: int) -> Iterator[Batch]:
        return loader(BatchStream(data.make_source, template, plan, start), recipe.workers)

    with ProgressLine() as progress:
        if resume and trainer.resume():
            progress.say(
                f"going on from step {trainer.state.step}, {trainer.state.seconds / 60:.1f} minutes trained"
            )
        if not trainer.run(batches, progress):
            progress.say(f"stopped at step {trainer.state.step}; the same command goes on from there")
            return None
        progress.say(f"trained {trainer.state.samples} pictures in {trainer.state.seconds / 60:.1f} minutes")
    return release_checkpoint(out)


def release_checkpoint(out: Path) -> Path:
    """Export the averaged weights of the checkpoint in `out` to `out`/release; works while a run goes on."""
    template = load_template()
    network = RegistrationNetwork(template.positions, template.parts)
    average: dict[str, torch.Tensor] = {}
    state: RunState = load_checkpoint(out / CHECKPOINT, network, average, None)
    network.load_state_dict(average)
    release(network, state, template.revision, out / "release")
    return out / "release"
