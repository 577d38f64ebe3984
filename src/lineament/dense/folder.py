"""Dense products as files that others can read: NAME.npz with the arrays, NAME.json with the words.

The format has a name and a number, `FORMAT`; the number rises when something is renamed or removed, not when
something is added. docs/register.md describes every entry.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from lineament.anatomy import PART_NAMES
from lineament.dense.derived import Measured, facing, stature
from lineament.dense.orientation import AZIMUTHS, Orientation
from lineament.dense.person import DensePerson, DensePhotograph
from lineament.dense.visibility import STATES
from lineament.errors import BadInputError
from lineament.geometry.site_model import SiteModel
from lineament.writing import replacing

FORMAT: Final = "lineament-register"
VERSION: Final = 2
"""1 was the maps alone, without a number in the file."""
Arrays = dict[str, Any]


def write(path: Path, name: str, read: DensePhotograph, model: SiteModel) -> None:
    """Write `path` (.npz) and the .json beside it; `name` is the photograph's. Raises BadInputError."""
    try:
        with replacing(path) as partial:
            np.savez_compressed(partial, allow_pickle=False, **arrays_of(read))
        with replacing(path.with_suffix(".json")) as partial:
            partial.write_text(json.dumps(told(name, read, model), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}; free space or change --out") from error


def load(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and the words of a file that `write` made.

    Raises BadInputError for another file, and for a format newer than this version knows.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        words = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        known = words["format"] == FORMAT and int(words["version"]) >= 2
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"{path} is no registration; name the .npz that `lineament register` wrote, its .json beside it"
        ) from error
    if not known or int(words["version"]) > VERSION:
        raise BadInputError(
            f"{path} has version {words.get('version')} of its format; install a newer lineament"
        )
    return arrays, words


def arrays_of(read: DensePhotograph) -> Arrays:
    """What the .npz holds; P people, in the order of `people`."""
    maps, people = read.maps, read.people
    first = maps.boxes[0] if len(maps.boxes) else np.zeros(4, np.float32)
    arrays: Arrays = {
        "version": np.array(VERSION),
        "parts": maps.parts,
        "probability": maps.probability,
        "canonical": maps.canonical,
        "box": first,
        "person": maps.people,
        "carried": maps.carried,
        "people": maps.boxes,
        "azimuths": AZIMUTHS,
    }
    each = [_arrays(one) for one in people]
    for name in each[0] if each else ():
        arrays[name] = np.stack([one[name] for one in each])
    return arrays | _fitted(read)


def _arrays(person: DensePerson) -> Arrays:
    fit, joints = person.fit, person.joints
    count = len(joints.support)
    arrays: Arrays = {
        "site_state": person.sites,
        "azimuth_probability": person.orientation.azimuths.astype(np.float32),
        "joints_seen": joints.xy.astype(np.float32),
        "joints_support": joints.support.astype(np.float32),
    }
    shapes = {"joints": (count, 2), "joints_camera": (count, 3)}
    empty = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    if fit is None:
        return arrays | {name: value.astype(np.float32) for name, value in empty.items()}
    return arrays | {
        "joints": fit.joints_pixels.astype(np.float32),
        "joints_camera": fit.joints.astype(np.float32),
    }


def _fitted(read: DensePhotograph) -> Arrays:
    """The fits' own arrays, of the F people who have one; `fitted` (F,) are their rows in `people`."""
    fits = [(row, one.fit) for row, one in enumerate(read.people) if one.fit is not None]
    if not fits:
        return {"fitted": np.zeros(0, np.int32)}
    stacks = {
        "fit_shape": [fit.coefficients for _, fit in fits],
        "fit_rotations": [fit.rotations for _, fit in fits],
        "fit_translation": [fit.translation for _, fit in fits],
        "fit_focal": [np.array(fit.focal) for _, fit in fits],
        "fit_covariance": [fit.covariance for _, fit in fits],
        "joints_covariance": [fit.joints_pixels_covariance for _, fit in fits],
        "joints_camera_covariance": [fit.joints_covariance for _, fit in fits],
    }
    arrays = {name: np.stack(values).astype(np.float32) for name, values in stacks.items()}
    return {"fitted": np.array([row for row, _ in fits], np.int32)} | arrays


def told(name: str, read: DensePhotograph, model: SiteModel) -> dict[str, Any]:
    """What the .json says, angles in degrees, lengths in metres, places in pixels."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "photograph": {"name": name, "height": read.size[0], "width": read.size[1]},
        "model": read.model,
        "template": read.template,
        "parts": list(PART_NAMES),
        "site_states": list(STATES),
        "joint_names": list(read.joint_names),
        "people": [_told(row, one, read, model) for row, one in enumerate(read.people)],
    }


def _told(row: int, person: DensePerson, read: DensePhotograph, model: SiteModel) -> dict[str, Any]:
    counts = np.bincount(person.sites, minlength=len(STATES))
    return {
        "box": [round(float(value), 1) for value in person.body.box],
        "pixels": int((read.maps.people == row + 1).sum()),
        "sites": {state: int(n) for state, n in zip(STATES, counts, strict=True)},
        "orientation": _orientation(person.orientation),
        "joints": _joints(person, read.joint_names),
        "fit": _fit(person, model),
    }


def _orientation(found: Orientation) -> dict[str, Any]:
    return {
        "azimuth": _degrees(found.azimuth),
        "azimuth_sigma": _degrees(found.azimuth_sigma),
        "elevation": _degrees(found.elevation),
        "elevation_sigma": _degrees(found.elevation_sigma),
        "roll": _degrees(found.roll),
        "sides": {side: round(chance, 4) for side, chance in found.sides.items()},
    }


def _joints(person: DensePerson, names: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = []
    for joint, name in enumerate(names):
        x, y = person.joints.xy[joint]
        row: dict[str, Any] = {"name": name, "support": round(float(person.joints.support[joint]), 3)}
        if person.fit is not None:
            x, y = person.fit.joints_pixels[joint]
            row["confidence"] = round(float(person.fit.joints_confidence[joint]), 3)
            row["camera"] = [round(float(value), 4) for value in person.fit.joints[joint]]
        rows.append(row | {"x": round(float(x), 1), "y": round(float(y), 1)})
    return rows


def _fit(person: DensePerson, model: SiteModel) -> dict[str, Any] | None:
    fit = person.fit
    if fit is None:
        return None
    head, trunk = facing(fit, model, "head"), facing(fit, model, "spine_upper")
    return {
        "residual_pixels": round(fit.residual, 2),
        "residual_share": round(fit.residual / fit.size, 4),
        "stature": _interval(stature(fit, model), 1.0, 3),
        "head_azimuth": _interval(head[0], 180 / np.pi, 1),
        "head_elevation": _interval(head[1], 180 / np.pi, 1),
        "trunk_azimuth": _interval(trunk[0], 180 / np.pi, 1),
        "trunk_elevation": _interval(trunk[1], 180 / np.pi, 1),
    }


def _interval(measured: Measured, unit: float, digits: int) -> dict[str, float]:
    low, high = measured.interval()
    values = {"value": measured.value, "sigma": measured.sigma, "low95": low, "high95": high}
    return {name: round(value * unit, digits) for name, value in values.items()}


def _degrees(angle: float) -> float:
    return round(float(np.degrees(angle)), 1)
