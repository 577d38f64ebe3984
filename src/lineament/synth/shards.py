"""Samples as members of tar files, as WebDataset lays them out, and back.

Sample 17 is `000000017.png` (or .jpg), `000000017.npz` (all other arrays, nothing pickled) and
`000000017.json` (seed, index and every covariate). Equal samples give equal bytes: no times, no owners.
"""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import cv2
import numpy as np

from lineament.distributions import Value
from lineament.errors import BadInputError
from lineament.synth.dataset import Description, Recipe, shard_path

Arrays: TypeAlias = Mapping[str, np.ndarray]
Source: TypeAlias = Callable[[int], tuple[Arrays, Mapping[str, Value]]]
"""Index -> arrays with "image" (H, W, 3) uint8 sRGB among them, and covariates by name."""

SUFFIX: Final = {"png": ".png", "jpeg": ".jpg"}
PNG_LEVEL: Final = 1
NPZ_LEVEL: Final = 1
"""Higher levels take several times as long for a few hundredths of the bytes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A sample as it lies in a shard: arrays by name, "image" among them, and covariates by name."""

    index: int
    arrays: dict[str, np.ndarray]
    covariates: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sample lies in its shard: its first member's header and the length of its members, bytes."""

    index: int
    offset: int
    length: int
    covariates: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Written:
    """A shard that was written: sha256 (hexadecimal), size in bytes, and its samples."""

    sha256: str
    size: int
    places: tuple[Place, ...]


def encode(recipe: Recipe, index: int, arrays: Arrays, covariates: Mapping[str, Value]) -> dict[str, bytes]:
    """The members of sample `index`: name -> content."""
    key = f"{index:09d}"
    labels = {name: np.asarray(array) for name, array in arrays.items() if name != "image"}
    told = {"seed": recipe.seed, "index": index} | {
        name: value.item() if isinstance(value, np.generic) else value for name, value in covariates.items()
    }
    return {
        key + SUFFIX[recipe.picture]: _picture(arrays["image"], recipe),
        key + ".npz": _npz(labels, arrays["image"].shape[:2]),
        key + ".json": json.dumps(told, allow_nan=False).encode(),
    }


def write_shard(
    file: BinaryIO, recipe: Recipe, indices: range, source: Source, told: Callable[[], None]
) -> Written:
    """Write samples `indices` of `source` to `file` as a tar; `told` is called after each."""
    digested = _Digested(file)
    places = []
    with tarfile.open(fileobj=digested, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for index in indices:
            arrays, covariates = source(index)
            start = tar.offset
            for name, content in encode(recipe, index, arrays, covariates).items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o644
                tar.addfile(member, io.BytesIO(content))
            places.append(Place(index, start, tar.offset - start, covariates))
            told()
    return Written(digested.sha256.hexdigest(), digested.size, tuple(places))


def read(folder: Path) -> Iterator[Stored]:
    """All samples of the finished shards of `folder`, in order.

    Raises BadInputError where `folder` holds no samples or a shard is damaged.
    """
    if Description.read(folder) is None:
        raise BadInputError(f"{folder} holds no samples; make some: lineament synth make --out {folder}")
    for path in sorted(folder.glob("shard-*.tar")):
        yield from read_shard(path)


def read_shard(path: Path) -> Iterator[Stored]:
    """The samples of one tar file; raises BadInputError where it is damaged."""
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None:
                    raise BadInputError(f"{path} holds {member.name}, which is no file")
                members[member.name] = content.read()
                if member.name.endswith(".json"):
                    yield decode(members)
                    members = {}
    except (tarfile.TarError, OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise BadInputError(
            f"{path} cannot be read ({error}); make it again: lineament synth make"
        ) from error


def read_members(folder: Path, index: int) -> dict[str, bytes]:
    """The members of sample `index` of a folder, as they lie there.

    Raises BadInputError where there is no such sample.
    """
    described = Description.read(folder)
    if described is None or not 0 <= index < described.count:
        raise BadInputError(f"{folder} holds no sample {index}")
    key = f"{index:09d}"
    path = shard_path(folder, index // described.recipe.shard_size)
    try:
        with tarfile.open(path, "r:") as tar:
            names = (key + SUFFIX[described.recipe.picture], key + ".npz", key + ".json")
            # Members are files that write_shard wrote: a directory of that name would be damage.
            return {name: tar.extractfile(name).read() for name in names}
    except (tarfile.TarError, OSError, KeyError, AttributeError) as error:
        raise BadInputError(
            f"sample {index} cannot be read from {path}; make it again: lineament synth make"
        ) from error


def decode(members: Mapping[str, bytes]) -> Stored:
    """The sample whose members these are."""
    arrays: dict[str, np.ndarray] = {}
    covariates: dict[str, Value] = {}
    for name, content in members.items():
        if name.endswith(".json"):
            covariates = json.loads(content)
        elif name.endswith(".npz"):
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                arrays |= dict(archive)
        else:
            picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            if picture is None:
                raise ValueError(f"{name} is no picture")
            arrays["image"] = np.ascontiguousarray(picture[..., ::-1])
    return Stored(int(covariates["index"]), arrays, covariates)


class _Digested:
    """A file to write to that knows the digest and the size of what was written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self.size


def _picture(image: np.ndarray, recipe: Recipe) -> bytes:
    settings = [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL]
    if recipe.picture == "jpeg":
        settings = [cv2.IMWRITE_JPEG_QUALITY, recipe.quality]
    ok, code = cv2.imencode(SUFFIX[recipe.picture], image[..., ::-1], settings)
    if not ok:
        raise RuntimeError(f"OpenCV could not encode a picture as {recipe.picture}")
    return code.tobytes()


def _npz(arrays: Arrays, size: tuple[int, int]) -> bytes:
    """An .npz as `numpy.load` reads it. Maps of the picture's `size` are compressed, whose background is all
    the same; of lists of points hardly a tenth could be saved.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            # ZipInfo's own date is 1980-01-01: nothing of the day of writing gets in.
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_DEFLATED if array.shape[:2] == size else zipfile.ZIP_STORED
            content = _npy_header(array.shape, array.dtype.str) + array.tobytes()
            archive.writestr(member, content, compresslevel=NPZ_LEVEL)
    return buffer.getvalue()


@lru_cache(maxsize=1024)
def _npy_header(shape: tuple[int, ...], dtype: str) -> bytes:
    """What stands before the values in an .npy file; kept, because numpy takes its time for it."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    return header.getvalue()
