"""Covariates: everything that is chosen for a sample, each with a name, a type, a unit and a distribution."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeVar

import numpy as np

from lineament.distributions import Distribution, Value
from lineament.errors import BadInputError

Unit = Literal["", "m", "rad", "px", "share", "stops", "frames"]
SEEDS: Final = (0, 2**31 - 1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Covariate:
    """A distribution with what any value of it must obey.

    unit: of the value; "rad" is read and written in degrees at the command line. values: all possible ones,
    or empty where numbers from low to high are; whole: without fractions.
    """

    distribution: Distribution
    unit: Unit = ""
    low: float = -np.inf
    high: float = np.inf
    values: tuple[Value, ...] = ()
    whole: bool = False

    def checked(self, name: str, value: Value) -> Value:
        """The value, of the right type. Raises BadInputError where it is impossible."""
        if self.values:
            if value in self.values:
                return value
            known = ", ".join(str(one) for one in self.values)
            raise BadInputError(f"{name} cannot be {value}; possible: {known}")
        if isinstance(value, (str, bool)):
            raise BadInputError(f"{name} is a number, not {value!r}")
        if not self.low <= value <= self.high:
            shown = [np.degrees(one) if self.unit == "rad" else one for one in (value, self.low, self.high)]
            raise BadInputError(
                f"{name} cannot be {shown[0]:g}; possible: {shown[1]:g} to {shown[2]:g}{_suffix(self.unit)}"
            )
        return value


Table = Mapping[str, Covariate]
"""Short name of a field -> its covariate, in the order in which they are drawn."""


def _suffix(unit: Unit) -> str:
    return "" if not unit or unit == "share" else " degrees" if unit == "rad" else f" {unit}"


def one_of(distribution: Distribution, *values: Value) -> Covariate:
    """A covariate that names one of `values`."""
    return Covariate(distribution, values=values)


def number(distribution: Distribution, low: float, high: float, unit: Unit = "") -> Covariate:
    """A covariate between low and high."""
    return Covariate(distribution, unit, low, high)


def whole_number(distribution: Distribution, low: int, high: int) -> Covariate:
    """A whole number between low and high."""
    return Covariate(distribution, "", low, high, whole=True)


def yes_or_no(distribution: Distribution) -> Covariate:
    """A covariate that is true or false."""
    return Covariate(distribution, values=(True, False))


def settings(cls: type[T], group: str, values: Mapping[str, Value]) -> T:
    """The dataclass whose fields are the covariates `group`.field of `values`."""
    made: dict[str, Any] = {one.name: values[f"{group}.{one.name}"] for one in fields(cls)}  # type: ignore[arg-type]
    return cls(**made)


def draw_alone(cls: type[T], group: str, table: Table, rng: np.random.Generator) -> T:
    """One group drawn by itself, for pictures that are not made by a plan."""
    values: dict[str, Value] = {}
    for (name, covariate), u in zip(table.items(), rng.random(len(table)), strict=True):
        values[f"{group}.{name}"] = covariate.distribution.at(float(u), values)
    return settings(cls, group, values)
