"""Covariates and distributions in words."""

import numpy as np

from lineament.distributions import (
    Choice,
    Distribution,
    Fixed,
    Given,
    LogNormal,
    LogUniform,
    Mixture,
    Normal,
    Uniform,
    Value,
    Whole,
)
from lineament.synth.covariates import Covariate, Unit


def possible(covariate: Covariate) -> str:
    """What values there are."""
    if covariate.values:
        return ", ".join(_value(value, "") for value in covariate.values)
    low, high = (_value(end, covariate.unit) for end in (covariate.low, covariate.high))
    unit = {"rad": " degrees", "share": "", "": ""}.get(covariate.unit, f" {covariate.unit}")
    return f"{low} to {high}{unit}" + (", whole" if covariate.whole else "")


def spoken(distribution: Distribution, unit: Unit = "") -> str:
    """A distribution in one line; angles in degrees."""

    def number(value: float) -> str:
        return _value(value, unit)

    match distribution:
        case Fixed(value):
            return f"always {number(value)}"
        case Uniform(low, high) | Whole(low, high):
            return f"{number(low)} to {number(high)} alike"
        case LogUniform(low, high):
            return f"{number(low)} to {number(high)} alike in ratio"
        case Normal(mean, deviation, low, high):
            limits = f" within {number(low)} and {number(high)}" if np.isfinite([low, high]).any() else ""
            return f"normal about {number(mean)}, deviation {number(deviation)}{limits}"
        case LogNormal(median, deviation):
            return f"log-normal about {number(median)}, deviation {deviation:g} of the logarithm"
        case Choice(shares):
            return ", ".join(f"{_value(value, '')} {share:.3g}" for value, share in shares.items() if share)
        case Mixture(parts):
            return "; ".join(f"{share:.3g}: {spoken(part, unit)}" for share, part in parts)
        case Given(name, cases, otherwise):
            told = [f"{name}={_value(value, '')}: {spoken(part, unit)}" for value, part in cases.items()]
            return "; ".join(told + ([f"else {spoken(otherwise, unit)}"] if otherwise is not None else []))


def _value(value: Value, unit: Unit) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    return f"{np.degrees(value) if unit == 'rad' else value:.4g}"
