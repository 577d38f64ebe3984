"""Distributions of covariates, as quantile functions: one number 0 <= u < 1 gives one value.

A sample draws one u for every covariate, whether it is used or not, so that fixing or sweeping one covariate
leaves every other as it was.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, TypeAlias

from lineament.errors import BadInputError

Value: TypeAlias = float | int | bool | str
Chosen: TypeAlias = Mapping[str, Value]
"""Values of the covariates that were drawn before, by name, for those that depend on them."""

_STANDARD: Final = NormalDist()
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always `value`."""

    value: Value

    def at(self, u: float, chosen: Chosen) -> Value:
        """The value at quantile u."""
        return self.value


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every number between low and high alike."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)

    def at(self, u: float, chosen: Chosen) -> float:
        """The value at quantile u."""
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Whole:
    """Every whole number from low to high alike, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)

    def at(self, u: float, chosen: Chosen) -> int:
        """The value at quantile u."""
        return self.low + min(int(u * (self.high - self.low + 1)), self.high - self.low)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Numbers between low > 0 and high whose logarithm is uniform."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)
        if self.low <= 0:
            raise BadInputError(f"a log-uniform range starts above 0, not at {self.low:g}")

    def at(self, u: float, chosen: Chosen) -> float:
        """The value at quantile u."""
        return float(self.low * (self.high / self.low) ** u)


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution truncated to low..high."""

    mean: float
    deviation: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        _check_range(self.low, self.high)
        if not self.deviation > 0 or not self.low < self.high:
            raise BadInputError("a normal distribution has a deviation above 0 and room between its limits")

    def at(self, u: float, chosen: Chosen) -> float:
        """The value at quantile u."""
        below, above = (
            _STANDARD.cdf((limit - self.mean) / self.deviation) for limit in (self.low, self.high)
        )
        share = min(max(below + u * (above - below), 1e-12), 1 - 1e-12)
        return min(max(self.mean + self.deviation * _STANDARD.inv_cdf(share), self.low), self.high)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Numbers whose logarithm is normal: median, deviation of the logarithm, truncated to low..high."""

    median: float
    deviation: float
    low: float = 1e-9
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.median > 0 or not self.low > 0:
            raise BadInputError("a log-normal distribution is above 0")
        Normal(math.log(self.median), self.deviation, math.log(self.low), math.log(self.high))

    def at(self, u: float, chosen: Chosen) -> float:
        """The value at quantile u."""
        low, high = math.log(self.low), math.log(self.high)
        return math.exp(Normal(math.log(self.median), self.deviation, low, high).at(u, chosen))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values by their shares, which sum to 1."""

    shares: Mapping[Value, float]

    def __post_init__(self) -> None:
        total = sum(self.shares.values())
        # Written so that no comparison holds for what is not a number.
        if not (self.shares and min(self.shares.values()) >= 0 and abs(total - 1) <= _TOLERANCE):
            listed = ", ".join(f"{value}:{share:g}" for value, share in self.shares.items())
            raise BadInputError(f"shares are 0 or more and sum to 1; {listed or 'nothing'} sums to {total:g}")

    def at(self, u: float, chosen: Chosen) -> Value:
        """The value at quantile u."""
        for value, share in self.shares.items():
            if u < share:
                return value
            u -= share
        return next(value for value, share in reversed(list(self.shares.items())) if share > 0)


@dataclass(frozen=True, slots=True)
class Mixture:
    """One of several distributions by its share: ((share, distribution), ...)."""

    parts: "tuple[tuple[float, Distribution], ...]"

    def __post_init__(self) -> None:
        Choice({index: share for index, (share, _) in enumerate(self.parts)})

    def at(self, u: float, chosen: Chosen) -> Value:
        """The value at quantile u."""
        for share, part in self.parts:
            if u < share:
                return part.at(u / share, chosen)
            u -= share
        last = next(part for share, part in reversed(self.parts) if share > 0)
        return last.at(1 - 1e-12, chosen)


@dataclass(frozen=True, slots=True)
class Given:
    """A distribution that depends on a covariate drawn before: value -> distribution, else `otherwise`."""

    name: str
    cases: "Mapping[Value, Distribution]"
    otherwise: "Distribution | None" = None

    def at(self, u: float, chosen: Chosen) -> Value:
        """The value at quantile u."""
        value = chosen.get(self.name)
        part = self.otherwise if value is None else self.cases.get(value, self.otherwise)
        if part is None:
            raise BadInputError(f"nothing is known for {self.name}={value}")
        return part.at(u, chosen)


Distribution: TypeAlias = Fixed | Uniform | Whole | LogUniform | Normal | LogNormal | Choice | Mixture | Given


def chance(share: float) -> Choice:
    """True in `share` of the cases."""
    return Choice({True: share, False: 1 - share})


def _check_range(low: float, high: float) -> None:
    if not low <= high:
        raise BadInputError(f"a range goes from its lower end to its upper end, not from {low:g} to {high:g}")
