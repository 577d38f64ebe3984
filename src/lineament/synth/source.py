"""Where the samples of shards come from: the generator of people, opened in the process that draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from lineament.distributions import Value
from lineament.synth.dataset import Recipe
from lineament.synth.shards import Arrays, Source

if TYPE_CHECKING:
    from lineament.synth.sample import Sample

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
        from lineament.synth.options import read_options
        from lineament.synth.people import People
        from lineament.synth.stream import Generator

        seed, plan = self.recipe.seed, read_options(self.recipe.plan)
        renderer = None
        if self.recipe.photoreal:
            from lineament.synth.photoreal import PathTracer
            from lineament.synth.scene import rasteriser

            renderer = PathTracer(rasteriser(), self.recipe.photoreal)
        generator = Generator(seed, People.load(self.recipe.people, seed), plan, renderer)

        def sample(index: int) -> tuple[Arrays, Mapping[str, Value]]:
            drawn = generator.sample(index)
            return _arrays(drawn), drawn.flat()

        return sample


def _arrays(drawn: "Sample") -> Arrays:
    """Every label, in the precision that is worth its place on a disk."""
    arrays = {
        name: array.astype(np.float16) if name in HALVED else array
        for name, array in drawn.all_arrays().items()
    }
    return arrays | {"surfaces": np.array(drawn.surfaces, dtype=np.str_)}
