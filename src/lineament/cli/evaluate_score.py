"""`lineament evaluate score RUN`: figures with intervals as JSON, and a report to read."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from lineament.errors import BadInputError
from lineament.evaluation.report import write_report
from lineament.evaluation.report_json import json_of, write_json
from lineament.evaluation.report_text import confusion_csv, text_of
from lineament.evaluation.run import Run
from lineament.evaluation.score import Counting, Results
from lineament.evaluation.score import score as score_run

_console = Console(highlight=False, soft_wrap=True, markup=False)


def score(
    run: Path,
    *,
    sets: bool = False,
    exclude: Sequence[str] = (),
    groups: Sequence[str] = (),
    rounds: int = 1000,
    seed: int = 0,
    out: Path | None = None,
) -> None:
    """Judge an exported run: every figure with its interval over people and its number of cases.

    Writes figures.json, report.html and, of few people, confusion.csv into the run's folder. The report opens
    offline and shows pictures only where the data set's terms allow it.

    Args:
        run: the folder that `lineament evaluate export` made
        sets: fuse the scores of each set of records first
        exclude: covariates that both sides of a mated comparison must not share, such as camera or clothes
        groups: covariates that divide people into groups, each judged by itself (sex, age group, skin
            tone and the like if not given)
        rounds: of resampling people for the intervals
        seed: of the resampling
        out: folder for the report instead of the run's own
    """
    loaded = Run.load(run)
    results = scored(loaded, Counting(sets, tuple(exclude), rounds, seed, tuple(groups)))
    for line in text_of(results):
        _console.print(line)
    place = out or run
    try:
        place.mkdir(parents=True, exist_ok=True)
        write_figures(place, results)
        write_report(place / "report.html", loaded, results)
    except OSError as error:
        raise BadInputError(f"{place} cannot be written ({error.strerror}); choose another --out") from error
    _console.print(f"report: {place / 'report.html'}, figures: {place / 'figures.json'}")


def write_figures(folder: Path, results: Results) -> None:
    """figures.json and, of few people, confusion.csv. Raises OSError as writing does."""
    write_json(folder / "figures.json", json_of(results))
    if results.confusion is not None:
        (folder / "confusion.csv").write_text(confusion_csv(results.confusion), encoding="utf-8")


def scored(run: Run, counting: Counting) -> Results:
    """The results of a run; what cannot be judged becomes one clear line."""
    if counting.rounds < 100:
        raise BadInputError(f"an interval needs at least 100 rounds, not {counting.rounds}")
    try:
        return score_run(run, counting)
    except ValueError as error:
        raise BadInputError(f"{run.folder} cannot be judged: {error}") from error
