"""The scan head on Anny: what moves, what must not."""

import numpy as np
import pytest

from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.humans.body import BodyModel
from lineament.humans.head import HeadModel, without_similarity
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


def _with_and_without_head() -> tuple[BodyModel, np.ndarray, np.ndarray]:
    """A body with a head of its own, and the same body without: what a scan and a fitted body would be."""
    model = BodyModel.load()
    own = BodyParameters(
        local_changes={"nose-scale-vert-incr": 0.6, "chin-width-incr": 0.7, "head-fat-incr": 0.8}
    )
    return model, model.build(own).vertices, model.build(BodyParameters()).vertices


def _head_faces(model: BodyModel) -> np.ndarray:
    return model.faces[(model.vertex_parts[model.faces] == 1).all(axis=1)]


def test_a_registered_scan_is_reached_and_the_body_is_left_alone() -> None:
    model, scanned, fitted = _with_and_without_head()
    head = np.unique(_head_faces(model))
    merged = HeadModel.from_scan(fitted, scanned[head], head)
    points = merged.apply(fitted.astype(np.float64), np.ones(1, np.float32))
    assert merged.residuals.quantile(0.5) < 0.0002
    before = np.linalg.norm(scanned - fitted, axis=1)[head]
    assert np.median(np.linalg.norm(points - scanned, axis=1)[head]) < 0.1 * np.median(before[before > 0.001])
    low = model.canonical[:, 2] < 1.35
    assert np.array_equal(points[low], fitted[low].astype(np.float64)), "nothing moves below the neck"


def test_no_seam_at_the_neck_even_when_the_scan_is_off_by_centimetres() -> None:
    model, scanned, fitted = _with_and_without_head()
    head = np.unique(_head_faces(model))
    shifted = scanned[head] + np.array([0.012, -0.012, 0.0], np.float32)
    merged = HeadModel.from_scan(fitted, shifted, head)
    assert 0.0 < merged.residuals.step < 0.5, "17 mm are spread over the whole neck"
    assert merged.residuals.quantile(0.5) < 0.001


def test_a_cloud_of_points_draws_the_head_onto_it() -> None:
    model, scanned, fitted = _with_and_without_head()
    rng = np.random.default_rng(0)
    faces = _head_faces(model)
    chosen = faces[rng.integers(len(faces), size=30000)]
    cloud = np.einsum("nkc,nk->nc", scanned[chosen], rng.dirichlet((1, 1, 1), len(chosen)))
    merged = HeadModel.from_scan(fitted, cloud + rng.normal(0, 0.0003, cloud.shape))
    assert merged.residuals.quantile(0.5) < 0.0005
    assert merged.residuals.quantile(0.95) < 0.0015
    assert "vertices, millimetres" in str(merged.residuals)


def test_a_scan_somewhere_else_is_refused_in_one_line() -> None:
    _, scanned, fitted = _with_and_without_head()
    with pytest.raises(BadInputError, match="bring the scan into the body's frame") as error:
        HeadModel.from_scan(fitted, scanned[:500] + 5.0)
    assert "\n" not in str(error.value)
    with pytest.raises(BadInputError, match="one vertex of the body"):
        HeadModel.from_scan(fitted, scanned[:500], np.array([99999]))


@pytest.mark.assets
@needs_head
def test_how_exactly_the_modes_were_registered_is_known() -> None:
    model = HeadModel.load()
    assert model is not None
    assert model.residuals.quantile(0.5) < 0.002
    assert model.residuals.step < 0.2, "one deviation of no mode makes a step at the neck"
