"""The manifest of a data set: one parquet row a record, its listed pairs beside it."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import Covariate, DataSet, Pairs, Record
from lineament.writing import replacing

NAME: Final = "manifest.parquet"
REVISION: Final = 1
_KEY: Final = b"lineament.data_set"
_COVARIATE: Final = "covariate."


@dataclass(frozen=True, slots=True)
class _Arrow:
    """The two modules of pyarrow that are used."""

    pa: Any
    pq: Any


def write(data_set: DataSet, path: Path) -> None:
    """Write a data set's records to `path` and its pairs, if it has some, to `pairs_beside(path)`.

    Paths are kept relative to the folder of the manifest, so that both can move. Raises BadInputError for a
    picture elsewhere, or where nothing can be written.
    """
    arrow, rows = _arrow(), data_set.records
    columns: dict[str, Any] = {
        "name": [record.name for record in rows],
        "path": [_relative(record, path.parent) for record in rows],
        "subject": [record.subject for record in rows],
    }
    for name in data_set.covariates:
        columns[_COVARIATE + name] = [record.covariates.get(name) for record in rows]
        if len({isinstance(value, str) for value in columns[_COVARIATE + name] if value is not None}) > 1:
            raise ValueError(f"the covariate {name} of {data_set.name} is a number here and a word there")
    columns["box"] = arrow.pa.array(
        [None if record.box is None else list(record.box) for record in rows],
        arrow.pa.list_(arrow.pa.float64(), 4),
    )
    told = {
        "revision": REVISION, "name": data_set.name, "terms": data_set.terms,
        "may_show": data_set.may_show, "source": data_set.source,
    }  # fmt: skip
    table = arrow.pa.table(columns).replace_schema_metadata({_KEY: json.dumps(told).encode()})
    try:
        with replacing(path) as partial:
            arrow.pq.write_table(table, partial)
        if data_set.pairs is not None:
            first, second, mated = data_set.pairs.first, data_set.pairs.second, data_set.pairs.mated
            listed = arrow.pa.table({"first": first, "second": second, "mated": mated})
            with replacing(pairs_beside(path)) as partial:
                arrow.pq.write_table(listed, partial)
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}; choose another place") from error


def read(path: Path) -> DataSet:
    """The data set of a manifest, whose pictures lie below its folder.

    Raises BadInputError where it is no manifest, names pictures outside of its folder, or some are missing.
    """
    arrow, folder = _arrow(), path.parent
    try:
        table = arrow.pq.read_table(path)
        told = json.loads(table.schema.metadata[_KEY])
        rows = table.to_pylist()
        records = tuple(_record(row, folder) for row in rows)
        listed = _pairs(arrow, pairs_beside(path))
        if told["revision"] != REVISION:
            raise ValueError(f"revision {told['revision']}, not {REVISION}")
        found = DataSet(
            told["name"], folder, records, told["terms"], told["may_show"], listed, told["source"]
        )
    except (OSError, KeyError, TypeError, ValueError, arrow.pa.ArrowException) as error:
        raise BadInputError(f"{path} is no manifest of a data set ({error}); write it anew") from error
    absent = [record.path for record in records if record.path is not None and not record.path.is_file()]
    if absent:
        raise BadInputError(
            f"{folder} lacks {len(absent)} of {len(records)} pictures of its manifest, such as "
            f"{absent[0].relative_to(folder)}; complete it"
        )
    return found


def pairs_beside(path: Path) -> Path:
    """Where the pairs of the manifest `path` lie."""
    return path.with_name(f"{path.stem}.pairs{path.suffix}")


def _relative(record: Record, folder: Path) -> str | None:
    if record.path is None:
        return None
    try:
        return record.path.relative_to(folder).as_posix()
    except ValueError:
        raise BadInputError(
            f"{record.path} lies outside of {folder}; write the manifest beside the pictures"
        ) from None


def _record(row: dict[str, Any], folder: Path) -> Record:
    covariates: dict[str, Covariate] = {
        name.removeprefix(_COVARIATE): value
        for name, value in row.items()
        if name.startswith(_COVARIATE) and value is not None
    }
    place = None if row["path"] is None else PurePosixPath(row["path"])
    if place is not None and (place.is_absolute() or ".." in place.parts):
        raise ValueError(f"{place} lies outside of its folder")
    box = None if row["box"] is None else tuple(row["box"])
    path = None if place is None else folder / place
    return Record(row["name"], path, row["subject"], covariates, box)


def _pairs(arrow: _Arrow, path: Path) -> Pairs | None:
    if not path.is_file():
        return None
    table = arrow.pq.read_table(path)
    first, second, mated = (table[name].to_numpy() for name in ("first", "second", "mated"))
    return Pairs(first.astype(np.int32), second.astype(np.int32), mated.astype(bool))


def _arrow() -> _Arrow:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as missing:
        raise BadInputError("manifests need pyarrow; run: pip install 'lineament[evaluation]'") from missing
    return _Arrow(pa, pq)
