"""The wardrobe without assets: looks are complete, static, deterministic and differ."""

import time

import numpy as np
import pytest

pytest.importorskip("anny")
from lineament.anatomy import BACKGROUND, HEAD, PART_INDEX
from lineament.humans.body import BodyModel
from lineament.humans.wardrobe import Look, Wardrobe
from lineament.humans.wardrobe.clip import clip_mesh
from lineament.humans.wardrobe.cloth import sample_cloth
from lineament.humans.wardrobe.facts import BodyFacts
from lineament.humans.wardrobe.first import layered, sample_outfit
from lineament.humans.wardrobe.garments import BottomCut, TopCut
from lineament.humans.wardrobe.outfit import Outfit, Piece
from lineament.humans.wardrobe.posing import limb_rotations
from lineament.humans.wardrobe.skin import sample_tone

pytestmark = pytest.mark.train
NOTHING = Outfit()


@pytest.fixture(scope="module")
def wardrobe() -> Wardrobe:
    return Wardrobe(None)


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


def _identity(wardrobe: Wardrobe, seed: int):
    return wardrobe.sample_identity_look(
        np.random.default_rng(seed), gender=1.0, age=0.7, ancestry=(0.2, 0.3, 0.5)
    )


def _look(wardrobe: Wardrobe, seed: int) -> Look:
    return wardrobe.dress(
        _identity(wardrobe, seed), wardrobe.sample_outfit(np.random.default_rng(seed + 100))
    )


def _turned(vertices: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return (vertices @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])).astype(np.float32)


def test_every_surface_is_complete(wardrobe: Wardrobe, model: BodyModel) -> None:
    for seed in range(12):
        for surface in _look(wardrobe, seed).surfaces(model.canonical):
            assert surface.faces.min() >= 0
            assert surface.faces.max() < len(surface.vertices)
            assert np.isfinite(surface.vertices).all()
            assert surface.parts.max() <= 14
            if surface.texture is not None:
                assert surface.texture.dtype == np.uint8
                assert surface.uv.shape == (*surface.faces.shape, 2)


def test_a_look_is_deterministic_and_outfits_differ(wardrobe: Wardrobe) -> None:
    first, again, other = _look(wardrobe, 5), _look(wardrobe, 5), _look(wardrobe, 6)
    body, same, different = (look.layers[0].rest.texture for look in (first, again, other))
    assert np.array_equal(body, same)
    assert not np.array_equal(body, different)
    pieces = {
        wardrobe.sample_outfit(np.random.default_rng(seed)).pieces[0].cloth.colours.tobytes()
        for seed in range(40)
    }
    assert len(pieces) == 40


def test_identity_and_outfit_are_independent(wardrobe: Wardrobe) -> None:
    outfit = wardrobe.sample_outfit(np.random.default_rng(1))
    one, two = (wardrobe.dress(_identity(wardrobe, seed), outfit) for seed in (1, 2))
    shells = [
        [layer.rest.texture for layer in look.layers if "shell" in layer.rest.name] for look in (one, two)
    ]
    assert len(shells[0]) == len(shells[1])
    for a, b in zip(*shells, strict=True):
        assert np.array_equal(a, b)


def test_only_vertices_change_with_the_pose(wardrobe: Wardrobe, model: BodyModel) -> None:
    look = _look(wardrobe, 3)
    rest, turned = look.surfaces(model.canonical), look.surfaces(_turned(model.canonical, 1.0))
    for a, b in zip(rest, turned, strict=True):
        assert a.faces is b.faces
        assert a.canonical is b.canonical
        assert a.parts is b.parts
        assert a.texture is b.texture


def test_layers_turn_with_the_body(wardrobe: Wardrobe, model: BodyModel) -> None:
    look = _look(wardrobe, 4)
    turned = look.surfaces(_turned(model.canonical, 0.8))
    for surface, moved in zip(look.surfaces(model.canonical), turned, strict=True):
        if surface.parts.max() != BACKGROUND:
            assert np.allclose(_turned(surface.vertices, 0.8), moved.vertices, atol=2e-4)


def test_limb_rotations_recover_a_turn(model: BodyModel) -> None:
    found = limb_rotations(_turned(model.canonical, 0.5))
    c, s = np.cos(0.5), np.sin(0.5)
    assert np.allclose(found, [[c, -s, 0], [s, c, 0], [0, 0, 1]], atol=1e-4)


