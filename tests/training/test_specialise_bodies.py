"""Prototypes as bodies that can be dressed: people come back within millimetres, clothes tell nobody."""

import numpy as np
import pytest

pytest.importorskip("torch")

from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.humans.body import BodyModel
from lineament.training import specialise_pictures
from lineament.training.specialise_bodies import Enrolled, bodies_of
from lineament.training.specialise_pictures import TAKES, Rounds
from lineament.types import Prototype

pytestmark = pytest.mark.train


def prototype_of(points: np.ndarray, template: str = "") -> Prototype:
    held = load_template()
    count = len(held)
    return Prototype(
        subject="p", points=points.astype(np.float32), normals=held.normals, colours=None, parts=held.parts,
        measured=np.ones(count, bool), features=np.zeros((count, 48), np.float16), face=None, source="scan",
        template=template or held.revision, model="m", consent="", purpose="", residual=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def people():
    model = BodyModel.load()
    rng = np.random.default_rng(8)
    return model, [model.build(model.sample(rng)) for _ in range(2)]


@pytest.fixture(scope="module")
def again(people):
    model, known = people
    sites = load_template().anny_vertex
    return bodies_of([prototype_of(one.vertices[sites]) for one in known], model)


def test_synthetic_people_come_back_within_millimetres(people, again):
    model, known = people
    skin, sites = np.unique(model.faces), load_template().anny_vertex
    for true, found in zip(known, again, strict=True):
        error = 1000 * np.linalg.norm(found.vertices - true.vertices, axis=1)
        assert error[skin].mean() < 1.5 and np.percentile(error[skin], 95) < 6.0
        np.testing.assert_allclose(
            found.vertices[sites] - found.vertices[sites[0]],
            true.vertices[sites] - true.vertices[sites[0]],
            atol=1e-5,
        )
        joints = 1000 * np.linalg.norm(found.bone_heads - true.bone_heads, axis=1)
        assert np.median(joints) < 6.0
        assert abs(found.vertices[skin, 2].min()) < 1e-6


def test_other_templates_are_refused(people):
    with pytest.raises(BadInputError, match="enrol again"):
        bodies_of([prototype_of(load_template().positions, "template-0")], people[0])


def test_looks_belong_to_a_number_and_strangers_are_others(people, again):
    model, _ = people
    enrolled = Enrolled(again, model, 3)
    assert len(enrolled) == 2 and enrolled.body(1) is again[1]
    first, second, same = enrolled.body(2), enrolled.body(3), enrolled.body(2)
    np.testing.assert_array_equal(first.vertices, same.vertices)
    assert np.abs(first.vertices - second.vertices).max() > 0.01
    look, other = enrolled.identity_look(4), enrolled.identity_look(5)
    assert np.abs(look.skin_texture.astype(int) - other.skin_texture.astype(int)).max() > 0


def test_a_take_shows_everybody_alike_and_rounds_share_nothing(people, again, monkeypatch):
    rounds = Rounds(Enrolled(again, people[0], 3), 3)
    asked = []
    plain = specialise_pictures.draw

    def draw(order):
        sample = plain(order)
        asked.append(sample.covariates)
        return sample

    monkeypatch.setattr(specialise_pictures, "draw", draw)
    monkeypatch.setattr(specialise_pictures, "TAKES", 1)
    pictures = list(rounds.draw(0, strangers=True))
    assert TAKES > 1 and len(asked) == 2 + 1
    first, second = (one.flat() for one in asked[:2])
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"person0.person", "framing.distance"}
    assert {one.person for one in pictures} <= {0, 1, -1}
    shown = [one.image.astype(int) for one in pictures]
    assert any(np.abs(shown[0] - other).mean() > 0.5 for other in shown[1:])
    later = list(rounds.draw(1, strangers=False))
    assert asked[-1].people[0].worn != asked[0].people[0].worn or asked[-1].light != asked[0].light
    repeated = next(iter(Rounds(Enrolled(again, people[0], 3), 3).draw(1, strangers=False)))
    np.testing.assert_array_equal(later[0].image, repeated.image)
