"""The first of two steps: templates and scores of one protocol by one system, kept in a folder; resumable."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np

from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation.comparisons import QUALITY, SampleTable
from lineament.evaluation.datasets.dataset import Box, Record
from lineament.evaluation.features import Feature, FeatureStore
from lineament.evaluation.plan import Plan
from lineament.evaluation.run import RECORD, RunRecord, save_samples
from lineament.evaluation.scoring import score_all
from lineament.evaluation.systems import System
from lineament.runtime.photograph import load_photograph
from lineament.types import UInt8

BOX_MARGIN: Final = 0.15
"""Share of a record's box that every system gets to see beyond each side of it."""
_SCORED: Final = (
    "scores.parquet",
    "scores.npy",
    "nominal.npy",
    "scores.partial.npy",
    "nominal.partial.npy",
    "progress.json",
)

Progress = Callable[[str, int, int], None]
"""What is done now, how much of it, of how much."""


def _silent(what: str, done: int, total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Exported:
    """made: templates tried in this call. kept: taken from before. changed: pictures that had changed since
    `before` (UTC), and whose templates were made again.
    """

    made: int
    kept: int
    failed: int
    changed: tuple[str, ...]
    before: str


def export(
    plan: Plan,
    system: System,
    out: Path,
    *,
    renew: bool = False,
    reuse: Sequence[Path] = (),
    progress: Progress = _silent,
) -> Exported:
    """Make what is still missing in the run's folder `out`, templates first, then scores.

    renew: throw away what was made with other settings. reuse: runs whose templates are taken where they are
    of the same picture and the same settings. Raises BadInputError that names the differences where `out`
    holds a run of another protocol, system, settings or weights; templates of pictures that changed are made
    again by themselves.
    """
    before, record = _opened(plan, system, out, renew)
    others = [FeatureStore(run / "features") for run in reuse if RunRecord.load(run).same_templates(record)]
    store = FeatureStore(out / "features")
    references = {plan.dataset.records[row].name for row in plan.references}
    rows = np.unique(np.concatenate([plan.probes, plan.references]))
    counts, changed, added = {"made": 0, "kept": 0}, [], False
    for done, row in enumerate(rows):
        one = plan.dataset.records[row]
        reference = one.name in references
        progress(f"templates by {system.name}", done, len(rows))
        if one.name in store:
            if _usable(one, store.feature(one.name), reference):
                counts["kept"] += 1
                continue
            changed.append(one.name)
        held = next(
            (s for s in others if one.name in s and _usable(one, s.feature(one.name), reference)), None
        )
        counts["made" if held is None else "kept"] += 1
        if not added:
            _forget(out)
            added = True
        store.add(feature_of(one, system, reference=reference) if held is None else held.whole(one.name))
    store.flush()
    _save_tables(plan, store, out)
    score_all(plan, system, store, out, progress)
    failed = sum(bool(store.feature(plan.dataset.records[row].name).failure) for row in rows)
    return Exported(counts["made"], counts["kept"], failed, tuple(changed), before)


def feature_of(record: Record, system: System, *, reference: bool) -> Feature:
    """What a system makes of a record; its failure in words where it makes nothing."""
    if record.path is None:
        return Feature(record.name, "the picture is not held", None, reference, 0, 0, "")
    try:
        state, digest = record.path.stat(), _digest(record.path)
    except OSError:
        return Feature(record.name, "the picture cannot be read", None, reference, 0, 0, "")
    about = (reference, state.st_size, state.st_mtime_ns, digest)
    try:
        image = within(load_photograph(record.path), record.box)
    except BadInputError:
        return Feature(record.name, "the picture cannot be read", None, *about)
    try:
        template = system.template(image, reference=reference)
    except NothingFoundError as error:
        return Feature(record.name, str(error), None, *about)
    return Feature(record.name, "", template, *about)


def within(image: UInt8, box: Box | None) -> UInt8:
    """The part of a picture that a record's box covers, with a margin; all of it without a box."""
    if box is None:
        return image
    x0, y0, x1, y1 = box
    across, down = BOX_MARGIN * (x1 - x0), BOX_MARGIN * (y1 - y0)
    height, width = image.shape[:2]
    left, right = (int(np.clip(round(v), 0, width)) for v in (x0 - across, x1 + across))
    top, bottom = (int(np.clip(round(v), 0, height)) for v in (y0 - down, y1 + down))
    if right <= left or bottom <= top:
        raise BadInputError(f"the box {box} lies outside a picture of {width} x {height}")
    return np.ascontiguousarray(image[top:bottom, left:right])


def _opened(plan: Plan, system: System, out: Path, renew: bool) -> tuple[str, RunRecord]:
    """Make or check the run's record; when the earlier export started, "" for a new one."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    dataset = plan.dataset
    record = RunRecord(
        protocol=plan.name,
        dataset=dataset.name,
        folder=str(dataset.folder),
        terms=dataset.terms,
        may_show=dataset.may_show,
        system=system.name,
        about=system.about,
        settings=dict(system.settings),
        comparing=dict(system.comparing),
        plan=plan.digest,
        software=f"lineament {metadata.version('lineament')}",
        started=now,
    )
    before = ""
    if (out / RECORD).exists():
        earlier = RunRecord.load(out)
        changes = record.differences(earlier)
        if changes and not renew:
            raise BadInputError(
                f"{out} was exported on {earlier.started}; since then changed: {'; '.join(changes)}; "
                "give --renew to start over, or another --out"
            )
        if not changes:
            return earlier.started, earlier
        before = earlier.started
        if not record.same_templates(earlier):
            shutil.rmtree(out / "features", ignore_errors=True)
        _forget(out)
    elif out.exists() and any(out.iterdir()):
        raise BadInputError(f"{out} is not empty and holds no run; choose another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        record.save(out)
    except OSError as error:
        raise BadInputError(f"{out} cannot be written ({error.strerror}); choose another --out") from error
    return before, record


def _forget(out: Path) -> None:
    """Scores that rest on templates which are no more."""
    for name in _SCORED:
        (out / name).unlink(missing_ok=True)


def _usable(record: Record, feature: Feature, reference: bool) -> bool:
    """Whether a feature serves: made of this very file (by size and time, else by content) for this role."""
    if reference and not feature.reference:
        return False
    if record.path is None or not record.path.is_file():
        return feature.size == 0
    state = record.path.stat()
    if (state.st_size, state.st_mtime_ns) == (feature.size, feature.modified):
        return True
    return state.st_size == feature.size and _digest(record.path) == feature.sha256


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _save_tables(plan: Plan, store: FeatureStore, out: Path) -> None:
    for kind, rows in (("probes", plan.probes), ("references", plan.references)):
        records = [plan.dataset.records[row] for row in rows]
        found = [store.feature(record.name) for record in records]
        failures = [one.failure for one in found]
        if kind == "references":
            failures = [
                one.failure or ("" if one.template is None else one.template.refused) for one in found
            ]
        yaws = [float("nan") if one.template is None else one.template.yaw for one in found]
        covariates = {name: plan.dataset.column(name)[rows] for name in plan.dataset.covariates}
        if np.isfinite(yaws).any():
            covariates["estimated yaw"] = np.degrees(np.array(yaws))
        quality = [float("nan") if one.template is None else one.template.quality for one in found]
        if np.isfinite(quality).any():
            covariates[QUALITY] = np.array(quality)
        table = SampleTable(
            np.array([record.name for record in records]),
            plan.dataset.subjects[rows],
            np.array([bool(text) for text in failures]),
            covariates,
        )
        save_samples(out / f"{kind}.parquet", table, failures, [_picture(one, plan) for one in records])


def _picture(record: Record, plan: Plan) -> str:
    if record.path is None:
        return ""
    try:
        return str(record.path.relative_to(plan.dataset.folder))
    except ValueError:
        return str(record.path)
