"""Protocols: who is compared with whom, what is fused and what does not count."""

from pathlib import Path

import numpy as np
import pytest
from trees import picture

from lineament.errors import BadInputError
from lineament.evaluation.comparisons import MISSED, PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.datasets.dataset import DataSet, Pairs, Record
from lineament.evaluation.datasets.sizes import measured
from lineament.evaluation.protocols.exclusions import once, without_shared
from lineament.evaluation.protocols.identification import Draw, by_role, closed, open_set
from lineament.evaluation.protocols.selection import chosen, conditions
from lineament.evaluation.protocols.sets import fused, fused_pairs
from lineament.evaluation.protocols.verification import full, listed


def world(people: int = 12, shots: int = 4) -> DataSet:
    records = [
        Record(f"{who}/{shot}", None, f"p{who:02d}", {"yaw": 30.0 * shot, "camera": "ab"[shot % 2]})
        for who in range(people)
        for shot in range(shots)
    ]
    records.append(Record("stranger", None, "", {"yaw": 0.0}))
    records.append(Record("trained", None, "p00", {"yaw": 0.0, "role": "training"}))
    return DataSet("made", Path(), tuple(records), "none", True)


def subjects(data: DataSet, rows: np.ndarray) -> list[str]:
    return data.subjects[rows].tolist()


def test_closed_set_enrols_everybody_once_and_probes_with_the_rest() -> None:
    data = world()
    plan = closed(data)
    assert sorted(subjects(data, plan.references)) == [f"p{who:02d}" for who in range(12)]
    assert len(plan.probes) == 36 and not set(plan.probes) & set(plan.references)
    assert plan.digest == closed(data).digest != closed(data, Draw(1)).digest


def test_closed_set_by_conditions() -> None:
    data = world()
    draw = Draw(reference=conditions(["yaw=0"]), probe=conditions(["yaw=60..90", "camera=a"]))
    plan = closed(data, draw)
    assert set(data.column("yaw")[plan.references]) == {0.0}
    assert set(data.column("yaw")[plan.probes]) == {60.0} and len(plan.probes) == 12
    with pytest.raises(BadInputError, match="nobody with 2 references"):
        closed(data, Draw(per_subject=2, reference=conditions(["yaw=0"])))


def test_who_probes_alone_takes_no_part_in_a_closed_set_and_is_unknown_in_an_open_one() -> None:
    records = (*world(2).records, Record("late", None, "p99", {"yaw": 90.0}))
    data = DataSet("made", Path(), records, "none", True)
    frontal = Draw(reference=conditions(["yaw=0"]))
    assert "p99" not in subjects(data, closed(data, frontal).probes)
    assert "p99" in subjects(data, open_set(data, frontal, enrolled=1).probes)


@pytest.mark.parametrize("seed", range(5))
def test_open_set_keeps_known_and_unknown_people_apart(seed: int) -> None:
    data = world()
    plan = open_set(data, Draw(seed), enrolled=4)
    known = set(subjects(data, plan.references))
    assert len(known) == 4 == len(plan.references)
    unknown = set(subjects(data, plan.probes)) - known
    assert len(unknown) == 8 and len(plan.probes) == 4 * 3 + 8 * 4
    assert not set(plan.probes) & set(plan.references)


def test_open_set_by_share_and_its_limits() -> None:
    data = world()
    assert len(open_set(data, share=0.25).references) == 3
    with pytest.raises(BadInputError, match="12 people of made can be enrolled, so not 13"):
        open_set(data, enrolled=13)
    with pytest.raises(BadInputError, match="left to be unknown"):
        open_set(data, enrolled=12)


def test_the_reference_of_a_person_does_not_depend_on_who_else_is_there() -> None:
    data, fewer = world(12), world(5)
    row = {str(data.subjects[row]): data.records[row].name for row in closed(data).references}
    for place in closed(fewer).references:
        assert row[str(fewer.subjects[place])] == fewer.records[place].name


def test_full_matrix_and_roles() -> None:
    data = world(3)
    assert full(data).shape == (12, 12)
    with pytest.raises(BadInputError, match="does not say what probes"):
        by_role(DataSet("made", Path(), data.records[:3], "none", True))
    roles = tuple(
        Record(f"{who}{role}", None, f"p{who}", {"role": role})
        for who in range(2)
        for role in ("probe", "reference", "training")
    )
    plan = by_role(DataSet("made", Path(), roles, "none", True))
    assert plan.probes.tolist() == [0, 3] and plan.references.tolist() == [1, 4]


def test_a_data_set_without_names_or_pairs_is_refused() -> None:
    nobody = DataSet("street", Path(), (Record("a", None, ""),), "none", True)
    for protocol in (full, closed, open_set, by_role):
        with pytest.raises(BadInputError, match="nobody in street is known"):
            protocol(nobody)
    with pytest.raises(BadInputError, match="lists no pairs"):
        listed(nobody)


def test_conditions() -> None:
    data = world(2)
    assert len(chosen(data, conditions(["yaw=-15..15"]))) == 2
    assert len(chosen(data, conditions(["camera=a,b"]))) == 8
    for text, complaint in (
        ("yaw", "NAME=VALUE"), ("yaw=a..b", "two numbers"), ("camera=1..2", "is a word"),
        ("yaw=left", "is a number"),
        ("age=3", "has no covariate 'age'; it has camera, role, yaw"),
    ):  # fmt: skip
        with pytest.raises(BadInputError, match=complaint):
            chosen(data, conditions([text]))


def test_listed_pairs_as_rows_of_both_sides() -> None:
    data = world(3)
    pairs = [(0, 1, True), (5, 2, False), (5, 4, True)]
    data = DataSet("made", Path(), data.records, "none", True, Pairs.listed(pairs))
    plan = listed(data)
    assert plan.pairs is not None
    back = [(int(plan.probes[a]), int(plan.references[b])) for a, b in plan.pairs]
    assert back == [(a, b) for a, b, _ in pairs]


