import json

import numpy as np
import onnx
import onnxruntime
import pytest

from lineament.assets import find

torch = pytest.importorskip("torch")
pytest.importorskip("anny")

from lineament.networks.face_alignment import AlignmentHead, AlignmentTrunk  # noqa: E402
from lineament.networks.sface_trunk import FaceTrunk  # noqa: E402
from lineament.runtime.face_alignment import (  # noqa: E402
    VIEW_SIZE,
    Alignment,
    AlignmentTemplate,
    FaceAligner,
)
from lineament.runtime.face_crops import FIVE_POINTS, warp  # noqa: E402
from lineament.runtime.head_pose import rotation_of  # noqa: E402
from lineament.runtime.session import open_session  # noqa: E402
from lineament.synth.head_places import MIRROR  # noqa: E402
from lineament.synth.landmarks import LANDMARKS  # noqa: E402
from lineament.training import face_alignment as training  # noqa: E402
from lineament.training.alignment_appearance import covered, worsened  # noqa: E402
from lineament.training.alignment_detector import FIVE, DetectorErrors  # noqa: E402
from lineament.training.alignment_release import write_config  # noqa: E402
from lineament.training.alignment_template import COUNTED  # noqa: E402
from lineament.training.alignment_validation import (  # noqa: E402
    bands,
    errors,
    placement_error,
    separation,
    true_matrices,
)
from lineament.training.alignment_views import alignment_views  # noqa: E402
from lineament.training.face_alignment import AlignmentRecipe, export, train_aligner  # noqa: E402
from lineament.training.head_pictures import HeadPictures  # noqa: E402

pytestmark = pytest.mark.train
COUNT = len(LANDMARKS)
SIZE = 160
ORDER = MIRROR[:COUNT].tolist()


def made_up_head() -> np.ndarray:
    """Landmarks of a symmetric head, metres, facing -y, about where a head has them."""
    rng = np.random.default_rng(3)
    head = rng.uniform(-0.05, 0.05, (COUNT, 3)) * (1, 0.6, 1)
    eye, mouth = np.array((0.03, -0.05, 0.03)), np.array((0.025, -0.06, -0.05))
    side = np.array((-1, 1, 1))
    head[FIVE] = [eye * side, eye, (0, -0.1, -0.01), mouth * side, mouth]
    return (head + head[ORDER] * (-1, 1, 1)) / 2


@pytest.fixture
def template():
    return AlignmentTemplate(made_up_head(), COUNTED.astype(float), tuple(FIVE), 1.6, "test")


@pytest.fixture
def pictures(template):
    """Black pictures with a white dot on each of the five points, at yaws from side to side."""
    yaws = np.radians(np.linspace(-80, 80, 8)).astype(np.float32)
    images = np.zeros((8, SIZE, SIZE, 3), dtype=np.uint8)
    landmarks = np.stack([template.at(yaw) for yaw in yaws]) * 0.8 + 35
    for image, points in zip(images, landmarks, strict=True):
        for x, y in points[FIVE].astype(int):
            image[y - 2 : y + 3, x - 2 : x + 3] = 255
    angles = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1)
    rotation = np.stack([rotation_of(float(yaw), 0.0) for yaw in yaws]).astype(np.float32)
    seen = np.ones((8, COUNT), bool)
    return HeadPictures(images, landmarks.astype(np.float32), seen, angles, np.arange(8), rotation)


@pytest.fixture
def detector():
    return DetectorErrors(np.radians([-80.0, 0, 80]), np.random.default_rng(1).normal(0, 3, (3, 5, 2)))


def test_views_carry_their_labels(pictures, template, detector):
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(6):
        views = alignment_views(pictures, np.arange(8), detector, template, ORDER, rng)
        gram = views.rotation @ views.rotation.transpose(0, 2, 1)
        assert np.allclose(gram, np.eye(2), atol=1e-5)
        for view, points in zip(views.views, views.landmarks[:, FIVE], strict=True):
            inside = ((points > 3) & (points < VIEW_SIZE - 3)).all(axis=1)
            column, row = points[inside].astype(int).T
            hits += (view[row, column].max(axis=1) > view.mean() + 20).tolist()
    assert len(hits) > 100 and np.mean(hits) > 0.75, "dots lie where the labels say, unless covered"


