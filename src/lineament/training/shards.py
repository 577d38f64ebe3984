"""Training samples on a disk: made where people can be drawn, read where only PyTorch is.

FOLDER/dataset.json, shard-000000.tar ...   as `lineament synth make` lays them out
FOLDER/prototypes.safetensors               the people in them, at the template's sites
"""

import io
import json
import tarfile
import zipfile
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from lineament.distributions import Value
from lineament.errors import BadInputError
from lineament.synth.dataset import Description, shard_path, shard_samples
from lineament.synth.occlusion import OcclusionSettings
from lineament.synth.seeds import generator
from lineament.synth.shards import Arrays
from lineament.synth.shards import Source as StoredSource
from lineament.training.augment import UNKNOWN_PERSON, TrainingSample
from lineament.training.carried import carried
from lineament.training.data import Source
from lineament.training.prototypes import PERSON, Prototypes
from lineament.types import Float32, Int32

GRID: Final = 512
"""Steps a metre of stored places: 2 mm, a fraction of what a cell of the network covers."""


@dataclass(frozen=True, slots=True)
class TrainingLabels:
    """What training reads of another source's samples, and nothing else: a tenth of the bytes of all labels.

    open_source: opens the other source in the process that uses it; picklable and hashable.
    """

    open_source: Callable[[], Source]

    def __call__(self) -> StoredSource:
        """Open the source and return its samples by number, as shards store them."""
        draw: Source = self.open_source()

        def sample(index: int) -> tuple[Arrays, Mapping[str, Value]]:
            drawn = draw(index)
            return _stored(drawn), {} if drawn.person == UNKNOWN_PERSON else {PERSON: drawn.person}

        return sample


def _stored(drawn: TrainingSample) -> dict[str, np.ndarray]:
    steps = np.round(drawn.canonical.astype(np.float32) * GRID).astype(np.int16)
    places = {f"canonical_{axis}": steps[..., place] for place, axis in enumerate("xyz")}
    return {"image": drawn.image, "part": drawn.part, "main": drawn.main, "carried": drawn.carried, **places}


@dataclass(frozen=True, slots=True)
class ShardSource:
    """The samples of a folder of shards, over and over: first in order, then every time in another one.

    The folder may lack shards, but not the prototypes. All labels, as `lineament synth make` keeps them, do
    as well as those of `TrainingLabels`.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Names the data in records: the same name means the same samples.

        Raises BadInputError where the folder holds none.
        """
        described, shards = _described(self.folder), _shards(self.folder)
        recipe, count = described.recipe, _counts(described, shards)[-1]
        data = f"shards {described.fingerprint[:12]} seed {recipe.seed} people {recipe.people}"
        return f"{data} pictures {count} {recipe.plan}".strip()

    def __call__(self) -> Source:
        """Open the folder and return its samples by number. Raises BadInputError where one is damaged."""
        described, shards = _described(self.folder), _shards(self.folder)
        counts = _counts(described, shards)
        prototypes = Prototypes.read(self.folder)
        seed, size = described.recipe.seed, described.recipe.shard_size

        def sample(number: int) -> TrainingSample:
            place = _order(seed, counts[-1], number // counts[-1])[number % counts[-1]]
            which = bisect(counts, place)
            within = place - (counts[which - 1] if which else 0)
            path = shard_path(self.folder, shards[which])
            return _sample(path, shards[which] * size + within, prototypes, generator(seed, "rival", number))

        return sample


def _described(folder: Path) -> Description:
    described = Description.read(folder)
    if described is None or not _shards(folder):
        raise BadInputError(f"{folder} holds no samples; make some: lineament train shards --out {folder}")
    return described


def _shards(folder: Path) -> list[int]:
    return sorted(int(path.stem.removeprefix("shard-")) for path in folder.glob("shard-*.tar"))


def _counts(described: Description, shards: list[int]) -> list[int]:
    """Samples in the shards up to each one."""
    return list(accumulate(len(shard_samples(described.recipe, one, described.count)) for one in shards))


@lru_cache(maxsize=4)
def _order(seed: int, count: int, epoch: int) -> Int32:
    if epoch == 0:
        return np.arange(count, dtype=np.int32)
    return generator(seed, "epoch", epoch).permutation(count).astype(np.int32)


@cache
def _members(path: Path) -> dict[int, dict[str, tuple[int, int]]]:
    """Sample -> ending -> first byte and number of bytes in a tar file."""
    found: dict[int, dict[str, tuple[int, int]]] = {}
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            key, dot, ending = member.name.partition(".")
            found.setdefault(int(key), {})[dot + ending] = (member.offset_data, member.size)
    return found


def _sample(path: Path, index: int, prototypes: Prototypes, rng: np.random.Generator) -> TrainingSample:
    try:
        contents = {}
        with path.open("rb") as file:
            for ending, (start, size) in _members(path)[index].items():
                file.seek(start)
                contents[ending] = file.read(size)
        told = json.loads(contents.pop(".json"))
        with np.load(io.BytesIO(contents.pop(".npz")), allow_pickle=False) as labels:
            maps = _maps(labels, told)
        (picture,) = contents.values()
        image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR_RGB)
        person = told.get(PERSON, UNKNOWN_PERSON)
        prototype = prototypes.of(person)
    except (tarfile.TarError, OSError, KeyError, ValueError, cv2.error, zipfile.BadZipFile) as error:
        raise BadInputError(f"sample {index} of {path} cannot be read ({error}); make it again") from error
    rival = prototypes.rival_of(person, rng)
    return TrainingSample(
        image=image,
        **maps,
        person=person,
        points=prototype.points,
        normals=prototype.normals,
        colours=prototype.colours,
        has_colour=True,
        measured=np.ones(len(prototype.points), dtype=np.float32),
        rival=prototypes.of(rival),
        rival_person=rival,
    )


def _maps(labels: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> dict[str, np.ndarray]:
    if "main" in labels:
        places = np.stack([labels[f"canonical_{axis}"] for axis in "xyz"], axis=-1)
        canonical: Float32 = places.astype(np.float32) / GRID
        return {"canonical": canonical} | {name: labels[name] for name in ("part", "main", "carried")}
    occlusion = OcclusionSettings(*(told[f"occlusion.{name}"] for name in ("kind", "size", "seed")))
    return {
        "part": labels["part"],
        "canonical": labels["canonical"],
        "main": (labels["subject"] == 1).astype(np.uint8),
        "carried": carried(labels["surfaces"].tolist(), labels["surface"], occlusion),
    }
