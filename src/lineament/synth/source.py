"""Where the samples of shards come from: the generator of people, opened in the process that draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from lineament.distributions import Value
from lineament.synth.dataset import Recipe
from lineament.synth.shards import Arrays, Source

OpenSource: TypeAlias = Callable[[], Source]
"""Opens a source in the process that uses it; picklable and hashable."""

HALVED: Final = ("normal", "barycentric")
"""Half precision is good to 0.05 degrees and to a thousandth of a triangle."""


@dataclass(frozen=True, slots=True)
class PeopleSource:
    """The samples that `recipe` describes."""

    recipe: Recipe

    def __call__(self) -> Source:
        """Open the population and return its samples by number."""
        from lineament.synth.people import People
        from lineament.synth.stream import Generator

        generator = Generator(self.recipe.seed, People.load(self.recipe.people, self.recipe.seed))

        def sample(index: int) -> tuple[Arrays, Mapping[str, Value]]:
            drawn = generator.sample(index)
            return _arrays(drawn), _flat(drawn.covariates)

        return sample


def _arrays(drawn: Any) -> Arrays:
    """Every label, in the precision that is worth its place on a disk."""
    every = drawn.all_arrays() if hasattr(drawn, "all_arrays") else drawn.arrays()
    return {name: array.astype(np.float16) if name in HALVED else array for name, array in every.items()}


def _flat(covariates: Any, prefix: str = "") -> dict[str, Value]:
    """Nested dataclasses and tuples as one dictionary: "light.kind", "people.0.pose"."""
    if hasattr(covariates, "flat"):
        return covariates.flat()
    if is_dataclass(covariates):
        inside = [(field.name, getattr(covariates, field.name)) for field in fields(covariates)]
    elif isinstance(covariates, tuple):
        inside = [(str(place), value) for place, value in enumerate(covariates)]
    else:
        return {} if covariates is None else {prefix: covariates}
    found: dict[str, Value] = {}
    for name, value in inside:
        found |= _flat(value, f"{prefix}.{name}" if prefix else name)
    return found
