"""The manifest: one row a sample, first beside each shard with its checksum, at the end all in one file."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lineament.errors import BadInputError
from lineament.synth.dataset import durable, manifest_path, rows_path, shard_path
from lineament.synth.shards import Written

_KEY: Final = b"lineament.shard"
_TYPES: Final = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


@dataclass(frozen=True, slots=True)
class Finished:
    """What the rows of a shard say of it: sha256 (hexadecimal), size in bytes, number of samples."""

    sha256: str
    size: int
    samples: int


def write_rows(folder: Path, number: int, seed: int, written: Written) -> None:
    """Write the rows of shard `number`; it counts as finished from then on."""
    shard = shard_path(folder, number).name
    rows = [
        {"index": one.index, "shard": shard, "offset": one.offset, "bytes": one.length, "seed": seed}
        | {name: value for name, value in one.covariates.items() if name not in ("index", "seed")}
        for one in written.places
    ]
    told = {"sha256": written.sha256, "size": written.size, "samples": len(rows)}
    table = _table(rows).replace_schema_metadata({_KEY: json.dumps(told).encode()})
    with durable(rows_path(folder, number)) as file:
        pq.write_table(table, file)


def finished(folder: Path, number: int) -> Finished | None:
    """What is said of shard `number`, None where it is not finished; the shard itself is not opened."""
    try:
        told = json.loads((pq.read_schema(rows_path(folder, number)).metadata or {})[_KEY])
        return Finished(**told)
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException):
        return None


def sound(folder: Path, number: int, samples: int) -> bool:
    """Whether shard `number` is finished, of that many samples, and as it was written."""
    told, path = finished(folder, number), shard_path(folder, number)
    if told is None or told.samples != samples or not path.is_file() or path.stat().st_size != told.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == told.sha256


def combine(folder: Path, numbers: Iterable[int]) -> None:
    """Write the manifest of finished shards; covariates that a sample has not are null."""
    paths = [rows_path(folder, number) for number in numbers]
    try:
        schema = pa.unify_schemas(
            [pq.read_schema(path).remove_metadata() for path in paths], promote_options="permissive"
        )
    except pa.ArrowException as error:
        raise BadInputError(f"the rows of {folder} do not fit together ({error})") from error
    nothing = schema.empty_table()
    with durable(manifest_path(folder)) as file, pq.ParquetWriter(file, schema) as writer:
        for path in paths:
            rows = pq.read_table(path).replace_schema_metadata(None)
            writer.write_table(pa.concat_tables([nothing, rows], promote_options="permissive"))


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [_plain(row.get(name)) for row in rows] for name in names}
    return pa.table({name: pa.array(values, _type(name, values)) for name, values in columns.items()})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _type(name: str, values: Sequence[Any]) -> pa.DataType:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pa.float64()
    if len(kinds) > 1:
        raise ValueError(f"the covariate {name} has values of several types")
    return _TYPES[kinds.pop()] if kinds else pa.null()
