"""`lineament poses sample | fit`: look at poses, and judge one of your own."""

import json as json_text
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image
from rich.console import Console

from lineament.cli.picture_out import check_picture
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.types import Float64, UInt8
from lineament.writing import replacing

if TYPE_CHECKING:
    from lineament.humans.poses import PoseLibrary

Kind = Literal["any", "standing", "walking", "sitting", "bending", "moving", "acrobatic"]
Source = Literal["all", "captured", "files", "prior", "made", "amass"]

_console = Console(highlight=False, soft_wrap=True, markup=False)


def sample(
    *,
    out: Path = Path("poses.png"),
    count: int = 24,
    kind: Kind = "any",
    source: Source = "all",
    variety: Literal["wide", "captured"] = "wide",
    seed: int = 0,
    amass: Path | None = None,
    json: bool = False,
) -> int:
    """Draw a contact sheet of sampled poses on the average body.

    Args:
        out: the picture
        count: number of poses
        kind: of poses
        source: draw from one source only
        variety: wide, or captured as before there was a prior
        seed: of the poses
        amass: folder of your own AMASS files (.npz), a further source
        json: print each pose's kind, score, percentile and depth of self-contact
    """
    if count < 1 or seed < 0:
        raise BadInputError("--count must be at least 1, --seed at least 0")
    if source == "amass" and amass is None:
        raise BadInputError("--source amass needs --amass FOLDER")
    check_picture(out)
    library = _library(amass)
    with workshop("poses"):
        from lineament.cli.pose_sheet import pose_sheet
        from lineament.humans.poses import SOURCES
        from lineament.synth.seeds import generator
    sources = SOURCES if source == "all" else (source,)
    drawn = [library.sample(generator(seed, "poses", k), kind, variety, sources) for k in range(count)]
    _write(pose_sheet(drawn), out)
    facts = [_facts(library, pose) for pose in drawn]
    if json:
        print(json_text.dumps({"seed": seed, "kind": kind, "picture": str(out), "poses": facts}))
        return 0
    kinds = Counter(str(one["measured_kind"]) for one in facts)
    listed = ", ".join(f"{number} {name}" for name, number in kinds.most_common())
    _console.print(f"{count} poses of seed {seed} ({listed} by their measures): {out}")
    return 0


def fit(
    file: Path, *, frame: int = 0, least: float = 5.0, out: Path | None = None, json: bool = False
) -> int:
    """Bring a pose within joint limits and onto the pose prior, and say how plausible it is and was.

    FILE is a BVH of MakeHuman's default rig or an AMASS file (.npz).

    Args:
        file: the pose
        frame: of an AMASS file, at 4 frames a second
        least: percentile of plausibility to reach; the pose moves no farther than that needs
        out: picture of the pose as it was and as it became
        json: print the figures as JSON
    """
    if not 0 <= least <= 100 or frame < 0:
        raise BadInputError("--least is a percentile 0 to 100, --frame at least 0")
    if out is not None:
        check_picture(out)
    library = _library(None)
    pose = _read(library, file, frame)
    main = library.skeleton.reduce(pose)
    within = library.limits.clipped(main)
    fitted = library.prior.project(within, least)
    figures = _distance(library, main, fitted) | {
        "beyond_limits_degrees": round(library.limits.excess(main), 1)
    }
    before, after = _plausibility(library, main), _plausibility(library, fitted)
    if out is not None:
        with workshop("poses"):
            from lineament.cli.pose_sheet import pose_sheet
        _write(pose_sheet([pose, library.skeleton.expand(fitted, pose)]), out)
    if json:
        print(json_text.dumps({"file": str(file), "before": before, "after": after, "distance": figures}))
        return 0
    _console.print(
        f"{file.name}: score {before['score']} (percentile {before['percentile']}), "
        f"fitted {after['score']} (percentile {after['percentile']})"
    )
    _console.print(
        f"distance: {figures['mean_degrees']} degrees a joint (most {figures['most_degrees']}), "
        f"{figures['mean_mm']} mm; beyond joint limits by {figures['beyond_limits_degrees']} degrees"
    )
    return 0


def _library(amass: Path | None) -> "PoseLibrary":
    with workshop("poses"):
        from lineament.humans.body import BodyModel
        from lineament.humans.poses import PoseLibrary
    if amass is None:
        return PoseLibrary.load()
    if not amass.is_dir():
        raise BadInputError(f"--amass {amass} is not a folder")
    return PoseLibrary(BodyModel.load(), amass)


def _read(library: "PoseLibrary", file: Path, frame: int) -> Float64:
    from lineament.humans.amass import read_amass
    from lineament.humans.motion import read_makehuman_pose

    if not file.is_file():
        raise BadInputError(f"there is no file {file}")
    if file.suffix.lower() == ".bvh":
        try:
            return read_makehuman_pose(file, library.rig)
        except (ValueError, IndexError, OSError) as error:
            raise BadInputError(f"{file.name} is no BVH of MakeHuman's default rig: {error}") from error
    if file.suffix.lower() != ".npz":
        raise BadInputError(f"a pose is a .bvh or an AMASS .npz, not {file.name!r}")
    poses = read_amass(file, library.rig)
    if frame >= len(poses):
        raise BadInputError(f"{file.name} has frames 0 to {len(poses) - 1} at 4 a second, not {frame}")
    return library.skeleton.expand(poses[frame])


def _facts(library: "PoseLibrary", pose: Float64) -> dict[str, object]:
    from lineament.humans.pose_kinds import measure

    main = library.skeleton.reduce(pose)
    kinds = measure(library.skeleton, main[None]).kinds()
    kind = next(name for name, mine in kinds.items() if mine[0])
    depth = round(1000 * library.contact.depth(pose), 1)
    return {"measured_kind": kind, "self_contact_mm": depth} | _plausibility(library, main)


def _plausibility(library: "PoseLibrary", main: Float64) -> dict[str, object]:
    score, percentile = library.prior.score(main), library.prior.percentile(main)
    return {"score": round(float(score), 1), "percentile": round(float(percentile), 1)}


def _distance(library: "PoseLibrary", one: Float64, other: Float64) -> dict[str, object]:
    from lineament.humans.pose_prior import angles_between

    degrees = angles_between(one, other)
    gaps = np.linalg.norm(library.skeleton.places(one) - library.skeleton.places(other), axis=1)
    return {
        "mean_degrees": round(float(degrees.mean()), 2),
        "most_degrees": round(float(degrees.max()), 1),
        "mean_mm": round(1000 * float(gaps[1:].mean()), 1),
    }


def _write(picture: UInt8, out: Path) -> None:
    try:
        with replacing(out) as partial:
            Image.fromarray(picture).save(partial)
    except OSError as error:
        raise BadInputError(f"cannot write {out}: {error.strerror}; choose another --out") from error
