"""Pixels, sites and correspondences on the real template with made-up features."""

import numpy as np
import pytest

from lineament.anatomy import CLASS_COUNT, HEAD
from lineament.geometry.template import load_template
from lineament.recognition.comparison import World, compare
from lineament.recognition.confidence import Confidence
from lineament.recognition.matching import match
from lineament.recognition.pixels import person_pixels
from lineament.types import DenseRegistration, FaceTemplates, Prototype

TEMPLATE = load_template()
SIZE = 48
COHORT = np.random.default_rng(7).normal(size=(200, 128)).astype(np.float32)
COHORT /= np.linalg.norm(COHORT, axis=1, keepdims=True)


def plain(threshold: float) -> Confidence:
    return Confidence.plain("m", threshold)


def unit(array: np.ndarray) -> np.ndarray:
    return array / np.linalg.norm(array, axis=-1, keepdims=True)


def site_features(seed: int = 0) -> np.ndarray:
    """Smooth over the surface, so that neighbours look alike."""
    rng = np.random.default_rng(seed)
    return unit(np.sin(TEMPLATE.positions @ rng.normal(0, 6, (3, SIZE)) + rng.uniform(0, 6, SIZE)))


def prototype(
    features: np.ndarray, measured: np.ndarray | None = None, face: FaceTemplates | None = None
) -> Prototype:
    count = len(TEMPLATE.parts)
    return Prototype(
        subject="P01", points=TEMPLATE.positions, normals=TEMPLATE.normals, colours=None,
        parts=TEMPLATE.parts,
        measured=np.ones(count, bool) if measured is None else measured, features=features.astype(np.float16),
        face=face, source="scan", template="t", model="m", consent="", purpose="", residual=0.0,
    )  # fmt: skip


def body(features: np.ndarray, height: int = 96, width: int = 64) -> DenseRegistration:
    """A front view: each crop pixel shows the front site that lies nearest to it, drawn orthographically."""
    front = np.flatnonzero(TEMPLATE.normals[:, 1] < -0.2)
    place = TEMPLATE.positions[front][:, [0, 2]]
    xs, zs = np.meshgrid((np.arange(width) + 0.5 - width / 2) * 0.02, 1.75 - (np.arange(height) + 0.5) * 0.02)
    grid = np.stack([xs, zs], axis=-1).reshape(-1, 2)
    distance = np.linalg.norm(grid[:, None] - place[None], axis=-1)
    near, shown = front[distance.argmin(axis=1)], distance.min(axis=1) < 0.04
    parts = np.where(shown, TEMPLATE.parts[near], 0).astype(np.uint8).reshape(height, width)
    return DenseRegistration(
        box=np.array([0, 0, width, height], np.float32),
        parts=parts,
        probability=shown.astype(np.float32).reshape(height, width),
        part_probability=np.full((height, width), 0.9, np.float32),
        canonical=TEMPLATE.positions[near].reshape(height, width, 3),
        features=features[near].astype(np.float32).reshape(height, width, SIZE),
        to_photo=np.array([[2.0, 0, 100], [0, 2.0, 50]]),
        model="m",
    )


def test_pixels_lie_in_the_photograph_and_on_their_sites() -> None:
    pixels = person_pixels(body(site_features()), TEMPLATE)
    assert len(pixels.parts) > 100
    np.testing.assert_allclose(pixels.weights.sum(axis=1), 1.0, atol=1e-5)
    assert (pixels.xy >= [100, 50]).all() and (pixels.xy <= [228, 242]).all()
    best = pixels.sites[np.arange(len(pixels.parts)), pixels.weights.argmax(axis=1)]
    assert (TEMPLATE.parts[best] == pixels.parts).all()
    visible = pixels.visible(TEMPLATE)
    assert visible[0] == 0 and visible[HEAD] > 0.3 and (visible <= 1).all()


def test_the_own_prototype_matches_and_parts_agree() -> None:
    features = site_features()
    pixels = person_pixels(body(features), TEMPLATE)
    found = match(pixels, prototype(features), TEMPLATE, temperature=0.07, confidence=plain(0.1))
    assert len(found.sites) > 0.3 * len(pixels.parts)
    assert (TEMPLATE.parts[found.sites] == found.parts).all()
    assert (found.confidence >= 0.1).all() and (found.confidence <= 1).all()
    assert np.median(found.cosine) > 0.99


def test_unmeasured_sites_never_match() -> None:
    features = site_features()
    measured = TEMPLATE.parts == HEAD
    pixels = person_pixels(body(features), TEMPLATE)
    found = match(pixels, prototype(features, measured), TEMPLATE, temperature=0.07, confidence=plain(0.0))
    assert set(found.parts.tolist()) <= {HEAD}
    nothing = match(
        pixels,
        prototype(features, np.zeros(len(measured), bool)),
        TEMPLATE,
        temperature=0.07,
        confidence=plain(0.0),
    )
    assert len(nothing.sites) == 0


def test_excess_is_zero_against_the_world_and_positive_for_the_own_features() -> None:
    own, other = site_features(0), site_features(1)
    pixels = person_pixels(body(own), TEMPLATE)
    world = World(other.astype(np.float16).astype(np.float32), COHORT)
    nobody = compare(pixels, None, prototype(other), TEMPLATE, world)
    np.testing.assert_allclose(nobody.excess, 0.0, atol=1e-6)
    mine = compare(pixels, None, prototype(own), TEMPLATE, world)
    shown = mine.share > 0
    assert shown.sum() > 6 and (mine.excess[shown] > 0.2).all()
    assert mine.has_body and mine.face_cosine is None


def test_an_empty_crop_offers_nothing() -> None:
    shown = body(site_features())
    empty = DenseRegistration(
        shown.box, shown.parts * 0, shown.probability * 0, shown.part_probability, shown.canonical,
        shown.features,
        shown.to_photo, "m",
    )  # fmt: skip
    pixels = person_pixels(empty, TEMPLATE)
    assert len(pixels.parts) == 0
    found = compare(pixels, None, prototype(site_features()), TEMPLATE, World(site_features(), COHORT))
    assert not found.has_body and found.share.shape == (CLASS_COUNT,)
    assert (
        len(match(pixels, prototype(site_features()), TEMPLATE, temperature=0.1, confidence=plain(0.1)).sites)
        == 0
    )


def test_the_best_face_view_counts() -> None:
    rng = np.random.default_rng(3)
    views = unit(rng.normal(size=(3, 128))).astype(np.float32)
    held = FaceTemplates(views, np.zeros(3, np.float32), np.array([False, True, False]), "f")
    from lineament.types import Face

    face = Face(
        np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9, 0.8, 0.5,
        np.zeros((112, 112, 3), np.uint8), views[1],
    )  # fmt: skip
    found = compare(
        None, face, prototype(site_features(), face=held), TEMPLATE, World(site_features(), COHORT)
    )
    assert found.face_cosine == pytest.approx(1.0, abs=1e-5)
    assert found.face_condition == "render-oblique"
