"""Identification and confusion by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_data import matrix, people_matrix

from lineament.evaluation.metrics import Figure, Identification, TooFew, confusion
from lineament.evaluation.metrics.identification import NEVER

SCORES = [
    [0.9, 0.1, 0.2],  # A, first
    [0.3, 0.5, 0.1],  # A, second
    [0.4, 0.4, 0.2],  # B, a tie counts against the system
    [-np.inf, -np.inf, -np.inf],  # C failed
    [0.6, 0.1, 0.0],  # D is not enrolled
]


def tiny() -> Identification:
    return Identification.of(matrix(SCORES, list("AABCD"), list("ABC")))


def value(figure: Figure | TooFew) -> float:
    assert isinstance(figure, Figure)
    return figure.value


def test_by_hand() -> None:
    found = tiny()
    assert found.rank.tolist() == [1, 2, 2, NEVER, 0]
    assert [value(figure) for figure in found.cmc((1, 2, 3))] == [0.25, 0.75, 0.75]
    assert value(found.mean_average_precision()) == (1 + 0.5 + 0.5 + 0) / 4
    assert value(found.fpir(0.5)) == 1.0
    assert value(found.fnir(0.5)) == 0.75
    assert value(found.fnir(0.2, rank=2)) == 0.25
    assert found.fpir(0.6) == TooFew(1, below=1.0, what="probes of people who are not enrolled")


def test_an_identity_is_its_best_reference_and_precision_counts_references() -> None:
    found = Identification.of(matrix([[0.9, 0.8, 0.85, 0.7, np.nan]], ["A"], list("ABBAA")))
    assert found.rank.tolist() == [1]
    assert found.average_precision[0] == pytest.approx((1 / 1 + 2 / 4) / 2)
    found = Identification.of(matrix([[0.1, 0.8, 0.85, 0.7]], ["A"], list("ABBC")))
    assert found.rank.tolist() == [3]


def test_a_probe_is_never_its_own_reference() -> None:
    found = Identification.of(matrix([[np.nan, 0.2], [0.2, np.nan]], list("AB"), list("AB")))
    assert not found.enrolled.any()
    assert value(found.fpir(0.1)) == 1.0
    assert isinstance(found.rank_rate(), TooFew) and isinstance(found.dir_at(0.1), TooFew)


def test_detection_and_identification_by_hand() -> None:
    strangers = [[float(score), 0.0] for score in range(1, 31)]
    mates = [[26.5, 0.0], [27.5, 0.0], [31.0, 0.0]]
    probes = [f"S{i}" for i in range(30)] + ["A", "A", "A"]
    found = Identification.of(matrix(strangers + mates, probes, ["A", "B"]))
    assert value(found.dir_at(0.1)) == pytest.approx(2 / 3)  # the threshold is 27: three strangers above
    assert value(found.fnir_at(0.1)) == pytest.approx(1 / 3)
    assert found.dir_at(0.01) == TooFew(30, 300, what="probes of people who are not enrolled")


@given(st.lists(st.lists(st.integers(-9, 9), min_size=4, max_size=4), min_size=1, max_size=8))
def test_only_order_matters_and_rates_rise_with_rank(rows: list[list[int]]) -> None:
    probes = [f"P{i % 5}" for i in range(len(rows))]
    references = ["P0", "P1", "P2", "P2"]
    found = Identification.of(matrix(rows, probes, references))
    other = Identification.of(matrix(np.power(rows, 3) + 5, probes, references))
    assert np.array_equal(found.rank, other.rank)
    assert np.array_equal(found.average_precision, other.average_precision)
    rates = [float((found.rank[found.enrolled] <= k).mean()) for k in (1, 2, 3) if found.enrolled.any()]
    assert rates == sorted(rates) and (not rates or rates[-1] == 1.0)


def test_intervals_are_over_people() -> None:
    found = Identification.of(people_matrix(20, 5, distance=1.5))
    figure = found.rank_rate()
    assert isinstance(figure, Figure)
    assert figure.cases == 100 and figure.people == 20
    assert figure.low < figure.value < figure.high
    wide, narrow = found.rank_rate(1, seed=1), found.rank_rate(1, seed=1)
    assert wide == narrow


def test_confusion_by_hand() -> None:
    table = confusion(matrix(SCORES, list("AABCD"), list("ABC")))
    assert table.names == ("A", "B", "C")
    assert table.count.tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    assert table.correct == 1
    strict = confusion(matrix(SCORES, list("AABCD"), list("ABC")), 0.6)
    assert strict.count.tolist() == [[1, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]]
    assert strict.correct == 2
