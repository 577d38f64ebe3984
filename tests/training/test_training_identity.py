import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lineament.anatomy import CLASS_COUNT  # noqa: E402
from lineament.errors import BadInputError  # noqa: E402
from lineament.networks.shape import SHAPE_SIZE  # noqa: E402
from lineament.training import identity_pictures  # noqa: E402
from lineament.training.identity import Crowds, IdentityRecipe, fit_sharing, judge  # noqa: E402
from lineament.training.identity_pictures import draw_pictures, read_shard  # noqa: E402
from lineament.training.identity_tokens import PictureSet, PrototypeSet  # noqa: E402

pytestmark = pytest.mark.train
RECIPE = IdentityRecipe(steps=100, crowd=16, views=2, seed=4)


def telling(people=220, views=3):
    """Pictures whose overall features are the person's coefficients with little noise."""
    rng = np.random.default_rng(0)
    shape = rng.normal(size=(people, SHAPE_SIZE)).astype(np.float32)
    person = np.repeat(np.arange(people), views)
    overall = np.zeros((len(person), 192), np.float32)
    overall[:, :SHAPE_SIZE] = shape[person] + 0.2 * rng.normal(size=(len(person), SHAPE_SIZE))
    tokens = np.full((len(person), CLASS_COUNT, 49), 0.5, np.float32)
    prototypes = PrototypeSet(np.ones((people, CLASS_COUNT, 48), np.float32), shape)
    return PictureSet(tokens, overall, person.astype(np.int32)), person, prototypes


def test_people_held_out_are_found_when_pictures_tell():
    pictures, person, prototypes = telling()
    network, losses = fit_sharing(RECIPE, pictures, person, prototypes, 190, lambda _: None)
    judged = judge(network, pictures, person, prototypes, 190, seed=1, galleries=10)
    assert len(losses) == 1
    assert judged.probes == 200
    assert judged.random_rank1 > 0.4
    assert 0.0 < judged.alike_rank1 <= 1.0


def test_crowds_hold_neighbours_and_depend_on_the_seed_alone():
    _, person, prototypes = telling()
    crowds = Crowds(RECIPE, person, prototypes, 190)
    people, chosen = crowds.draw(np.random.default_rng(5))
    again, same = crowds.draw(np.random.default_rng(5))
    np.testing.assert_array_equal(people, again)
    np.testing.assert_array_equal(chosen, same)
    assert len(set(people.tolist())) == RECIPE.crowd and people.max() < 190
    np.testing.assert_array_equal(person[chosen], np.repeat(people, RECIPE.views))
    build = prototypes.coefficients[:190, :8]

    def spread(some):
        return np.linalg.norm(build[some] - build[some].mean(axis=0), axis=1).mean()

    assert spread(people[:8]) < spread(people[8:])


class Drawn:
    """Stands in for the stream; sample 3 of every 4 shows too little."""

    def __init__(self, seed, people, plan):
        self.calls = []

    def sample(self, index):
        subject = np.zeros((40, 40), np.uint8)
        subject[5:30, 8:38] = index % 4 != 3
        covariates = type("C", (), {"people": (type("P", (), {"person": index // 6}),)})
        image = np.full((40, 40, 3), index % 251, np.uint8)
        return type("S", (), {"subject": subject, "image": image, "covariates": covariates})


def test_pictures_are_drawn_once_and_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(identity_pictures, "PersonStream", Drawn)
    monkeypatch.setattr(identity_pictures.People, "load", lambda *_: None)
    monkeypatch.setattr(identity_pictures, "SHARD", 8)
    said = []
    first, second = draw_pictures(tmp_path, 5, 10, 16, said.append)
    shard = read_shard(second)
    assert shard.images.shape == (6, 40, 40, 3) and shard.images[0, 0, 0, 0] == 8
    assert shard.person.tolist() == [1, 1, 1, 2, 2, 2]
    assert shard.box[0].tolist() == [8, 5, 38, 30]
    second.unlink()
    before = first.stat().st_mtime_ns
    draw_pictures(tmp_path, 5, 10, 16, said.append)
    assert first.stat().st_mtime_ns == before and len(said) == 3
    np.testing.assert_array_equal(read_shard(second).images, shard.images)


def test_people_kept_aside_are_never_drawn(tmp_path):
    with pytest.raises(BadInputError):
        draw_pictures(tmp_path, 1_000_000_000, 10, 16, print)
