import numpy as np
import onnx
import onnxruntime
import pytest

from lineament.assets import find

torch = pytest.importorskip("torch")
pytest.importorskip("anny")

from lineament.networks.face_alignment import (  # noqa: E402
    AlignmentHead,
    FaceAlignment,
    FaceTrunk,
    alignment_loss,
)
from lineament.runtime.face_crops import FIVE_POINTS, warp  # noqa: E402
from lineament.runtime.session import open_session  # noqa: E402
from lineament.synth.landmarks import LANDMARKS  # noqa: E402
from lineament.training.alignment_shape import compare_shapes  # noqa: E402
from lineament.training.alignment_template import TemplateShape, alignment_template  # noqa: E402
from lineament.training.alignment_validation import placement_errors, true_placements  # noqa: E402
from lineament.training.alignment_views import FIVE, alignment_views, mirror_order, worsened  # noqa: E402
from lineament.training.face_alignment import export  # noqa: E402
from lineament.training.head_pictures import SIZE, HeadPictures  # noqa: E402

pytestmark = pytest.mark.train
COUNT = len(LANDMARKS)


def made_up_head() -> np.ndarray:
    """Landmarks of a symmetric head, metres, facing -y, about where a head has them."""
    rng = np.random.default_rng(3)
    order = mirror_order()
    head = rng.uniform(-0.05, 0.05, (COUNT, 3)) * (1, 0.6, 1)
    eye, mouth = np.array((0.03, -0.05, 0.03)), np.array((0.025, -0.06, -0.05))
    side = np.array((-1, 1, 1))
    head[FIVE] = [eye * side, eye, (0, -0.1, -0.01), mouth * side, mouth]
    mirrored = head[order] * (-1, 1, 1)
    return (head + mirrored) / 2


@pytest.fixture
def template():
    return alignment_template(made_up_head(), TemplateShape(), "test")


@pytest.fixture
def pictures(template):
    """Black pictures with a white dot on every counted landmark, at yaws from side to side."""
    yaws = np.radians(np.linspace(-80, 80, 8)).astype(np.float32)
    images = np.zeros((8, SIZE, SIZE, 3), dtype=np.uint8)
    landmarks = np.stack([template.at(yaw)[0] for yaw in yaws]) * 0.9 + 45
    for image, points in zip(images, landmarks, strict=True):
        for x, y in points[FIVE].astype(int):
            image[y - 2 : y + 3, x - 2 : x + 3] = 255
    angles = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1)
    return HeadPictures(images, landmarks.astype(np.float32), np.ones((8, COUNT), bool), angles, np.arange(8))


def test_mirroring_twice_changes_nothing():
    order = np.array(mirror_order())
    assert (order[order] == np.arange(COUNT)).all()
    assert order[FIVE].tolist() == [FIVE[i] for i in (1, 0, 2, 4, 3)]


def test_frontal_template_is_the_five_points_and_sides_mirror(template):
    assert np.abs(template.at(0.0)[0][FIVE] - FIVE_POINTS).max() < 4
    left, right = template.at(0.7)[0], template.at(-0.7)[0]
    mirrored = left[mirror_order()] * (-1, 1) + (2 * FIVE_POINTS[:, 0].mean(), 0)
    assert np.abs(mirrored - right).max() < 0.5
    assert left[FIVE[2], 0] < FIVE_POINTS[2, 0] < right[FIVE[2], 0], (
        "the nose points away from the near cheek"
    )


def test_views_carry_their_labels(pictures, template):
    rng = np.random.default_rng(0)
    rough = np.full((8, 5, 2), np.nan, dtype=np.float32)
    hits = []
    for _ in range(6):
        views = alignment_views(pictures, np.arange(8), rough, template, rng)
        assert np.allclose(np.linalg.norm(views.direction, axis=1), 1, atol=1e-5)
        for crop, points in zip(views.crops, views.landmarks[:, FIVE], strict=True):
            inside = ((points > 3) & (points < 109)).all(axis=1)
            column, row = points[inside].astype(int).T
            hits += (crop[row, column].max(axis=1) > crop.mean() + 20).tolist()
    assert len(hits) > 100 and np.mean(hits) > 0.85


def test_worsened_pictures_keep_their_form():
    rng = np.random.default_rng(0)
    for _ in range(30):
        crop = worsened(np.full((112, 112, 3), 120, dtype=np.uint8), rng)
        assert crop.shape == (112, 112, 3) and crop.dtype == np.uint8


def test_exact_alignments_have_no_error(pictures, template):
    true = true_placements(pictures, template)
    assert placement_errors(true, true).max() < 1e-6
    crop = warp(pictures.images[4], true.matrices[4])
    x, y = template.at(true.yaws[4])[0][FIVE[2]].astype(int)
    assert crop[y, x].min() > 100


def test_head_learns_and_the_export_agrees(tmp_path):
    """A small network fits four crops; its ONNX file says the same."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    trunk = FaceTrunk(torch.nn.Conv2d(3, 512, 16, stride=16))
    network = FaceAlignment(trunk, AlignmentHead(COUNT, width=16, hidden=32))
    crops, goal = torch.rand(4, 3, 112, 112), 56 + 20 * torch.randn(4, COUNT, 2)
    direction, visible = torch.nn.functional.normalize(torch.randn(4, 2)), torch.ones(4, COUNT)
    optimiser = torch.optim.Adam(network.head.parameters(), lr=1e-2)
    first = last = None
    for _ in range(40):
        losses = alignment_loss(network(crops), goal, direction, visible)
        last = losses["landmarks"] + losses["direction"]
        first = first if first is not None else float(last.detach())
        optimiser.zero_grad()
        last.backward()
        optimiser.step()
    assert float(last.detach()) < first - 1.0
    export(network, ["landmarks", "spread", "direction"], tmp_path / "model.onnx")
    got = open_session(tmp_path / "model.onnx", 1).run(None, {"crop": crops[:3].numpy()})
    with torch.no_grad():
        expected = network.eval()(crops[:3])
    assert np.abs(got[0] - expected.landmarks.numpy()).max() < 0.5, "weights are stored in half precision"
    assert np.abs(got[2] - expected.direction.numpy()).max() < 0.05


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


class ColourRecogniser:
    """Stands in for SFace: says the mean colour of the crop."""

    def run(self, _outputs, inputs):
        return [inputs["data"].mean(axis=(2, 3)) + 1e-3]


def test_shapes_are_judged_by_what_a_recogniser_tells_apart():
    head, colours = made_up_head(), [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
    template = alignment_template(head, TemplateShape(), "test")
    yaws = np.radians([0, 0, 0, 70, 70, 70]).astype(np.float32)
    images = np.stack([np.full((SIZE, SIZE, 3), colour, dtype=np.uint8) for colour in colours * 2])
    landmarks = np.stack([template.at(yaw)[0] + 40 for yaw in yaws]).astype(np.float32)
    angles = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1)
    people = np.array([0, 1, 2, 0, 1, 2])
    heads = HeadPictures(images, landmarks, np.ones((6, COUNT), bool), angles, people)
    results = compare_shapes(heads, head, [TemplateShape(), TemplateShape(scale=0.9)], ColourRecogniser())
    assert [result["scale"] for result in results] == [1.0, 0.9]
    assert all(result["rate"] == 1.0 and result["separation"] > 5 for result in results)
