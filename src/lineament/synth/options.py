"""Plans from what a user writes: `--fix clothing=suit --sweep yaw=-90:90:5 --set grey=true:0.5,false:0.5`."""

import inspect
import json
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from lineament.distributions import Choice, Distribution, Fixed, Mixture, Uniform, Value, Whole
from lineament.errors import BadInputError
from lineament.synth.covariates import Covariate
from lineament.synth.plan import MOST_STEPS, Pairs, Plan
from lineament.synth.presets import PRESETS, Preset
from lineament.synth.registry import COVARIATES, full_name

FramingName = Literal["mixed", "whole", "upper", "head", "face"]

FRAMINGS: Final[dict[FramingName, tuple[tuple[int, int], dict[str, Distribution]]]] = {
    "mixed": ((192, 128), {}),
    "whole": ((192, 128), {"scene.nobody": Fixed(False), "framing.region": Fixed("body")}),
    "upper": (
        (192, 144),
        {
            "scene.nobody": Fixed(False),
            "framing.region": Choice({"upper": 0.6, "bust": 0.4}),
            "framing.fill": Uniform(0.7, 1.0),
        },
    ),
    "head": (
        (256, 256),
        {
            "scene.nobody": Fixed(False),
            "framing.region": Fixed("face"),
            "framing.turned": Fixed(False),
            "framing.fill": Uniform(0.46, 0.62),
            "framing.distance": Uniform(0.8, 4.0),
        },
    ),
    "face": (
        (112, 112),
        {
            "scene.nobody": Fixed(False),
            "framing.region": Fixed("aligned_face"),
            "framing.yaw": Uniform(-np.pi / 2, np.pi / 2),
            "framing.distance": Uniform(0.8, 4.0),
        },
    ),
}
"""Name -> height and width of the pictures, and distributions. "head": at least 112 pixels from chin to
hairline of a head seen from about its own height. "face": five points on a recogniser's template. Only
"mixed" has pictures of nobody.
"""


def make_plan(
    *,
    fix: Sequence[str] = (),
    sweep: Sequence[str] = (),
    distributions: Sequence[str] = (),
    balance: Sequence[str] = (),
    framing: FramingName = "mixed",
    preset: Preset = "standard",
    size: str | None = None,
    pairs: Pairs = "none",
    sequence: int = 1,
) -> Plan:
    """The plan that the options describe; later options win over the preset and the framing.

    fix: NAME=VALUE. sweep: NAME=FIRST:LAST:STEP or NAME=VALUE,VALUE,... distributions: NAME=LOW..HIGH or
    NAME=VALUE:SHARE,... size: WIDTHxHEIGHT. Angles are in degrees. Raises BadInputError in one line.
    """
    if framing not in FRAMINGS:
        raise BadInputError(f"--framing is one of {', '.join(FRAMINGS)}, not {framing!r}")
    (height, width), changed = FRAMINGS[framing]
    if pairs != "none" or sequence > 1:
        changed = {"scene.nobody": Fixed(False), **changed}
    if size is not None:
        width, height = _read_size(size)
    if preset not in PRESETS:
        raise BadInputError(f"--preset is one of {', '.join(PRESETS)}, not {preset!r}")
    plan = Plan(height, width, {**PRESETS[preset], **changed}, pairs=pairs, sequence=sequence)
    for text in distributions:
        name, rest = _split(text, "--set")
        plan = plan.distributed(name, _read_distribution(name, rest))
    for text in fix:
        name, rest = _split(text, "--fix")
        plan = plan.fixed(name, _read_value(name, rest))
    for text in sweep:
        name, rest = _split(text, "--sweep")
        plan = plan.swept(name, _read_sweep(name, rest))
    for name in balance:
        plan = plan.balance(full_name(name))
    return plan


def options_text(**options: object) -> str:
    """The options of `make_plan` that are not the default, as stable JSON; checked by making the plan."""
    given = {name: list(one) if isinstance(one, tuple) else one for name, one in options.items()}
    chosen = {name: one for name, one in given.items() if one not in (None, [], _DEFAULTS[name])}
    make_plan(**chosen)  # type: ignore[arg-type]
    return json.dumps(chosen, sort_keys=True) if chosen else ""


