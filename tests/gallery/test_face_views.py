"""The views of a face that an enrolment keeps: each photograph's, and their mean by quality."""

from types import SimpleNamespace

import numpy as np
import pytest

from lineament.gallery.enrolment.photographs import face_templates
from lineament.recognition.face_pooling import pooled_embedding
from lineament.types import Face

RECOGNISER = SimpleNamespace(reader=SimpleNamespace(model="m"))
RNG = np.random.default_rng(1)


def face(yaw: float, quality: float) -> Face:
    vector = RNG.normal(size=8)
    box, crop = np.zeros(4, np.float32), np.zeros((112, 112, 3), np.uint8)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Face(box, np.zeros((5, 2), np.float32), 0.9, yaw, quality, crop, unit)


def test_several_photographs_add_their_mean_weighted_by_quality() -> None:
    faces = [face(0.0, 0.9), face(1.2, 0.3)]
    found = face_templates(faces, RECOGNISER)  # type: ignore[arg-type]
    assert found is not None and found.model == "m" and not found.rendered.any()
    assert np.array_equal(found.embeddings[:2], [one.embedding for one in faces])
    assert np.allclose(found.embeddings[2], pooled_embedding(found.embeddings[:2], [0.9, 0.3]))
    assert found.yaws.tolist() == pytest.approx([0.0, 1.2, 0.3])


def test_one_photograph_renders_and_none_add_nothing() -> None:
    faces = [face(0.0, 0.0), face(1.2, 0.0)]
    for shown, rendered in ((faces[:1], False), (faces, True)):
        found = face_templates(shown, RECOGNISER, rendered=rendered)  # type: ignore[arg-type]
        assert found is not None and len(found.embeddings) == len(shown)
    assert face_templates([], RECOGNISER) is None  # type: ignore[arg-type]
    bad = face_templates(faces, RECOGNISER)  # type: ignore[arg-type]
    assert bad is not None and np.isfinite(bad.embeddings).all() and bad.yaws[2] == pytest.approx(0.6)
