"""What the frozen recogniser sees of crops of renders, in shards on disk: made once, used by every arm."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.runtime.face_alignment import FaceAligner
from lineament.runtime.face_crops import warp
from lineament.synth.seeds import generator
from lineament.training.faces.appearance import changed
from lineament.training.faces.crops import Misplacements, aligned, measure, misplaced_crop
from lineament.training.faces.deep import DeepSFace, Faces, Neck
from lineament.training.head_pictures import HeadPictures
from lineament.types import Bool, Float16, Float32, Int32, UInt8
from lineament.writing import replacing

SHARD: Final = 500
MEASURED: Final = 200
"""Pictures on which the aligner's errors are measured, and from whose crops the neck is fitted."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Crops with who they show. base: (N, 128). features: (N, C, 7, 7). person: (N,). yaw: (N,) as the
    aligner says, true_yaw: (N,) as the camera stood; radians. size: (N,) pixels that the head spans in its
    picture.
    """

    base: Float32
    features: Float16
    person: Int32
    yaw: Float32
    true_yaw: Float32
    size: Float32

    def __len__(self) -> int:
        return len(self.person)

    def faces(self, rows: np.ndarray) -> Faces:
        """Some of them, as arms take them."""
        return Faces(self.base[rows], self.features[rows])

    def of(self, people: np.ndarray) -> "FaceSet":
        """Crops of `people` alone."""
        return self.only(np.isin(self.person, people))

    def only(self, kept: Bool) -> "FaceSet":
        """Crops where `kept` (N,) is true."""
        return FaceSet(*(getattr(self, name)[kept] for name in _FIELDS))


_FIELDS: Final = ("base", "features", "person", "yaw", "true_yaw", "size")


@dataclass(frozen=True, slots=True)
class Cutter:
    """Where crops come from and what sees them. seed: of appearance and misplacement."""

    pictures: HeadPictures
    aligner: FaceAligner
    deep: DeepSFace
    seed: int

    def misplacements(self, chosen: Int32) -> Misplacements:
        """The aligner's errors on some of the pictures."""
        return measure(self.pictures, chosen, self.aligner, generator(self.seed, "misplacement"))

    def learned(self, index: int, version: int, errors: Misplacements) -> tuple[UInt8, float]:
        """A crop to learn from: misplaced as the aligner would, its look changed; and its yaw."""
        rng = generator(self.seed, "learned crop", index, version)
        crop, yaw = misplaced_crop(self.pictures, index, self.aligner.template, errors, rng)
        return changed(crop, rng), yaw

    def judged(self, index: int) -> tuple[UInt8, float]:
        """A crop that judges: aligned as in the product, its look as rendered; and the yaw that was told."""
        matrix, yaw = aligned(self.pictures, index, self.aligner, generator(self.seed, "judged crop", index))
        return warp(np.array(self.pictures.images[index]), matrix), yaw


def fit_neck(cutter: Cutter, errors: Misplacements, chosen: Int32, channels: int) -> Neck:
    """From crops to learn from of some of the pictures."""
    crops = np.stack([cutter.learned(int(index), 0, errors)[0] for index in chosen])
    return Neck.fit(cutter.deep.look(crops)[1], channels)


def draw(
    folder: Path,
    cutter: Cutter,
    neck: Neck,
    errors: Misplacements | None,
    chosen: Int32,
    say: Say,
    looks: int = 1,
) -> FaceSet:
    """Crops of the pictures `chosen`, from `folder` as far as they are there.

    With `errors` they are for learning: all pictures once before any comes again with another look, `looks`
    in all. Without them they judge. Crops of other settings lie in folders of their own.
    """
    place = folder / _named(cutter, neck, errors, chosen)
    place.mkdir(parents=True, exist_ok=True)
    crops, shards = looks * len(chosen), []
    for start in range(0, crops, SHARD):
        path = place / f"{start // SHARD:04d}.npz"
        rows = np.arange(start, min(start + SHARD, crops))
        shard = _load(path) if path.is_file() else None
        if shard is None or len(shard) < len(rows):
            say(f"crops {start} to {rows[-1] + 1} of {crops}")
            shard = _seen(cutter, neck, errors, chosen[rows % len(chosen)], rows // len(chosen))
            with replacing(path) as partial:
                np.savez(partial, **{name: getattr(shard, name) for name in _FIELDS})
        shards.append(shard)
    return FaceSet(*(np.concatenate([getattr(one, name) for one in shards])[:crops] for name in _FIELDS))


def first_of_each(people: Int32, count: int, each: int) -> Int32:
    """Places of the first `each` pictures of the first `count` people, from who is shown in each (N,)."""
    order = np.argsort(people, kind="stable")
    starts = np.searchsorted(people[order], np.unique(people)[:count])
    ends = np.searchsorted(people[order], np.unique(people)[:count], side="right")
    rows = [order[start : min(start + each, end)] for start, end in zip(starts, ends, strict=True)]
    return np.concatenate(rows).astype(np.int32)


def _seen(
    cutter: Cutter, neck: Neck, errors: Misplacements | None, chosen: Int32, looks: np.ndarray
) -> FaceSet:
    found = []
    for index, look in zip(chosen.tolist(), looks.tolist(), strict=True):
        found.append(cutter.judged(index) if errors is None else cutter.learned(index, look, errors))
    base, maps = cutter.deep.look(np.stack([crop for crop, _ in found]))
    return FaceSet(
        base,
        neck(maps),
        np.asarray(cutter.pictures.people[chosen], np.int32),
        np.array([yaw for _, yaw in found], np.float32),
        np.asarray(cutter.pictures.angles[chosen, 0], np.float32),
        np.ptp(cutter.pictures.landmarks[chosen], axis=1).max(axis=1).astype(np.float32),
    )


def _load(path: Path) -> FaceSet:
    with np.load(path, allow_pickle=False) as held:
        return FaceSet(*(held[name] for name in _FIELDS))


def _named(cutter: Cutter, neck: Neck, errors: Misplacements | None, chosen: Int32) -> str:
    kind = "judged" if errors is None else "learned"
    arrays = [chosen] if errors is None else [chosen, errors.moves]
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)).hexdigest()
    about = f"{cutter.seed} {cutter.aligner.template.revision} {neck.digest} {digest}"
    return f"{kind}-{hashlib.sha256(about.encode()).hexdigest()[:12]}"
