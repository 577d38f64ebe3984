"""Verification (1:1): listed pairs, or everything with everything."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import DataSet
from lineament.evaluation.plan import Plan
from lineament.evaluation.protocols.seeds import generator
from lineament.evaluation.protocols.selection import Condition, chosen, people_needed
from lineament.types import Int32

MOST: Final = 100_000_000
"""Listed comparisons of a plan: 1.2 GB of rows and scores."""


def listed(data_set: DataSet, *, sets: bool = False, most: int | None = None, seed: int = 0) -> Plan:
    """The pairs that the data set lists.

    sets: a pair stands for all pairs of its two sets' records, to be fused by `sets.fused_pairs`. most: draw
    this many of the listed pairs, mated and non-mated in their listed shares, at least one of each.
    Raises BadInputError where the data set lists none, or they are too many.
    """
    if data_set.pairs is None or not len(data_set.pairs):
        raise BadInputError(f"{data_set.name} lists no pairs; compare everything by the protocol full")
    taken = np.arange(len(data_set.pairs))
    if most is not None and most < len(taken):
        taken = _drawn(data_set.pairs.mated, most, seed)
    rows = np.stack([data_set.pairs.first[taken], data_set.pairs.second[taken]], axis=1)
    if sets:
        rows = _expanded(data_set, rows)
    if len(rows) > MOST:
        raise BadInputError(f"{data_set.name} lists {len(rows):,} comparisons, above {MOST:,}; draw fewer")
    probes, first = np.unique(rows[:, 0], return_inverse=True)
    references, second = np.unique(rows[:, 1], return_inverse=True)
    said = "listed pairs" + (" of sets" if sets else "")
    said += "" if most is None else f", {len(taken):,} drawn by seed {seed}"
    pairs = np.stack([first, second], axis=1).astype(np.int32)
    return Plan(said, data_set, probes.astype(np.int32), references.astype(np.int32), pairs)


def full(data_set: DataSet, *, probe: Sequence[Condition] = (), reference: Sequence[Condition] = ()) -> Plan:
    """Every record that fulfils `probe` against every one that fulfils `reference`.

    Where both sides share records the matrix holds each comparison twice; `exclusions.once` counts it once.
    """
    people_needed(data_set)
    return Plan("full matrix", data_set, _some(data_set, probe), _some(data_set, reference))


def _some(data_set: DataSet, where: Sequence[Condition]) -> Int32:
    found = chosen(data_set, where)
    if not len(found):
        raise BadInputError(f"no record of {data_set.name} fulfils {list(where)}; loosen the conditions")
    return found


def _drawn(mated: np.ndarray, most: int, seed: int) -> np.ndarray:
    rng = generator(seed, "listed pairs")
    kept = []
    for kind in (True, False):
        places = np.flatnonzero(mated == kind)
        share = max(1, round(most * len(places) / len(mated)))
        kept.append(rng.choice(places, size=min(share, len(places)), replace=False))
    return np.sort(np.concatenate(kept))


def _expanded(data_set: DataSet, rows: np.ndarray) -> np.ndarray:
    """(n, 2) pairs of records -> (m, 2) all pairs of the records of their sets."""
    sets = data_set.column("set")
    keys, of = np.unique(
        [f"{subject}/{one}" if one else f"//{place}" for place, (subject, one) in
         enumerate(zip(data_set.subjects, sets, strict=True))],
        return_inverse=True,
    )  # fmt: skip
    order = np.argsort(of, kind="stable")
    sizes = np.bincount(of, minlength=len(keys))
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    a, b = of[rows[:, 0]], of[rows[:, 1]]
    counts = sizes[a] * sizes[b]
    if counts.sum() > MOST:
        raise BadInputError(f"the sets hold {counts.sum():,} comparisons, above {MOST:,}; draw fewer pairs")
    pair = np.repeat(np.arange(len(rows)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    one, other = np.divmod(within, sizes[b][pair])
    return np.stack([order[starts[a][pair] + one], order[starts[b][pair] + other]], axis=1)
