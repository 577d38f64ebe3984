"""The prototypes of many synthetic people in one small file: 24 KB each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.synth.dataset import Description, manifest_path
from lineament.synth.site_prototype import SitePrototype
from lineament.training.rivals import Rivals, attributes
from lineament.types import Float16, Float32, UInt8
from lineament.writing import replacing

if TYPE_CHECKING:
    from lineament.synth.people import People

PROTOTYPES: Final = "prototypes.safetensors"
PERSON: Final = "person0.person"
"""The covariate that names the main person of a sample."""
NORMAL_STEPS: Final = 127


@dataclass(frozen=True, eq=False)
class Prototypes:
    """numbers: (P,) int32 of the people. offsets: (P, N, 3) float16 metres from the template's sites, good to
    0.2 mm. normals: (P, N, 3) int8, 127 for 1, good to half a degree. colours: (P, N, 3) uint8 sRGB.
    attributes: (P, 3) by which rivals are found.
    """

    numbers: np.ndarray
    offsets: Float16
    normals: np.ndarray
    colours: UInt8
    attributes: Float32

    @classmethod
    def gathered(cls, people: "People", numbers: Iterable[int]) -> "Prototypes":
        """Those of some people; there must be one."""
        listed = sorted(numbers)
        each = [people.prototype(number) for number in listed]
        return cls(
            np.array(listed, dtype=np.int32),
            np.stack([(one.points - load_template().positions).astype(np.float16) for one in each]),
            np.stack([np.round(one.normals * NORMAL_STEPS).astype(np.int8) for one in each]),
            np.stack([np.round(one.colours * 255).astype(np.uint8) for one in each]),
            np.stack([attributes(people, number) for number in listed]),
        )

    @classmethod
    def read(cls, folder: Path) -> "Prototypes":
        """Those of `folder`. Raises BadInputError where they are missing, damaged or of another template."""
        path = folder / PROTOTYPES
        try:
            with safe_open(path, framework="numpy") as file:
                if file.metadata()["template"] != load_template().revision:
                    raise BadInputError(f"{path} belongs to another template; make the shards again")
                return cls(*(file.get_tensor(name) for name in cls.__dataclass_fields__))
        except FileNotFoundError as error:
            raise BadInputError(f"{folder} lacks {PROTOTYPES}: copy it beside the shards") from error
        except (SafetensorError, OSError, KeyError, TypeError) as error:
            raise BadInputError(f"{path} cannot be read ({error}); make the shards again") from error

    def write(self, folder: Path) -> None:
        """Replace those of `folder`."""
        arrays = {name: getattr(self, name) for name in self.__dataclass_fields__}
        with replacing(folder / PROTOTYPES) as partial:
            save_file(arrays, partial, metadata={"template": load_template().revision})

    @cached_property
    def _rows(self) -> Mapping[int, int]:
        return {int(number): row for row, number in enumerate(self.numbers)}

    def of(self, person: int) -> SitePrototype:
        """That of a person; of the first one for nobody (-1). Raises KeyError for one not among them."""
        row = self._rows[person] if person >= 0 else 0
        return SitePrototype(
            load_template().positions + self.offsets[row].astype(np.float32),
            self.normals[row].astype(np.float32) / NORMAL_STEPS,
            self.colours[row].astype(np.float32) / 255,
        )

    def rival_of(self, person: int, rng: np.random.Generator) -> int:
        """Number of somebody of the same sex, of like age and skin; the first one's for nobody (-1)."""
        row = self._rows[person] if person >= 0 else 0
        return Rivals(self.numbers, self.attributes).of(person, self.attributes[row], rng)


def write_prototypes(folder: Path) -> int:
    """Put the prototypes of the people in finished shards beside them; how many there are.

    Needs what draws people. Raises BadInputError where `folder` holds no finished samples.
    """
    import pyarrow.parquet as pq

    from lineament.synth.people import People

    described = Description.read(folder)
    if described is None or not manifest_path(folder).is_file():
        raise BadInputError(f"{folder} holds no finished samples; make some: lineament train shards")
    shown = pq.read_table(manifest_path(folder), columns=[PERSON]).column(PERSON).to_pylist()
    people = People.load(described.recipe.people, described.recipe.seed)
    numbers = {int(one) for one in shown if one is not None} or {0}
    Prototypes.gathered(people, numbers).write(folder)
    return len(numbers)
