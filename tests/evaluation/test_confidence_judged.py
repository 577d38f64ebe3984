"""Judged confidences: reliability by hand, a known exaggeration, recall with what was missed, photographs."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from lineament.anatomy import PART_INDEX
from lineament.evaluation.confidence import judged, reliability
from lineament.evaluation.confidence_page import confidence_json, confidence_page, confidence_text
from lineament.evaluation.confidence_photographs import Photographs
from lineament.evaluation.metrics import Figure, TooFew
from lineament.geometry.template import load_template
from lineament.recognition.confidence import Confidence
from lineament.recognition.confidence_fitting import Labelled
from lineament.types import DenseRegistration, UInt8

TEMPLATE = load_template()
PLAIN = Confidence.plain("m").model_copy(update={"distance": 0.08, "threshold": 0.5})
SIZE = 60


def curve(claimed: list[float], right: list[bool], picture: list[int]):  # type: ignore[no-untyped-def]
    return reliability(
        np.array(claimed, np.float32), np.array(right), np.array(picture, np.int32), "all", "it is right"
    )


def test_reliability_by_hand() -> None:
    found = curve([0.12, 0.18, 0.72, 0.78, 1.0], [False, True, True, True, False], [0, 1, 0, 1, 2])
    assert [(one.low, one.high, one.count) for one in found.bins] == [
        (0.1, 0.2, 2),
        (0.7, 0.8, 2),
        (0.9, 1.0, 1),
    ]
    assert [one.claimed for one in found.bins] == pytest.approx([0.15, 0.75, 1.0])
    assert [one.observed.value for one in found.bins] == pytest.approx([0.5, 1.0, 0.0])  # type: ignore[union-attr]
    assert isinstance(found.error, Figure)
    assert found.error.value == pytest.approx((2 * 0.35 + 2 * 0.25 + 1 * 1.0) / 5)
    assert isinstance(curve([], [], []).error, TooFew)


@pytest.mark.parametrize(("exaggerated", "expected"), [(0.0, 0.0), (0.2, 0.2)])
def test_an_exaggeration_is_the_calibration_error(exaggerated: float, expected: float) -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.1, 0.7, 20_000)
    right = rng.random(20_000) < truth
    found = reliability(
        (truth + exaggerated).astype(np.float32),
        right,
        rng.integers(50, size=20_000).astype(np.int32),
        "",
        "",
    )
    assert isinstance(found.error, Figure) and found.error.value == pytest.approx(expected, abs=0.02)
    assert found.error.low <= found.error.value <= found.error.high


def seen() -> Labelled:
    """Two pictures. Kept at 0.5: two right, one wrong, one on nobody; one right below; one does not agree;
    four pixels missed.
    """
    return Labelled(
        raw=np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.9], np.float32),
        agreed=np.array([True, True, True, True, True, False]),
        error=np.array([0.01, 0.05, 0.3, np.inf, 0.02, 0.01], np.float32),
        part=np.array([1, 1, 2, 2, 9, 1], np.uint8),
        own=np.array([True, False, True, False, True, True]),
        picture=np.array([0, 0, 0, 1, 1, 1], np.int32),
        missed=np.array([1, 3], np.int32),
    )


def test_recall_counts_what_was_missed() -> None:
    figures = {name: one.value for name, one in judged(seen(), PLAIN).figures.items()}  # type: ignore[union-attr]
    assert figures["correspondence_rate"] == pytest.approx(3 / 9)
    assert figures["inlier_recall"] == pytest.approx(2 / 9)
    assert figures["inlier_recall_without_threshold"] == pytest.approx(3 / 9)
    assert figures["inlier_share"] == pytest.approx(2 / 4)
    assert figures["on_the_person"] == pytest.approx(3 / 4)
    # Right ones 0.9, 0.8, 0.2; wrong ones 0.7, 0.6: four of six pairs are in order.
    assert figures["ranking_auc"] == pytest.approx(4 / 6)


def test_parts_and_prototypes_are_told_apart() -> None:
    found = judged(seen(), PLAIN)
    assert found.groups["head"][0] == pytest.approx(0.85) and found.groups["head"][1].value == 1.0  # type: ignore[union-attr]
    assert isinstance(found.groups["feet"][1], TooFew)
    assert [one.name for one in found.curves] == ["all", "own prototype", "a stranger's prototype"]
    assert sum(one.count for one in found.curves[1].bins) == 3


def test_the_page_stands_alone_and_json_is_json() -> None:
    found = judged(seen(), PLAIN)
    page = confidence_page(PLAIN, found, [found.curves[1]])
    assert page.count("<svg") == 5 and "http" not in page.replace("http-equiv", "")
    content = json.loads(json.dumps(confidence_json(PLAIN, found, [found.curves[1]]), allow_nan=False))
    assert content["synthetic"]["figures"]["inlier_recall"]["value"] == pytest.approx(2 / 9)
    assert content["confidence"]["threshold"] == 0.5
    assert len(content["synthetic"]["reliability"]) == 4 and len(content["photographs"]) == 1
    assert any("expected calibration error" in line for line in confidence_text(found, []))
    assert json.loads(json.dumps(confidence_json(PLAIN, None, []), allow_nan=False))["photographs"] == []


def site_features() -> np.ndarray:
    rng = np.random.default_rng(0)
    waves = np.sin(TEMPLATE.positions @ rng.normal(0, 6, (3, 32)) + rng.uniform(0, 6, 32))
    return np.asarray(waves / np.linalg.norm(waves, axis=1, keepdims=True), dtype=np.float32)


def find(image: UInt8) -> list[DenseRegistration]:
    """The average person from the front, 1.75 m tall on 100 pixels, whatever the picture shows."""
    height, width = 104, SIZE
    front = np.flatnonzero(TEMPLATE.normals[:, 1] < -0.2)
    xs, zs = np.meshgrid(
        (np.arange(width) + 0.5 - width / 2) * 0.0175, 1.78 - (np.arange(height) + 0.5) * 0.0175
    )
    grid = np.stack([xs, zs], axis=-1).reshape(-1, 2)
    away = np.linalg.norm(grid[:, None] - TEMPLATE.positions[front][None][..., [0, 2]], axis=-1)
    near, shown = front[away.argmin(axis=1)], away.min(axis=1) < 0.04
    return [
        DenseRegistration(
            box=np.array([0, 0, width, height], np.float32),
            parts=np.where(shown, TEMPLATE.parts[near], 0).astype(np.uint8).reshape(height, width),
            probability=shown.astype(np.float32).reshape(height, width),
            part_probability=np.full((height, width), 0.9, np.float32),
            canonical=TEMPLATE.positions[near].reshape(height, width, 3),
            features=site_features()[near].reshape(height, width, -1),
            to_photo=np.array([[1.0, 0, 0], [0, 1.0, 0]]),
            model="m",
        )
    ]


@pytest.fixture
def photographs() -> Photographs:
    registrar = SimpleNamespace(
        model="m", temperature=0.07, prototype_features=lambda *given: site_features()
    )
    return Photographs(registrar, PLAIN, find)  # type: ignore[arg-type]


def test_joints_are_held_against_the_correspondence_beside_them(
    photographs: Photographs, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (SIZE, 104)).save(tmp_path / "images" / "a.jpg")

    def pixel(x: float, z: float) -> tuple[float, float]:
        return x / 0.0175 + SIZE / 2, (1.78 - z) / 0.0175

    knee = TEMPLATE.positions[TEMPLATE.parts == PART_INDEX["right_calf"]]
    top = knee[knee[:, 2].argmax()]
    joints = {
        "r_knee": pixel(top[0], top[2]),
        "l_knee": pixel(top[0], top[2]),
        "head_top": pixel(0.0, 1.6),
        "neck": (1.0, 1.0),
    }
    np.savez(
        tmp_path / "joints.npz", names=np.array(["a.jpg"]), joints=np.array([list(joints.values())]),
        order=np.array(list(joints)),
    )  # fmt: skip
    found = photographs.joints(tmp_path)
    # The right knee and the head are right, the left knee lies on the right leg, nothing is beside the neck.
    assert isinstance(found.observed, Figure) and found.observed.cases == 3
    assert found.observed.value == pytest.approx(2 / 3)


def test_masks_say_what_is_on_the_person(photographs: Photographs, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "masks").mkdir()
    Image.new("RGB", (SIZE, 104)).save(tmp_path / "photos" / "a.jpg")
    mask = np.zeros((104, SIZE), np.uint8)
    mask[:52] = 255
    Image.fromarray(mask).save(tmp_path / "masks" / "a.png")
    found = photographs.masks(tmp_path)
    assert isinstance(found.observed, Figure) and 0.3 < found.observed.value < 0.9