def test_rotations_project_to_the_landmarks(pictures, template, detector):
    """From far away, two rows of the rotation, a scale and a shift take the head to its labels."""
    rng = np.random.default_rng(1)
    views = alignment_views(pictures, np.arange(8), detector, template, ORDER, rng)
    for landmarks, rows in zip(views.landmarks.astype(float), views.rotation.astype(float), strict=True):
        flat = template.head @ rows.T
        fitted = np.column_stack([flat, np.ones(COUNT)])
        answer = np.linalg.lstsq(fitted, landmarks, rcond=None)[0]
        assert np.abs(fitted @ answer - landmarks).max() < 0.05
        assert answer[0, 0] > 0 and abs(answer[0, 1]) < 0.02 * answer[0, 0], "hardly a turn is left over"


def test_a_detector_errs_alike_on_faces_of_any_size(detector):
    rng = np.random.default_rng(0)
    off = []
    for scale in (0.3, 3.0):
        five = FIVE_POINTS * scale + 7
        drawn = [np.abs(detector.draw(five, 0.0, rng) - five).mean() / scale for _ in range(50)]
        off.append(np.mean(drawn))
    assert off[0] == pytest.approx(off[1], rel=0.2)
    assert off[0] == pytest.approx(np.abs(detector.errors).mean(), rel=0.2)


def test_worsened_and_covered_pictures_keep_their_form():
    rng = np.random.default_rng(0)
    points = np.random.default_rng(1).uniform(10, 118, (COUNT, 2))
    changed = 0
    for _ in range(40):
        view = np.full((VIEW_SIZE, VIEW_SIZE, 3), 120, dtype=np.uint8)
        out = worsened(covered(view, points, rng.uniform(0, 1.7), rng), rng)
        assert out.shape == view.shape and out.dtype == np.uint8
        changed += bool((out != view).any())
    assert changed > 30


def test_exact_alignments_have_no_error(pictures, template):
    true = true_matrices(pictures, template)
    assert placement_error(true[3], true[3]) < 1e-6
    crop = warp(pictures.images[4], true[4])
    x, y = template.at(float(pictures.angles[4, 0]))[FIVE[2]].astype(int)
    assert crop[y, x].min() > 100


def told(pictures, template, index, shift):
    """An alignment that is off by `shift` pixels of the crop and 0.1 radians of yaw."""
    exact = true_matrices(pictures, template)[index]
    marks, ones = pictures.landmarks[index].astype(float), np.ones(COUNT)
    scale = np.sqrt(np.linalg.det(exact[:, :2]))
    moved = exact + np.array([[0, 0, shift], [0, 0, 0]])
    yaw = float(pictures.angles[index, 0]) + 0.1
    found = marks + np.array([shift / scale, 0])
    return marks[FIVE], Alignment(
        moved, marks[FIVE], yaw, 0.0, 0.0, 1.0, found, ones, ones, template.head, (1, 1)
    )


def test_errors_are_told_in_pixels_of_the_crop_and_degrees(pictures, template):
    found = [None, *(told(pictures, template, index, 2.0) for index in range(1, 8))]
    got = errors(pictures, found, template)
    assert np.isnan(got["placement"][0])
    assert np.allclose(got["placement"][1:], 2) and np.allclose(got["landmarks"][1:], 2, atol=1e-3)
    assert np.allclose(got["yaw"][1:], np.degrees(0.1), atol=1e-4) and np.allclose(got["five_points"][1:], 0)
    where = bands(pictures.angles[:, 0], pictures.visible)
    assert [int(one.sum()) for one in where.values()] == [2, 4, 2]


class ColourRecogniser:
    """Stands in for SFace: says the mean colour of the crop."""

    def run(self, _outputs, inputs):
        return [inputs["data"].mean(axis=(2, 3)) + 1e-3]


def test_crops_are_judged_by_what_a_recogniser_tells_apart(template):
    colours = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
    yaws = np.radians([0, 0, 0, 70, 70, 70]).astype(np.float32)
    images = np.stack([np.full((SIZE, SIZE, 3), colour, dtype=np.uint8) for colour in colours * 2])
    landmarks = np.stack([template.at(yaw) + 25 for yaw in yaws]).astype(np.float32)
    angles = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1)
    heads = HeadPictures(images, landmarks, np.ones((6, COUNT), bool), angles, np.array([0, 1, 2, 0, 1, 2]))
    result = separation(heads, true_matrices(heads, template), np.ones(6, bool), ColourRecogniser())
    assert result["rate"] == 1.0 and result["separation"] > 5


