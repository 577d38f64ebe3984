"""`lineament synth people`: look at the people of a population, and at their statistics."""

import json as jsonlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console
from rich.progress import track

from lineament.cli.picture_out import check_picture
from lineament.cli.workshop import workshop
from lineament.distributions import Fixed, Uniform
from lineament.errors import BadInputError
from lineament.writing import replacing

_console = Console(highlight=False, soft_wrap=True, markup=False)


def people(
    *,
    out: Path = Path("people.png"),
    count: int = 100,
    seed: int = 0,
    json: Path | None = None,
    columns: int = 10,
    age: Sequence[float] = (),
    female: float = 0.5,
    ancestry_shares: Sequence[str] = (),
) -> None:
    """Draw a contact sheet of synthetic people, face and whole figure, and count who they are.

    Args:
        out: the picture
        count: number of people
        seed: of the population
        json: also write the statistics to this file
        columns: people in a row
        age: years, one number for everybody or lowest and highest
        female: share of women
        ancestry_shares: they sum to 1, such as african:0.5 asian:0.5
    """
    check_picture(out)
    if count < 1 or columns < 1 or seed < 0:
        raise BadInputError("--count and --columns must be at least 1, --seed at least 0")
    with workshop("synth people"):
        from lineament.humans.demography import Demography
        from lineament.synth.people import People
        from lineament.synth.people_sheet import figures_of, people_sheet, statistics
    demography = Demography(**_given(age, female, ancestry_shares))
    population = People.load(count, seed, demography=demography)
    persons = track(range(count), "people", console=Console(stderr=True), transient=True)
    found = statistics([figures_of(population, person) for person in persons])
    sheet = people_sheet(population, range(count), min(columns, count))
    _write(out, lambda partial: Image.fromarray(sheet).save(partial))
    if json is not None:
        text = jsonlib.dumps(found, indent=2) + "\n"
        _write(json, lambda partial: partial.write_text(text, encoding="utf-8"))
    for name, value in found.items():
        _console.print(f"{name:<24} {_shown(value)}")
    _console.print(f"{count} people of seed {seed}: {out}")


def _given(age: Sequence[float], female: float, ancestry: Sequence[str]) -> dict[str, Any]:
    """What the options say of a `Demography`; raises BadInputError."""
    given: dict[str, Any] = {"sexes": {"female": female, "male": 1.0 - female}}
    if len(age) > 2:
        raise BadInputError(f"--age takes one number or two, not {len(age)}")
    if age:
        given["age"] = Fixed(age[0]) if len(age) == 1 else Uniform(age[0], age[1])
    if ancestry:
        given["ancestry"] = dict(_share(word) for word in ancestry)
    return given


def _share(word: str) -> tuple[str, float]:
    name, _, share = word.partition(":")
    try:
        return name, float(share)
    except ValueError:
        raise BadInputError(f"--ancestry-shares takes NAME:SHARE, such as asian:0.5, not {word!r}") from None


def _write(path: Path, save: Callable[[Path], object]) -> None:
    try:
        with replacing(path) as partial:
            save(partial)
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}; choose another place") from error


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {number:.3g}" for name, number in value.items())
    return f"{value:.3g}" if isinstance(value, float) else str(value)
