"""The registrar's geometry, with a network that reads labels painted into the picture instead of the released
one.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from lineament.anatomy import HEAD, PART_INDEX, TORSO
from lineament.errors import BadInputError
from lineament.runtime.finding import distinct, overlap, person_mask, split_by_heads
from lineament.runtime.registrar import MODEL_FOLDER, Outputs, Registrar
from lineament.runtime.session import open_session
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH, Window, cut, cut_off, window_round

LEFT_ARM, RIGHT_ARM = PART_INDEX["left_upper_arm"], PART_INDEX["right_upper_arm"]


PAINT = {HEAD: (255, 0, 0), TORSO: (0, 255, 0), LEFT_ARM: (0, 0, 255), RIGHT_ARM: (255, 0, 255)}


BAG = (90, 0, 90)


class PaintedRegistrar(Registrar):
    """Reads parts from their paint and, as a good network does, calls the sides of a mirrored person by the
    sides they have in the mirror. Arms lie at x = +-0.5; features are the axis of the part.
    """

    def __init__(self):
        self.model = "painted-1"

    def _run(self, pictures):
        cells = pictures[:, 2::4, 2::4].astype(np.float32)
        logits = np.full((len(cells), 15, *cells.shape[1:3]), -400.0, np.float32)
        for part, colour in ((0, (0, 0, 0)), *PAINT.items()):
            logits[:, part] = -np.abs(cells - np.float32(colour)).sum(axis=-1) / 40.0
        for one in logits:
            columns = [np.nonzero(one.argmax(axis=0) == arm)[1] for arm in (LEFT_ARM, RIGHT_ARM)]
            if all(len(c) for c in columns) and columns[0].mean() < columns[1].mean():
                one[[LEFT_ARM, RIGHT_ARM]] = one[[RIGHT_ARM, LEFT_ARM]]
        part = logits.argmax(axis=1)
        canonical = np.zeros((len(cells), 3, *part.shape[1:]), np.float32)
        canonical[:, 0] = np.where(part == LEFT_ARM, 0.5, np.where(part == RIGHT_ARM, -0.5, 0.0))
        canonical[:, 2] = 1.0
        features = np.zeros((len(cells), 48, *part.shape[1:]), np.float32)
        np.put_along_axis(features, part[:, None], 1.0, axis=1)
        carried = np.where((cells == np.float32(BAG)).all(axis=-1), 9.0, -9.0).astype(np.float32)
        return Outputs(logits, canonical, features, carried)


def draw(image, x, y, height):
    """A front view: head, torso and arms, the person's left at the right. Returns box and mask."""
    size = height // 5
    parts = {
        HEAD: (x - size // 2, y, x + size // 2, y + size),
        TORSO: (x - size, y + size, x + size, y + height),
        RIGHT_ARM: (x - 2 * size, y + size, x - size, y + height // 2),
        LEFT_ARM: (x + size, y + size, x + 2 * size, y + height // 2),
    }
    mask = np.zeros(image.shape[:2], dtype=np.uint8)
    for part, (x0, y0, x1, y1) in parts.items():
        image[y0:y1, x0:x1] = PAINT[part]
        mask[y0:y1, x0:x1] = part
    return (x - 2 * size, y, x + 2 * size, y + height), mask


@pytest.fixture
def registrar():
    return PaintedRegistrar()


@pytest.mark.parametrize(
    ("shape", "x", "y", "height"),
    [((600, 400), 210, 60, 480), ((500, 900), 700, 150, 200), ((3000, 2000), 900, 400, 2200)],
)
def test_one_person_is_found_where_it_is(registrar, shape, x, y, height):
    image = np.zeros((*shape, 3), np.uint8)
    box, mask = draw(image, x, y, height)
    (person,) = registrar.people(image)
    assert overlap(tuple(person.box), box) > 0.85
    maps = registrar.full_resolution(image, [person])
    seen, true = maps.people == 1, mask > 0
    assert (seen & true).sum() / (seen | true).sum() > 0.9
    assert (maps.parts[seen & true] == mask[seen & true]).mean() > 0.9
    assert maps.parts[~seen].max(initial=0) == 0
    assert maps.probability.dtype == maps.canonical.dtype == np.float16
    assert maps.probability.shape == shape


def test_sides_survive_averaging_with_the_mirrored_crop(registrar):
    image = np.zeros((600, 400, 3), np.uint8)
    draw(image, 200, 50, 500)
    (person,) = registrar.people(image)
    left, right = person.parts == LEFT_ARM, person.parts == RIGHT_ARM
    assert np.nonzero(left)[1].min() > np.nonzero(right)[1].max()
    assert np.median(person.canonical[left, 0]) == pytest.approx(0.5, abs=0.01)
    assert np.median(person.canonical[right, 0]) == pytest.approx(-0.5, abs=0.01)
    np.testing.assert_allclose(np.linalg.norm(person.features, axis=-1), 1.0, atol=1e-4)


def test_quarter_turns_are_looked_at_only_in_doubt(registrar, monkeypatch):
    """A standing person: the glance, then the crop and its mirror; in doubt four quarter turns more."""
    image = np.zeros((600, 400, 3), dtype=np.uint8)
    box, _ = draw(image, 210, 60, 480)
    crops = []
    run = registrar._run
    monkeypatch.setattr(registrar, "_run", lambda pictures: crops.append(len(pictures)) or run(pictures))
    monkeypatch.setattr("lineament.runtime.registrar.leaning", lambda classes, places: 0.0)
    registrar.register(image, box)
    assert crops == [1, 2]
    crops.clear()
    monkeypatch.setattr("lineament.runtime.registrar.NO_DOUBT", 2.0)
    registrar.register(image, box)
    assert crops == [1, 4, 2]


def test_two_people_side_by_side_are_two(registrar):
    image = np.zeros((500, 800, 3), np.uint8)
    boxes = [draw(image, x, 100, 300)[0] for x in (200, 560)]
    people = registrar.people(image)
    assert len(people) == 2
    for box in boxes:
        assert max(overlap(tuple(person.box), box) for person in people) > 0.8


def test_a_hint_finds_whom_the_levels_miss(registrar):
    image = np.zeros((2400, 2400, 3), np.uint8)
    draw(image, 300, 300, 60)
    box, _ = draw(image, 1500, 1000, 900)
    assert len(registrar.people(image)) == 1
    hinted = registrar.people(
        image, hints=[np.array([260, 290, 340, 370], np.float32), np.array(box, np.float32)]
    )
    assert len(hinted) == 2
    assert hinted[0].box[3] - hinted[0].box[1] > hinted[1].box[3] - hinted[1].box[1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (20, 3000), (300, 300)])
def test_nobody_where_nothing_is(registrar, shape):
    image = np.zeros((*shape, 3), np.uint8)
    assert registrar.people(image) == []
    maps = registrar.full_resolution(image, [])
    assert maps.parts.shape == shape
    assert maps.boxes.shape == (0, 4)
    assert not maps.people.any()


def test_cut_and_window_agree_on_pixels():
    image = np.zeros((90, 120, 3), np.uint8)
    image[30:60, 40:80] = 200
    window = Window(20.0, 0.0, 100.0, 120.0, 128, 192)
    crop = cut(image, window)
    x0, y0, x1, y1 = window.box_of((crop[..., 0] > 100).astype(np.uint8))
    np.testing.assert_allclose((x0, y0, x1, y1), (40, 30, 80, 60), atol=0.7)
    assert not crop[150:].any()  # below the photograph
    small = cut(image, Window(0.0, 0.0, 120.0, 90.0, 12, 9))
    np.testing.assert_array_equal(small[3:6, 4:8], np.full((3, 4, 3), 200))
    assert not cut(image, Window(500.0, 500.0, 600.0, 600.0)).any()


def test_window_has_the_shape_of_the_crop_and_holds_the_box():
    window = window_round((10.0, 20.0, 30.0, 220.0))
    assert (window.y1 - window.y0) / (window.x1 - window.x0) == pytest.approx(CROP_HEIGHT / CROP_WIDTH)
    assert window.x0 < 10
    assert window.y0 < 20
    assert window.x1 > 30
    assert window.y1 > 220


def test_person_mask_leaves_a_neighbour_out_and_keeps_a_cut_off_leg():
    classes = np.zeros((192, 128, 15), np.float32)
    classes[..., 0] = 1.0

    def paint(part, rows, columns):
        classes[rows, columns] = np.eye(15)[part]

    paint(HEAD, slice(20, 45), slice(50, 75))
    paint(TORSO, slice(45, 110), slice(45, 80))
    paint(PART_INDEX["left_calf"], slice(130, 170), slice(60, 75))  # behind a fence
    paint(HEAD, slice(60, 80), slice(105, 125))
    paint(TORSO, slice(80, 150), slice(100, 128))
    paint(PART_INDEX["left_calf"], slice(150, 190), slice(2, 12))  # someone else's, far to the side
    mask = person_mask(classes)
    assert mask[80, 60]
    assert mask[150, 65]
    assert not mask[:, :20].any()
    assert not mask[:, 100:].any()
    classes[...] = np.eye(15)[0]
    assert person_mask(classes) is None


def test_connected_people_are_split_at_their_heads():
    mask = np.zeros((40, 60), bool)
    parts = np.full((40, 60), TORSO, np.uint8)
    mask[5:35, 5:55] = True
    for x in (12, 44):
        parts[5:11, x : x + 5] = HEAD
    one, other = split_by_heads(mask, parts)
    assert one.sum() + other.sum() == mask.sum()
    assert np.nonzero(one)[1].max() < np.nonzero(other)[1].min() + 2


def test_a_small_passer_by_is_split_off_where_they_end():
    """Beside a large person who touches them: the large one reaches further from the head."""
    mask = np.zeros((100, 60), bool)
    parts = np.full((100, 60), TORSO, np.uint8)
    mask[5:95, 10:38] = True
    mask[30:70, 38:50] = True
    parts[5:23, 18:32] = HEAD
    parts[30:38, 42:48] = HEAD
    one, other = split_by_heads(mask, parts)
    assert other[30:70, 40:50].mean() > 0.95
    assert one[5:95, 10:34].mean() > 0.95


def test_a_hand_that_was_taken_for_a_head_splits_nobody():
    mask = np.ones((60, 40), bool)
    parts = np.full((60, 40), TORSO, np.uint8)
    parts[:15, 10:25] = HEAD
    parts[30:34, 34:38] = HEAD
    assert len(split_by_heads(mask, parts)) == 1


def test_who_is_cut_off_by_the_window_is_looked_at_again(registrar):
    """The box knows the upper half alone; the photograph shows everything."""
    image = np.zeros((900, 700, 3), np.uint8)
    box, _ = draw(image, 350, 100, 700)
    person = registrar.register(image, (box[0], box[1], box[2], box[1] + 350.0))
    assert person is not None
    assert overlap(tuple(person.box), box) > 0.9


def test_only_a_border_inside_the_photograph_cuts_off():
    mask = np.zeros((CROP_HEIGHT, CROP_WIDTH), bool)
    mask[100:, 60:130] = True
    window = Window(0.0, 0.0, 192.0, 256.0)
    assert cut_off(mask, window, (600, 192))
    assert not cut_off(mask, window, (256, 192))
    mask[-4:] = False
    assert not cut_off(mask, window, (600, 192))


def test_a_scaled_window_keeps_middle_and_turn():
    window = Window(10.0, 20.0, 202.0, 276.0, turn=0.3).scaled(1.5)
    assert (window.x0, window.y0, window.x1, window.y1) == (-38.0, -44.0, 250.0, 340.0)
    middle = window.to_photo @ (CROP_WIDTH / 2, CROP_HEIGHT / 2, 1.0)
    np.testing.assert_allclose(middle, (106.0, 148.0))
    assert window.turn == 0.3


class Facing:
    """Stands in for the network: the direction is how bright a picture's left and its right are."""

    def get_outputs(self):
        return [SimpleNamespace(name="direction")]

    def run(self, names, feeds):
        pictures = feeds["image"]
        half = pictures.shape[3] // 2
        left, right = pictures[..., :half].mean(axis=(1, 2, 3)), pictures[..., half:].mean(axis=(1, 2, 3))
        return [np.stack([(right - left) / 255, left * 0 - 1, left * 0], axis=1)]


def test_the_direction_is_averaged_over_sizes_and_mirrored_looks(registrar):
    image = np.zeros((512, 384, 3), np.uint8)
    image[:, 192:] = 255
    registrar._image = Facing()
    body = SimpleNamespace(to_photo=Window(96.0, 128.0, 288.0, 384.0).to_photo)
    told = registrar.camera_direction(image, body)
    np.testing.assert_allclose(told, (1.0, -1.0, 0.0), atol=0.02)


def test_distinct_keeps_the_best_of_overlapping_candidates():
    from lineament.runtime.finding import Candidate

    best = Candidate((0, 0, 10, 20), 5.0)
    same, inner, other = (Candidate(b, 1.0) for b in ((1, 0, 11, 20), (2, 2, 6, 8), (30, 0, 40, 20)))
    assert distinct([same, best, inner, other]) == [best, other]


def test_missing_or_broken_models_are_refused(tmp_path):
    with pytest.raises(BadInputError, match="holds no registration model"):
        Registrar.load(tmp_path)
    with pytest.raises(BadInputError, match="is missing"):
        open_session(tmp_path / "image.onnx")
    (tmp_path / "image.onnx").write_bytes(b"no model")
    with pytest.raises(BadInputError, match="cannot be read"):
        open_session(tmp_path / "image.onnx")


def test_a_bag_in_the_hand_is_carried_and_one_on_the_floor_is_not(registrar):
    image = np.zeros((600, 500, 3), np.uint8)
    draw(image, 210, 60, 480)
    image[300:420, 330:400] = BAG
    image[480:560, 420:480] = BAG
    (person,) = registrar.people(image)
    maps = registrar.full_resolution(image, [person])
    assert maps.carried[360, 370] == 1 and not maps.people[360, 370]
    assert not maps.carried[520, 450]
    assert not (maps.carried[maps.people > 0]).any()


@pytest.mark.skipif(not (MODEL_FOLDER / "config.json").is_file(), reason="no released registration model")
def test_released_model_answers_within_its_contract():
    registrar = Registrar.load(threads=1)
    image = np.random.default_rng(0).integers(0, 256, (200, 160, 3), dtype=np.uint8)
    maps = registrar.averaged(image, window_round((20, 10, 120, 190)))
    assert maps.classes.shape == (CROP_HEIGHT, CROP_WIDTH, 15)
    np.testing.assert_allclose(maps.classes.sum(axis=-1), 1.0, atol=1e-4)
    sites = np.random.default_rng(1).random((2048, 3), dtype=np.float32)
    features = registrar.prototype_features(sites, sites, None, np.ones(2048, bool))
    assert features.shape == (2048, maps.features.shape[-1])
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1.0, atol=1e-3)
