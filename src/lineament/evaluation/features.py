"""Templates on disk: a folder of parquet parts, each written whole; of two rows of a name the later counts.

Columns of a part: name, failure ("" where a template was made), refused (why it could not be enrolled), yaw
(radians), quality (0..1), vector (list of float32), content (bytes), reference (whether enrolling was
asked for), size, modified (nanoseconds) and sha256 of the picture.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.systems import Template
from lineament.writing import replacing

CHECKPOINT: Final = 5.0
"""Seconds of work that an interruption loses at most."""
FULL: Final = 1024
"""Rows after which a part is written, whatever the clock says."""
_KEPT: Final = ("name", "failure", "reference", "size", "modified", "sha256")
_LIGHT: Final = [*_KEPT, "refused", "yaw", "quality", "vector"]


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One picture's outcome: a template, or why there is none; whether enrolling was asked for; which file it
    was made of.
    """

    name: str
    failure: str
    template: Template | None
    reference: bool
    size: int
    modified: int
    sha256: str

    def __post_init__(self) -> None:
        if (self.template is None) != bool(self.failure):
            raise ValueError("a feature holds either a template or a failure")


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    part: Path
    row: int
    feature: Feature
    heavy: bool


class FeatureStore:
    """The features of one run. Vectors stay in memory, heavier content is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, _Place] = {}
        self._next = 0
        self._waiting: list[Feature] = []
        self._since = time.monotonic()
        self._read: tuple[Path, list[bytes]] | None = None
        for part in sorted(folder.glob("part-*.parquet")):
            self._next = int(part.stem.rpartition("-")[2]) + 1
            self._index(part)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def feature(self, name: str) -> Feature:
        """One picture's outcome; its content may be empty here, `templates` reads it."""
        return self._places[name].feature

    def whole(self, name: str) -> Feature:
        """One picture's outcome with all of its content."""
        place = self._places[name]
        template = None if place.feature.failure else self._whole(place)
        return replace(place.feature, template=template)

    def add(self, feature: Feature) -> bool:
        """Keep a feature; whether this wrote a checkpoint."""
        self._waiting.append(feature)
        due = time.monotonic() - self._since >= CHECKPOINT or len(self._waiting) >= FULL
        if due:
            self.flush()
        return due

    def flush(self) -> None:
        """Write what waits as one more part."""
        self._since = time.monotonic()
        if not self._waiting:
            return
        arrow, parquet = arrow_modules()
        part = self._folder / f"part-{self._next:06d}.parquet"
        part.parent.mkdir(parents=True, exist_ok=True)
        table = arrow.Table.from_pylist([_row(one) for one in self._waiting], schema=_schema(arrow))
        with replacing(part) as partial:
            parquet.write_table(table, partial, compression="zstd")
        self._waiting, self._next = [], self._next + 1
        self._index(part)

    def templates(self, names: Sequence[str]) -> list[Template]:
        """Templates in the order of `names`, none of which failed."""
        return [self._whole(self._places[name]) for name in names]

    def _index(self, part: Path) -> None:
        _, parquet = arrow_modules()
        try:
            held = parquet.read_schema(part).names
            table = parquet.read_table(part, columns=[one for one in (*_LIGHT, "heavy") if one in held])
        except Exception as error:  # a damaged file raises several kinds
            raise BadInputError(
                f"{part} is damaged ({type(error).__name__}); delete it and export again"
            ) from error
        for row, values in enumerate(table.to_pylist()):
            heavy = bool(values.pop("heavy"))
            self._places[values["name"]] = _Place(part, row, _feature(values, b"?" if heavy else b""), heavy)

    def _whole(self, place: _Place) -> Template:
        light = place.feature.template
        if light is None:
            raise ValueError(f"{place.feature.name} has no template")
        if not place.heavy:
            return light
        if self._read is None or self._read[0] != place.part:
            _, parquet = arrow_modules()
            table = parquet.read_table(place.part, columns=["content"])
            self._read = (place.part, table.column("content").to_pylist())
        content = self._read[1][place.row]
        return replace(light, content=content)


def write_table(path: Path, columns: dict[str, Any]) -> None:
    """Columns of equal length as one parquet file, whole or not at all."""
    arrow, parquet = arrow_modules()
    with replacing(path) as partial:
        parquet.write_table(arrow.table(columns), partial, compression="zstd")


def read_columns(path: Path) -> dict[str, np.ndarray]:
    """The columns of a parquet file as arrays; raises BadInputError where it cannot be read."""
    _, parquet = arrow_modules()
    try:
        table = parquet.read_table(path)
    except FileNotFoundError as error:
        raise BadInputError(f"{path} is missing; run `lineament evaluate export` again") from error
    except Exception as error:  # a damaged file raises several kinds
        raise BadInputError(f"{path} cannot be read ({type(error).__name__}); export again") from error
    return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}


def arrow_modules() -> tuple[Any, Any]:
    """pyarrow and pyarrow.parquet; raises BadInputError, one line, where they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BadInputError(
            "runs are kept as parquet: install pyarrow (pip install 'lineament[evaluation]')"
        ) from error
    return pyarrow, pyarrow.parquet


def _schema(arrow: Any) -> Any:
    return arrow.schema(
        [
            ("name", arrow.string()),
            ("failure", arrow.string()),
            ("refused", arrow.string()),
            ("yaw", arrow.float32()),
            ("quality", arrow.float32()),
            ("vector", arrow.list_(arrow.float32())),
            ("content", arrow.binary()),
            ("heavy", arrow.bool_()),
            ("reference", arrow.bool_()),
            ("size", arrow.int64()),
            ("modified", arrow.int64()),
            ("sha256", arrow.string()),
        ]
    )


def _row(feature: Feature) -> dict[str, Any]:
    held = {name: getattr(feature, name) for name in _KEPT}
    one = feature.template
    if one is None:
        unknown = float("nan")
        nothing = {"refused": "", "yaw": unknown, "quality": unknown, "vector": [], "content": b""}
        return held | nothing | {"heavy": False}
    return held | {
        "refused": one.refused,
        "yaw": one.yaw,
        "quality": one.quality,
        "vector": one.vector.astype(np.float32),
        "content": one.content,
        "heavy": bool(one.content),
    }


def _feature(values: dict[str, Any], content: bytes) -> Feature:
    template = None
    if not values["failure"]:
        vector = np.asarray(values["vector"], dtype=np.float32)
        quality = float(values.get("quality", float("nan")))  # parts of earlier versions have none
        template = Template(vector, content, float(values["yaw"]), values["refused"], quality)
    return Feature(template=template, **{name: values[name] for name in _KEPT})
