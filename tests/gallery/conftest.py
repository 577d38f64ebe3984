"""Fixtures of the gallery's tests."""

from collections.abc import Callable

import pytest
from gallery_people import MakePrototype, build_prototype, same

from lineament.types import Prototype


@pytest.fixture
def make_prototype() -> MakePrototype:
    return build_prototype


@pytest.fixture
def same_prototype() -> Callable[[Prototype, Prototype], bool]:
    return same
