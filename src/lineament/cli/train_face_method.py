"""`lineament train face-arms | head-branch`: faces from any side, heads and point clouds."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError

if TYPE_CHECKING:
    from lineament.training.faces.recipe import FaceRecipe


def face_arms(
    *,
    arm: Sequence[str] = (),
    out: Path = Path("runs/faces-any-side"),
    photographs: Path | None = None,
    dataset: Sequence[str] = (),
    keep: Path | None = None,
    alignment: Path | None = None,
    people: int = 6000,
    each: int = 10,
    steps: int = 400,
    crowd: int = 32,
    seed: int = 1611,
    so_far: bool = False,
    threads: int = 1,
) -> int:
    """Train arms on synthetic heads on top of frozen SFace, all alike, judge them by renders of unseen people
    and by photographs, and print the table.

    The same command goes on where it was stopped.

    Args:
        arm: names of those to train, all when left out; an unknown one lists them.
        out: folder of crops, weights, figures and of arms.md and arms.json.
        photographs: folder of cfp, umist and cmu_faces, which judge.
        dataset: more that judge, NAME=FOLDER, such as facescape=FOLDER or arl-vtf=FOLDER.
        keep: folder for what was read of the photographs, to be used again; in memory alone when left out.
        alignment: folder of face alignment weights; the released ones when left out.
        people: of the 6,000 synthetic identities, so many are learned from.
        each: pictures of each of them, and of each unseen person, at most 10.
        steps: of training, of every arm.
        crowd: people of each step.
        seed: of people and pictures; unseen people come from the next one.
        so_far: take only those pictures that are drawn already.
        threads: threads that train.
    """
    with workshop("training"):
        import torch

        from lineament.training.faces.experiment import Setting, run
        from lineament.training.faces.judging import protocol_of, usual
        from lineament.training.faces.recipe import ARMS, arm_named
    try:
        chosen = tuple(arm_named(name) for name in arm) or ARMS
    except ValueError as error:
        raise BadInputError(str(error)) from None
    recipe = _recipe(people, each, steps, crowd, seed)
    protocols = [] if photographs is None else list(usual(photographs))
    protocols += [protocol_of(*_pair(text)) for text in dataset]
    torch.set_num_threads(threads)
    setting = Setting(out, keep, alignment, so_far, threads)
    print(run(chosen, recipe, protocols, setting, _say), end="")
    return 0


def head_branch(
    *,
    out: Path = Path("runs/faces-any-side"),
    alignment: Path | None = None,
    people: int = 6000,
    each: int = 10,
    steps: int = 400,
    crowd: int = 32,
    seed: int = 1611,
    so_far: bool = False,
    threads: int = 1,
) -> int:
    """Train the comparison of pictured heads with point clouds, with and without sharing, and judge it.

    Unseen people are enrolled as clouds, 20 at a time, and sought in pictures of them and of 20 strangers.

    Args:
        out: folder of crops, weights, and of head-branch.md and head-branch.json.
        alignment: folder of face alignment weights; the released ones when left out.
        people: of the 6,000 synthetic identities, so many are learned from.
        each: pictures of each of them, and of each unseen person, at most 10.
        steps: of training.
        crowd: people of each step.
        seed: of people and pictures; unseen people come from the next one.
        so_far: take only those pictures that are drawn already.
        threads: threads that train.
    """
    with workshop("training"):
        import torch

        from lineament.training.faces.head_branch import HeadRecipe
        from lineament.training.faces.heads import run_heads, table
        from lineament.training.faces.world import prepare
    recipe = _recipe(people, each, steps, crowd, seed)
    torch.set_num_threads(threads)
    world = prepare(recipe, out / "crops", _say, alignment=alignment, so_far=so_far, threads=threads)
    print(table(run_heads(HeadRecipe(seed=seed, steps=steps, crowd=crowd), world, out, _say)), end="")
    return 0


def _recipe(people: int, each: int, steps: int, crowd: int, seed: int) -> "FaceRecipe":
    from lineament.training.faces.recipe import FaceRecipe

    try:
        return FaceRecipe(
            learn_people=people,
            each=each,
            judge_each=each,
            steps=steps,
            crowd=crowd,
            seed=seed,
            judge_seed=seed + 1,
        )
    except ValueError as error:
        raise BadInputError(str(error)) from None


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _pair(text: str) -> tuple[str, Path]:
    name, sign, folder = text.partition("=")
    if not (name and sign and folder):
        raise BadInputError(f"--dataset takes NAME=FOLDER, not {text!r}")
    return name, Path(folder)
