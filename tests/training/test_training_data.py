from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from stick_people import StickSource  # noqa: E402

from lineament.anatomy import MIRROR, PART_INDEX  # noqa: E402
from lineament.geometry.template import load_template  # noqa: E402
from lineament.synth.seeds import generator  # noqa: E402
from lineament.training.augment import UNKNOWN_PERSON, augmented, mirrored, mosaic  # noqa: E402
from lineament.training.data import PROLOGUE, REUSE_AFTER, BatchPlan, BatchStream, loader  # noqa: E402

pytestmark = pytest.mark.train
SOURCE = StickSource()


def same(one, other):
    fields = ("image", "part", "canonical", "main", "carried", "points", "normals", "colours", "measured")
    return one.person == other.person and all(
        np.allclose(getattr(one, name), getattr(other, name), atol=1e-6) for name in fields
    )


def test_mirroring_twice_gives_the_sample_back():
    sample = SOURCE.sample(3)
    mirror = load_template().mirror
    assert same(mirrored(mirrored(sample, mirror), mirror), sample)


def test_mirroring_swaps_sides_in_picture_places_and_prototype():
    sample = SOURCE.sample(3)
    mirror = load_template().mirror
    other = mirrored(sample, mirror)
    rows, columns = np.nonzero(sample.part == PART_INDEX["left_hand"])
    assert (other.part[rows, 127 - columns] == PART_INDEX["right_hand"]).all()
    np.testing.assert_array_equal(other.canonical[:, ::-1, 0], -sample.canonical[..., 0])
    parts = load_template().parts
    np.testing.assert_array_equal(np.asarray(MIRROR)[parts], parts[mirror])
    np.testing.assert_allclose(other.points[:, 0], -sample.points[mirror, 0])


def test_augmentation_keeps_labels_on_their_pixels():
    """A picture that is white on people and black elsewhere stays brighter where the labels say people."""
    sample = SOURCE.sample(5)
    white = np.repeat((sample.part > 0)[..., None] * np.uint8(230), 3, axis=2)
    for index in range(20):
        rng = generator(0, "test", index)
        changed = augmented(replace(sample, image=white), rng, load_template().mirror)
        people, elsewhere = changed.image[changed.part > 0], changed.image[changed.part == 0]
        assert np.percentile(people, 20) > np.percentile(elsewhere, 20) + 60


def test_people_and_their_mirrored_pictures_are_different_owners():
    owners = {
        augmented(SOURCE.sample(4), generator(1, "t", i), load_template().mirror).person for i in range(20)
    }
    assert owners == {8, 9}


def test_mosaic_holds_four_people_and_is_not_compared():
    samples = [SOURCE.sample(i) for i in range(4)]
    joined = mosaic(samples)
    assert joined.image.shape == samples[0].image.shape
    assert joined.person == UNKNOWN_PERSON
    assert not joined.main.any()
    share = [float((s.part > 0).mean()) for s in samples]
    assert float((joined.part > 0).mean()) == pytest.approx(np.mean(share), abs=0.02)


def test_samples_are_used_again_later_in_other_clothes_of_augmentation():
    plan = BatchPlan(seed=0, batch=4, uses=2)
    later = plan.numbers(REUSE_AFTER + 3)
    assert later[:2] == [22, 23]
    assert later[2:] == plan.numbers(3)[:2]
    assert all(number > PROLOGUE for number in plan.numbers(0)[2:])
    with pytest.raises(ValueError, match="multiple"):
        BatchPlan(seed=0, batch=5, uses=2)


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_depend_on_seed_and_number_only(workers):
    small = StickSource(height=64, width=32)
    template = load_template()
    plan = BatchPlan(seed=5, batch=4)
    stream = loader(BatchStream(small, template, plan, start=3), workers)
    got = [next(stream) for _ in range(3)]
    alone = BatchStream(small, template, plan)
    for offset, batch in enumerate(got):
        expected = alone.batch(small(), 3 + offset)
        assert torch.equal(batch.image, expected.image)
        assert torch.equal(batch.part, expected.part)
        assert torch.equal(batch.owner, expected.owner)
        assert torch.equal(batch.facing, expected.facing)
        for one, other in zip(batch.prototypes, expected.prototypes, strict=True):
            assert torch.equal(one, other)
