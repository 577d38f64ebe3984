"""Head scans without colours: completed by the average head, and told apart by their shape."""

from types import SimpleNamespace

import numpy as np
import pytest

from lineament.anatomy import HEAD
from lineament.assets import find
from lineament.errors import BadInputError
from lineament.evaluation.scans import ShapeProbe, figures, judge
from lineament.gallery.enrolment.mean_head import HOLE, NEAR, MeanHead, displaced
from lineament.gallery.enrolment.scan_file import PLAIN_SKIN, Scan
from lineament.gallery.enrolment.scan_head import FACE_FIVE, HeadFit
from lineament.gallery.enrolment.scan_shape import ShapeReader
from lineament.geometry.template import load_template
from lineament.recognition.recogniser import load_world
from lineament.runtime.faces import FaceReader

TEMPLATE = load_template()
AVERAGE = MeanHead.load()


def scan_of(points: np.ndarray, normals: np.ndarray) -> Scan:
    skin = np.tile(np.array(PLAIN_SKIN, np.uint8), (len(points), 1))
    return Scan("test", points.astype(np.float64), normals.astype(np.float64), skin, False, 1.0)


def fit_of(sites: np.ndarray) -> HeadFit:
    nobody = np.zeros(len(sites), bool)
    return HeadFit(sites.astype(np.float64), nobody, np.eye(3), np.zeros(3), np.zeros(len(sites), int), 0.0)


def cut() -> Scan:
    """The average face without its eyes."""
    points = AVERAGE.points
    eyes = np.min([np.linalg.norm(points - eye, axis=1) for eye in FACE_FIVE[:2]], axis=0)
    kept = (points[:, 1] < -0.08) & (eyes > 0.015)
    return scan_of(points[kept], AVERAGE.normals[kept])


def test_the_average_head_is_a_head() -> None:
    assert len(AVERAGE.points) > 20_000
    assert np.allclose(np.linalg.norm(AVERAGE.normals, axis=1), 1.0, atol=0.01)
    distance = np.linalg.norm(AVERAGE.points[:, None] - FACE_FIVE[None], axis=2).min(axis=0)
    assert distance.max() < 0.01, "pupils, nose and mouth lie on it"
    pupils = np.linalg.norm(AVERAGE.points - FACE_FIVE[0], axis=1) < 0.004
    cheek = np.linalg.norm(AVERAGE.points - (FACE_FIVE[2] + (0.04, 0.02, -0.01)), axis=1) < 0.01
    assert AVERAGE.colours[pupils].mean() < 0.6 * AVERAGE.colours[cheek].mean(), "eyes are dark"


def test_the_head_moves_with_its_sites() -> None:
    shift = np.array([0.01, -0.02, 0.03])
    moved = displaced(FACE_FIVE, TEMPLATE.positions + shift, TEMPLATE)
    assert np.allclose(moved, FACE_FIVE + shift, atol=1e-6)
    sites = TEMPLATE.positions.astype(np.float64).copy()
    sites[TEMPLATE.parts != HEAD] += 1.0
    assert np.allclose(displaced(FACE_FIVE, sites, TEMPLATE), FACE_FIVE, atol=1e-6)


def test_holes_are_closed_and_what_is_no_head_is_left_out() -> None:
    scan = cut()
    far = scan_of(
        np.concatenate([scan.points, [[0.5, 0.0, 1.5]]]), np.concatenate([scan.normals, [[0.0, -1.0, 0.0]]])
    )
    whole, five = AVERAGE.dressed(far, fit_of(TEMPLATE.positions), TEMPLATE)
    assert np.abs(five - FACE_FIVE).max() < 1e-6
    assert np.linalg.norm(whole.points - (0.5, 0.0, 1.5), axis=1).min() > NEAR
    for eye in FACE_FIVE[:2]:
        assert np.linalg.norm(far.points - eye, axis=1).min() > 4 * HOLE
        assert np.linalg.norm(whole.points - eye, axis=1).min() < 2 * HOLE
    assert whole.coloured and whole.colours.std(axis=0).min() > 5
    assert np.ptp(whole.points[:, 1]) > 0.18, "a whole head, with its back"


def test_own_colours_are_kept() -> None:
    plain = cut()
    red = Scan("red", plain.points, plain.normals, np.full_like(plain.colours, (200, 0, 0)), True, 1.0)
    whole, _ = AVERAGE.dressed(red, fit_of(TEMPLATE.positions), TEMPLATE)
    assert ((whole.colours == (200, 0, 0)).all(axis=1)).sum() == len(red.points)


@pytest.fixture(scope="module")
def shapes() -> ShapeReader:
    if find("yunet") is None or find("sface") is None:
        pytest.skip("needs the assets yunet and sface; run: lineament assets fetch")
    return ShapeReader.load(FaceReader.load(threads=1), TEMPLATE, load_world().faces)


def test_shapes_differ_and_holes_matter_little(shapes: ShapeReader) -> None:
    """Two other heads, one of them scanned with and without its eyes."""
    rng = np.random.default_rng(4)
    vectors = []
    for _ in range(2):
        wide, long = rng.uniform(0.9, 1.1, 2)
        nose = FACE_FIVE[2]

        def stretched(places: np.ndarray, wide: float = wide, long: float = long) -> np.ndarray:
            return (places - nose) * (wide, 1.0, long) + nose  # noqa: B023

        fit = fit_of(stretched(TEMPLATE.positions.astype(np.float64)))
        full = scan_of(stretched(AVERAGE.points), AVERAGE.normals)
        holed = cut()
        holed = scan_of(stretched(holed.points), holed.normals)
        vectors += [shapes.embed(full, fit), shapes.embed(holed, fit)]
    assert all(abs(float(np.linalg.norm(one)) - 1) < 1e-5 for one in vectors)
    assert max(abs(float(one @ shapes.common)) for one in vectors) < 0.05
    same = min(float(vectors[0] @ vectors[1]), float(vectors[2] @ vectors[3]))
    assert same > 0.8 and same > float(vectors[0] @ vectors[2]) + 0.2


def test_a_person_is_ranked_among_distractors() -> None:
    others = np.eye(4, dtype=np.float32)[1:]
    me = np.array([1, 0, 0, 0], np.float32)
    probes = [
        ShapeProbe("clear", "front", me, me),
        ShapeProbe("taken for another", "front", others[0], me),
        ShapeProbe("no face", "left", None, me),
    ]
    results = judge(probes, others)
    assert [one.rank for one in results] == [1, 4, 4]
    assert results[0].score > 0 > results[1].score
    told = figures(results)
    assert told["front: first"].value == 0.5 and told["left: first"].value == 0.0
    assert told["all: median rank"] == 4 and told["all: first"].cases == 3
    with pytest.raises(ValueError, match="two distractors"):
        judge(probes, others[:1])


def test_a_colourless_head_scan_enrols_by_its_shape(shapes: ShapeReader) -> None:
    from lineament.gallery.enrolment.scan import _head_faces, _told

    recogniser = SimpleNamespace(reader=shapes.reader, template=TEMPLATE, world=load_world())
    faces = _head_faces(cut(), fit_of(TEMPLATE.positions), recogniser)
    assert faces is not None and faces.embeddings.shape == (1, 128) and faces.rendered.all()
    assert faces.model == shapes.reader.model and "shape" in _told(cut(), faces)


def test_a_missing_or_damaged_average_head_is_said_in_one_line(tmp_path):
    for content in (None, b"nothing"):
        if content is not None:
            (tmp_path / "mean_head.safetensors").write_bytes(content)
        with pytest.raises(BadInputError, match="install again"):
            MeanHead.load(tmp_path)
