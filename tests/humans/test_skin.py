"""Skin and hair: every tone, details at honest sizes, nobody's like another's, quickly."""

import time

import numpy as np
import pytest

from lineament.humans.wardrobe.eyes import sample_eyes
from lineament.humans.wardrobe.hair import sample_hair
from lineament.humans.wardrobe.hair_colour import sample_hair_colour
from lineament.humans.wardrobe.hair_paint import beard_cut
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH
from lineament.humans.wardrobe.skin import paint_skin, sample_skin
from lineament.humans.wardrobe.skin_lines import draw_lines
from lineament.humans.wardrobe.skin_marks import round_mark
from lineament.humans.wardrobe.skin_places import face_map, low_places, texel_places
from lineament.humans.wardrobe.skin_tone import sample_tone, typology_angle

pytestmark = pytest.mark.train
ANCESTRIES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def test_tones_reach_every_class_of_the_typology_angle() -> None:
    rng = np.random.default_rng(0)
    angles = np.array([typology_angle(sample_tone(rng, ANCESTRIES[k % 3])) for k in range(900)])
    for low, high in ((-90, -30), (-30, 10), (10, 28), (28, 41), (41, 55), (55, 90)):
        share = ((angles > low) & (angles <= high)).mean()
        assert share > 0.04, f"{low} to {high} degrees: {share:.3f}"


def test_the_texture_is_the_tone_that_was_asked_for() -> None:
    import cv2

    for seed in range(6):
        skin = sample_skin(np.random.default_rng(seed), ANCESTRIES[seed % 3], bool(seed % 2), 30.0, ())
        face = face_map()
        painted = cv2.cvtColor(np.float32(paint_skin(skin)) / 255, cv2.COLOR_RGB2LAB)[face.block]
        assert np.median(painted[..., 0][face.front > 0.5]) == pytest.approx(skin.lab[0], abs=7.0)


def test_same_traits_same_skin_and_nobody_alike() -> None:
    one, two = (sample_skin(np.random.default_rng(k), ANCESTRIES[1], True, 30.0, ()) for k in (0, 1))
    assert np.array_equal(paint_skin(one), paint_skin(one))
    difference = np.abs(paint_skin(one).astype(int) - paint_skin(two).astype(int))
    assert (difference > 2).any(axis=-1).mean() > 0.5


def test_a_mole_has_its_size_in_millimetres() -> None:
    places, face = texel_places(), face_map()
    row, column = (
        int(v) for v in np.argwhere((np.hypot(face.x - 40, face.z + 40) < 2) & (face.front > 0))[0]
    )
    row, column = row + face.block[0].start, column + face.block[1].start
    lab = np.full((SKIN_HEIGHT, SKIN_WIDTH, 3), 150, np.uint8)
    round_mark(lab, row * SKIN_WIDTH + column, 6.0, (-30.0, 0.0, 0.0), 0.3)
    dark = places[lab[..., 0] < 120]
    spread = np.linalg.norm(dark - places[row, column], axis=1).max()
    assert 2.0 < spread < 4.5


def test_lines_come_with_age() -> None:
    depth = {}
    for age in (20.0, 75.0):
        depth[age] = np.zeros(face_map().shape, np.float32)
        draw_lines(np.random.default_rng(0), depth[age], age, 1.0)
    assert np.abs(depth[75.0]).sum() > 2.5 * np.abs(depth[20.0]).sum()


def test_palms_are_lighter_than_the_back_of_dark_hands() -> None:
    palm, joint = (low_places()[name] for name in ("palm", "joint"))
    assert (palm > 0.7).sum() > 50 and (joint > 0.5).sum() > 50
    skin = paint_skin(sample_skin(np.random.default_rng(3), ANCESTRIES[0], False, 40.0, ()))
    small = skin[::2, ::2].mean(axis=-1)
    assert small[palm > 0.7].mean() > small[palm < 0.1].mean() + 10


def test_painting_takes_milliseconds() -> None:
    skins = [
        sample_skin(np.random.default_rng(k), ANCESTRIES[k % 3], True, 30.0 + 5 * k, ()) for k in range(8)
    ]
    paint_skin(skins[0])
    spent = []
    for skin in skins:
        start = time.process_time()
        paint_skin(skin)
        spent.append(time.process_time() - start)
    assert np.median(spent) < 0.06


def test_eyes_and_hair_go_with_the_skin_and_the_age() -> None:
    rng = np.random.default_rng(0)
    dark = [sample_eyes(rng, 40.0, 0.0, 30.0, ()).iris for _ in range(200)]
    fair = [sample_eyes(rng, 74.0, 1.0, 30.0, ()).iris for _ in range(200)]
    blue = [np.mean([iris[2] > iris[0] for iris in irises]) for irises in (dark, fair)]
    assert blue[0] < 0.02 and blue[1] > 0.25
    young, old = (
        [
            sample_hair_colour(rng, female=False, age=age, lightness=70.0, european=1.0).grey
            for _ in range(200)
        ]
        for age in (25.0, 75.0)
    )
    assert np.mean(young) < 0.05 and np.mean(old) > 0.6


def test_hair_by_sex_and_age() -> None:
    def draw(female: bool, age: float):
        rng = np.random.default_rng(1)
        return [
            sample_hair(
                rng,
                female=female,
                age=age,
                lightness=65.0,
                ancestry=(0.2, 0.3, 0.5),
                styles={},
                brows=(),
                lashes=(),
            )
            for _ in range(300)
        ]

    bald = [np.mean([one.style in ("shaved", "horseshoe") for one in draw(False, age)]) for age in (22, 75)]
    assert bald[0] < 0.2 < 0.3 < bald[1]
    assert all(one.beard == "none" for one in draw(True, 40.0))
    assert {one.beard for one in draw(False, 40.0)} >= {"none", "shadow", "stubble", "moustache", "full"}


def test_beards_are_cut_where_their_names_say() -> None:
    places = [(np.float32(x), np.float32(z)) for x, z in ((0, -58), (0, -90), (50, -60))]
    inside = {
        kind: [float(beard_cut(kind, x, z)) > 0 for x, z in places]
        for kind in ("moustache", "goatee", "circle", "full")
    }
    assert inside["moustache"] == [True, False, False]
    assert inside["goatee"] == [False, True, False]
    assert inside["circle"] == [True, True, False]
    assert inside["full"] == [True, True, True]
