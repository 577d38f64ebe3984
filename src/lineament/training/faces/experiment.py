"""From a recipe to the table of arms: everything prepared, every arm run, all of it written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.training.faces.arms import Judge, run_arm
from lineament.training.faces.judging import Protocol
from lineament.training.faces.photographs import Photographs
from lineament.training.faces.recipe import FaceArm, FaceRecipe
from lineament.training.faces.record import decision, table, write
from lineament.training.faces.world import World, prepare

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """out: folder of everything. keep: of what was read of photographs, None for memory alone. alignment:
    weights of face alignment, None for the released ones. so_far: whether only pictures that are drawn count.
    """

    out: Path
    keep: Path | None = None
    alignment: Path | None = None
    so_far: bool = False
    threads: int = 1


def run(
    arms: Sequence[FaceArm],
    recipe: FaceRecipe,
    protocols: Sequence[Protocol],
    setting: Setting,
    say: Say,
) -> str:
    """Train and judge `arms`, write arms.json and arms.md, and give the table with the decision."""
    out = setting.out
    world = prepare(
        recipe,
        out / "crops",
        say,
        alignment=setting.alignment,
        so_far=setting.so_far,
        threads=setting.threads,
    )
    photographs = Photographs.load(world.neck, setting.keep, setting.alignment, setting.threads)
    judges = [Judge.read(one, photographs, say) for one in protocols]
    results = []
    for arm in arms:
        folder = out / arm.name.replace(" + ", "-").replace(" ", "-")
        results.append(run_arm(arm, recipe, world, judges, folder, say))
        write(out, results, recipe, about(world, photographs, protocols))
    return f"{table(results)}\n{decision(results)}\n"


def about(world: World, photographs: Photographs, protocols: Sequence[Protocol]) -> dict[str, str]:
    """What was learned from and what judged, in words."""
    unseen = len(np.unique(world.judged.person))
    few = len(np.unique(world.choosing.person))
    return {
        "backbone": f"SFace, frozen, {world.neck.channels} principal channels of its last map "
        f"({world.neck.share:.0%} of the variance); it has seen real photographs from the web",
        "learned from": f"{len(world.learned):,} crops of {len(world.cast):,} synthetic people",
        "unseen renders": f"{len(world.judged):,} crops of {unseen} people; {few} others chose the share",
        "alignment": photographs.reader.model,
        "photographs": ", ".join(one.name for one in protocols) or "none",
    }
