"""Differentials between groups, and nominal against actual rates."""

import numpy as np
import pytest
from metrics_data import matrix, table

from lineament.evaluation.comparisons import PairScores
from lineament.evaluation.metrics import (
    Figure,
    TooFew,
    Verification,
    differentials,
    failures_by_group,
    nominal_rates,
    within,
)


def two_groups(errors: dict[str, int], misses: dict[str, int]) -> PairScores:
    """In each group 50 people with 10 mated and 100 non-mated comparisons, and 40 non-mated across groups."""
    rng = np.random.default_rng(0)
    names = [f"{group}{i}" for group in errors for i in range(50)]
    rows = []
    for at, group in enumerate(errors):
        rows += [(50 * at + i, 50 * at + i, 1.0 if i >= misses[group] else -1.0) for i in range(10)]
        for i in range(100):
            first, second = rng.choice(50, 2, replace=False)
            rows.append((50 * at + first, 50 * at + second, 1.0 if i < errors[group] else -1.0))
    rows += [(i, 50 + i, 1.0) for i in range(40)]
    probe, reference, score = (np.array(column) for column in zip(*rows, strict=True))
    people = table(names, group=[name[0] for name in names])
    return PairScores(
        people, people, probe.astype(np.int32), reference.astype(np.int32), score.astype(np.float32)
    )


def test_the_worst_group_and_its_ratio_by_hand() -> None:
    found = differentials(two_groups({"a": 2, "b": 8}, {"a": 2, "b": 1}), "group", 0.0, rounds=100)
    fmr, fnmr = found["fmr"], found["fnmr"]
    assert fmr.worst == "b" and fnmr.worst == "a"
    shares = {name: figure.value for name, figure in fmr.groups.items() if isinstance(figure, Figure)}
    assert shares == {"a": 0.02, "b": 0.08}
    assert isinstance(fmr.ratio, Figure) and fmr.ratio.value == pytest.approx(0.08 / 0.04)
    assert isinstance(fmr.to_best, Figure) and fmr.to_best.value == pytest.approx(4)
    assert fmr.to_best.low < 4 < fmr.to_best.high
    assert isinstance(fnmr.to_best, Figure) and fnmr.to_best.value == pytest.approx(2)


def test_a_group_without_an_error_leaves_the_ratio_unknown() -> None:
    found = differentials(two_groups({"a": 0, "b": 8}, {"a": 1, "b": 1}), "group", 0.0, rounds=50)["fmr"]
    assert isinstance(found.ratio, TooFew) and found.worst == "b"
    silent = found.groups["a"]
    assert isinstance(silent, TooFew) and silent.below == 3 / 100


def test_failures_are_told_by_group() -> None:
    scores = matrix(
        [[1, 0, -np.inf], [0, 1, -np.inf], [0, 0, -np.inf]], list("abc"), list("abc"), group=["x", "y", "y"]
    )
    found = failures_by_group(scores, "group")
    enrol = {group: figures["failure_to_enrol"] for group, figures in found.items()}
    assert [f.value for f in enrol.values() if isinstance(f, Figure)] == [0.0, 0.5]


def test_a_covariate_that_nobody_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no covariate age"):
        differentials(two_groups({"a": 1, "b": 1}, {"a": 1, "b": 1}), "age", 0.0)


def test_within_keeps_whole_rows() -> None:
    scores = two_groups({"a": 2, "b": 8}, {"a": 2, "b": 1})
    chosen = scores.probes.covariates["group"] == "b"
    part = within(scores, chosen, chosen)
    assert isinstance(part, PairScores)
    assert len(part.score) == 110 and part.mated.sum() == 10
    assert set(part.probes.covariates["group"]) == {"b"}


def test_a_rate_off_by_more_than_two_is_a_finding() -> None:
    score = np.concatenate([np.full(100, 9.0), np.arange(1000) / 1000])
    names = [f"P{i}" for i in range(2000)]
    probe = np.arange(1100) % 1000
    reference = np.concatenate([np.arange(100), np.arange(1000, 2000)])
    people = table(names)
    found = Verification.of(
        PairScores(
            people, people, probe.astype(np.int32), reference.astype(np.int32), score.astype(np.float32)
        )
    )
    rows = nominal_rates(found, {0.01: 0.9495, 0.03: 0.9645, 0.1: 0.9895, 0.02: 5.0, 0.004: 5.0})
    more, fair, fewer, none, unknown = rows
    assert (
        more.off == pytest.approx(5.0) and more.finding == "more false matches than stated" and more.certain
    )
    assert fair.off == pytest.approx(35 / 30) and fair.finding == "" and not fair.certain
    assert (
        fewer.off == pytest.approx(0.1)
        and fewer.finding == "fewer false matches than stated"
        and fewer.certain
    )
    assert isinstance(none.fmr, TooFew) and none.finding == "fewer false matches than stated"
    assert unknown.finding == "" and not unknown.certain
    assert more.fnmr.value == 0.0
