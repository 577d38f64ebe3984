"""Clothing of the wide variety: choices, shares, independence of the wearer, and how garments behave."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

pytest.importorskip("anny")
from lineament.anatomy import PART_INDEX
from lineament.errors import BadInputError
from lineament.humans.body import BodyModel
from lineament.humans.poses import PoseLibrary
from lineament.humans.wardrobe import Look, Wardrobe
from lineament.humans.wardrobe.clothing import CLOTHING_SHARES, Clothing
from lineament.humans.wardrobe.distinct import descriptor, twin_share
from lineament.humans.wardrobe.facts import SKIN_END, BodyFacts
from lineament.humans.wardrobe.first import sample_outfit
from lineament.humans.wardrobe.garments import BottomCut, TopCut
from lineament.humans.wardrobe.headforms import under_mask
from lineament.humans.wardrobe.outfit import Outfit, Piece
from lineament.humans.wardrobe.places import SkinSpace
from lineament.humans.wardrobe.tailor import paint_piece, shell

pytestmark = pytest.mark.train

LOOSE = (
    Clothing(dress="robe"),
    Clothing(dress="dress"),
    Clothing(outerwear="loose_coat"),
    Clothing(legs="skirt", outerwear="coat"),
    Clothing(outerwear="hoodie", headwear="hood", mask="medical", bag="backpack"),
)


@pytest.fixture(scope="module")
def wardrobe() -> Wardrobe:
    return Wardrobe(None)


@pytest.fixture(scope="module")
def model() -> BodyModel:
    return BodyModel.load()


def _identity(wardrobe: Wardrobe, seed: int):
    return wardrobe.sample_identity_look(
        np.random.default_rng(seed), gender=float(seed % 2), age=0.7, ancestry=(0.2, 0.3, 0.5)
    )


def _garments(look: Look) -> list:
    own = {id(layer) for layer in look.identity.layers}
    # Hair is cut where hats sit on it; it belongs to the person all the same.
    return [
        layer.rest
        for layer in look.layers[1:]
        if id(layer) not in own and not any(word in layer.rest.name for word in ("hair", "scalp", "brow"))
    ]


def test_shares_sum_to_one_and_are_drawn() -> None:
    rng = np.random.default_rng(0)
    drawn = [Clothing.sample(rng) for _ in range(3000)]
    for field, shares in CLOTHING_SHARES.items():
        assert sum(shares.values()) == pytest.approx(1.0)
        for value, share in shares.items():
            found = np.mean([getattr(one, field) == value for one in drawn])
            assert found == pytest.approx(share, abs=0.035), (field, value)


def test_fixing_one_choice_leaves_the_others() -> None:
    free = [Clothing.sample(np.random.default_rng(seed)) for seed in range(50)]
    fixed = [Clothing.sample(np.random.default_rng(seed), {"dress": "suit"}) for seed in range(50)]
    assert {one.dress for one in fixed} == {"suit"}
    assert [one.bag for one in free] == [one.bag for one in fixed]


def test_bad_choices_get_one_line_with_the_possible_values(wardrobe: Wardrobe) -> None:
    with pytest.raises(BadInputError, match="dress 'tuxedo' is not one of: separates, suit"):
        Clothing(dress="tuxedo")
    with pytest.raises(BadInputError, match="no field 'colour'; it has: dress"):
        Clothing.sample(np.random.default_rng(0), {"colour": "red"})
    with pytest.raises(BadInputError, match="wide, first"):
        wardrobe.sample_outfit(np.random.default_rng(0), variety="last")
    with pytest.raises(BadInputError, match="no choices"):
        wardrobe.sample_outfit(np.random.default_rng(0), Clothing(), variety="first")


def test_the_first_variety_draws_as_it_always_did(wardrobe: Wardrobe) -> None:
    marks = wardrobe.facts.landmarks
    for seed in range(20):
        one, two = np.random.default_rng(seed), np.random.default_rng(seed)
        found = wardrobe.sample_outfit(one, variety="first")
        expected = sample_outfit(two, marks, wardrobe.names)
        assert found.seed == expected.seed
        assert one.random() == two.random()
        assert not found.trimmed
        assert all(piece.thickness == 0 and not piece.panels for piece in found.pieces)
    # The number that the first release drew here.
    assert wardrobe.sample_outfit(np.random.default_rng(1), variety="first").seed == 1973341574


def test_choices_are_kept(wardrobe: Wardrobe) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        clothing = Clothing(bag="backpack", glasses="dark", mask="medical", headwear="cap")
        outfit = wardrobe.sample_outfit(rng, clothing)
        assert outfit.clothing == clothing
        assert outfit.props[0].place == "back"
        assert outfit.glasses.lens is not None
        assert outfit.hat.kind == "cap"
        assert outfit.describe() == ("separates, trousers, cap, dark glasses, medical mask, backpack, shoes")


def test_every_value_of_every_field_can_be_worn(wardrobe: Wardrobe, model: BodyModel) -> None:
    identity = _identity(wardrobe, 0)
    for field, shares in CLOTHING_SHARES.items():
        for seed, value in enumerate(shares):
            outfit = wardrobe.sample_outfit(np.random.default_rng(seed), Clothing(**{field: value}))
            for surface in wardrobe.dress(identity, outfit).surfaces(model.canonical):
                assert np.isfinite(surface.vertices).all(), (field, value)
                assert surface.faces.max(initial=0) < len(surface.vertices)
                assert surface.parts.max(initial=0) <= 14


def test_the_same_outfit_is_the_same_on_anybody(wardrobe: Wardrobe) -> None:
    for seed in range(8):
        outfit = wardrobe.sample_outfit(np.random.default_rng(seed))
        one, two = (_garments(wardrobe.dress(_identity(wardrobe, who), outfit)) for who in (1, 2))
        assert [rest.name for rest in one] == [rest.name for rest in two]
        for a, b in zip(one, two, strict=True):
            assert np.array_equal(a.faces, b.faces)
            assert (a.texture is None) == (b.texture is None)
            if a.texture is not None:
                assert np.array_equal(a.texture, b.texture)
            else:
                assert np.array_equal(a.colours, b.colours)


def test_the_same_person_wears_what_they_like(wardrobe: Wardrobe) -> None:
    identity = _identity(wardrobe, 3)
    before = identity.skin_texture.copy()
    looks = [wardrobe.dress(identity, wardrobe.sample_outfit(np.random.default_rng(seed))) for seed in (1, 2)]
    assert looks[0].identity is looks[1].identity
    assert np.array_equal(identity.skin_texture, before)
    names = [[rest.name for rest in _garments(look)] for look in looks]
    textures = [[rest.texture for rest in _garments(look) if rest.texture is not None] for look in looks]
    assert names[0] != names[1] or not np.array_equal(textures[0][0], textures[1][0])


def test_outfits_can_be_told_apart(wardrobe: Wardrobe) -> None:
    found = np.stack([descriptor(wardrobe.sample_outfit(np.random.default_rng([4, k]))) for k in range(600)])
    assert np.isfinite(found).all()
    assert twin_share(found) < 0.04
    assert twin_share(np.concatenate([found[:50], found[:50]])) == 1.0


def test_no_garment_flies_off_in_any_pose(wardrobe: Wardrobe, model: BodyModel) -> None:
    identity, poses = _identity(wardrobe, 0), PoseLibrary.load()
    body = model.build(model.sample(np.random.default_rng(2)))
    looks = [
        wardrobe.dress(identity, wardrobe.sample_outfit(np.random.default_rng(k), clothing))
        for k, clothing in enumerate(LOOSE)
    ]
    rng = np.random.default_rng(0)
    for k in range(50):
        posed = model.pose(body, poses.sample(rng, "acrobatic" if k % 2 else "moving"))
        skin = cKDTree(posed[:SKIN_END])
        for surface in looks[k % len(looks)].surfaces(posed):
            assert np.isfinite(surface.vertices).all()
            if "shell" in surface.name or surface.name in ("hat", "mask", "roll"):
                drawn = surface.vertices[np.unique(surface.faces)]
                assert skin.query(drawn)[0].max() < 0.45, surface.name


def test_a_loose_coat_hides_waist_and_legs(wardrobe: Wardrobe, model: BodyModel) -> None:
    mesh, _ = shell("gown")
    marks = BodyFacts.load().landmarks
    points = mesh.points(model.canonical)
    skin = model.canonical[:SKIN_END]
    off_arms = BodyFacts.load().fields.armness[:SKIN_END] < 0.2
    waist = off_arms & (np.abs(skin[:, 2] - marks.waist - 0.08) < 0.03)
    cloth = (mesh.fields.armness < 0.2) & (np.abs(points[:, 2] - marks.waist - 0.08) < 0.03)
    assert np.abs(points[cloth, 0]).max() > np.abs(skin[waist, 0]).max() + 0.004
    assert points[:, 2].min() < marks.ankle + 0.05


def test_a_gown_has_the_parts_beneath_it(wardrobe: Wardrobe) -> None:
    mesh, _ = shell("gown")
    middle = mesh.canonical[mesh.faces].mean(axis=1)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for limb, low, high in (("thigh", 0.55, 0.7), ("calf", 0.2, 0.4)):
            there = (middle[:, 2] > low) & (middle[:, 2] < high) & (sign * middle[:, 0] > 0.03)
            assert there.sum() > 30
            assert (mesh.parts[there] == PART_INDEX[f"{side}_{limb}"]).mean() > 0.9


def test_what_is_worn_over_hides_what_is_beneath(wardrobe: Wardrobe) -> None:
    cloth = wardrobe.sample_outfit(np.random.default_rng(0)).pieces[-1].cloth
    marks = wardrobe.facts.landmarks
    shirt = Piece(TopCut(marks.hip, 0.9, "crew", 0.05), cloth, "tights", 0.004, thickness=0.005)
    coat = Piece(TopCut(marks.knee, 1.0, "high", 0.05), cloth, "gown", 0.03, thickness=0.01)
    faces = []
    for pieces in ((shirt,), (shirt, coat)):
        look = wardrobe.dress(_identity(wardrobe, 0), Outfit(pieces, clothing=Clothing()))
        faces.append([len(layer.rest.faces) for layer in look.layers if layer.rest.name == "tights shell"])
    assert sum(faces[1]) < 0.3 * sum(faces[0])


def test_edges_have_the_thickness_of_the_cloth(wardrobe: Wardrobe, model: BodyModel) -> None:
    cloth = wardrobe.sample_outfit(np.random.default_rng(0)).pieces[-1].cloth
    piece = Piece(BottomCut(1.0, 0.5), cloth, "tights", 0.01, thickness=0.006)
    look = wardrobe.dress(_identity(wardrobe, 0), Outfit((piece,), clothing=Clothing()))
    layer = next(layer for layer in look.layers if "shell" in layer.rest.name)
    vertices = next(s for s in look.surfaces(model.canonical) if "shell" in s.name).vertices
    count = len(layer.cut.edges)
    outer, inner = vertices[-2 * count : -count], vertices[-count:]
    assert np.median(np.linalg.norm(outer - inner, axis=1)) == pytest.approx(0.006, abs=0.001)


def test_painted_hems_cast_a_shadow_on_the_skin(wardrobe: Wardrobe) -> None:
    space = SkinSpace.load()
    piece = Piece(BottomCut(1.0, 0.5), wardrobe.sample_outfit(np.random.default_rng(0)).pieces[-1].cloth)
    bright = np.full((704, 768, 3), 200, dtype=np.uint8)
    paint_piece(np.random.default_rng(0), bright, replace(piece, thickness=0.002))
    where, texels = space.body_texels
    edge = piece.cut.inside(texels, wardrobe.facts.landmarks)
    just_outside = bright.reshape(-1, 3)[where[(edge < 0) & (edge > -0.003)]]
    assert just_outside.mean() < 160
    assert (bright.reshape(-1, 3)[where[edge < -0.02]] == 200).all()


def test_a_mask_hides_the_mouth_and_not_the_eyes(model: BodyModel) -> None:
    hidden = under_mask()
    middle = model.canonical[model.faces].mean(axis=1)
    face = SkinSpace.load().face
    eye, mouth = face.eyes.mean(axis=0), face.lip_middle
    near = np.linalg.norm(middle - mouth, axis=1) < 0.012
    assert hidden[near].mean() > 0.9
    assert not hidden[middle[:, 2] > eye[2] - 0.015].any()
