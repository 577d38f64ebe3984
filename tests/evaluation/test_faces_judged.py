"""Verification by pairs with made-up faces."""

from pathlib import Path

import numpy as np
import pytest

from lineament.evaluation.faces import nominal_against_actual, verification
from lineament.evaluation.metrics import Figure
from lineament.recognition.calibration import Calibration, FaceLine, Tail
from lineament.recognition.face_score import unit_rows
from lineament.types import Face

RNG = np.random.default_rng(4)
COHORT = unit_rows(RNG.normal(size=(300, 32)).astype(np.float32))


def face(vector: np.ndarray) -> Face:
    return Face(
        np.zeros(4, np.float32), np.zeros((5, 2), np.float32), 0.9, 0.0, 0.5,
        np.zeros((112, 112, 3), np.uint8), unit_rows(vector[None])[0],
    )  # fmt: skip


def world(people: int = 40):  # type: ignore[no-untyped-def]
    base = RNG.normal(size=(people, 32)).astype(np.float32)
    faces: dict[Path, Face | None] = {}
    for person in range(people):
        for shot in "ab":
            faces[Path(f"{person}{shot}")] = face(base[person] + 0.3 * RNG.normal(size=32).astype(np.float32))
    mated = [(Path(f"{p}a"), Path(f"{p}b"), True) for p in range(people)]
    others = [(Path(f"{p}a"), Path(f"{q}b"), False) for p in range(people) for q in range(people) if p != q]
    return faces, mated + others


def shown(value: Figure | float) -> float:
    return value.value if isinstance(value, Figure) else value


def test_missing_faces_count_against_both_sides() -> None:
    faces, pairs = world()
    kinds = ("TAR at 1 % FAR", "TAR at 1 % FAR of plain cosines", "TAR with 1 false accept of 1,560")
    before = verification(pairs, faces, COHORT)
    assert [shown(before[kind]) for kind in kinds] == [1.0] * 3
    faces[Path("0b")] = None
    found = verification(pairs, faces, COHORT)
    assert [shown(found[kind]) for kind in kinds] == [pytest.approx(39 / 40)] * 3
    assert found["failure to acquire"].value == pytest.approx(1 / 80)  # type: ignore[union-attr]


def test_nominal_against_actual_counts_what_passes() -> None:
    faces, pairs = world()
    line = FaceLine(slope=1.0, intercept=0.0, mated=1, non_mated=1)
    calibration = Calibration(
        revision="r", population="p", model="m", face_model="f", temperature=0.1,
        face_weight=1.0, face_lines={"photograph-frontal": line}, group_weights={}, body_weight={},
        offset={"face": 0.0},
        tails={"face": Tail(comparisons=10_000, people=9, scores=tuple(np.linspace(3.5, 1, 2000).tolist()))},
        margin=0.0, support_limit=9.0,
    )  # fmt: skip
    found = nominal_against_actual(pairs, faces, calibration, COHORT)
    loose, strict = (found[f"actual FMR at nominal {rate}"] for rate in ("0.01", "0.001"))
    assert 0 <= strict.value <= loose.value < 0.1  # type: ignore[union-attr]
    assert found["FNMR at nominal FMR 0.001"].value < 0.2  # type: ignore[union-attr]
