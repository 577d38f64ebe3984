"""How much photographs of one person repeat each other: fitted on people whose identity is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from lineament.recognition.calibration import Calibration, Mode
from lineament.recognition.pooling import (
    Look,
    contributions,
    modality,
    mode_weights,
    pooled_mode,
    shares,
)
from lineament.types import Bool, Float64

LEAST_GROUPS: Final = 20
"""Mated groups of photographs below which nothing is fitted: the mean, which claims nothing, stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the pooled scores of g groups of photographs are made of, whatever the dependence.

    One row for each region of a group (and one for its offset): group (r,), face (r,) whose dependence holds,
    value (r,) the weighted mean of the contributions, square (r,) the sum of the squared weights. mated (g,)
    and mode (g) of the groups.
    """

    group: np.ndarray
    face: Bool
    value: Float64
    square: Float64
    mated: Bool
    mode: tuple[Mode, ...]

    def scores(self, dependence: dict[Mode, float]) -> Float64:
        """Pooled scores (g,)."""
        rho = np.where(self.face, dependence["face"], dependence["body"])
        pooled = self.value / (rho + (1 - rho) * self.square)
        return np.asarray(
            np.bincount(self.group, weights=pooled, minlength=len(self.mated)), dtype=np.float64
        )


def sums_of(groups: Sequence[Sequence[Look]], mated: Bool, calibration: Calibration) -> Sums:
    """Summed up for fast fitting. Groups in which nothing can be compared are left out."""
    rows: list[tuple[int, bool, float, float]] = []
    kept: list[bool] = []
    modes: list[Mode] = []
    for looks, same in zip(groups, mated, strict=True):
        mode = pooled_mode(looks)
        if mode is None:
            continue
        number = len(kept)
        alone = [contributions(look, mode, calibration) for look in looks]
        for region in dict.fromkeys(region for one in alone for region in one):
            shown = [i for i, one in enumerate(alone) if region in one]
            weights = shares([looks[i].weight(region) for i in shown])
            mean = sum(w * alone[i][region] for w, i in zip(weights, shown, strict=True))
            rows.append((number, modality(region) == "face", mean, float(np.square(weights).sum())))
        square = float(np.square(shares(mode_weights(looks, mode))).sum())
        rows.append((number, mode == "face", calibration.offset[mode], square))
        kept.append(bool(same))
        modes.append(mode)
    columns = zip(*rows, strict=True) if rows else ([], [], [], [])
    group, face, value, squares = (np.array(column) for column in columns)
    return Sums(
        group.astype(int), face.astype(bool), value.astype(float), squares.astype(float),
        np.array(kept, bool), tuple(modes),
    )  # fmt: skip


def cost(scores: Float64, mated: Bool) -> float:
    """Cllr in bits (Brümmer & du Preez, 2006): both kinds of comparison count one half."""
    with np.errstate(over="ignore"):
        return float(
            0.5
            / np.log(2)
            * (np.logaddexp(0, -scores[mated]).mean() + np.logaddexp(0, scores[~mated]).mean())
        )


def fit_dependence(sums: Sums) -> dict[Mode, float]:
    """The dependence of bodies from groups without a face, then that of faces from those with one: each the
    one with which the pooled ratios cost least. 1, the mean, where there are too few groups.
    """
    found: dict[Mode, float] = {"face": 1.0, "body": 1.0}
    order: tuple[Mode, ...] = ("body", "face")
    for mode in order:
        chosen = np.array([one == mode for one in sums.mode], bool)
        mated = sums.mated[chosen]
        if mated.sum() < LEAST_GROUPS or (~mated).sum() < LEAST_GROUPS:
            continue

        def loss(rho: float, mode: Mode = mode, chosen: Bool = chosen, mated: Bool = mated) -> float:
            return cost(sums.scores({**found, mode: rho})[chosen], mated)

        best = minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-3})
        found[mode] = round(float(best.x), 3)
    return found
