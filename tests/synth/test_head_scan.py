"""Synthetic head scans: what a scanner sees, and what of it the product fits."""

from types import SimpleNamespace

import numpy as np
import pytest

from lineament.gallery.enrolment.scan_head import FACE_FIVE, follow_head
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.synth.seeds import generator

pytestmark = pytest.mark.train
TEMPLATE = load_template()


@pytest.fixture(scope="module")
def scanned():  # type: ignore[no-untyped-def]
    from lineament.humans.body import BodyModel
    from lineament.synth.head_scan import HeadScanner, placed

    model = BodyModel.load()
    body = model.build(model.sample(np.random.default_rng(8)))
    scanner = HeadScanner(model)
    return scanner, body, scanner.scan("one", body, generator(1, "test scan", 0)), placed(body, TEMPLATE)


def test_a_scan_is_a_face_with_holes_at_the_eyes(scanned) -> None:  # type: ignore[no-untyped-def]
    scanner, body, scan, (rotation, translation) = scanned
    placed = scan.points @ rotation.T + translation
    assert not scan.coloured and 10_000 < len(scan.points) < 40_000
    assert np.ptp(placed[:, 2]) < 0.27 and placed[:, 1].min() < -0.14
    nose, eyes = (
        np.linalg.norm(placed - FACE_FIVE[2], axis=1).min(),
        [np.linalg.norm(placed - eye, axis=1).min() for eye in FACE_FIVE[:2]],
    )
    assert nose < 0.012 and min(eyes) > 0.004
    again = scanner.scan("one", body, generator(1, "test scan", 0))
    assert np.array_equal(again.points, scan.points)


def test_its_head_is_fitted(scanned) -> None:  # type: ignore[no-untyped-def]
    _, body, scan, (rotation, translation) = scanned
    fit = follow_head(scan, rotation, translation, SiteModel.load(), TEMPLATE)
    assert fit.residual < 0.004 and fit.measured.sum() > 150
    truth = body.vertices[TEMPLATE.anny_vertex] @ fit.rotation.T + fit.translation
    assert np.median(np.linalg.norm(fit.points - truth, axis=1)[fit.measured]) < 0.008


def test_distractors_are_made_once(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from lineament.training import scan_people

    made: list[int] = []
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path))
    monkeypatch.setattr(scan_people.People, "load", lambda count, seed: None)
    monkeypatch.setattr(scan_people.ScannedPeople, "__init__", lambda *rest: None)
    monkeypatch.setattr(
        scan_people.ScannedPeople,
        "vector",
        lambda self, person: made.append(person) or np.full(4, person, np.float32),
    )
    head = SimpleNamespace(points=np.zeros((2, 3)), colours=np.zeros((2, 3)))
    shapes = SimpleNamespace(reader=SimpleNamespace(model="m"), common=np.zeros(4), head=head)
    first = scan_people.distractors(3, 1, shapes, lambda line: None)  # type: ignore[arg-type]
    more = scan_people.distractors(5, 1, shapes, lambda line: None)  # type: ignore[arg-type]
    assert first.shape == (3, 4) and more[:, 0].tolist() == [0, 1, 2, 3, 4] and made == [0, 1, 2, 3, 4]
    shapes.reader.model = "another"
    scan_people.distractors(1, 1, shapes, lambda line: None)  # type: ignore[arg-type]
    assert made[-1] == 0
