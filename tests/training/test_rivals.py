"""Hard negatives are of the same sex, and of like age and skin."""

import numpy as np
import pytest

from lineament.training.rivals import NEAREST, Rivals


def crowd():
    rng = np.random.default_rng(0)
    sex = np.repeat([0.0, 1.0], 20)
    years, shade = rng.uniform(20, 80, 40), rng.uniform(0.2, 0.9, 40)
    return Rivals(np.arange(40) + 100, np.stack([sex, years, shade], axis=1).astype(np.float32))


def test_a_rival_is_one_of_the_most_alike_and_never_the_person():
    rivals, rng = crowd(), np.random.default_rng(1)
    own = rivals.attributes[3]
    found = {rivals.of(103, own, rng) for _ in range(200)}
    assert len(found) == NEAREST and 103 not in found
    rows = np.array(sorted(found)) - 100
    assert (rivals.attributes[rows, 0] == own[0]).all()
    others = np.setdiff1d(np.arange(20), [3, *rows])
    apart = (((rivals.attributes - own) / (1.0, 10.0, 0.1))[:, 1:] ** 2).sum(axis=1)
    assert apart[rows].max() < apart[others].min()


def test_nobody_alike_leaves_the_person():
    rivals = Rivals(np.array([5, 6]), np.array([[0, 30, 0.5], [1, 30, 0.5]], np.float32))
    assert rivals.of(5, rivals.attributes[0], np.random.default_rng(0)) == 5


def test_rivals_need_three_attributes_each():
    with pytest.raises(ValueError, match="three"):
        Rivals(np.array([1]), np.zeros((1, 2), np.float32))