def test_aligner_learns_and_the_export_agrees(tmp_path, monkeypatch, pictures, template, detector):
    """A small network learns eight pictures; its ONNX file says the same."""
    monkeypatch.setattr(training, "require", lambda name: None)
    monkeypatch.setattr(AlignmentTrunk, "load", classmethod(lambda cls, path: cls()))
    monkeypatch.setattr(training, "AlignmentHead", lambda count: AlignmentHead(count, width=8, hidden=16))
    monkeypatch.setattr(training, "REPORT_EVERY", 4)
    monkeypatch.setattr(training, "WARM_UP", 4)

    def draw(chosen, rng):
        return alignment_views(pictures, chosen, detector, template, ORDER, rng)

    recipe = AlignmentRecipe(rounds=((4 * 12, 1e-2), (4 * 4, 5e-3)), batch=4)
    (network, record), (again, _) = (train_aligner(8, COUNT, draw, recipe) for _ in range(2))
    assert record[-1]["landmarks"] < record[0]["landmarks"] - 1
    assert [(one["round"], one["step"]) for one in record] == [(0, 4), (0, 8), (0, 12), (1, 4)]
    export(network, tmp_path / "model.onnx")
    view = 255 * torch.rand(3, 3, VIEW_SIZE, VIEW_SIZE)
    got = open_session(tmp_path / "model.onnx", 1).run(None, {"view": view.numpy()})
    with torch.no_grad():
        expected, other = network(view), again(view)
    assert torch.allclose(expected.landmarks, other.landmarks, atol=1e-2), "the same seed, the same network"
    assert np.abs(got[0] - expected.landmarks.numpy()).max() < 0.5, "weights are stored in half precision"
    for mine, its in zip(got[1:], expected[1:], strict=True):
        assert np.abs(mine - its.numpy()).max() < 0.05
    write_config(template, tmp_path)
    aligner = FaceAligner.load(1, tmp_path)
    assert np.allclose(aligner.template.head, template.head, atol=1e-5) and aligner.template.five == tuple(
        FIVE
    )
    assert json.loads((tmp_path / "config.json").read_text())["landmark_names"][:2] == ["ibug_0", "ibug_1"]
    alignment = aligner.align(np.array(pictures.images[4]), pictures.landmarks[4, FIVE].astype(float))
    assert alignment.landmarks.shape == (COUNT, 2) and np.isfinite(alignment.matrix).all()


def test_a_stopped_run_goes_on_with_the_round_that_it_was_in(
    tmp_path, monkeypatch, pictures, template, detector
):
    monkeypatch.setattr(training, "require", lambda name: None)
    monkeypatch.setattr(AlignmentTrunk, "load", classmethod(lambda cls, path: cls()))
    monkeypatch.setattr(training, "AlignmentHead", lambda count: AlignmentHead(count, width=8, hidden=16))
    drawn = []

    def draw(chosen, rng):
        drawn.append(len(chosen))
        if len(drawn) == 4:
            raise KeyboardInterrupt
        return alignment_views(pictures, chosen, detector, template, ORDER, rng)

    recipe = AlignmentRecipe(rounds=((8, 1e-2), (8, 5e-3)), batch=4)
    with pytest.raises(KeyboardInterrupt):
        train_aligner(8, COUNT, draw, recipe, tmp_path)
    network, record = train_aligner(8, COUNT, draw, recipe, tmp_path)
    assert len(drawn) == 4 + 2 and [one["round"] for one in record] == [0, 1]
    drawn[:] = [0] * 4
    through, _ = train_aligner(8, COUNT, draw, recipe)
    view = 255 * torch.rand(2, 3, VIEW_SIZE, VIEW_SIZE)
    with torch.no_grad():
        assert torch.allclose(network(view).landmarks, through(view).landmarks, atol=1e-2)


def test_trunk_equals_the_same_layers_of_sface():
    path = find("sface")
    if path is None:
        pytest.skip("needs the asset sface; run: lineament assets fetch sface")
    model = onnx.load(path)
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info("conv_13_dw_relu"))
    crops = np.random.default_rng(0).uniform(0, 255, (1, 3, 112, 112)).astype(np.float32)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    expected = session.run(["conv_13_dw_relu"], {"data": crops})[0]
    with torch.no_grad():
        got = FaceTrunk.load(path)(torch.from_numpy(crops)).numpy()
    assert got.shape == (1, 512, 7, 7) and np.abs(got - expected).max() < 1e-3