def test_a_coat_hides_the_body_beneath_and_lies_outside(wardrobe: Wardrobe, model: BodyModel) -> None:
    cloth = sample_cloth(np.random.default_rng(0))
    marks = wardrobe.facts.landmarks
    coat = Piece(TopCut(marks.hip, 0.95, "crew", 0.0), cloth, "tights", 0.02)
    look = wardrobe.dress(_identity(wardrobe, 0), Outfit((coat,)))
    body, bare = (
        dressed.surfaces(model.canonical)[0]
        for dressed in (look, wardrobe.dress(_identity(wardrobe, 0), NOTHING))
    )
    shown = np.bincount(body.parts, minlength=15) / np.maximum(np.bincount(bare.parts, minlength=15), 1)
    assert shown[PART_INDEX["left_upper_arm"]] < 0.1
    assert shown[PART_INDEX["torso"]] < 0.5
    assert shown[PART_INDEX["left_hand"]] == 1.0
    assert shown[HEAD] == 1.0


def test_trousers_are_cut_at_their_hems(wardrobe: Wardrobe, model: BodyModel) -> None:
    cut = BottomCut(1.0, 0.5)
    piece = Piece(cut, sample_cloth(np.random.default_rng(0)), "tights")
    look = wardrobe.dress(_identity(wardrobe, 0), Outfit((piece,)))
    shell = next(s for s in look.surfaces(model.canonical) if "shell" in s.name)
    heights = shell.canonical[np.unique(shell.faces), 2]
    assert heights.min() == pytest.approx(0.5, abs=0.03)
    assert heights.max() == pytest.approx(1.0, abs=0.03)


def test_clipping_keeps_the_area_inside() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    inside = corners[:, 0] - 0.25
    cut = clip_mesh(faces, corners[faces][..., :2], np.array([3, 4], np.uint8), inside)
    points = cut.extend(corners)[cut.faces]
    area = (
        np.linalg.norm(np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]), axis=1).sum() / 2
    )
    assert area == pytest.approx(0.75, abs=1e-6)
    assert np.allclose(points[..., :2], cut.uv, atol=1e-6)
    assert set(cut.parts) == {3, 4}


def test_skin_tones_span_the_human_range() -> None:
    rng = np.random.default_rng(0)
    lightness = [
        sample_tone(rng, ancestry)[0] for ancestry in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] for _ in range(100)
    ]
    assert min(lightness) < 35
    assert max(lightness) > 72
    assert np.mean(lightness[:100]) < np.mean(lightness[200:]) - 20


def test_site_colours_follow_the_skin_and_ignore_clothes(wardrobe: Wardrobe, model: BodyModel) -> None:
    identity = _identity(wardrobe, 9)
    calf = np.flatnonzero(model.vertex_parts[:13380] == PART_INDEX["left_calf"])
    colours = identity.site_colours(calf)
    assert colours.shape == (len(calf), 3)
    assert colours.std(axis=0).max() < 30
    before = colours.copy()
    wardrobe.dress(identity, wardrobe.sample_outfit(np.random.default_rng(0)))
    assert np.array_equal(identity.site_colours(calf), before)


def test_outfits_come_in_all_kinds(wardrobe: Wardrobe) -> None:
    facts = BodyFacts.load()
    outfits = [
        sample_outfit(np.random.default_rng(seed), facts.landmarks, wardrobe.names) for seed in range(200)
    ]
    meshes = [{piece.mesh for piece in outfit.pieces} for outfit in outfits]
    assert 0.2 < np.mean(["skirt" in kinds for kinds in meshes]) < 0.7
    assert 0.2 < np.mean([bool(outfit.props) for outfit in outfits]) < 0.5
    assert any(outfit.hat for outfit in outfits)


def test_dressing_a_pose_is_quick(wardrobe: Wardrobe, model: BodyModel) -> None:
    looks = [_look(wardrobe, seed) for seed in range(8)]
    spent = []
    for look in looks:
        look.surfaces(model.canonical)
        start = time.process_time()
        look.surfaces(model.canonical)
        spent.append(time.process_time() - start)
    assert np.median(spent) < 0.02


def test_what_is_put_on_later_stands_further_off() -> None:
    cloth = sample_cloth(np.random.default_rng(0))
    cut = BottomCut(1.0, 0.5)
    skirt = Piece(cut, cloth, "skirt", 0.002, 0.08, 0.01)
    tail = Piece(cut, cloth, "skirt", 0.004, 0.02)
    inner, outer = layered([skirt, tail])
    assert outer.offset >= inner.offset + 0.008
    assert outer.flare >= inner.flare
