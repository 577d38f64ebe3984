"""Which records take part: conditions on covariates, as a user writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import DataSet
from lineament.types import Bool, Int32

TRAINING = "training"
"""Value of "role" of records that no protocol compares."""


@dataclass(frozen=True, slots=True)
class Among:
    """A covariate has one of `values`."""

    covariate: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A covariate lies in low..high, both included."""

    covariate: str
    low: float
    high: float


Condition: TypeAlias = Among | Between


def conditions(texts: Sequence[str]) -> tuple[Condition, ...]:
    """Conditions from `view=frontal`, `camera=A,B` or `yaw=-15..15`; raises BadInputError for others."""
    return tuple(_condition(text) for text in texts)


def _condition(text: str) -> Condition:
    name, sign, rest = (part.strip() for part in text.partition("="))
    if not (name and sign and rest):
        raise BadInputError(f"a condition is NAME=VALUE,VALUE or NAME=LOW..HIGH, not {text!r}")
    low, dots, high = rest.partition("..")
    if not dots:
        return Among(name, tuple(value.strip() for value in rest.split(",")))
    try:
        return Between(name, float(low), float(high))
    except ValueError:
        raise BadInputError(f"{name} lies between two numbers, not {rest!r}") from None


def chosen(data_set: DataSet, where: Sequence[Condition] = ()) -> Int32:
    """Places of the records that fulfil every condition, show a known person, and are not for training.

    Raises BadInputError for a covariate that the data set does not know, or one of another kind.
    """
    fits = np.array(
        [one.subject != "" and one.covariates.get("role") != TRAINING for one in data_set.records], dtype=bool
    )
    for condition in where:
        fits &= _fulfilled(data_set, condition)
    return np.flatnonzero(fits).astype(np.int32)


def _fulfilled(data_set: DataSet, condition: Condition) -> Bool:
    if condition.covariate not in data_set.covariates:
        known = ", ".join(data_set.covariates) or "none"
        raise BadInputError(f"{data_set.name} has no covariate {condition.covariate!r}; it has {known}")
    column = data_set.column(condition.covariate)
    numeric = column.dtype.kind == "f"
    if isinstance(condition, Between):
        if not numeric:
            raise BadInputError(f"{condition.covariate} of {data_set.name} is a word; list the words")
        return np.asarray((column >= condition.low) & (column <= condition.high))
    if not numeric:
        return np.isin(column, condition.values)
    try:
        return np.isin(column, [float(value) for value in condition.values])
    except ValueError:
        raise BadInputError(f"{condition.covariate} of {data_set.name} is a number") from None


def people_needed(data_set: DataSet) -> None:
    """Raise BadInputError for a data set in which nobody is known by name."""
    if not (data_set.subjects != "").any():
        raise BadInputError(f"nobody in {data_set.name} is known by name; choose a data set of people")
