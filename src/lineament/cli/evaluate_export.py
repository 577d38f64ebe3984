"""`lineament evaluate export PROTOCOL FOLDER --system NAME --out RUN`: templates and scores, resumable."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lineament.cli.verify import calibration_from
from lineament.evaluation.catalogue import Chosen, SystemName
from lineament.evaluation.choosing import Asked
from lineament.evaluation.export import Exported
from lineament.evaluation.export import export as run_export

_console = Console(highlight=False, soft_wrap=True, markup=False)
_SHOWN = 5


def export(
    protocol: str,
    folder: Path,
    *,
    system: SystemName,
    out: Path,
    model: Path | None = None,
    probe: Sequence[str] = (),
    reference: Sequence[str] = (),
    per_subject: int = 1,
    enrolled: int | None = None,
    seed: int = 0,
    sets: bool = False,
    most: int | None = None,
    gallery: Path | None = None,
    domain: str = "",
    reuse: Sequence[Path] = (),
    renew: bool = False,
) -> None:
    """Make templates and scores of one protocol by one system, to be judged by `lineament evaluate score`.

    The same command goes on where it was stopped; at most a few seconds of work are lost. Pictures that
    changed are read again; other settings or weights are named and refused, or made anew with --renew.

    Args:
        protocol: DATASET or DATASET:WAY (listed, full, closed, open, roles), such as cfp-fp or umist:closed
        folder: where the data set is
        system: who recognises
        out: the folder of the run
        model: the network of onnx, onnx+ours (NETWORK.onnx with NETWORK.card.json) or osnet
        probe: conditions on the probes, such as yaw=-15..15 or view=frontal
        reference: conditions on the references
        per_subject: references of each person, closed and open sets
        enrolled: how many people of an open set are enrolled (half by default)
        seed: of what is drawn
        sets: listed pairs are pairs of sets of records
        most: draw this many of the listed pairs, mated and non-mated in their listed shares
        gallery: face-llr and whole score by the calibration that this gallery keeps
        domain: which of the gallery's calibrations
        reuse: runs whose templates are taken where pictures and settings are the same
        renew: start over where settings or weights changed
    """
    asked = Asked(protocol, folder, tuple(probe), tuple(reference), per_subject, enrolled, seed, sets, most)
    chosen = Chosen(system, model, calibration_from(gallery, domain))
    plan, opened = asked.plan(), chosen.open()
    with watched() as progress:
        done = run_export(plan, opened, out, renew=renew, reuse=reuse, progress=progress)
    for line in told(done):
        _console.print(line)
    _console.print(f"next: lineament evaluate score {out}")


def told(done: Exported) -> list[str]:
    """What an export did, in words."""
    lines = [
        f"{done.made:,} templates tried, {done.kept:,} taken from before, {done.failed:,} failures in all"
    ]
    if done.changed:
        some = ", ".join(done.changed[:_SHOWN]) + (", ..." if len(done.changed) > _SHOWN else "")
        lines.append(f"changed since {done.before}: {len(done.changed):,} pictures, read again ({some})")
    return lines


@contextmanager
def watched() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on the terminal, none elsewhere."""
    terminal = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield progress
