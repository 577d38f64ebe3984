"""What a folder of shards is made from, where its files lie, and how they are written.

FOLDER/dataset.json          seed, people, plan, picture format: all that determines the samples
FOLDER/shard-000000.tar      samples 0, 1, ... of a WebDataset
FOLDER/rows/shard-000000.parquet   the shard's rows of the manifest, with its checksum; written last
FOLDER/manifest.parquet      one row a sample, when all shards are finished
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, get_args

from lineament.errors import BadInputError
from lineament.synth.reserved import refuse_reserved

Picture = Literal["png", "jpeg"]
FORMAT: Final = 1
DESCRIPTION: Final = "dataset.json"
PARTIAL: Final = ".partial"
_SPOKEN: Final = {
    "people": "population",
    "shard_size": "shard size",
    "picture": "picture format",
    "quality": "JPEG quality",
    "photoreal": "number of light paths",
}
_ANEW: Final = "choose another folder, or make everything anew with --no-resume"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines the bytes of shard n.

    seed: of the samples and of the population. people: size of the population. plan: of covariates, as
    `options.options_text` writes it; empty for the default. shard_size: samples in a shard. picture: "png"
    (lossless) or "jpeg" of `quality` 1..100. photoreal: light paths a pixel of Mitsuba's colour, 0 for the
    rasteriser's. Raises BadInputError for impossible values.
    """

    seed: int = 0
    people: int = 1000
    plan: str = ""
    shard_size: int = 256
    picture: Picture = "png"
    quality: int = 95
    photoreal: int = 0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise BadInputError(f"--seed is 0 or more, not {self.seed}")
        refuse_reserved(self.seed)
        if self.people < 1:
            raise BadInputError(f"--people is at least 1, not {self.people}")
        if self.shard_size < 1:
            raise BadInputError(f"--shard-size is at least 1, not {self.shard_size}")
        if self.picture not in get_args(Picture):
            raise BadInputError(f"--picture is png or jpeg, not {self.picture!r}")
        if not 1 <= self.quality <= 100:
            raise BadInputError(f"--quality is from 1 to 100, not {self.quality}")
        if not 0 <= self.photoreal <= 65536:
            raise BadInputError(f"--photoreal is 1 to 65536 light paths a pixel, not {self.photoreal}")


@dataclass(frozen=True, slots=True)
class Description:
    """What dataset.json says: the recipe, how many samples are wanted, and a digest of the first samples.

    Other code, assets or libraries make other samples of the same seed: the digest tells them apart.
    """

    recipe: Recipe
    count: int
    fingerprint: str

    @classmethod
    def read(cls, folder: Path) -> "Description | None":
        """That of `folder`, None where there is none; raises BadInputError when it cannot be used."""
        path = folder / DESCRIPTION
        try:
            told: dict[str, Any] = json.loads(path.read_bytes())
            if told["format"] != FORMAT:
                raise BadInputError(
                    f"{path} is of format {told['format']}, this Lineament reads {FORMAT}: {_ANEW}"
                )
            return cls(Recipe(**told["recipe"]), int(told["count"]), str(told["fingerprint"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInputError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BadInputError(f"{path} is damaged: {_ANEW}") from error

    def write(self, folder: Path) -> None:
        """Replace that of `folder`."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"
        with durable(folder / DESCRIPTION) as file:
            file.write(text.encode())

    def check(self, folder: Path, recipe: Recipe, count: int) -> None:
        """Raise BadInputError, one line, where `folder` cannot be continued with `recipe` to `count`."""
        for field in fields(Recipe):
            held, wanted = getattr(self.recipe, field.name), getattr(recipe, field.name)
            if held != wanted:
                name = _SPOKEN.get(field.name, field.name)
                values = "" if field.name == "plan" else f" ({held}, not {wanted})"
                raise BadInputError(f"{folder} holds samples of another {name}{values}: {_ANEW}")
        if count < self.count:
            raise BadInputError(
                f"{folder} was begun with {self.count} samples, more than {count}: give at least --count "
                f"{self.count}, or {_ANEW}"
            )

    def check_fingerprint(self, folder: Path, fingerprint: str) -> None:
        """Raise BadInputError where this machine would make other samples."""
        if self.fingerprint != fingerprint:
            raise BadInputError(
                f"{folder} was made with other code, assets or libraries: its first samples come out "
                f"differently here; {_ANEW}"
            )


def shard_path(folder: Path, number: int) -> Path:
    """The tar file of shard `number`."""
    return folder / f"shard-{number:06d}.tar"


def rows_path(folder: Path, number: int) -> Path:
    """The manifest's rows of shard `number`."""
    return folder / "rows" / f"shard-{number:06d}.parquet"


def manifest_path(folder: Path) -> Path:
    """The manifest of all shards."""
    return folder / "manifest.parquet"


def shard_samples(recipe: Recipe, number: int, count: int) -> range:
    """The indices of the samples of shard `number` where there are `count` in all."""
    return range(number * recipe.shard_size, min((number + 1) * recipe.shard_size, count))


def prepare(folder: Path) -> None:
    """Make `folder` where it is missing; raises BadInputError where it holds something else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / DESCRIPTION).exists() and any(_foreign(folder)):
            raise BadInputError(f"{folder} holds files that are no shards: choose an empty or a new folder")
        (folder / "rows").mkdir(exist_ok=True)
    except OSError as error:
        raise BadInputError(
            f"cannot make the folder {folder}: {error.strerror}; choose another --out"
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` for one run; raises BadInputError while another run does."""
    with (folder / ".lock").open("wb") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInputError(f"another run makes samples in {folder}: wait for it") from error
        except (ImportError, OSError):
            # No locks on this system or disk: shards still appear whole, and equal whoever made them.
            pass
        yield


def _foreign(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.name != "rows" and not path.name.startswith("."))


def sweep(folder: Path, everything: bool = False) -> None:
    """Remove what interrupted runs left half written, or `everything` that a run writes."""
    for place in (folder, folder / "rows"):
        for path in place.glob(f".*{PARTIAL}"):
            path.unlink(missing_ok=True)
        if everything:
            # The checksums go first: a shard without one is no finished shard.
            for path in [*folder.glob("rows/shard-*.parquet"), *folder.glob("shard-*.tar")]:
                path.unlink(missing_ok=True)
    if everything:
        manifest_path(folder).unlink(missing_ok=True)
        (folder / DESCRIPTION).unlink(missing_ok=True)


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the name `path` when the block ends, and is on the disk by then.

    When the block raises, `path` stays as it was. Raises OSError as writing does.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Bring a folder's new names to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
