"""What all arms share: crops to learn from, crops that choose and judge, and the people."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.assets import require
from lineament.errors import BadInputError
from lineament.runtime.face_alignment import FaceAligner
from lineament.synth.people import People
from lineament.training.faces.crops import Misplacements
from lineament.training.faces.deep import DeepSFace, Neck
from lineament.training.faces.features import MEASURED, Cutter, FaceSet, draw, first_of_each, fit_neck
from lineament.training.faces.people import Cast, cast_of
from lineament.training.faces.recipe import FaceRecipe
from lineament.training.head_clouds import head_clouds
from lineament.training.head_pictures import HeadPictures, head_pictures, pictures_so_far

CHOOSERS: Final = 0.3
"""Share of the validation people who choose; the others judge."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What all arms share. learned: crops to learn from. choosing, judged: crops of validation people. cast:
    who is learned from. neck: of the features. unseen: the validation people.
    """

    learned: FaceSet
    choosing: FaceSet
    judged: FaceSet
    cast: Cast
    neck: Neck
    unseen: Cast


def prepare(
    recipe: FaceRecipe,
    folder: Path,
    say: Say,
    *,
    alignment: Path | None = None,
    so_far: bool = False,
    threads: int = 1,
) -> World:
    """Draw the pictures, cut and look at all crops, in `folder` as far as they are there.

    so_far: take the pictures that are drawn already. Raises BadInputError where there are none.
    """
    aligner, deep = FaceAligner.load(threads, alignment), DeepSFace(require("sface"), threads)
    pictures = _pictures((recipe.pictures, recipe.people, recipe.seed), so_far, say)
    chosen = first_of_each(np.asarray(pictures.people), recipe.learn_people, recipe.each)
    cutter = Cutter(pictures, aligner, deep, recipe.seed)
    errors, neck = _measured(cutter, folder, chosen[: MEASURED * recipe.each : recipe.each], recipe.channels)
    learned = draw(folder, cutter, neck, errors, chosen, say, recipe.looks)
    unseen = _pictures((recipe.judge_pictures, recipe.judge_people, recipe.judge_seed), so_far, say)
    judge = Cutter(unseen, aligner, deep, recipe.judge_seed)
    probes = first_of_each(np.asarray(unseen.people), recipe.judge_people, recipe.judge_each)
    validation = draw(folder, judge, neck, None, probes, say)
    everybody = np.unique(validation.person)
    few = max(1, int(CHOOSERS * len(everybody)))
    cast = _cast(learned, recipe.people, recipe.seed)
    strangers = _cast(validation, recipe.judge_people, recipe.judge_seed)
    choosing, judged = (validation.of(some) for some in (everybody[:few], everybody[few:]))
    return World(learned, choosing, judged, cast, neck, strangers)


def _cast(faces: FaceSet, people: int, seed: int) -> Cast:
    return cast_of(faces, head_clouds(people, seed), People.load(people, seed))


def _pictures(asked: tuple[int, int, int], so_far: bool, say: Say) -> HeadPictures:
    """Pictures, people, seed."""
    made = pictures_so_far(*asked) if so_far else head_pictures(*asked, lambda a, b: say(f"{a} of {b} drawn"))
    if not len(made):
        raise BadInputError(f"no head pictures of seed {asked[2]} are drawn yet; leave --so-far out")
    return made


def _measured(cutter: Cutter, folder: Path, chosen: np.ndarray, channels: int) -> tuple[Misplacements, Neck]:
    """The aligner's errors and the neck, from `folder` where they are known."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{cutter.aligner.template.revision}-{cutter.seed}-{channels}"
    path, neck_path = folder / f"errors-{name}.npz", folder / f"neck-{name}.npz"
    if path.is_file() and neck_path.is_file():
        with np.load(path, allow_pickle=False) as held:
            return Misplacements(held["moves"], held["yaws"], held["told"]), Neck.load(neck_path)
    errors = cutter.misplacements(chosen)
    neck = fit_neck(cutter, errors, chosen, channels)
    np.savez(path, moves=errors.moves, yaws=errors.yaws, told=errors.told)
    neck.save(neck_path)
    return errors, neck
