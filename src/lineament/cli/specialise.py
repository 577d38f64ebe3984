"""`lineament specialise --gallery people.db --minutes 10`: an adapter for exactly the people enrolled."""

import json as jsonlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lineament.api import default_recogniser
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError, LineamentError
from lineament.evaluation.metrics import Figure
from lineament.gallery.gallery import Gallery
from lineament.gallery.names import printable

if TYPE_CHECKING:
    from lineament.training.specialise import Outcome

SHOWN_WHOLE: Final = 24
"""People up to whom the whole matrix is printed."""
WORST: Final = 12


def specialise(*, gallery: Path, minutes: float = 10.0, seed: int = 71, json: bool = False) -> None:
    """Render the people of a gallery and tune an adapter that tells exactly these apart by their bodies.

    No photograph is used: prototypes are dressed, posed and photographed at random, skin and hair included.
    The adapter is kept in the gallery if more renders held out, in other outfits, poses and places, are named
    rightly with it; else nothing is kept and the command fails. Interrupted, it goes on where it was. An
    adapter serves until somebody is enrolled or erased.

    Args:
        gallery: the gallery file
        minutes: for drawing and learning; a sixth of the renders judges
        seed: of everything drawn
        json: print all numbers as JSON

    Raises BadInputError when the gallery or the minutes cannot be used, LineamentError when it does not help.
    """
    if not 0 < minutes < 10_000:
        raise BadInputError(f"--minutes is above 0 and below 10000, not {minutes:g}")
    with workshop("specialising"):
        from lineament.training.specialise import specialise as tune
    with Gallery.open(gallery, create=False) as people:
        outcome = tune(people, default_recogniser(), minutes, seed, lambda line: print(line, file=sys.stderr))
    print(jsonlib.dumps(_record(outcome), indent=1) if json else "\n".join(_lines(outcome)))
    if outcome.adapter is None:
        raise LineamentError(
            f"the adapter does not help: rank 1 of {outcome.judged} renders held out changed by "
            f"{_interval(outcome.gain, sign='+')}; nothing was kept, try more --minutes"
        )


def _lines(outcome: "Outcome") -> list[str]:
    lines = [
        f"{len(outcome.people)} people, {outcome.rounds} outfits: {outcome.learned} renders learned from, "
        f"{outcome.judged} held out",
        f"rank 1 before {_interval(outcome.before)}",
        f"rank 1 after  {_interval(outcome.after)}",
        f"change        {_interval(outcome.gain, sign='+')}",
    ]
    for title, counts in (("before", outcome.confusion_before), ("after", outcome.confusion_after)):
        lines += ["", *_matrix(title, outcome.people, counts.tolist())]
    if outcome.adapter is not None:
        lines += ["", f"kept; its ratio was fixed on {outcome.adapter.population}"]
    return lines


def _matrix(title: str, people: Sequence[str], counts: list[list[int]]) -> list[str]:
    """The confusion matrix, or of many people the errors made most."""
    names = [printable(name, 16) for name in people]
    if len(names) > SHOWN_WHOLE:
        wrong = [
            (n, true, told)
            for true, row in enumerate(counts)
            for told, n in enumerate(row)
            if n and true != told
        ]
        worst = sorted(wrong, key=lambda one: -one[0])[:WORST]
        shown = [*names, "nobody"]
        return [
            f"taken most often for somebody else {title}:",
            *(f"  {shown[a]} as {shown[b]}: {n}" for n, a, b in worst),
        ]
    width = max(len(name) for name in names)
    cell = max(3, 1 + max(len(str(n)) for row in counts for n in row))
    head = "".join(f"{place + 1:>{cell}}" for place in range(len(names))) + f"{'-':>{cell}}"
    lines = [f"confusion {title}: a row shows who is there, a column who is named, - nobody"]
    lines.append(f"{'':>{width + 4}}{head}")
    for place, (name, row) in enumerate(zip(names, counts, strict=True), start=1):
        lines.append(f"{place:>3} {name:<{width}}" + "".join(f"{n or '.':>{cell}}" for n in row))
    return lines


def _interval(figure: Figure, sign: str = "") -> str:
    return f"{figure.value:{sign}.3f} ({figure.low:{sign}.3f} to {figure.high:{sign}.3f})"


def _record(outcome: "Outcome") -> dict[str, Any]:
    figures = {
        name: {key: getattr(getattr(outcome, name), key) for key in ("value", "low", "high", "cases")}
        for name in ("before", "after", "gain")
    }
    adapter = outcome.adapter
    return figures | {
        "people": list(outcome.people),
        "outfits": outcome.rounds,
        "learned": outcome.learned,
        "judged": outcome.judged,
        "confusion_before": outcome.confusion_before.tolist(),
        "confusion_after": outcome.confusion_after.tolist(),
        "kept": adapter is not None,
        "population": None if adapter is None else adapter.population,
    }
