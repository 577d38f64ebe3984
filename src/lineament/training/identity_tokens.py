"""What a registration model says of pictures and prototypes, kept for learning from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.geometry.template import load_template
from lineament.runtime.registrar import Registrar
from lineament.runtime.windows import cut, window_round
from lineament.synth.people import People
from lineament.training.identity_pictures import read_shard
from lineament.training.identity_prototypes import prototype_coefficients, prototype_tokens
from lineament.types import Float32, Int32

BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class PictureSet:
    """M pictures. tokens: (M, 15, T). overall: (M, C). person: (M,)."""

    tokens: Float32
    overall: Float32
    person: Int32


@dataclass(frozen=True, slots=True, eq=False)
class PrototypeSet:
    """P people, all of a population. tokens: (P, 15, D). coefficients: (P, k)."""

    tokens: Float32
    coefficients: Float32


def read_pictures(
    shards: Sequence[Path], folder: Path, registrar: Registrar, say: Callable[[str], None]
) -> PictureSet:
    """What `registrar` says of the pictures in `shards`, kept in `folder`: a second call is quick."""
    folder.mkdir(parents=True, exist_ok=True)
    sets = []
    for number, path in enumerate(shards):
        kept = folder / f"{path.stem}.{registrar.model}.npz"
        if not kept.is_file():
            _write(kept, _read(path, registrar))
            say(f"read {number + 1} of {len(shards)} shards")
        with np.load(kept, allow_pickle=False) as held:
            sets.append([held[name] for name in PictureSet.__slots__])
    return PictureSet(*(np.concatenate(column) for column in zip(*sets, strict=True)))


def _read(path: Path, registrar: Registrar) -> PictureSet:
    shard = read_shard(path)
    found = []
    for start in range(0, len(shard.images), BATCH):
        some = range(start, min(start + BATCH, len(shard.images)))
        windows = [window_round(tuple(float(v) for v in shard.box[i])) for i in some]  # type: ignore[arg-type]
        found += registrar.summaries(
            np.stack([cut(shard.images[i], window) for i, window in zip(some, windows, strict=True)])
        )
    return PictureSet(
        np.stack([one.tokens for one in found]),
        np.stack([one.overall for one in found]),
        shard.person,
    )


def _write(path: Path, pictures: PictureSet) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **{name: getattr(pictures, name) for name in PictureSet.__slots__})
    partial.replace(path)


def read_prototypes(people: People, chosen: Sequence[int], registrar: Registrar) -> PrototypeSet:
    """Of the `chosen` people, in that order, enrolled as scans without colour."""
    template = load_template()
    tokens, coefficients = [], []
    for person in chosen:
        held = people.prototype(person)
        measured = np.ones(len(held.points), dtype=bool)
        features = registrar.prototype_features(held.points, held.normals, None, measured)
        tokens.append(prototype_tokens(features, template.parts, measured))
        coefficients.append(prototype_coefficients(held.points, measured))
    return PrototypeSet(np.stack(tokens), np.stack(coefficients))
