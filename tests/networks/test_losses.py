import math

import pytest

torch = pytest.importorskip("torch")

from lineament.anatomy import CLASS_COUNT, PART_INDEX  # noqa: E402
from lineament.networks.losses import (  # noqa: E402
    ContrastSettings,
    PixelSample,
    Places,
    canonical_loss,
    carried_loss,
    contrast_loss,
    dense_targets,
    facing_loss,
    first_of_each,
    part_loss,
    sample_cells,
    side_loss,
    view_loss,
)

pytestmark = pytest.mark.train
LEFT, RIGHT = PART_INDEX["left_thigh"], PART_INDEX["right_thigh"]


def grid(shape):
    facing = torch.zeros(shape[0], 3, shape[1] // 4, shape[2] // 4)
    facing[:, 1] = -1.0
    return facing


def targets_of(part):
    part = torch.as_tensor(part)
    shape = part.shape
    return dense_targets(part, torch.zeros(shape[0], 3, *shape[1:]), part > 0, grid(shape), part == 0)


def test_dense_targets_hold_area_shares_and_the_middle():
    part = torch.zeros(1, 8, 8, dtype=torch.long)
    part[0, :, 2:] = LEFT
    targets = targets_of(part)
    assert targets.shares.shape == (1, CLASS_COUNT, 2, 2)
    torch.testing.assert_close(targets.shares[0, LEFT], torch.tensor([[0.5, 1.0], [0.5, 1.0]]))
    torch.testing.assert_close(targets.shares.sum(dim=1), torch.ones(1, 2, 2))
    assert (targets.parts == LEFT).all()


def test_part_loss_is_zero_when_certain_and_right():
    targets = targets_of(torch.full((1, 8, 8), LEFT))
    logits = torch.zeros(1, CLASS_COUNT, 2, 2)
    assert float(part_loss(logits, targets)) == pytest.approx(torch.log(torch.tensor(15.0)).item(), rel=1e-5)
    logits[:, LEFT] = 50.0
    assert float(part_loss(logits, targets)) < 1e-5


def test_side_loss_sees_only_swapped_sides():
    targets = targets_of(torch.full((1, 8, 8), LEFT))
    logits = torch.zeros(1, CLASS_COUNT, 2, 2)
    logits[:, RIGHT] = 5.0
    wrong_side = float(side_loss(logits, targets))
    logits[:, RIGHT], logits[:, PART_INDEX["head"]] = -5.0, 20.0
    assert wrong_side > 4.9
    assert float(side_loss(logits, targets)) < 0.01
    torso = targets_of(torch.full((1, 8, 8), PART_INDEX["torso"]))
    assert float(side_loss(torch.randn(1, CLASS_COUNT, 2, 2), torso)) == 0.0


def test_canonical_loss_is_the_mean_l1_on_the_person():
    part = torch.zeros(1, 8, 8, dtype=torch.long)
    part[0, :4] = LEFT
    canonical = torch.ones(1, 3, 2, 2)
    canonical[:, :, 1] = 100.0  # background counts nothing
    assert float(canonical_loss(canonical, targets_of(part))) == pytest.approx(3.0)


def test_facing_and_view_losses_want_the_normals_of_the_person():
    targets = targets_of(torch.full((1, 32, 32), LEFT))
    front, back = torch.tensor([[0.0, -1.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    assert float(view_loss(front, targets)) == pytest.approx(0.0, abs=1e-6)
    assert float(view_loss(back, targets)) == pytest.approx(4.0)
    assert float(facing_loss(targets.facing, targets)) == 0.0
    assert float(facing_loss(-targets.facing, targets)) == pytest.approx(4.0)
    nobody = targets_of(torch.zeros(1, 32, 32, dtype=torch.long))
    assert float(view_loss(back, nobody)) == 0.0
    assert float(facing_loss(-nobody.facing, nobody)) == 0.0


def two_people(matching):
    """Pixels of two people whose features equal the site features of their own (or, if not matching, the
    other).
    """
    generator = torch.Generator().manual_seed(0)
    positions = torch.rand(6, 3, generator=generator) * 2
    features = torch.nn.functional.normalize(torch.randn(2, 6, 48, generator=generator), dim=-1)
    parts = torch.tensor([LEFT, LEFT, LEFT, RIGHT, RIGHT, RIGHT])
    source = features if matching else features.flip(0)
    pixels = PixelSample(
        torch.tensor([10, 11]).repeat_interleave(6),
        source.reshape(-1, 48),
        parts.repeat(2),
        positions.repeat(2, 1),
    )
    return pixels, Places(torch.tensor([10, 11]), features, positions, parts)


def contrast(pixels, places, spread=0.01):
    background = torch.nn.functional.normalize(torch.ones(48), dim=0)
    return float(contrast_loss(pixels, places, background, torch.tensor(0.05), spread))


def test_contrast_tells_people_apart_at_the_same_place():
    assert contrast(*two_people(True)) < 0.1
    assert contrast(*two_people(False)) > 5.0


def test_pictures_of_one_person_share_their_positives():
    pixels, places = two_people(True)
    of_one = Places(torch.tensor([10]), places.features[:1], places.positions, places.parts)
    twice = pixels._replace(owner=torch.full((12,), 10), features=pixels.features[:6].repeat(2, 1))
    # A site is shown by two pixels then: its own loss is that of choosing between them, ln 2.
    assert contrast(twice, of_one) == pytest.approx(0.5 * math.log(2), abs=0.02)
    assert contrast(twice._replace(features=-twice.features), of_one) > 5.0


def test_a_rival_counts_only_as_a_negative():
    pixels, places = two_people(True)
    first = pixels._replace(**{name: getattr(pixels, name)[:6] for name in pixels._fields})
    alone = Places(places.owner[:1], places.features[:1], places.positions, places.parts)
    alike = places._replace(features=places.features[:1].repeat(2, 1, 1))
    # Somebody who cannot be told apart halves every probability: ln 2 more, in the rows alone.
    assert contrast(first, alike) - contrast(first, alone) == pytest.approx(0.5 * math.log(2), abs=0.02)
    assert contrast(first, places) < contrast(first, alike)


def test_both_directions_add_that_of_the_sites():
    pixels, places = two_people(True)
    pixels = pixels._replace(features=pixels.features[:1].repeat(12, 1))  # rows differ, columns do not
    background = torch.nn.functional.normalize(torch.ones(48), dim=0)
    rows = contrast_loss(pixels, places, background, torch.tensor(0.05), 0.01, both=False)
    sites = 2 * contrast(pixels, places) - float(rows)
    assert sites == pytest.approx(math.log(12), abs=1e-3)


def test_the_first_of_each_person():
    assert first_of_each(torch.tensor([7, -1, 3, 7, 3])).tolist() == [2, 0]
    assert first_of_each(torch.tensor([-1, -1])).tolist() == []


def test_contrast_skips_unknown_people_and_wants_background_on_background():
    pixels, places = two_people(True)
    assert contrast(pixels._replace(owner=torch.full((12,), -1)), places) == 0.0
    empty = pixels._replace(
        parts=torch.zeros(12, dtype=torch.long),
        features=torch.nn.functional.normalize(torch.ones(12, 48), dim=-1),
    )
    assert contrast(empty, places) < 0.01


def test_sampled_pixels_are_the_main_person_or_background():
    part = torch.zeros(2, 16, 16, dtype=torch.long)
    part[:, :8] = LEFT
    part[:, 8:12] = RIGHT
    main = part == LEFT
    targets = dense_targets(part, torch.zeros(2, 3, 16, 16), main, grid(part.shape), part * 0)
    torch.manual_seed(0)
    cells = sample_cells(targets, ContrastSettings(pixels=40, background_pixels=9))
    parts = cells.of(targets.parts[:, None])[:, 0]
    assert set(parts.tolist()) == {0, LEFT}
    assert (parts == LEFT).sum() == 80
    alone = sample_cells(targets, ContrastSettings(pixels=40, background_pixels=0))
    assert set(alone.of(targets.parts[:, None])[:, 0].tolist()) == {LEFT}
    numbers = torch.arange(2 * 3 * 16.0).view(2, 3, 4, 4)
    torch.testing.assert_close(cells.of(numbers)[:, 1], 48.0 * cells.image + 16 + cells.place)
    nobody = targets._replace(parts=targets.parts * 0, main=targets.main & False)
    cells = sample_cells(nobody, ContrastSettings(pixels=5, background_pixels=3))
    assert not cells.of(nobody.parts[:, None]).any()


def test_carried_loss_is_the_entropy_of_the_share_at_best():
    part = torch.full((1, 8, 8), LEFT)
    part[:, :, 2:4] = 0
    targets = targets_of(part)
    torch.testing.assert_close(targets.carried[0, 0], torch.tensor([[0.5, 0.0], [0.5, 0.0]]))
    logits = torch.tensor([[[[0.0, -50.0], [0.0, -50.0]]]])
    assert float(carried_loss(logits, targets)) == pytest.approx(0.5 * 0.6931472, rel=1e-5)
    assert float(carried_loss(-logits + 1.0, targets)) > 5.0
