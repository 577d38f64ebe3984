"""`lineament train shards`: pictures for training on a machine that cannot draw them."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import Progress

from lineament.cli.workshop import workshop
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH


def train_shards(
    *,
    out: Path,
    count: int,
    seed: int = 0,
    people: int = 2000,
    workers: int | None = None,
    shard_size: int = 256,
    quality: int = 95,
    resume: bool = True,
    fix: Sequence[str] = (),
    set_: Sequence[str] = (),
    preset: Literal["standard", "first", "first+poses", "first+poses+garments"] = "standard",
) -> int:
    """Write what `train registration --shards` reads: pictures, their labels, the people's prototypes.

    The same options give the same bytes with any number of workers and after any interruption: run the same
    command again to go on. A larger --count adds samples.

    Args:
        out: folder of the shards
        count: number of pictures
        seed: of pictures and people
        people: synthetic identities
        workers: processes that draw; one for each processor if not given
        shard_size: pictures in a shard
        quality: of the JPEG pictures, 1 to 100
        resume: make everything anew although OUT holds shards
        fix: covariates of the pictures, NAME=VALUE
        set_: their distributions, NAME=LOW..HIGH or NAME=VALUE:SHARE,VALUE:SHARE
        preset: distributions of today or of the first release
    """
    with workshop("train shards"):
        from lineament.synth.crew import LocalCrew
        from lineament.synth.dataset import Recipe
        from lineament.synth.make import Listener, make, spoken
        from lineament.synth.options import options_text
        from lineament.training.prototypes import write_prototypes
        from lineament.training.shards import TrainingLabels
        from lineament.training.source import SyntheticSource
    plan = options_text(fix=fix, distributions=set_, preset=preset, size=f"{CROP_WIDTH}x{CROP_HEIGHT}")
    recipe = Recipe(seed, people, plan, shard_size, "jpeg", quality)
    labels = TrainingLabels(SyntheticSource(seed, people, plan))
    with Progress(console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("pictures", total=count)
        listener = Listener(
            lambda outlook: bar.update(task, completed=outlook.kept), lambda fresh: bar.advance(task, fresh)
        )
        crew = LocalCrew(max(1, min(workers or os.cpu_count() or 1, -(-count // shard_size))))
        made = make(out, recipe, count, crew=crew, resume=resume, open_source=labels, listener=listener)
    known = write_prototypes(out)
    print(f"{made.samples} pictures of {known} people in {made.shards} shards, {spoken(made.size)}: {out}")
    return 0
