"""One registration run from start to release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from lineament.assets import find, require
from lineament.errors import BadInputError
from lineament.geometry.template import Template, load_template
from lineament.networks.lite0 import load_imagenet
from lineament.networks.registration import RegistrationNetwork
from lineament.training.checkpoint import RunState, load_checkpoint
from lineament.training.data import Batch, BatchPlan, BatchStream, Source, loader
from lineament.training.loop import Trainer
from lineament.training.machine import Machine, joined
from lineament.training.memory import keep_freed_memory
from lineament.training.progress import ProgressLine
from lineament.training.recipe import Recipe
from lineament.training.start import start_from

CHECKPOINT = "checkpoint.safetensors"
IMAGENET = "efficientnet-lite0"


@dataclass(frozen=True, slots=True)
class Data:
    """A name for the record and a picklable maker of the source, called once in each worker. uses_gpu:
    whether the source itself draws on a GPU.
    """

    name: str
    make_source: Callable[[], Source]
    uses_gpu: bool = False


def new_network(recipe: Recipe, template: Template) -> RegistrationNetwork:
    """The network at the start of a run: ImageNet trunk, the rest from the seed.

    Raises BadInputError when the asset efficientnet-lite0 is absent or damaged.
    """
    network = empty_network(recipe, template)
    load_imagenet(network.image.trunk, require(IMAGENET))
    return network


def empty_network(recipe: Recipe, template: Template) -> RegistrationNetwork:
    """The network with everything from the seed."""
    torch.manual_seed(recipe.seed)
    return RegistrationNetwork(template.positions, template.parts)


def train(
    recipe: Recipe,
    data: Data,
    out: Path,
    resume: bool = True,
    start: Path | None = None,
    machine: Machine | None = None,
) -> Path | None:
    """Train into `out` and return the release folder, or None when ctrl-C ended the run early and on all
    ranks but the first.

    The checkpoint lies in `out`; with `resume` a former run of the same recipe, data and `start` goes on from
    it, on whatever machine. start: checkpoint of another run to begin with. machine: this process's part, of
    `find_machine`; one CPU if not given.
    """
    machine = machine or Machine()
    with joined(machine):
        finished = _trained(recipe, data, out, resume, start, machine)
    return release_checkpoint(out) if finished and machine.leads else None


def _trained(
    recipe: Recipe, data: Data, out: Path, resume: bool, start: Path | None, machine: Machine
) -> bool:
    """Train to the end, True, or to an interruption."""
    _set_up(recipe, machine)
    template = load_template()
    begun = start is not None or (resume and (out / CHECKPOINT).is_file())
    # Where a checkpoint brings all weights, ImageNet's need not be at hand.
    make = empty_network if begun and find(IMAGENET) is None else new_network
    network = make(recipe, template)
    origin = "" if start is None else start_from(network, start)
    trainer = Trainer(network, recipe, f"{data.name} {origin}".strip(), out / CHECKPOINT, machine)
    plan = BatchPlan(recipe.seed, recipe.batch, recipe.uses, recipe.mosaics, machine.ranks)

    def batches(number: int) -> Iterator[Batch]:
        stream = BatchStream(data.make_source, template, plan, number, machine.rank)
        on_gpu = machine.device.type == "cuda"
        return loader(stream, recipe.workers, pinned=on_gpu, fresh_processes=data.uses_gpu)

    with ProgressLine(quiet=not machine.leads) as progress:
        if resume and trainer.resume():
            progress.say(
                f"going on from step {trainer.state.step}, {trainer.state.seconds / 60:.1f} minutes trained"
            )
        if not trainer.run(batches, progress):
            progress.say(f"stopped at step {trainer.state.step}; the same command goes on from there")
            return False
        progress.say(f"trained {trainer.state.samples} pictures in {trainer.state.seconds / 60:.1f} minutes")
    return True


def _set_up(recipe: Recipe, machine: Machine) -> None:
    """Settings of the process: equal steps on a CPU, speed on a GPU."""
    keep_freed_memory()
    torch.set_num_threads(recipe.threads)
    if machine.device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        return
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False


def release_checkpoint(out: Path) -> Path:
    """Export the averaged weights of the checkpoint in `out` to `out`/release; works while a run goes on.

    Raises BadInputError where the libraries of ONNX are missing: the checkpoint can be exported elsewhere.
    """
    try:
        from lineament.training.release import release
    except ModuleNotFoundError as missing:
        raise BadInputError(
            f"{out / CHECKPOINT} is finished, but exporting it needs {missing.name}; the same command "
            "exports it where that is installed"
        ) from missing
    template = load_template()
    network = RegistrationNetwork(template.positions, template.parts)
    average: dict[str, torch.Tensor] = {}
    state: RunState = load_checkpoint(out / CHECKPOINT, network, average, None)
    network.load_state_dict(average)
    release(network, state, template.revision, out / "release")
    return out / "release"
