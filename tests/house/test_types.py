"""What the containers refuse when they are made."""

from typing import Any

import numpy as np
import pytest

from lineament.types import (
    Decision,
    DenseRegistration,
    Evidence,
    Face,
    FaceTemplates,
    PartEvidence,
    ProbePerson,
    Prototype,
    Registration,
)

SITES = 6


def face(**changed: Any) -> Face:
    values: dict[str, Any] = {
        "box": np.zeros(4, np.float32),
        "landmarks": np.zeros((5, 2), np.float32),
        "score": 0.9,
        "yaw": 0.0,
        "quality": 0.5,
        "crop": np.zeros((112, 112, 3), np.uint8),
        "embedding": np.eye(1, 8, dtype=np.float32)[0],
    }
    return Face(**values | changed)


def templates(**changed: Any) -> FaceTemplates:
    values: dict[str, Any] = {
        "embeddings": np.eye(2, 8, dtype=np.float32),
        "yaws": np.zeros(2, np.float32),
        "rendered": np.zeros(2, bool),
        "model": "m",
    }
    return FaceTemplates(**values | changed)


def prototype(**changed: Any) -> Prototype:
    values: dict[str, Any] = {
        "subject": "P01",
        "points": np.zeros((SITES, 3), np.float32),
        "normals": np.zeros((SITES, 3), np.float32),
        "colours": None,
        "parts": np.array([1, 1, 2, 2, 3, 4], np.uint8),
        "measured": np.array([True, True, False, False, True, False]),
        "features": np.zeros((SITES, 8), np.float16),
        "face": None,
        "source": "scan",
        "template": "t",
        "model": "m",
        "consent": "",
        "purpose": "",
        "residual": 0.0,
    }
    return Prototype(**values | changed)


def dense(**changed: Any) -> DenseRegistration:
    values: dict[str, Any] = {
        "box": np.zeros(4, np.float32),
        "parts": np.zeros((4, 3), np.uint8),
        "probability": np.zeros((4, 3), np.float32),
        "part_probability": np.zeros((4, 3), np.float32),
        "canonical": np.zeros((4, 3, 3), np.float32),
        "features": np.zeros((4, 3, 8), np.float32),
        "to_photo": np.zeros((2, 3)),
        "model": "m",
    }
    return DenseRegistration(**values | changed)


def registration(**changed: Any) -> Registration:
    values: dict[str, Any] = {
        "pixels": np.zeros((2, 2), np.float32),
        "sites": np.zeros(2, np.int32),
        "parts": np.ones(2, np.uint8),
        "cosine": np.ones(2, np.float32),
        "confidence": np.ones(2, np.float32),
        "visible": np.zeros(15, np.float32),
    }
    return Registration(**values | changed)


NAN_POINTS = np.full((SITES, 3), np.nan, np.float32)


@pytest.mark.parametrize(
    ("make", "changed", "wanted"),
    [
        (face, {"box": np.zeros(3, np.float32)}, "box has shape"),
        (face, {"landmarks": np.zeros((68, 2), np.float32)}, "landmarks has shape"),
        (face, {"embedding": np.ones(8, np.float32)}, "unit length"),
        (face, {"quality": 1.1}, "quality"),
        (templates, {"embeddings": np.zeros((0, 8), np.float32)}, "yaws has shape"),
        (templates, {"rendered": np.zeros(3, bool)}, "rendered has shape"),
        (prototype, {"subject": " "}, "subject"),
        (prototype, {"points": NAN_POINTS}, "finite"),
        (prototype, {"normals": np.zeros((SITES + 1, 3), np.float32)}, "normals has shape"),
        (prototype, {"colours": np.zeros((SITES, 4), np.uint8)}, "colours has shape"),
        (prototype, {"parts": np.full(SITES, 15, np.uint8)}, "parts out of range"),
        (dense, {"canonical": np.zeros((4, 3, 2), np.float32)}, "canonical has shape"),
        (dense, {"part_probability": np.zeros((3, 4), np.float32)}, "part_probability has shape"),
        (dense, {"to_photo": np.zeros((3, 3))}, "to_photo has shape"),
        (registration, {"cosine": np.ones(3, np.float32)}, "cosine has shape"),
        (registration, {"visible": np.zeros(14, np.float32)}, "visible has shape"),
    ],
)
def test_wrong_containers_are_refused(make: Any, changed: dict[str, Any], wanted: str) -> None:
    make()
    with pytest.raises(ValueError, match=wanted):
        make(**changed)


def test_no_view_is_no_template() -> None:
    with pytest.raises(ValueError, match="at least one view"):
        templates(
            embeddings=np.zeros((0, 8), np.float32), yaws=np.zeros(0, np.float32), rendered=np.zeros(0, bool)
        )


def test_enrolled_parts_are_those_measured() -> None:
    assert prototype().enrolled_parts == (1, 3)


def test_a_person_needs_something_to_be_recognised_by() -> None:
    box = np.zeros(4, np.float32)
    assert ProbePerson(box, None, face()).body is None
    with pytest.raises(ValueError, match="a body or a face"):
        ProbePerson(box, None, None)


@pytest.mark.parametrize(("score", "fits"), [(1.5, True), (1.6, False)])
def test_contributions_sum_to_the_score(score: float, fits: bool) -> None:
    parts = tuple(
        PartEvidence(name, 1.0, 3, 0.5, 0.8, share) for name, share in (("head", 2.0), ("face", 0.5))
    )

    def make() -> Evidence:
        return Evidence("P01", parts, -1.0, score, 0.0, 0.0, 0.0, None)

    if fits:
        assert make().score == score
        return
    with pytest.raises(ValueError, match="sum to the score"):
        make()


def test_a_decision_without_a_subject_is_an_abstention() -> None:
    def decide(subject: str | None) -> Decision:
        return Decision(subject, 1.0, 0.0, 1e-3, "nobody", None, "")

    assert decide(None).abstained and not decide("P01").abstained
