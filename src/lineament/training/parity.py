"""How far the variants of a model say the same."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.runtime.session import open_session
from lineament.training.variants import IMAGE, crop_of
from lineament.types import Float32, UInt8

OUTPUTS: Final = ("parts", "canonical", "features")


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences from the single-precision variant over all cells of all pictures.

    logits_max, logits_mean: of the parts. canonical_max, canonical_mean: metres, where both see a person.
    features_max: of an entry; features_cosine: mean cosine on people. parts_agree: share of cells with the
    same likeliest class. mask_iou: mean overlap of the person masks of a picture.
    """

    logits_max: float
    logits_mean: float
    canonical_max: float
    canonical_mean: float
    features_max: float
    features_cosine: float
    parts_agree: float
    mask_iou: float
    pictures: int


def parities(folders: Mapping[str, Path], pictures: Sequence[UInt8]) -> dict[str, Parity]:
    """Each variant beside fp32 on `pictures` (H, W, 3) uint8 sRGB."""
    said = {name: _said(folder, pictures) for name, folder in folders.items()}
    return {name: _parity(one, said["fp32"]) for name, one in said.items() if name != "fp32"}


def write_parities(path: Path, found: Mapping[str, Parity]) -> None:
    """Write them as JSON."""
    content = {
        name: {key: round(value, 6) for key, value in asdict(one).items()} for name, one in found.items()
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _said(folder: Path, pictures: Sequence[UInt8]) -> list[list[Float32]]:
    session = open_session(folder / IMAGE, 1)
    return [session.run(list(OUTPUTS), {"image": crop_of(picture)}) for picture in pictures]


def _parity(said: Sequence[list[Float32]], exact: Sequence[list[Float32]]) -> Parity:
    parts, canonical, features = (
        np.stack([np.abs(a[k] - b[k])[0] for a, b in zip(said, exact, strict=True)]) for k in range(3)
    )
    best, true = (np.stack([one[0][0].argmax(axis=0) for one in both]) for both in (said, exact))
    person = (best > 0) & (true > 0)
    either = ((best > 0) | (true > 0)).sum(axis=(1, 2))
    overlap = np.where(either > 0, person.sum(axis=(1, 2)) / np.maximum(either, 1), 1.0)
    cosine = np.stack([(a[2] * b[2]).sum(axis=1)[0] for a, b in zip(said, exact, strict=True)])
    places = canonical.transpose(0, 2, 3, 1)[person] if person.any() else np.zeros((1, 3), np.float32)
    return Parity(
        logits_max=float(parts.max()),
        logits_mean=float(parts.mean()),
        canonical_max=float(places.max()),
        canonical_mean=float(np.linalg.norm(places, axis=1).mean()),
        features_max=float(features.max()),
        features_cosine=float(cosine[person].mean()) if person.any() else 1.0,
        parts_agree=float((best == true).mean()),
        mask_iou=float(overlap.mean()),
        pictures=len(said),
    )
