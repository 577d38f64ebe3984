"""Intervals from resampling people, not comparisons.

Comparisons that share a person are not independent, so comparisons must not be resampled. Each round draws as
many people as there are, with replacement, and person i then counts w_i times: a mated comparison of person i
counts w_i times, a non-mated one of i and j counts w_i * w_j times, on whichever side each stands. This is
the bootstrap of vertices (Snijders & Borgatti, Connections 22, 1999) without its filling of comparisons of a
person with their own copy, or the pigeonhole bootstrap (Owen, Annals of Applied Statistics 1, 2007) with one
factor on both sides. Fogliato, Patil & Perona (IJCV 2024) compare the schemes for one-to-one matching: those
that resample both sides cover, those that resample comparisons or one side (the subsets bootstrap: Bolle,
Ratha & Pankanti, CVIU 2004) are too narrow.

Two known limits: with fewer than about twenty people every percentile interval is too narrow, which the
figure's note says; and with no error at all there is nothing to resample, so that every rate's interval is
also as wide as Clopper and Pearson's.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from lineament.evaluation.metrics.figures import CONFIDENCE, Figure, TooFew, clopper_pearson
from lineament.types import Bool, Float64, Int32

ROUNDS: Final = 1000
FEW_PEOPLE: Final = 20


def person_weights(people: int, *, rounds: int = ROUNDS, seed: int = 0) -> Iterator[Float64]:
    """`rounds` times (people,): how often each person is drawn; the same for the same seed and people."""
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        drawn = np.bincount(rng.integers(people, size=people), minlength=people)
        yield drawn.astype(np.float64)


def figure_of(
    value: float,
    draws: Sequence[float] | Float64,
    cases: int,
    people: int,
    *,
    errors: float | None = None,
    note: str = "",
) -> Figure:
    """`value` with the percentile interval of `draws`; rounds that gave no number (NaN) are left out.

    errors: for a rate, how many of the cases it counts; the interval is then at least Clopper and Pearson's.
    """
    known = np.asarray(draws, np.float64)
    known = known[~np.isnan(known)]
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = np.quantile(known, tails, method="nearest") if len(known) else (-np.inf, np.inf)
    low, high = min(float(low), value), max(float(high), value)
    if errors is not None:
        exact = clopper_pearson(min(cases, round(errors)), cases)
        low, high = min(low, exact[0]), max(high, exact[1])
    notes = [note] if note else []
    if people < FEW_PEOPLE:
        notes.append(f"only {people} people, the interval is too narrow")
    return Figure(value, low, high, cases, people, "; ".join(notes))


def person_index(*names: np.ndarray) -> tuple[list[Int32], int]:
    """Each array of subject names as numbers 0..people - 1, alike in all arrays, and the number of people."""
    distinct, numbers = np.unique(np.concatenate([np.asarray(n) for n in names]), return_inverse=True)
    edges = np.cumsum([len(n) for n in names])[:-1]
    return [part.astype(np.int32) for part in np.split(numbers.ravel(), edges)], len(distinct)


def share(hit: Bool, person: Int32, *, what: str = "cases", seed: int = 0) -> Figure | TooFew:
    """Share of cases (n,) that are hits, people resampled; person (n,) says whose case each is."""
    if len(hit) == 0:
        return TooFew(0, what=what)
    return person_mean(hit.astype(np.float64), person, errors=int(hit.sum()), seed=seed)


def person_mean(
    values: Float64, person: Int32, *, errors: int | None = None, rounds: int = ROUNDS, seed: int = 0
) -> Figure:
    """Mean over cases (n,), people resampled. Raises ValueError without cases."""
    if len(values) == 0:
        raise ValueError("a mean needs cases")
    _, number = np.unique(person, return_inverse=True)
    sums, counts = np.bincount(number, weights=values), np.bincount(number)
    draws = [
        float(weights @ sums / (weights @ counts))
        for weights in person_weights(len(counts), rounds=rounds, seed=seed)
    ]
    return figure_of(float(np.mean(values)), draws, len(values), len(counts), errors=errors)
