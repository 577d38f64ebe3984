"""What our alignment brings to recognisers: each network's run by five points against its run by ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.evaluation.compare import Difference, compare
from lineament.evaluation.report_text import markdown_table, number, title_of
from lineament.evaluation.run import RECORD, Run

OURS: Final = "+ours"
_FIGURES: Final = ("tar_at_fmr_0.01", "tar_at_fmr_0.001", "eer", "auc")


@dataclass(frozen=True, slots=True)
class Gain:
    """One network on one protocol. found: differences by figure, ours minus the network's own alignment.
    failed: probes and references without a template, before and after. about: the two runs in words.
    """

    protocol: str
    recogniser: str
    found: dict[str, Difference]
    failed: tuple[int, int]
    about: tuple[str, str]


def gains_of(folders: Sequence[Path], *, rounds: int = 1000, seed: int = 0) -> list[Gain]:
    """Of each folder that `lineament evaluate peers` filled, every network that was judged both ways.

    Raises BadInputError where none was.
    """
    found = []
    for folder in folders:
        for place in sorted(folder.glob(f"*{OURS}/{RECORD}")):
            before = folder / place.parent.name.removesuffix(OURS)
            if (before / RECORD).is_file():
                found.append(_gain(Run.load(before), Run.load(place.parent), rounds, seed))
    if not found:
        raise BadInputError(
            "no network was judged both ways in these folders; run `lineament evaluate peers` with a system "
            "and its +ours, or with --models"
        )
    return found


def _gain(before: Run, after: Run, rounds: int, seed: int) -> Gain:
    first, second = (
        int(run.scores.probes.failed.sum() + run.scores.references.failed.sum()) for run in (before, after)
    )
    told = compare(before, after, rounds=rounds, seed=seed)
    kept = {name: told[name] for name in _FIGURES if name in told}
    about = (before.record.about, after.record.about)
    return Gain(before.record.protocol, before.record.system, kept, (first, second), about)


def gains_table(gains: Sequence[Gain]) -> str:
    """Markdown: a table a protocol, and who is who below."""
    parts = []
    for protocol in dict.fromkeys(one.protocol for one in gains):
        rows = [row for one in gains if one.protocol == protocol for row in _rows(one)]
        heads = ["recogniser", "figure", "its own alignment", "ours", "gain, 95 %"]
        parts.append(f"{protocol}\n\n{markdown_table(heads, rows)}")
    who = dict.fromkeys(
        f"- {one.recogniser}{ending}: {text}"
        for one in gains
        for ending, text in zip(("", OURS), one.about, strict=True)
    )
    return "\n".join([*parts, *who]) + "\n"


def _rows(one: Gain) -> list[list[str]]:
    rows = [
        [
            one.recogniser,
            title_of(name),
            number(made.first),
            number(made.second),
            f"{made.by.value:+.3f} ({made.by.low:+.3f} to {made.by.high:+.3f})",
        ]
        for name, made in one.found.items()
    ]
    before, after = one.failed
    return [
        *rows,
        [one.recogniser, "pictures without a face", f"{before:,}", f"{after:,}", f"{after - before:+,}"],
    ]
