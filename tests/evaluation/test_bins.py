"""Bins: pure, complete, and the same for pairs and matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.protocols.bins import STANDARD, UNKNOWN, Bins, angle_between, split


def table(**covariates: list[float] | list[str]) -> SampleTable:
    columns = {name: np.array(values) for name, values in covariates.items()}
    count = len(next(iter(columns.values())))
    names = np.array([str(k) for k in range(count)])
    return SampleTable(names, names, np.zeros(count, bool), columns)


def test_edges_belong_to_the_bin_they_open_and_the_last_one_closes() -> None:
    bins = Bins("yaw", (0.0, 15.0, 90.0), "degrees")
    assert bins.of(np.array([0, 14.9, 15, 90, 90.1, -1, np.nan])).tolist() == [0, 0, 1, 1, -1, -1, -1]
    assert bins.labels == ("0 to 15 degrees", "15 to 90 degrees")
    assert STANDARD["distance"].labels[-1] == "600 m and more"
    assert STANDARD["distance"].of(np.array([5000.0])).tolist() == [8]
    assert STANDARD["yaw"].of(np.array([-20.0, 20.0])).tolist() == [1, 1]
    with pytest.raises(ValueError, match="rising"):
        Bins("yaw", (1.0, 1.0), "degrees")


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_angles_between_directions(a: float, b: float) -> None:
    found = float(angle_between(np.float64(a), np.float64(b)))  # type: ignore[arg-type]
    assert 0 <= found <= 180
    cosine = np.cos(np.radians(a - b))
    assert np.cos(np.radians(found)) == pytest.approx(cosine, abs=1e-6)


def pairs_and_matrix(probes: SampleTable, references: SampleTable) -> list[PairScores | ScoreMatrix]:
    shape = (len(probes), len(references))
    score = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    rows, columns = (one.ravel().astype(np.int32) for one in np.indices(shape))
    return [
        PairScores(probes, references, rows, columns, score.ravel()),
        ScoreMatrix(probes, references, score),
    ]


def counted(scores: PairScores | ScoreMatrix) -> int:
    return int(np.isfinite(scores.score).sum())


@pytest.mark.parametrize("kind", [0, 1])
def test_bins_of_probes_hold_every_comparison_once(kind: int) -> None:
    probes = table(yaw=[0.0, -20.0, 20.0, np.nan, 95.0], view=["a", "b", "", "b", "a"])
    scores = pairs_and_matrix(probes, table(yaw=[0.0, 0.0]))[kind]
    parts = dict(split(scores, "yaw"))
    assert list(parts) == ["0 to 15 degrees", "15 to 30 degrees", "90 to 180 degrees", UNKNOWN]
    assert [counted(part) for part in parts.values()] == [2, 4, 2, 2]
    assert sorted(parts["15 to 30 degrees"].score.ravel()) == [2, 3, 4, 5]
    words = {label: counted(part) for label, part in split(scores, "view")}
    assert words == {"a": 4, "b": 4, UNKNOWN: 2}


@pytest.mark.parametrize("kind", [0, 1])
def test_bins_of_differences_are_of_comparisons(kind: int) -> None:
    probes, references = table(orientation=[0.0, 350.0, 180.0]), table(orientation=[0.0, 90.0, np.nan])
    scores = pairs_and_matrix(probes, references)[kind]
    parts = dict(split(scores, "orientation difference"))
    assert {label: counted(part) for label, part in parts.items()} == {
        "0 to 22.5 degrees": 2,
        "67.5 to 112.5 degrees": 3,
        "157.5 to 180 degrees": 1,
        UNKNOWN: 3,
    }


def test_what_nobody_said_is_unknown_and_other_words_are_refused() -> None:
    scores = pairs_and_matrix(table(view=["a", "b"]), table(view=["a"]))[0]
    assert [label for label, _ in split(scores, "distance")] == [UNKNOWN]
    with pytest.raises(ValueError, match="no bins are known for 'age'"):
        list(split(scores, "age"))
    with pytest.raises(ValueError, match="is a word"):
        list(split(pairs_and_matrix(table(yaw=["left"]), table(yaw=["left"]))[0], "yaw"))
