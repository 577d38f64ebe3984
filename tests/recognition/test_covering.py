"""Covered heads: told by the face, or by the lack of one where it should be; then neither counts."""

from dataclasses import replace

import numpy as np
import pytest

from lineament.anatomy import HEAD
from lineament.geometry.template import load_template
from lineament.recognition.covering import (
    LEAST_PIXELS,
    Covering,
    HeadLook,
    head_look,
    with_reason,
    without_head,
)
from lineament.recognition.pixels import PersonPixels
from lineament.types import Decision, DenseRegistration, Face

COVERING = Covering("sface", (0.0, 1.0, 0.0), 0.3, 0.9, 0.01, 40, 300)


def person(forward=1.0, scale=400.0):
    """Samples of somebody who faces the camera (forward 1) or away from it (-1), `scale` pixels a metre."""
    template = load_template()
    sites = np.flatnonzero(forward * -template.normals[:, 1] > 0.1).astype(np.int32)
    count = len(sites)
    weights = np.zeros((count, 8), np.float32)
    weights[:, 0] = 1.0
    return PersonPixels(
        xy=(template.positions[sites][:, [0, 2]] * scale).astype(np.float32),
        grid=np.zeros((count, 2), np.int32),
        parts=template.parts[sites],
        part_probability=np.ones(count, np.float32),
        places=template.positions[sites],
        features=np.ones((count, 4), np.float32) / 2,
        sites=np.tile(sites[:, None], (1, 8)),
        weights=weights,
    )


def face(*embedding):
    box = np.array([0, 0, 50, 60], np.float32)
    vector = np.array(embedding, np.float32)
    crop = np.zeros((112, 112, 3), np.uint8)
    return Face(box, np.zeros((5, 2), np.float32), 0.9, 0.0, 0.8, crop, vector / np.linalg.norm(vector))


def look(pixels, found, covering=COVERING):
    return head_look(pixels, found, load_template(), covering)


def test_a_large_head_from_the_front_without_a_face_is_covered():
    assert look(person(), None).covered and look(person(), None, None).covered
    assert not look(person(-1.0), None).covered, "nobody expects a face from behind"
    small = look(person(scale=60.0), None)
    assert small.pixels < LEAST_PIXELS and not small.covered
    assert not look(None, None).covered


def test_a_trunk_from_the_front_is_enough_to_expect_a_face():
    pixels, template = person(), load_template()
    # A helmet: the head is registered, but not as the front of a face.
    sites = pixels.sites[:, 0]
    visor = (template.parts[sites] == HEAD) & (template.normals[sites, 1] < -0.4)
    fields = ("xy", "grid", "parts", "part_probability", "places", "features", "sites", "weights")
    kept = replace(pixels, **{name: getattr(pixels, name)[~visor] for name in fields})
    assert look(kept, None).shown > 0.5 and look(kept, None).covered


@pytest.mark.parametrize(("vector", "covered"), [((1, 0, 0), False), ((1, 1, 0), True), ((1, -1, 0), False)])
def test_a_face_along_the_direction_is_covered(vector, covered):
    found = look(person(), face(*vector))
    assert found.covered is covered and found.threshold == 0.3
    assert found.score == pytest.approx(vector[1] / np.linalg.norm(vector))
    assert not look(person(), face(*vector), None).covered, "nothing tells without a direction"


def test_what_is_covered_is_neither_head_nor_face():
    parts = np.array([[0, 1, 2]], np.uint8)
    maps = np.ones((1, 3), np.float32)
    body = DenseRegistration(
        box=np.array([0, 0, 3, 1], np.float32),
        parts=parts,
        probability=maps,
        part_probability=maps,
        canonical=np.zeros((1, 3, 3), np.float32),
        features=np.ones((1, 3, 4), np.float32) / 2,
        to_photo=np.eye(3)[:2],
        model="m",
    )
    assert without_head(body).parts.tolist() == [[0, 0, 2]]
    assert body.parts.tolist() == [[0, 1, 2]]


def test_an_abstention_says_that_the_head_is_occluded():
    covered, bare = HeadLook(0.9, 80.0, False), HeadLook(0.9, 80.0, True)
    decision = Decision(None, 0.5, 3.0, 1e-3, "some", None, "the best score is too low")
    said = with_reason(decision, covered)
    assert said.reason == "the head is occluded and not compared; the best score is too low"
    assert with_reason(decision, bare) is decision
    named = replace(decision, subject="P01")
    assert with_reason(named, covered) is named


def test_a_direction_is_kept_and_belongs_to_its_embeddings(tmp_path):
    COVERING.save(tmp_path / "covering.json")
    assert Covering.load(tmp_path / "covering.json") == COVERING
    assert Covering.load(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("[]")
    assert Covering.load(tmp_path / "bad.json") is None
    assert Covering.of("no such face model") is None
