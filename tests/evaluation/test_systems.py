"""Systems: the floor, networks with cards, what is said when something lacks, ours as the product scores."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lineament.assets import find
from lineament.cli.evaluate_compare import compare
from lineament.cli.evaluate_export import export
from lineament.cli.evaluate_peers import peers
from lineament.cli.evaluate_score import score
from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation.catalogue import Chosen
from lineament.evaluation.own_faces import CalibratedFaces
from lineament.evaluation.own_people import OwnPeople
from lineament.evaluation.peers.arcface import ArcFaceStyle
from lineament.evaluation.peers.optional import installed
from lineament.evaluation.peers.stripes import Stripes
from lineament.evaluation.systems import Template
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import face_condition
from lineament.recognition.face_score import normalised, unit_rows
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.photograph import load_photograph
from lineament.runtime.recogniser_card import SFACE
from lineament.weights import folder

RNG = np.random.default_rng(6)
needs_sface = pytest.mark.skipif(find("sface") is None, reason="the asset sface is not here")


def people(root: Path, count: int = 8, shots: int = 5) -> Path:
    for person in range(count):
        (root / f"p{person}").mkdir(parents=True)
        colour = RNG.integers(30, 220, (4, 1, 3))
        for shot in range(shots):
            picture = colour.repeat(8, 0).repeat(16, 1) + RNG.integers(-25, 25, (32, 16, 3))
            Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(
                root / f"p{person}" / f"{shot}.png"
            )
    return root


def test_stripes_know_colours_and_pairs_equal_the_matrix() -> None:
    system = Stripes()
    pictures = [RNG.integers(0, 255, (40, 20, 3)).astype(np.uint8) // (i + 1) for i in range(4)]
    made = [system.template(one, reference=True) for one in pictures]
    matrix = system.matrix(made, made).score
    assert (np.diag(matrix) > -0.1).all() and (matrix[~np.eye(4, dtype=bool)] < -1).all()
    assert np.allclose(system.pairs(made, made[::-1]).score, [matrix[i, 3 - i] for i in range(4)], atol=0.05)


def test_a_system_that_needs_a_network_says_so(tmp_path: Path) -> None:
    model = tmp_path / "mine.onnx"
    for name, given in (("onnx", None), ("osnet", None), ("face", model), ("nobody", None)):
        with pytest.raises(BadInputError):
            Chosen(name, given)  # type: ignore[arg-type]


def test_what_is_not_installed_is_one_line() -> None:
    with pytest.raises(BadInputError, match="no_such_module is not installed; install it"):
        installed("no_such_module", "pip install it")


@needs_sface
def test_a_picture_without_a_face_is_a_failure_that_is_named() -> None:
    grey = np.full((90, 70, 3), 128, np.uint8)
    for system in (ArcFaceStyle.sface("native"), Chosen("sface").open()):
        with pytest.raises(NothingFoundError, match="no face"):
            system.template(grey, reference=True)


@needs_sface
@pytest.mark.skipif(find("astronaut") is None, reason="the asset astronaut is not here")
def test_our_alignment_tells_yaw_and_quality_to_any_network() -> None:
    image = load_photograph(find("astronaut"))  # type: ignore[arg-type]
    ours, native = (ArcFaceStyle.sface(how).template(image, reference=True) for how in ("ours", "native"))
    assert abs(ours.yaw) < 0.5 and 0.5 < ours.quality <= 1
    assert np.isnan(native.yaw) and np.isnan(native.quality)
    assert Chosen("face").open().template(image, reference=True).quality == pytest.approx(ours.quality)
    assert float(ours.vector @ native.vector) > 0.6


@needs_sface
def test_a_card_that_does_not_fit_the_network_is_said() -> None:
    path = find("sface")
    assert path is not None
    with pytest.raises(BadInputError, match="correct the card's size"):
        ArcFaceStyle.load(path, "native", SFACE.model_copy(update={"size": 64}))


def test_calibrated_scores_are_those_of_the_product() -> None:
    calibration = Calibration.load(folder("calibration") / "config.json")
    cohort = unit_rows(RNG.normal(size=(300, 32)).astype(np.float32))
    system = CalibratedFaces.__new__(CalibratedFaces)
    system._calibration, system._cohort = calibration, cohort
    vectors = unit_rows(RNG.normal(size=(6, 32)).astype(np.float32))
    made = [Template(vector, yaw=yaw) for vector, yaw in zip(vectors, np.linspace(-1.5, 1.5, 6), strict=True)]
    found = system.matrix(made, made)
    for i, one in enumerate(made):
        lines = [calibration.face_lines[face_condition(one.yaw, other.yaw, rendered=False)] for other in made]
        values = normalised(one.vector, vectors, cohort)
        expected = calibration.offset["face"] + calibration.face_weight * np.array(
            [line.value(float(value)) for line, value in zip(lines, values, strict=True)]
        )
        assert np.allclose(found.score[i], expected, atol=1e-3)
    assert np.allclose(
        system.pairs(made, made[::-1]).score, [found.score[i, 5 - i] for i in range(6)], atol=1e-3
    )
    assert found.nominal is not None
    for rate in (0.1, 0.01):
        assert (
            (found.nominal <= rate * (1 + 1e-6)) == (found.score > calibration.threshold(rate, "face"))
        ).all()


@needs_sface
def test_the_whole_recogniser_packed_away_scores_as_it_does_at_once() -> None:
    recogniser = Recogniser.load()
    root = files("lineament.cli") / "demo_people"
    images = [load_photograph(str(root / name)) for name in ("person-07.jpg", "person-12.jpg")]
    system = OwnPeople(recogniser)
    made = [system.template(image, reference=True) for image in images]
    assert not any(one.refused for one in made)
    probe = recogniser.probe(images[1])
    prototype = enrol_photographs("P", [recogniser.probe(images[0])], Consent("", ""), recogniser)
    expected = recogniser.evidence(probe.people[0], prototype)
    found = system.pairs(made[1:], made[:1])
    assert expected is not None and found.score[0] == pytest.approx(expected.score, abs=1e-3)
    assert system.matrix(made, made).score[1, 0] == found.score[0]


def test_export_score_compare_and_peers_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    root = people(tmp_path / "people")
    for name in ("one", "two"):
        export("people:full", root, system="stripes", out=tmp_path / name)
    score(tmp_path / "one", rounds=100)
    compare(tmp_path / "one", tmp_path / "two", rounds=100, json_out=tmp_path / "c.json")
    told = capsys.readouterr().out
    assert "40 templates tried" in told and "rank-1 rate: 1.000" in told and "by +0.000" in told
    assert (tmp_path / "one" / "report.html").stat().st_size < 200_000
    peers(
        "people:closed", root, out=tmp_path / "peers", systems=("stripes", "dlib"), rounds=100,
        reuse=(tmp_path / "one",),
    )  # fmt: skip
    printed = capsys.readouterr()
    assert "| stripes |" in printed.out and (tmp_path / "peers" / "table.json").is_file()
    assert "0 templates tried, 40 taken from before" in printed.err
    with pytest.raises(BadInputError, match="at least 100 rounds"):
        score(tmp_path / "one", rounds=5)
    with pytest.raises(BadInputError, match="no way to compare"):
        export("people:sideways", root, system="stripes", out=tmp_path / "three")
    with pytest.raises(BadInputError, match="holds no run"):
        score(root)
