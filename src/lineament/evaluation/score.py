"""The second of two steps: from a run's scores to figures with intervals, curves and findings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lineament.evaluation.bins import Bin, bins_of, mated_of
from lineament.evaluation.comparisons import QUALITY, PairScores, ScoreMatrix
from lineament.evaluation.groups import Grouped, grouped
from lineament.evaluation.metrics import Figure, TooFew, failures
from lineament.evaluation.metrics.calibration import Bin as ClaimBin
from lineament.evaluation.metrics.calibration import calibration_curve
from lineament.evaluation.metrics.confusion import Confusion, confusion
from lineament.evaluation.metrics.discard import DiscardCurve, error_versus_discard
from lineament.evaluation.metrics.identification import Identification
from lineament.evaluation.metrics.likelihood import cllr, min_cllr
from lineament.evaluation.metrics.nominal import Nominal, nominal_rates
from lineament.evaluation.metrics.verification import Curve, Verification
from lineament.evaluation.paired import PairedCost, paired_costs
from lineament.evaluation.protocols.exclusions import once, without_shared
from lineament.evaluation.protocols.sets import fused, fused_pairs
from lineament.evaluation.run import Run, RunRecord
from lineament.types import Float32, Float64

FMRS: Final = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
NOMINAL: Final = (1e-1, 1e-2, 1e-3, 1e-4)
RANKS: Final = (1, 2, 3, 5, 10, 20, 50)
FPIRS: Final = (1e-1, 1e-2, 1e-3)
WORKING: Final = 1e-2
"""False match rate of the one threshold at which bins are judged."""
MOST_CONFUSED: Final = 60
_POINTS: Final = 61
_BINS: Final = 60

Scores = PairScores | ScoreMatrix
Value = Figure | TooFew


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts. sets: fuse the records of each set first. exclude: covariates that the sides of a mated
    comparison must not share. rounds: of resampling people. seed: of that. groups: covariates that divide
    people into groups, the usual ones where none is named.
    """

    sets: bool = False
    exclude: Sequence[str] = ()
    rounds: int = 1000
    seed: int = 0
    groups: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """edges (n + 1,); shares (n,) of the finite mated and non-mated scores."""

    edges: Float64
    mated: Float64
    non_mated: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Everything that is reported of a run. counts: how many of what. threshold: at a false match rate of
    WORKING, None where that cannot be known; the bins are judged at it. cmc: by rank, empty without a matrix.
    claims: claimed against observed log-likelihood ratios, empty where the scores claim none. groups: by
    covariate. discard: errors against the share of photographs discarded by quality, None where the system
    gives no quality. costs: of each hardship, where the same scenes are there with and without it.
    """

    record: RunRecord
    counts: Mapping[str, int]
    failed: Mapping[str, int]
    figures: Mapping[str, Value]
    nominal: Sequence[Nominal]
    threshold: float | None
    bins: Mapping[str, Sequence[Bin]]
    det: Curve
    histogram: Histogram
    identification: Mapping[str, Value] = field(default_factory=dict)
    cmc: Mapping[int, Value] = field(default_factory=dict)
    confusion: Confusion | None = None
    claims: Sequence[ClaimBin] = ()
    groups: Mapping[str, Grouped] = field(default_factory=dict)
    discard: DiscardCurve | TooFew | None = None
    costs: Mapping[str, PairedCost] = field(default_factory=dict)


def score(run: Run, counting: Counting | None = None) -> Results:
    """All figures of a run.

    Raises ValueError without mated or without non-mated comparisons, and for a covariate that is not known.
    """
    how = counting or Counting()
    counted = _counted(run.scores, how)
    compared = single(counted)
    verification = Verification.of(compared, seed=how.seed)
    figures: dict[str, Value] = {**verification.report(FMRS, rounds=how.rounds, seed=how.seed)}
    figures |= verification.figures(
        {"cllr": cllr, "min_cllr": min_cllr} if run.nominal is not None else {"min_cllr": min_cllr},
        rounds=min(how.rounds, 100),
        seed=how.seed,
    )
    non_mated = len(verification.rates.non_mated.scores)
    threshold = verification.rates.threshold(WORKING) if non_mated * WORKING >= 3 else None
    ranked = Identification.of(counted) if isinstance(counted, ScoreMatrix) else None
    return Results(
        record=run.record,
        counts=_counts(counted, verification),
        failed=dict(Counter(run.failures.values())),
        figures=figures | failures(counted),
        nominal=nominal_against_actual(run, how),
        threshold=threshold,
        bins={} if threshold is None else bins_of(counted, threshold, seed=how.seed),
        det=verification.curve(_POINTS, rounds=min(how.rounds, 200), seed=how.seed),
        histogram=_histogram(verification),
        identification={} if ranked is None else _identified(ranked, how.seed),
        cmc={} if ranked is None else _cmc(ranked, counted, how.seed),
        confusion=_confusion(counted),
        claims=() if run.nominal is None else calibration_curve(verification, seed=how.seed),
        groups=grouped(compared, threshold, how.groups, rounds=how.rounds, seed=how.seed),
        discard=_discarded(compared, threshold, how),
        costs={}
        if threshold is None
        else paired_costs(compared, threshold, rounds=how.rounds, seed=how.seed),
    )


def _discarded(scores: Scores, threshold: float | None, how: Counting) -> DiscardCurve | TooFew | None:
    ours, theirs = (side.covariates.get(QUALITY) for side in (scores.probes, scores.references))
    if threshold is None or ours is None or theirs is None:
        return None
    mated = PairScores(scores.probes, scores.references, *mated_of(scores))
    return error_versus_discard(mated, ours, theirs, threshold, rounds=min(how.rounds, 200), seed=how.seed)


def single(scores: Scores) -> Scores:
    """For verification: of a matrix of samples with themselves, each two samples once."""
    if isinstance(scores, ScoreMatrix) and np.isin(scores.probes.name, scores.references.name).any():
        return once(scores)
    return scores


def nominal_against_actual(run: Run, counting: Counting | None = None) -> Sequence[Nominal]:
    """For every nominal false match rate of the system's calibration, the rates that the data show.

    Empty for systems without a calibration. Sets are not fused: a calibration speaks of single comparisons.
    """
    if run.nominal is None:
        return ()
    how = counting or Counting()
    # Passing at a nominal rate is being above a threshold, once the nominal rate is turned round.
    turned = -np.asarray(run.nominal, dtype=np.float32)
    turned[np.isnan(run.scores.score)] = np.nan
    passes = single(_counted(_like(run.scores, turned), Counting(exclude=how.exclude)))
    thresholds = {rate: -rate * (1 + 1e-6) for rate in NOMINAL}
    return nominal_rates(Verification.of(passes, seed=how.seed), thresholds, seed=how.seed)


def _counted(scores: Scores, how: Counting) -> Scores:
    if isinstance(scores, PairScores):
        if how.exclude:
            raise ValueError("listed pairs name their comparisons themselves; nothing can be excluded")
        return fused_pairs(scores) if how.sets else scores
    kept = without_shared(scores, how.exclude) if how.exclude else scores
    return fused(kept) if how.sets else kept


def _like(scores: Scores, values: Float32) -> Scores:
    if isinstance(scores, PairScores):
        return PairScores(scores.probes, scores.references, scores.probe, scores.reference, values)
    return ScoreMatrix(scores.probes, scores.references, values)


def _counts(scores: Scores, verification: Verification) -> dict[str, int]:
    return {
        "people": len(verification.people),
        "probes": len(scores.probes),
        "references": len(scores.references),
        "mated comparisons": len(verification.rates.mated.scores),
        "non-mated comparisons": len(verification.rates.non_mated.scores),
        "failed probes": int(scores.probes.failed.sum()),
        "failed references": int(scores.references.failed.sum()),
    }


def _identified(ranked: Identification, seed: int) -> dict[str, Value]:
    found = {"rank 1": ranked.rank_rate(1, seed=seed), "mAP": ranked.mean_average_precision(seed=seed)}
    if not ranked.enrolled.all():
        found |= {f"DIR at FPIR {rate:g}": ranked.dir_at(rate, seed=seed) for rate in FPIRS}
    return found


def _cmc(ranked: Identification, scores: Scores, seed: int) -> dict[int, Value]:
    people = len(np.unique(scores.references.subject))
    ranks = [rank for rank in RANKS if rank <= people]
    return dict(zip(ranks, ranked.cmc(ranks, seed=seed), strict=True))


def _confusion(scores: Scores) -> Confusion | None:
    if isinstance(scores, PairScores) or len(np.unique(scores.references.subject)) > MOST_CONFUSED:
        return None
    return confusion(scores)


def _histogram(verification: Verification) -> Histogram:
    # Scores rise, failures (-inf) first: no need to go through all of them.
    held = [verification.rates.mated.scores, verification.rates.non_mated.scores]
    made = [one[np.searchsorted(one, one.dtype.type(-np.inf), side="right") :] for one in held]
    ends = [one[[0, -1]] for one in made if len(one)]
    low, high = (float(np.min(ends)), float(np.max(ends))) if ends else (0.0, 1.0)
    edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
    upto = [np.searchsorted(one, edges[1:].astype(one.dtype), side="right") for one in made]
    mated, other = (np.diff(at, prepend=0) / max(1, at[-1]) for at in upto)
    return Histogram(edges, mated, other)
