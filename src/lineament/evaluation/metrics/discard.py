"""Whether quality predicts errors: the error-versus-discard characteristic of ISO/IEC 29794-1.

Photographs are discarded from the lowest quality up, and with each all of its comparisons; the false
non-match rate of what remains is told against the share of photographs discarded, at a threshold that stays
(Grother & Tabassi, IEEE TPAMI 29, 2007; Schlett et al., IWBF 2023). The faster it falls the better quality
predicts errors; where quality says nothing it stays level. Photographs without a template have no quality
and are discarded first.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import PairScores
from lineament.evaluation.metrics.figures import Figure, TooFew
from lineament.evaluation.metrics.resampling import ROUNDS, figure_of, person_index, person_weights
from lineament.types import Bool, Float64, Int32

LIMIT: Final = 0.5
"""Share of photographs up to which the area is taken."""
POINTS: Final = 51
FEWEST: Final = 30
"""Mated comparisons that must remain for a rate to be told."""


@dataclass(frozen=True, slots=True, eq=False)
class DiscardCurve:
    """share (n,) of photographs discarded, fnmr (n,) of the mated comparisons that remain, kept (n,) how many
    these are. area: mean of the curve up to a share of LIMIT, or to where it ends; relative: the same as a
    share of the rate before anything is discarded, 1 where quality says nothing.
    """

    share: Float64
    fnmr: Float64
    kept: Int32
    area: Figure
    relative: Figure


def error_versus_discard(
    mated: PairScores,
    probe_quality: Float64,
    reference_quality: Float64,
    threshold: float,
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> DiscardCurve | TooFew:
    """The curve of mated comparisons.

    probe_quality, reference_quality: of the rows of the tables, NaN where there was no template; a photograph
    that stands on both sides counts once, by its name. TooFew with fewer than FEWEST comparisons or without
    an error.
    """
    missed = mated.score <= threshold
    if len(missed) < FEWEST or not missed.any():
        return TooFew(len(missed), what="mated comparisons with an error among them")
    leaves = _leaves(mated, probe_quality, reference_quality)
    shares = np.linspace(0.0, LIMIT, POINTS)
    kept = (leaves[None] > shares[:, None] + 1e-12).sum(axis=1)
    shares, kept = shares[kept >= FEWEST], kept[kept >= FEWEST]
    (person, _), people = person_index(mated.probes.subject, mated.references.subject)
    who = person[mated.probe]
    fnmr = _rates(leaves, missed, np.ones(len(missed)), shares)
    draws = [
        _rates(leaves, missed, weights[who], shares)
        for weights in person_weights(people, rounds=rounds, seed=seed)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = [float(np.nanmean(one) / one[0]) for one in draws]
    area, count = float(fnmr.mean()), len(missed)
    return DiscardCurve(
        shares,
        fnmr,
        kept.astype(np.int32),
        figure_of(area, [float(np.nanmean(one)) for one in draws], count, people),
        figure_of(area / float(fnmr[0]), relative, count, people),
    )


def _leaves(mated: PairScores, probe_quality: Float64, reference_quality: Float64) -> Float64:
    """The share of photographs (n,) with whose discarding each comparison goes."""
    names, place = np.unique(np.concatenate([mated.probes.name, mated.references.name]), return_inverse=True)
    quality = np.full(len(names), -np.inf)
    values = np.concatenate([probe_quality, reference_quality])
    values = np.where(np.isnan(values), -np.inf, values)
    np.maximum.at(quality, place, values)
    rank = np.empty(len(names))
    rank[np.lexsort((names, quality))] = np.arange(1, len(names) + 1) / len(names)
    ours, theirs = rank[place[: len(mated.probes)]], rank[place[len(mated.probes) :]]
    return np.minimum(ours[mated.probe], theirs[mated.reference])


def _rates(leaves: Float64, missed: Bool, weights: Float64, shares: Float64) -> Float64:
    """The weighted share of missed comparisons among those that remain at each share; NaN where none does."""
    order = np.argsort(leaves, kind="stable")
    total = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    wrong = np.append(np.cumsum((weights * missed)[order][::-1])[::-1], 0.0)
    first = np.searchsorted(leaves[order], shares + 1e-12, side="right")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total[first] > 0, wrong[first] / total[first], np.nan))
