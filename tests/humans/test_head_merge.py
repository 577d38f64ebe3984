"""The scan head on Anny: what moves, what must not."""

import numpy as np
import pytest

from lineament.assets import find_folder
from lineament.humans.body import BodyModel
from lineament.humans.head import without_similarity
from lineament.humans.parameters import BodyParameters

pytestmark = pytest.mark.train
needs_head = pytest.mark.skipif(find_folder("ict-facekit") is None, reason="asset ict-facekit is absent")


def test_similarity_part_of_a_field_is_removed() -> None:
    rng = np.random.default_rng(0)
    points, weights = rng.normal(size=(200, 3)), rng.uniform(0.1, 1, 200)
    rigid = np.cross([0.1, -0.2, 0.3], points) + 0.05 * points + [1.0, 2.0, 3.0]
    assert np.abs(without_similarity(points, rigid[None], weights)).max() < 1e-9
    bump = np.exp(-((points - points[0]) ** 2).sum(1))[:, None] * [0.0, 0.0, 1.0]
    kept = without_similarity(points, (rigid + bump)[None], weights)
    assert np.allclose(kept, without_similarity(points, bump[None], weights), atol=1e-9)


@pytest.mark.assets
@needs_head
def test_modes_move_the_face_and_nothing_below_the_neck() -> None:
    model = BodyModel.load()
    plain = model.build(BodyParameters(head=np.zeros(100, dtype=np.float32)))
    moved = model.build(BodyParameters(head=np.random.default_rng(1).normal(size=100).astype(np.float32)))
    shift = np.linalg.norm(moved.vertices - plain.vertices, axis=1)
    face = model.vertex_parts == 1
    assert 0.0005 < shift[face].mean() < 0.02
    skin = np.unique(model.faces)
    assert shift[skin][~face[skin]].max() < 0.001


@pytest.mark.assets
@needs_head
def test_the_face_stays_smooth_where_the_modes_fade() -> None:
    model = BodyModel.load()
    plain = model.build(BodyParameters())
    moved = model.build(BodyParameters(head=np.full(100, 1.0, dtype=np.float32)))
    edges = np.concatenate([model.faces[:, [0, 1]], model.faces[:, [1, 2]]])

    def lengths(vectors: np.ndarray) -> np.ndarray:
        return np.linalg.norm(vectors[edges[:, 0]] - vectors[edges[:, 1]], axis=1)

    before, after = lengths(plain.vertices), lengths(moved.vertices)
    jump = lengths(moved.vertices - plain.vertices)
    assert (jump < 0.004 + 0.6 * before).all(), "neighbouring vertices move alike: no seam"
    assert np.median(after / np.maximum(before, 1e-6)) == pytest.approx(1.0, abs=0.1)


@pytest.mark.assets
@needs_head
def test_eyeballs_move_as_one_piece() -> None:
    model = BodyModel.load()
    plain = model.build(BodyParameters())
    moved = model.build(BodyParameters(head=np.full(100, 0.5, dtype=np.float32)))
    eyes = np.unique(model.eye_faces)
    left = eyes[plain.vertices[eyes, 0] > 0]
    shift = (moved.vertices - plain.vertices)[left]
    assert np.abs(shift - shift[0]).max() < 1e-5
