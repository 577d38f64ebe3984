"""`lineament synth protocol NAME`: pictures of synthetic people to evaluate on, with their manifest."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import Progress

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.evaluation.datasets import manifest
from lineament.evaluation.datasets.dataset import DataSet, Record

if TYPE_CHECKING:
    from lineament.synth.protocol_folder import Asked

Name = Literal["synthetic-faces", "synthetic-people", "hard-clothing", "hard-hair", "hard-head"]
TERMS = "synthetic people, drawn and free: nobody is shown"
_console = Console(highlight=False, soft_wrap=True, markup=False)


def protocol(
    name: Name,
    *,
    out: Path,
    seed: int = 0,
    people: int | None = None,
    unknown: int = 0,
    workers: int | None = None,
) -> None:
    """Write a synthetic protocol: a folder of people whom no network has learned from, and a manifest.

    The same options give the same pictures with any number of workers; run the command again to go on after
    an interruption. `lineament evaluate export people FOLDER` compares as the manifest's roles say.

    Args:
        name: synthetic-faces (a frontal reference; probes turned by 0 to 120 degrees, with expressions),
            synthetic-people (whole figures: same clothes, new clothes, new hair, occluded head), or one
            hardship in pairs of a plain and a hard probe: hard-clothing, hard-hair, hard-head
        out: folder of the pictures
        seed: of people and pictures, 0 to 999; these people belong to seeds kept for evaluation
        people: how many have references; 100 faces or 20 of the others if not given
        unknown: further people who only probe, for an open set
        workers: processes that draw; one for each processor if not given
    """
    if workers is not None and workers < 1:
        raise BadInputError(f"--workers is at least 1, not {workers}")
    with workshop("synth protocol"):
        from lineament.synth.protocol_folder import Asked, begin, write
        from lineament.synth.protocols import DEFAULT_PEOPLE
    asked = Asked(name, seed, DEFAULT_PEOPLE[name] if people is None else people, unknown)
    missing = begin(out, asked)
    terminal = Console(file=sys.stderr)
    processes = min(workers or os.cpu_count() or 1, max(len(missing), 1))
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(name, total=asked.count, completed=asked.count - len(missing))
        for _ in write(out, asked, missing, processes):
            bar.advance(task)
    data_set = _data_set(out, asked)
    manifest.write(data_set, out / manifest.NAME)
    references = sum(record.covariates["role"] == "reference" for record in data_set.records)
    _console.print(
        f"{name}, seed {seed}: {references} references of {asked.known} people, "
        f"{len(data_set) - references} probes of {asked.count}: {out}"
    )


def _data_set(out: Path, asked: "Asked") -> DataSet:
    from lineament.synth.protocol_folder import rows

    records = []
    for row in rows(out, asked):
        box = None if row["box"] is None else tuple(row["box"])
        path = out / f"{row['name']}.png"
        records.append(Record(row["name"], path, row["name"].split("/")[0], row["covariates"], box))
    source = f"lineament synth protocol {asked.name} --seed {asked.seed} --people {asked.known}"
    source += f" --unknown {asked.unknown}" if asked.unknown else ""
    return DataSet(asked.name, out, tuple(records), TERMS, True, None, source)
