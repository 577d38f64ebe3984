"""The plan of a data set: the distribution of every covariate, what is fixed, swept, balanced or paired."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Final, Literal, get_args

import numpy as np

from lineament.distributions import Choice, Distribution, Fixed, Value
from lineament.errors import BadInputError
from lineament.synth.covariates import Covariate
from lineament.synth.registry import COVARIATES, FIGURE_GROUPS, PERSON_NUMBER, SCENERY, full_name
from lineament.synth.seeds import generator

Pairs = Literal["none", "new-clothes", "same-clothes"]
MOST_STEPS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """One covariate that takes `values` in turn while everything else stays."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Place of a sample in the plan. base: number that determines everything that is not swept. member: of a
    pair, 0 or 1. fixed: values of swept covariates, by name. moment: 0..1 in a sequence.
    """

    base: int
    member: int
    moment: float
    fixed: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Plan:
    """height, width: of the pictures, pixels. changed: distributions in place of the standard ones, by full
    name. sweeps: every combination of their values, the last one fastest. balanced: covariates whose values
    and combinations are spread evenly over any run of samples. pairs: samples 2 k and 2 k + 1 show one person
    in two outfits, or one outfit on two people. sequence: pictures of one moving figure, 1 for none.

    Raises BadInputError for an unknown covariate, an impossible value, or settings that exclude each other.
    """

    height: int = 192
    width: int = 128
    changed: Mapping[str, Distribution] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    balanced: tuple[str, ...] = ()
    pairs: Pairs = "none"
    sequence: int = 1

    def __post_init__(self) -> None:
        if not (16 <= self.height <= 4096 and 16 <= self.width <= 4096):
            raise BadInputError(f"pictures are 16 to 4096 pixels a side, not {self.width}x{self.height}")
        if not 1 <= self.sequence <= 10_000:
            raise BadInputError(f"a sequence has 1 to 10000 pictures, not {self.sequence}")
        for name, distribution in self.changed.items():
            _check(name, distribution)
        self._check_pairs()
        self._check_variety()
        for sweep in self.sweeps:
            if not sweep.values:
                raise BadInputError(f"the sweep of {sweep.name} has no values")
            for value in sweep.values:
                COVARIATES[sweep.name].checked(sweep.name, value)
        names = [sweep.name for sweep in self.sweeps]
        twice = sorted({name for name in names if names.count(name) > 1 or name in self.changed})
        if twice:
            raise BadInputError(f"{twice[0]} can be fixed or swept once, not both")
        if self.steps > MOST_STEPS:
            raise BadInputError(f"the sweeps have {self.steps} combinations; at most {MOST_STEPS}")

    def _check_pairs(self) -> None:
        if self.pairs not in get_args(Pairs):
            raise BadInputError(f"--pairs is one of {', '.join(get_args(Pairs))}, not {self.pairs!r}")
        if self.pairs != "none" and (self.sweeps or self.sequence > 1):
            raise BadInputError("pairs go with neither sweeps nor sequences; leave one out")
        if self.pairs == "same-clothes" and isinstance(self.changed.get(PERSON_NUMBER), Fixed):
            raise BadInputError(
                "same-clothes pairs show two people; leave person free, or take new-clothes pairs"
            )

    def _check_variety(self) -> None:
        if self.changed.get("clothing.variety") != Fixed("first"):
            return
        for name in (*self.changed, *(sweep.name for sweep in self.sweeps), *self.balanced):
            if name.startswith("clothing.") and name != "clothing.variety":
                raise BadInputError(
                    f"clothes of the first release are not chosen by {name}; leave it or the preset out"
                )

    @cached_property
    def covariates(self) -> Mapping[str, Covariate]:
        """Every covariate by full name, in the order in which they are drawn."""
        return {
            name: replace(one, distribution=self.changed[name]) if name in self.changed else one
            for name, one in COVARIATES.items()
        }

    @cached_property
    def _groups(self) -> dict[str, list[tuple[int, str, Distribution]]]:
        """Group ("picture" for all that belong to the picture) -> place, name and distribution."""
        groups: dict[str, list[tuple[int, str, Distribution]]] = {}
        for place, (name, one) in enumerate(self.covariates.items()):
            group = name.split(".")[0]
            key = group if group in FIGURE_GROUPS else "picture"
            groups.setdefault(key, []).append((place, name, one.distribution))
        return groups

    @property
    def steps(self) -> int:
        """Combinations of the sweeps' values."""
        return int(np.prod([len(sweep.values) for sweep in self.sweeps], dtype=np.int64))

    @property
    def regular(self) -> bool:
        """Whether figures may serve several pictures: nothing ties particular samples to each other."""
        return self.pairs == "none" and self.sequence == 1 and not self.sweeps

    def turn(self, index: int) -> Turn:
        """What sample `index` is in this plan."""
        rest, step = divmod(index, self.steps)
        fixed: list[tuple[str, Value]] = []
        for sweep in reversed(self.sweeps):
            step, place = divmod(step, len(sweep.values))
            fixed.append((sweep.name, sweep.values[place]))
        if self.pairs != "none":
            return Turn(rest // 2, rest % 2, 0.0, ())
        base, frame = divmod(rest, self.sequence)
        return Turn(base, 0, frame / max(self.sequence - 1, 1), tuple(reversed(fixed)))

    def figure_values(
        self, seed: int, group: str, number: int, fixed: tuple[tuple[str, Value], ...]
    ) -> dict[str, Value]:
        """The covariates of one group of a figure, of number `number`."""
        u = generator(seed, f"covariates {group}", number).random(len(COVARIATES))
        return self._draw(group, u, number, dict(fixed), {})

    def picture_values(
        self,
        seed: int,
        number: int,
        fixed: tuple[tuple[str, Value], ...],
        chosen: Mapping[str, Value],
        scenery: int | None = None,
    ) -> dict[str, Value]:
        """The covariates of a picture of number `number` whose main figure has the values `chosen`.

        scenery: number that determines the SCENERY covariates instead, which pictures may share.
        """
        u = generator(seed, "covariates picture", number).random(len(COVARIATES))
        if scenery is not None:
            u[self._scenery] = generator(seed, "covariates scenery", scenery).random(len(self._scenery))
        return self._draw("picture", u, number, dict(fixed), chosen)

    @cached_property
    def _steps(self) -> dict[str, float]:
        """Balanced covariate -> step of its quantile from one number to the next.

        One: the golden ratio; d of them: Roberts' generalisation of it (the root of x^(d+1) = x + 1), with
        which they fill the space of their combinations evenly too.
        """
        names = sorted(set(self.balanced))
        root = 2.0
        for _ in range(64):
            root = (1.0 + root) ** (1.0 / (len(names) + 1))
        return {name: root ** -(1.0 + place) for place, name in enumerate(names)}

    @cached_property
    def _scenery(self) -> list[int]:
        return [place for place, name in enumerate(self.covariates) if name in SCENERY]

    def _draw(
        self, group: str, u: np.ndarray, number: int, fixed: dict[str, Value], chosen: Mapping[str, Value]
    ) -> dict[str, Value]:
        values = dict(chosen)
        for place, name, distribution in self._groups[group]:
            if name in fixed:
                values[name] = fixed[name]
                continue
            step = self._steps.get(name)
            at = float(u[place]) if step is None else (number * step + place * 0.37) % 1.0
            values[name] = distribution.at(at, values)
        return values

    def to_json(self) -> str:
        """Everything that determines the samples, in a stable form."""
        content = {
            "size": [self.height, self.width],
            "covariates": {name: _described(one.distribution) for name, one in self.covariates.items()},
            "sweeps": [asdict(sweep) for sweep in self.sweeps],
            "balanced": sorted(self.balanced),
            "pairs": self.pairs,
            "sequence": self.sequence,
        }
        return json.dumps(content, sort_keys=True)

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits of `to_json`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def fixed(self, name: str, value: Value) -> "Plan":
        """The plan with one covariate fixed. name: as `registry.full_name` takes it."""
        return self.distributed(name, Fixed(value))

    def distributed(self, name: str, distribution: Distribution) -> "Plan":
        """The plan with another distribution of one covariate."""
        return replace(self, changed={**self.changed, full_name(name): distribution})

    def swept(self, name: str, values: tuple[Value, ...]) -> "Plan":
        """The plan with one covariate swept over `values`."""
        return replace(self, sweeps=(*self.sweeps, Sweep(full_name(name), values)))

    def balance(self, name: str) -> "Plan":
        """The plan with one covariate spread evenly over any run of samples."""
        return replace(self, balanced=(*self.balanced, full_name(name)))


def _check(name: str, distribution: Distribution) -> None:
    covariate = COVARIATES[name]
    if isinstance(distribution, Fixed):
        covariate.checked(name, distribution.value)
    elif isinstance(distribution, Choice):
        for value in distribution.shares:
            covariate.checked(name, value)
    elif not covariate.values:
        ends = (distribution.at(u, {}) for u in (0.0, 1.0 - 1e-9)) if _alone(distribution) else ()
        for value in ends:
            covariate.checked(name, value)


def _alone(distribution: Distribution) -> bool:
    return not hasattr(distribution, "cases") and not hasattr(distribution, "parts")


def _described(distribution: Distribution) -> object:
    """A distribution as plain data: its name and its numbers, within each other."""
    content: dict[str, object] = {"is": type(distribution).__name__}
    for name in type(distribution).__slots__:
        value = getattr(distribution, name)
        if name == "parts":
            content[name] = [[share, _described(part)] for share, part in value]
        elif name == "cases":
            content[name] = [[key, _described(part)] for key, part in value.items()]
        elif name == "otherwise":
            content[name] = None if value is None else _described(value)
        elif name == "shares":
            content[name] = [[key, share] for key, share in value.items()]
        else:
            content[name] = value if not isinstance(value, float) or np.isfinite(value) else str(value)
    return content
