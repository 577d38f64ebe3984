"""`lineament evaluate explanations PROTOCOL FOLDER`: hide what is named, see the score fall."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console

from lineament.cli.evaluate_export import watched
from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation.choosing import Asked
from lineament.evaluation.explained import cases_of
from lineament.evaluation.explanations import SHARES, occlusion, summarised
from lineament.evaluation.peers.optional import installed
from lineament.evaluation.peers.xaitk import xaitk_occlusion
from lineament.evaluation.report_json import values_json, write_json
from lineament.evaluation.report_text import shown
from lineament.recognition.recogniser import Recogniser

Baseline = Literal["occlusion", "xaitk"]
_console = Console(highlight=False, soft_wrap=True, markup=False)


def explanations(
    protocol: str,
    folder: Path,
    *,
    cases: int = 20,
    probe: Sequence[str] = (),
    reference: Sequence[str] = (),
    seed: int = 0,
    saliency: Baseline = "occlusion",
    json_out: Path | None = None,
) -> None:
    """Measure whether the regions that explanations name are those that the score rests on.

    For mated comparisons, one a person, cells of the probe's person are hidden (deletion) or alone shown
    (insertion): those that our explanation names, at random, the least named, and those of a saliency
    baseline. The area is the same each time. Takes about half a minute
    a case on one core.

    Args:
        protocol: DATASET or DATASET:WAY, as for export
        folder: where the data set is
        cases: people to ask about
        probe: conditions on the probes
        reference: conditions on the references
        seed: of the choice of comparisons and of the random order
        saliency: the baseline: our own sliding-window occlusion, or xaitk-saliency's where it is installed
        json_out: write the figures here
    """
    if cases < 1:
        raise BadInputError(f"at least 1 case is judged, not {cases}")
    baseline = occlusion
    if saliency == "xaitk":
        installed("xaitk_saliency", "pip install xaitk-saliency")
        baseline = xaitk_occlusion
    plan = Asked(protocol, folder, tuple(probe), tuple(reference), seed=seed).plan()
    with watched() as progress:
        found = cases_of(plan, Recogniser.load(), cases, seed, progress, baseline)
    if not found:
        raise NothingFoundError(
            f"no mated comparison of {protocol} speaks for the person; nothing to explain"
        )
    figures = summarised(found, seed=seed)
    shares = ", ".join(f"{share:.0%}" for share in SHARES)
    _console.print(f"explanations on {plan.name}: {len(found)} cases; {shares} of the person's area")
    for name, value in figures.items():
        _console.print(f"  {name}: {shown(value)}")
    if json_out is not None:
        content = {
            "protocol": plan.name,
            "shares": list(SHARES),
            "seed": seed,
            "saliency": saliency,
            "figures": values_json(figures),
        }
        write_json(json_out, content)
