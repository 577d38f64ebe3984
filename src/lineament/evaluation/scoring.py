"""Scores in blocks: bounded memory, a checkpoint every few seconds, failures below every threshold."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import MISSED
from lineament.evaluation.features import FeatureStore, write_table
from lineament.evaluation.plan import Plan
from lineament.evaluation.systems import NOWHERE, Scores, System, Template
from lineament.types import Bool, Float32, Int32
from lineament.writing import replacing

LARGEST: Final = 8_000_000
"""Comparisons of one block: 32 MB of scores."""
REFERENCES: Final = 4096
"""References that are held at a time."""
_BRISK: Final = 0.5
"""Seconds; a block that was done sooner lets the next one be twice as large."""

Progress = Callable[[str, int, int], None]


def score_all(plan: Plan, system: System, store: FeatureStore, out: Path, progress: Progress) -> None:
    """Write scores.parquet (listed pairs) or scores.npy and nominal.npy (the full matrix), going on where an
    earlier call stopped; nothing where they are there.
    """
    if (out / ("scores.npy" if plan.pairs is None else "scores.parquet")).exists():
        return
    records = plan.dataset.records
    sides = (
        _Side(store, [records[row].name for row in plan.probes], reference=False),
        _Side(store, [records[row].name for row in plan.references], reference=True),
    )
    score, nominal, start = _partial(plan, out, system.calibrated)
    rows, size = plan.shape[0], 8
    same = plan.probes[:, None] if plan.pairs is None else None
    while start < rows:
        progress(f"scores by {system.name}", start, rows)
        begun = time.monotonic()
        block = np.arange(start, min(start + size, rows), dtype=np.int32)
        found = (
            _matrix(system, *sides, block)
            if plan.pairs is None
            else _pairs(system, *sides, plan.pairs[block])
        )
        score[block] = found.score
        if same is not None:
            score[block] = np.where(same[block] == plan.references[None], np.nan, score[block])
        if nominal is not None and found.nominal is not None:
            nominal[block] = found.nominal
        start += len(block)
        if time.monotonic() - begun < _BRISK:
            size = min(2 * size, max(1, LARGEST // max(1, int(np.prod(plan.shape[1:])))))
        _note(out, start)
    _finished(plan, out, score, nominal)


class _Side:
    """Templates of one side of the comparisons, and which of them there are."""

    def __init__(self, store: FeatureStore, names: list[str], *, reference: bool) -> None:
        self._store, self._names = store, names
        found = [store.feature(name).template for name in names]
        self.usable: Bool = np.array(
            [one is not None and not (reference and one.refused) for one in found], dtype=bool
        )

    def __len__(self) -> int:
        return len(self._names)

    def templates(self, rows: Int32) -> list[Template]:
        return self._store.templates([self._names[row] for row in rows])


def _matrix(system: System, probes: _Side, references: _Side, block: Int32) -> Scores:
    score, nominal = _missed((len(block), len(references)), system.calibrated)
    mine = np.flatnonzero(probes.usable[block])
    theirs = np.flatnonzero(references.usable).astype(np.int32)
    ours = probes.templates(block[mine])
    for first in range(0, len(theirs) if len(mine) else 0, REFERENCES):
        columns = theirs[first : first + REFERENCES]
        found = system.matrix(ours, references.templates(columns))
        place = np.ix_(mine, columns)
        score[place] = found.score
        if nominal is not None and found.nominal is not None:
            nominal[place] = found.nominal
    return Scores(score, nominal)


def _pairs(system: System, probes: _Side, references: _Side, pairs: Int32) -> Scores:
    score, nominal = _missed((len(pairs),), system.calibrated)
    kept = np.flatnonzero(probes.usable[pairs[:, 0]] & references.usable[pairs[:, 1]])
    if len(kept):
        found = system.pairs(probes.templates(pairs[kept, 0]), references.templates(pairs[kept, 1]))
        score[kept] = found.score
        if nominal is not None and found.nominal is not None:
            nominal[kept] = found.nominal
    return Scores(score, nominal)


def _missed(shape: tuple[int, ...], calibrated: bool) -> tuple[Float32, Float32 | None]:
    """What a comparison counts for until it has been made."""
    score = np.full(shape, MISSED, dtype=np.float32)
    return score, np.full(shape, NOWHERE, dtype=np.float32) if calibrated else None


def _partial(plan: Plan, out: Path, calibrated: bool) -> tuple[Float32, Float32 | None, int]:
    """Arrays on disk to write to, and how many rows of them are done."""
    paths = [out / f"{kind}.partial.npy" for kind in (("scores", "nominal") if calibrated else ("scores",))]
    try:
        done = int(json.loads((out / "progress.json").read_text(encoding="utf-8"))["rows"])
        held = [np.lib.format.open_memmap(path, mode="r+") for path in paths]
    except (OSError, ValueError, KeyError, TypeError):
        done = 0
        held = [np.lib.format.open_memmap(path, "w+", np.dtype(np.float32), plan.shape) for path in paths]
    if any(one.shape != plan.shape for one in held):
        raise ValueError("half-made scores are of another plan; the run's record should have said so")
    return held[0], held[1] if calibrated else None, done


def _note(out: Path, rows: int) -> None:
    with replacing(out / "progress.json") as partial:
        partial.write_text(json.dumps({"rows": rows}), encoding="utf-8")


def _finished(plan: Plan, out: Path, score: Float32, nominal: Float32 | None) -> None:
    if plan.pairs is None:
        for kind in ("nominal", "scores"):
            if (out / f"{kind}.partial.npy").exists():
                (out / f"{kind}.partial.npy").replace(out / f"{kind}.npy")
    else:
        columns = {"probe": plan.pairs[:, 0], "reference": plan.pairs[:, 1], "score": np.asarray(score)}
        if nominal is not None:
            columns["nominal"] = np.asarray(nominal)
        write_table(out / "scores.parquet", columns)
    for name in ("scores.partial.npy", "nominal.partial.npy", "progress.json"):
        (out / name).unlink(missing_ok=True)
