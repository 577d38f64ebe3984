"""Who somebody is to a body model: phenotypes, local changes and head modes, as numbers and as `body.json`.

A `body.json` is one of

    {"model": "anny", "phenotypes": {"gender": 0.1, "height": 0.4}, "local_changes": {"nose-hump-incr": 0.2},
     "head": [0.3, -1.2]}
    {"model": "smpl", "file": "SMPL_NEUTRAL.npz", "betas": [0.5, -0.1]}

Everything but `model` (and `file`) may be left out. `file` is relative to the body.json; it is the
user's own, licensed SMPL, SMPL-H or SMPL-X model as .npz or .safetensors.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lineament.errors import BadInputError
from lineament.humans.anny_data import ADULT_AGE, PHENOTYPES
from lineament.types import Float32

HEAD_MODES = 100


@dataclass(frozen=True, slots=True, eq=False)
class BodyParameters:
    """One person for Anny, with the head's scan modes.

    phenotypes: Anny's 11, 0..1 (gender 0 is male; age 2/3 is about 25 years, 1 about 90); those left out
    are 0.5, age 0.75. local_changes: Anny's sliders, -1..1; those left out are 0. head: up to 100
    coefficients of ICT-FaceKit's identity modes, unit variance, empty for the plain Anny head. Raises
    ValueError.
    """

    phenotypes: dict[str, float] = field(default_factory=dict)
    local_changes: dict[str, float] = field(default_factory=dict)
    head: Float32 = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def __post_init__(self) -> None:
        for name, value in self.phenotypes.items():
            if name not in PHENOTYPES:
                raise ValueError(f"unknown phenotype {name!r}; there are {', '.join(PHENOTYPES)}")
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"phenotype {name} is {value}, expected 0..1")
        if self.phenotypes.get("age", ADULT_AGE) < ADULT_AGE - 1e-9:
            raise ValueError(f"age {self.phenotypes['age']} is a child's; adults start at {ADULT_AGE:.3f}")
        for name, value in self.local_changes.items():
            if not -1.0 <= value <= 1.0:
                raise ValueError(f"local change {name} is {value}, expected -1..1")
        if self.head.ndim != 1 or len(self.head) > HEAD_MODES or not np.isfinite(self.head).all():
            raise ValueError(f"head must be a list of at most {HEAD_MODES} finite numbers")

    @property
    def is_female(self) -> bool:
        """True where the gender phenotype is nearer to Anny's female end."""
        return self.phenotypes.get("gender", 0.5) > 0.5


@dataclass(frozen=True, slots=True)
class SmplParameters:
    """One person for a user's SMPL-like model: its `file` and shape coefficients `betas`."""

    file: Path
    betas: tuple[float, ...] = ()


class _AnnyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    model: Literal["anny"]
    phenotypes: dict[str, float] = {}
    local_changes: dict[str, float] = {}
    head: list[float] = Field(default=[], max_length=HEAD_MODES)


class _SmplFile(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    model: Literal["smpl"]
    file: str
    betas: list[float] = Field(default=[], max_length=400)


_FILE: TypeAdapter[_AnnyFile | _SmplFile] = TypeAdapter(
    Annotated[_AnnyFile | _SmplFile, Field(discriminator="model")]
)


def read_parameters(path: Path) -> BodyParameters | SmplParameters:
    """Read a `body.json`; raises BadInputError with what is wrong and what to do."""
    try:
        found = _FILE.validate_json(path.read_bytes())
        if isinstance(found, _SmplFile):
            return SmplParameters((path.parent / found.file).resolve(), tuple(found.betas))
        return BodyParameters(found.phenotypes, found.local_changes, np.array(found.head, dtype=np.float32))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("anny", "smpl"))
        where = f" at {place}" if place else ""
        raise BadInputError(
            f"{path.name} is not a body.json{where}: {first['msg']}; give "
            '{"model": "anny", "phenotypes": ...} or {"model": "smpl", "file": ..., "betas": ...}'
        ) from None
    except ValueError as error:
        raise BadInputError(f"{path.name}: {error}; correct that value") from None
    except OSError as error:
        raise BadInputError(f"{path.name} cannot be read ({error.strerror}); check the path") from None