def read_options(text: str) -> Plan:
    """The plan of `options_text`. Raises BadInputError when the text is no such thing."""
    try:
        return make_plan(**json.loads(text or "{}"))
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{text[:80]!r} does not describe a plan: {error}") from error


_DEFAULTS: Final = {name: one.default for name, one in inspect.signature(make_plan).parameters.items()}


def _split(text: str, option: str) -> tuple[str, str]:
    name, sign, rest = text.partition("=")
    if not (name and sign and rest):
        raise BadInputError(f"{option} takes NAME=..., not {text!r}")
    return full_name(name.strip()), rest.strip()


def _read_value(name: str, text: str) -> Value:
    covariate = COVARIATES[name]
    if not covariate.values:
        return covariate.checked(name, _read_number(name, text, covariate))
    spoken = {_spoken(value): value for value in covariate.values}
    return covariate.checked(name, spoken.get(text.lower(), text))


def _spoken(value: Value) -> str:
    return str(value).lower()


def _read_number(name: str, text: str, covariate: Covariate) -> float | int:
    try:
        number = float(text)
    except ValueError:
        raise BadInputError(f"{name} is a number, not {text!r}") from None
    if not np.isfinite(number):
        raise BadInputError(f"{name} is a number, not {text!r}")
    if covariate.unit == "rad":
        return float(np.radians(number))
    if covariate.whole and number != int(number):
        raise BadInputError(f"{name} is a whole number, not {text}")
    return int(number) if covariate.whole else number


def _read_sweep(name: str, text: str) -> tuple[Value, ...]:
    if ":" not in text:
        return tuple(_read_value(name, one.strip()) for one in text.split(","))
    covariate = COVARIATES[name]
    ends = text.split(":")
    if covariate.values or len(ends) != 3:
        raise BadInputError(f"--sweep {name} takes {name}=FIRST:LAST:STEP of numbers, or values with commas")
    first, last, step = (float(_read_number(name, one, covariate)) for one in ends)
    if step == 0 or (last - first) / step < 0:
        raise BadInputError(f"--sweep {name}={text} never arrives; the step leads from the first to the last")
    count = int(np.floor((last - first) / step + 1e-9)) + 1
    if count > MOST_STEPS:
        raise BadInputError(f"--sweep {name}={text} has {count} values; at most {MOST_STEPS}")
    values = [first + step * k for k in range(count)]
    return tuple(covariate.checked(name, round(one) if covariate.whole else one) for one in values)


def _read_distribution(name: str, text: str) -> Distribution:
    covariate = COVARIATES[name]
    if ".." in text:
        low, _, high = text.partition("..")
        if covariate.values:
            known = ", ".join(_spoken(value) for value in covariate.values)
            raise BadInputError(f"--set {name} takes shares of {known}, such as {name}=VALUE:SHARE,...")
        ends = [_read_number(name, end, covariate) for end in (low, high)]
        if covariate.whole:
            return Whole(int(ends[0]), int(ends[1]))
        return Uniform(float(ends[0]), float(ends[1]))
    shares: dict[Value, float] = {}
    for one in text.split(","):
        value, sign, share = one.rpartition(":")
        if not sign:
            raise BadInputError(f"--set {name} takes LOW..HIGH or VALUE:SHARE,VALUE:SHARE,..., not {text!r}")
        read = _read_value(name, value.strip())
        if read in shares:
            raise BadInputError(f"--set {name} has two shares of {value.strip()}; give one")
        shares[read] = _read_share(name, share)
    if covariate.values:
        return Choice(shares)
    return Mixture(tuple((share, Fixed(value)) for value, share in shares.items()))


def _read_share(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInputError(f"a share of {name} is a number from 0 to 1, not {text!r}") from None


def _read_size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise BadInputError(f"--size takes WIDTHxHEIGHT in pixels, such as 256x256, not {text!r}")
    return int(width), int(height)