def test_drawn_pairs_keep_the_shares() -> None:
    data = world(10)
    pairs = [(4 * a, 4 * b + 1, a == b) for a in range(10) for b in range(10)]
    data = DataSet("made", Path(), data.records, "none", True, Pairs.listed(pairs))
    plan = listed(data, most=50, seed=3)
    assert plan.pairs is not None and len(plan.pairs) == 50
    same = data.subjects[plan.probes[plan.pairs[:, 0]]] == data.subjects[plan.references[plan.pairs[:, 1]]]
    assert same.sum() == 5


def sets_world() -> DataSet:
    records = [
        Record(f"{who}{one}{k}", None, who, {"set": one, "yaw": float(k)})
        for who in "xy"
        for one in "st"
        for k in range(3)
    ]
    records.append(Record("z", None, "z", {"yaw": 9.0}))
    return DataSet("made", Path(), tuple(records), "none", True, Pairs.listed([(0, 3, True), (0, 12, False)]))


def test_pairs_of_sets_are_expanded_and_fused_again() -> None:
    plan = listed(sets_world(), sets=True)
    assert plan.pairs is not None and len(plan.pairs) == 3 * 3 + 3
    probes, references = tables(plan.dataset, plan.probes), tables(plan.dataset, plan.references)
    score = np.arange(12, dtype=np.float32)
    score[3] = MISSED
    out = fused_pairs(PairScores(probes, references, *plan.pairs.T.astype(np.int32), score))
    assert out.mated.tolist() == [True, False]
    assert out.score == pytest.approx([(sum(range(9)) - 3) / 8, 10])
    assert out.references.name[out.reference].tolist() == ["x/t/", "z"]
    best = fused_pairs(PairScores(probes, references, *plan.pairs.T.astype(np.int32), score), how="max")
    assert best.score.tolist() == [8, 11]


def tables(data: DataSet, rows: np.ndarray, failed: tuple[int, ...] = ()) -> SampleTable:
    return SampleTable(
        np.array([data.records[row].name for row in rows]),
        data.subjects[rows],
        np.isin(np.arange(len(rows)), failed),
        {name: data.column(name)[rows] for name in data.covariates},
    )


def test_fused_matrix_against_loops() -> None:
    data = sets_world()
    table = tables(data, np.arange(13), failed=(0, 9, 10, 11))
    rng = np.random.default_rng(0)
    score = rng.normal(size=(13, 13)).astype(np.float32)
    score[np.ix_(np.flatnonzero(table.failed), np.arange(13))] = MISSED
    score[:, table.failed] = MISSED
    np.fill_diagonal(score, np.nan)
    matrix = ScoreMatrix(table, table, score)
    for how in ("mean", "max"):
        out = fused(matrix, how=how)  # type: ignore[arg-type]
        assert out.probes.name.tolist() == ["x/s/", "x/t/", "y/s/", "y/t/", "z"]
        assert out.probes.failed.tolist() == [False, False, False, True, False]
        groups = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [12]]
        for a, ours in enumerate(groups):
            for b, theirs in enumerate(groups):
                block = score[np.ix_(ours, theirs)]
                known = block[np.isfinite(block)]
                if a == b:
                    assert np.isnan(out.score[a, b])
                elif not len(known):
                    assert out.score[a, b] == MISSED
                else:
                    assert out.score[a, b] == pytest.approx(getattr(known, how)(), abs=1e-6)
    assert out.probes.covariates["yaw"].tolist() == [1, 1, 1, 1, 9]
    assert out.probes.covariates["samples"].tolist() == [3, 3, 3, 3, 1]


def test_mated_comparisons_that_share_a_camera_do_not_count() -> None:
    data = world(2, 2)
    table = tables(data, np.arange(4))
    matrix = ScoreMatrix(table, table, np.ones((4, 4), np.float32))
    out = without_shared(matrix, ["camera"]).score
    assert np.isnan(out).tolist() == np.eye(4, dtype=bool).tolist()
    assert not np.isnan(matrix.score).any()
    with pytest.raises(ValueError, match="clothes"):
        without_shared(matrix, ["clothes"])


def test_a_symmetric_matrix_counts_every_pair_once() -> None:
    data = world(2, 2)
    ours, theirs = tables(data, np.arange(4)), tables(data, np.array([3, 2, 1]))
    out = once(ScoreMatrix(ours, ours, np.ones((4, 4), np.float32))).score
    assert (~np.isnan(out)).sum() == 6 and not np.isnan(out[0, 1:]).any()
    # 0 probes only and 1, 2, 3 do both: pairs 0-1, 0-2, 0-3, 1-2, 1-3, 2-3, in whatever order they stand.
    assert (~np.isnan(once(ScoreMatrix(ours, theirs, np.ones((4, 3), np.float32))).score)).sum() == 6


def test_sets_and_their_own_comparisons_once() -> None:
    data = sets_world()
    table = tables(data, np.arange(13))
    out = once(fused(ScoreMatrix(table, table, np.ones((13, 13), np.float32))))
    assert (~np.isnan(out.score)).sum() == 10


def test_resolution_comes_from_boxes_and_headers(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    records = (
        Record("a", tmp_path / "a.png", "ann"),
        Record("b", tmp_path / "a.png", "ann", {}, (1, 1, 3, 3)),
        Record("c", None, "ann"),
        Record("d", tmp_path / "a.png", "ann", {"height": 9.0}),
    )
    data = measured(DataSet("made", tmp_path, records, "none", True))
    assert data.column("height") == pytest.approx([4, 2, np.nan, 9], nan_ok=True)
