"""`lineament train registration | faces | calibration`: what is released, learned from synthetic people."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH

if TYPE_CHECKING:
    from lineament.training.registration import Data


def train_registration(
    *,
    minutes: float = 20.0,
    seed: int = 0,
    out: Path = Path("runs/registration"),
    resume: bool = True,
    steps: int | None = None,
    people: int = 2000,
    batch: int = 32,
    uses: int = 2,
    workers: int = 1,
    threads: int = 1,
    fix: Sequence[str] = (),
    set_: Sequence[str] = (),
    preset: Literal["standard", "first", "first+poses", "first+poses+garments"] = "standard",
    start: Path | None = None,
    rate: float = 2e-3,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    precision: Literal["auto", "fp32", "bf16"] = "auto",
    render: Literal["cpu", "cuda"] = "cpu",
    shards: Path | None = None,
) -> int:
    """Train the registration networks on synthetic people and export them to OUT/release.

    On one processor or GPU, or, started by torchrun, on several (docs/training.md).

    Args:
        minutes: length of the run by the clock; interruptions do not count.
        seed: determines everything; with --steps two runs agree to about 1e-3 in every loss.
        out: folder of the checkpoint, written every two minutes and on ctrl-C.
        resume: start anew although OUT holds a checkpoint.
        steps: end after so many steps instead of after MINUTES.
        people: synthetic identities.
        batch: pictures a step, of each process.
        uses: how often each generated picture is seen, each time augmented differently.
        workers: processes that generate pictures, for each process that trains.
        threads: threads that train.
        fix: covariates of the pictures, NAME=VALUE; `lineament synth covariates` lists them.
        set_: their distributions, NAME=LOW..HIGH or NAME=VALUE:SHARE,VALUE:SHARE.
        preset: distributions of today or of the first release.
        start: checkpoint of another run to begin with instead of ImageNet weights alone.
        rate: peak learning rate; the pretrained trunk's is a quarter of it.
        device: what trains; auto is CUDA where it is.
        precision: of the image network; auto is bf16 on CUDA, fp32 elsewhere.
        render: what draws.
        shards: folder of `lineament train shards` to learn from instead of drawing.
    """
    with workshop("training"):
        from lineament.training.machine import find_machine
        from lineament.training.recipe import Recipe
        from lineament.training.registration import train
    _check_run(people, batch, uses, minutes, steps, rate)
    if shards is not None and (fix or set_ or preset != "standard" or render != "cpu"):
        raise BadInputError("--shards are drawn already; give --fix, --set, --preset to train shards")
    rates: dict[str, Any] = {"rate": rate, "trunk_rate": rate / 4}
    recipe = Recipe(minutes, steps, seed, batch, uses, workers=workers, threads=threads, **rates)
    machine = find_machine(device, precision)
    data = _stored(shards) if shards else _drawn(seed, people, fix, set_, preset, machine.drawing(render))
    if (folder := train(recipe, data, out, resume, start, machine)) is not None:
        print(folder)
    return 0


def _check_run(people: int, batch: int, uses: int, minutes: float, steps: int | None, rate: float) -> None:
    if min(people, batch, uses) < 1 or batch % uses:
        raise BadInputError(
            "--people, --batch and --uses are at least 1, and --batch is a multiple of --uses"
        )
    if minutes <= 0 or rate <= 0 or (steps is not None and steps < 1):
        raise BadInputError("a run needs a positive --rate and a positive number of --minutes or --steps")


def _drawn(
    seed: int, people: int, fix: Sequence[str], distributions: Sequence[str], preset: str, device: str
) -> "Data":
    """People who are drawn while training."""
    with workshop("training without --shards"):
        from torch import cuda

        from lineament.synth.options import options_text
        from lineament.training.registration import Data
        from lineament.training.source import SyntheticSource
    if device != "cpu" and not cuda.is_available():
        raise BadInputError("no CUDA device can draw here; use --render cpu")
    size = f"{CROP_WIDTH}x{CROP_HEIGHT}"
    options = options_text(fix=fix, distributions=distributions, preset=preset, size=size)
    source = SyntheticSource(seed, people, options, device)
    return Data(source.name, source, uses_gpu=device != "cpu")


def _stored(folder: Path) -> "Data":
    """People who were drawn elsewhere; the prototypes are put beside their shards where they are missing."""
    from lineament.training.prototypes import PROTOTYPES, write_prototypes
    from lineament.training.registration import Data
    from lineament.training.shards import ShardSource

    source = ShardSource(folder)
    name = source.name
    if not (folder / PROTOTYPES).is_file():
        with workshop(f"a folder of shards without {PROTOTYPES}"):
            write_prototypes(folder)
    shown = source()(0).image.shape[:2]
    if shown != (CROP_HEIGHT, CROP_WIDTH):
        raise BadInputError(
            f"the pictures of {folder} are {shown[1]}x{shown[0]}; the networks learn from "
            f"{CROP_WIDTH}x{CROP_HEIGHT}"
        )
    return Data(name, source)


def train_faces(
    *,
    out: Path = Path("runs/faces"),
    pictures: int = 60_000,
    people: int = 6000,
    seed: int = 1611,
    threads: int = 1,
) -> int:
    """Train the 2D-3D aligner of face alignment on synthetic heads and write its release folder to OUT.

    The same command goes on where it was stopped, with the round that it was in.

    Args:
        out: folder of model.onnx, config.json, CARD.md, LICENSE and record.json.
        pictures: rendered heads.
        people: synthetic identities.
        seed: of people and pictures; the validation people come from the next seed.
        threads: threads that train.
    """
    with workshop("training"):
        from lineament.training.alignment_release import release
    print(release(out, pictures=pictures, people=people, seed=seed, threads=threads))
    return 0


def train_calibration(
    *,
    out: Path = Path("runs/calibration"),
    people: int = 60,
    world_people: int = 300,
    seed: int = 9001,
    processes: int = 2,
) -> int:
    """Fix the shipped calibration on synthetic people who were never trained on, and write it to OUT.

    Args:
        out: folder of config.json, world.safetensors, comparisons.npz, card and record.
        people: validation people; each is enrolled twice and probed five times.
        world_people: people whose mean features stand for everybody.
        seed: of the validation people.
        processes: that photograph and register people.
    """
    with workshop("training"):
        from lineament.training.calibration import calibrate_synthetic
    calibration = calibrate_synthetic(out, people, world_people, print, seed=seed, processes=processes)
    for mode, tail in calibration.tails.items():
        print(f"{mode}: {tail.comparisons:,} non-mated comparisons")
    return 0
