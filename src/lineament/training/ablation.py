"""Ablations from one declarative file: arms that are trained alike and judged alike; resumable.

[run]                      # what all arms share: settings of `Recipe` and the size of the population
steps = 600
people = 1000
[judge]                    # data sets of `evaluation.bodies`, as folders; a number of synthetic pictures
ccp = "photographs/ccp"
synthetic = 40
[[arm]]
name = "first"
preset = "first"           # options of the plan, as on the command line: fix, set, framing, preset ...
recipe = { uses = 2, contrast = { rivals = false } }      # settings of this arm's recipe
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from lineament.errors import BadInputError
from lineament.evaluation.bodies import BODY_DATA, BodyData, judge_bodies
from lineament.evaluation.metrics import Figure
from lineament.networks.losses import ContrastSettings
from lineament.runtime.faces import FaceReader
from lineament.runtime.registrar import Registrar
from lineament.synth.options import options_text
from lineament.training.arm_figures import synthetic_figures
from lineament.training.recipe import Recipe
from lineament.training.registration import Data, train
from lineament.training.source import SyntheticSource
from lineament.writing import replacing

RESULTS: Final = "figures.json"
_PLAN: Final = ("fix", "set", "sweep", "balance", "framing", "preset")
_RECIPE: Final = {one.name for one in fields(Recipe)}
SYNTHETIC: Final = "synthetic"
_BODIES: Final[Mapping[str, BodyData]] = {name: name for name in BODY_DATA}
Judge = Path | int
"""A folder of photographs, or a number of synthetic pictures."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: its name, the options of its plan as text, its recipe and the size of its population."""

    name: str
    options: str
    recipe: Recipe
    people: int


@dataclass(frozen=True, slots=True)
class Ablation:
    """The arms in order, and every data set that judges them."""

    arms: tuple[Arm, ...]
    judges: Mapping[str, Judge]

    @classmethod
    def read(cls, file: Path) -> "Ablation":
        """Read the file; relative folders count from where it lies. Raises BadInputError in one line."""
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadInputError(f"{file} cannot be read as TOML: {error}") from error
        _refuse_unknown(content, ("run", "judge", "arm"), f"{file.name}")
        shared, listed = content.get("run", {}), content.get("arm", [])
        arms = tuple(_arm(shared, one, file.name) for one in listed)
        if not arms or len({one.name for one in arms}) < len(arms):
            raise BadInputError(f"{file.name} needs one or more [[arm]], each with a name of its own")
        judges = content.get("judge", {})
        _refuse_unknown(judges, (*BODY_DATA, SYNTHETIC), "[judge]")
        pictures = judges.get(SYNTHETIC, 1)
        if not isinstance(pictures, int) or pictures < 1:
            raise BadInputError("[judge] synthetic is a number of pictures, 1 or more")
        found: dict[str, Judge] = {
            name: judge if name == SYNTHETIC else (file.parent / judge).resolve()
            for name, judge in judges.items()
        }
        missing = [str(one) for one in found.values() if isinstance(one, Path) and not one.is_dir()]
        if missing or not found:
            raise BadInputError(f"[judge] needs folders that exist; missing: {', '.join(missing) or 'all'}")
        return cls(arms, found)


def _arm(shared: Mapping[str, Any], given: Mapping[str, Any], file: str) -> Arm:
    _refuse_unknown(given, ("name", "people", "recipe", *_PLAN), f"an arm of {file}")
    settings = {**shared, **given.get("recipe", {})}
    people = int(given.get("people", settings.pop("people", 1000)))
    _refuse_unknown(settings, _RECIPE, f"[run] of {file}")
    contrast = settings.pop("contrast", {})
    _refuse_unknown(contrast, {one.name for one in fields(ContrastSettings)}, f"contrast of {file}")
    plan = {("distributions" if name == "set" else name): given[name] for name in _PLAN if name in given}
    name = given.get("name")
    if not isinstance(name, str) or not name:
        raise BadInputError(f"every [[arm]] of {file} needs a name")
    try:
        recipe = replace(Recipe(), **settings, contrast=replace(ContrastSettings(), **contrast))
        return Arm(name, options_text(**plan), recipe, people)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"arm {name} of {file}: {error}") from error


def _refuse_unknown(given: Mapping[str, Any], known: Any, where: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise BadInputError(f"{where} has no {unknown[0]!r}; possible: {', '.join(sorted(known))}")


def run(ablation: Ablation, out: Path, say: Callable[[str], None]) -> dict[str, dict[str, Figure]] | None:
    """Train and judge every arm in `out`/NAME, or go on where an earlier run ended; figures by arm and name.

    None when ctrl-C ended an arm early. Raises BadInputError when an arm's folder holds another arm.
    """
    results: dict[str, dict[str, Figure]] = {}
    for arm in ablation.arms:
        folder = out / arm.name.replace("/", "-")
        source = SyntheticSource(arm.recipe.seed, arm.people, arm.options)
        if not (folder / "release").is_dir():
            say(f"{arm.name}: training")
            if train(arm.recipe, Data(source.name, source), folder) is None:
                return None
        results[arm.name] = _judged(arm, ablation.judges, folder, say)
    return results


def _judged(
    arm: Arm, judges: Mapping[str, Judge], folder: Path, say: Callable[[str], None]
) -> dict[str, Figure]:
    written = folder / RESULTS
    known = json.loads(written.read_text(encoding="utf-8")) if written.is_file() else {}
    reader = FaceReader.load()
    figures: dict[str, Figure] = {}
    for dataset, judge in judges.items():
        if dataset not in known:
            say(f"{arm.name}: judging on {dataset}")
            registrar = Registrar.load(folder / "release")
            judged: Mapping[str, Figure]
            if isinstance(judge, int):
                judged = synthetic_figures(registrar, judge)
            else:
                judged = judge_bodies(_BODIES[dataset], judge, registrar, reader)
            known[dataset] = {name: asdict(figure) for name, figure in judged.items()}
            with replacing(written) as partial:
                partial.write_text(json.dumps(known, indent=1), encoding="utf-8")
        figures |= {f"{dataset} {name}": Figure(**one) for name, one in known[dataset].items()}
    return figures


def table(results: Mapping[str, Mapping[str, Figure]]) -> str:
    """The figures as a Markdown table, one row an arm."""
    names = list(dict.fromkeys(name for figures in results.values() for name in figures))
    lines = ["| arm | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for arm, figures in results.items():
        cells = [
            f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})" if one else ""
            for one in map(figures.get, names)
        ]
        lines.append(f"| {arm} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
