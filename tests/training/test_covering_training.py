"""The direction that tells covered faces: found where there is one, judged by people left out."""

import numpy as np
import pytest

pytestmark = pytest.mark.train

pytest.importorskip("anny")

from lineament.training.covering import FALSE_ALARMS, SeenFaces, direction, fit_covering, plan  # noqa: E402


def _seen(strength: float, people: int = 40, each: int = 8) -> SeenFaces:
    rng = np.random.default_rng(0)
    own = rng.normal(size=(people, 32))
    person = np.repeat(np.arange(people), each)
    covered = rng.random(len(person)) < 0.5
    vectors = own[person] + 0.3 * rng.normal(size=(len(person), 32))
    vectors[:, 5] += strength * covered
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return SeenFaces(vectors.astype(np.float32), covered, person.astype(np.int32))


def test_the_direction_points_from_bare_to_covered() -> None:
    seen = _seen(6.0)
    found = direction(seen.embeddings, seen.covered)
    assert np.linalg.norm(found) == pytest.approx(1.0) and found.argmax() == 5
    assert direction(seen.embeddings, ~seen.covered).argmin() == 5


def test_rates_are_those_of_people_left_out() -> None:
    clear, none = fit_covering(_seen(6.0), "sface"), fit_covering(_seen(0.0), "sface")
    assert clear.found > 0.9 and clear.false_alarms <= FALSE_ALARMS + 1e-9
    assert none.found < 0.1
    assert (clear.people, clear.photographs, clear.face_model) == (40, 320, "sface")


def test_pictures_show_one_head_each() -> None:
    values = plan().changed
    assert {name for name in values if name.startswith("clothing.")} == {"clothing.mask", "clothing.glasses"}
