"""`lineament evaluate peers PROTOCOL FOLDER --out RUNS`: the same probes through all systems, one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from lineament.cli.evaluate_export import told, watched
from lineament.cli.evaluate_score import scored, write_figures
from lineament.errors import BadInputError
from lineament.evaluation.catalogue import Chosen, SystemName
from lineament.evaluation.choosing import Asked
from lineament.evaluation.export import export
from lineament.evaluation.peers_table import Row, table_of
from lineament.evaluation.report_json import json_of, write_json
from lineament.evaluation.run import Run
from lineament.evaluation.score import Counting

USUAL: Final[tuple[SystemName, ...]] = ("stripes", "sface", "sface+ours", "face-unrefined", "face")
_console = Console(highlight=False, soft_wrap=True, markup=False)
_errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def peers(
    protocol: str,
    folder: Path,
    *,
    out: Path,
    systems: Sequence[SystemName] = USUAL,
    models: Sequence[Path] = (),
    probe: Sequence[str] = (),
    reference: Sequence[str] = (),
    exclude: Sequence[str] = (),
    rounds: int = 1000,
    seed: int = 0,
    reuse: Sequence[Path] = (),
) -> None:
    """Compare systems on one protocol: the same probes, the same failures counted, one table.

    Every run is kept in a folder of its own below --out, goes on where it was stopped, and can be judged by
    `score` and `compare`. Systems that are not installed are named and left out. Writes table.md and
    table.json.

    Args:
        protocol: DATASET or DATASET:WAY, as for export
        folder: where the data set is
        out: a folder for the runs and the table
        systems: who takes part
        models: networks of your own (NETWORK.onnx with NETWORK.card.json), each native and with our alignment
        probe: conditions on the probes, such as yaw=-15..15 or view=frontal
        reference: conditions on the references
        exclude: covariates that both sides of a mated comparison must not share
        rounds: of resampling people for the intervals
        seed: of what is drawn
        reuse: folders of runs whose templates are taken where pictures and settings are the same
    """
    plan = Asked(protocol, folder, tuple(probe), tuple(reference), seed=seed).plan()
    chosen = [Chosen(name) for name in systems]
    chosen += [Chosen(name, model) for model in models for name in ("onnx", "onnx+ours")]
    counting, rows = Counting(exclude=tuple(exclude), rounds=rounds, seed=seed), []
    for one in chosen:
        try:
            system = one.open()
        except BadInputError as error:
            _errors.print(f"left out: {error}")
            continue
        run = out / system.name
        with watched() as progress:
            done = export(plan, system, run, reuse=[*reuse, *_done(out, run)], progress=progress)
        _errors.print(f"{system.name}: {'; '.join(told(done))}")
        results = scored(Run.load(run), counting)
        write_figures(run, results)
        rows.append(Row(system.name, system.about, results))
    if not rows:
        raise BadInputError("no system could be opened; name others with --systems")
    table = table_of(rows)
    (out / "table.md").write_text(table, encoding="utf-8")
    write_json(out / "table.json", {row.system: json_of(row.results) for row in rows})
    _console.print(table)


def _done(out: Path, run: Path) -> list[Path]:
    return [path.parent for path in sorted(out.glob("*/run.json")) if path.parent != run]
