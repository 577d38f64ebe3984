"""A run's folder: what was compared by which system, its samples and its scores."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.features import read_columns, write_table
from lineament.types import Float32
from lineament.writing import replacing

RECORD: Final = "run.json"
FORMAT: Final = 1
_OWN: Final = ("name", "subject", "failed", "failure", "picture")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that a run depends on, but the pictures themselves (their checksums lie with the features).

    started: UTC, ISO 8601. folder: of the data set. plan: digest of what is compared. settings and comparing:
    what the system's templates, and its scores, depend on.
    """

    protocol: str
    dataset: str
    folder: str
    terms: str
    may_show: bool
    system: str
    about: str
    settings: Mapping[str, str]
    comparing: Mapping[str, str]
    plan: str
    software: str
    started: str
    format: int = FORMAT

    def save(self, run: Path) -> None:
        """Write it into the run's folder."""
        path = run / RECORD
        with replacing(path) as partial:
            partial.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, run: Path) -> "RunRecord":
        """Read it; raises BadInputError where the folder holds no run, or one of another version."""
        path = run / RECORD
        try:
            held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            record = cls(**held)
        except FileNotFoundError as error:
            raise BadInputError(f"{run} holds no run; make one with `lineament evaluate export`") from error
        except (OSError, ValueError, TypeError) as error:
            raise BadInputError(f"{path} is damaged or of another version; export again") from error
        if record.format != FORMAT:
            raise BadInputError(f"{path} is of another version ({record.format}); export again")
        return record

    def differences(self, other: "RunRecord") -> list[str]:
        """What differs from `other`, the earlier one, in words; where the data set lies does not count."""
        changes = [
            f"{name}: {getattr(other, name)!r} -> {getattr(self, name)!r}"
            for name in ("protocol", "dataset", "system", "software")
            if getattr(other, name) != getattr(self, name)
        ]
        if not changes and other.plan != self.plan:
            changes.append("the records or the comparisons of the protocol")
        return changes + _changed(other.settings, self.settings) + _changed(other.comparing, self.comparing)

    def same_templates(self, other: "RunRecord") -> bool:
        """Whether templates of the other run are what this one would make."""
        return not _changed(other.settings, self.settings) and other.software == self.software


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run. scores: listed pairs or the full matrix. nominal: of the same shape, None without."""

    folder: Path
    record: RunRecord
    scores: PairScores | ScoreMatrix
    nominal: Float32 | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Run":
        """Read a run; raises BadInputError where it is not finished or damaged. A matrix stays on disk."""
        record = RunRecord.load(folder)
        (probes, why, pictures), (references, why_not, others) = (
            _samples(folder / f"{kind}.parquet") for kind in ("probes", "references")
        )
        scores: PairScores | ScoreMatrix
        nominal: Float32 | None = None
        if (folder / "scores.parquet").exists():
            held = read_columns(folder / "scores.parquet")
            probe, reference = (held[name].astype(np.int32) for name in ("probe", "reference"))
            scores = PairScores(probes, references, probe, reference, held["score"].astype(np.float32))
            nominal = held.get("nominal")
        else:
            scores = ScoreMatrix(probes, references, _mapped(folder / "scores.npy"))
            if (folder / "nominal.npy").exists():
                nominal = _mapped(folder / "nominal.npy")
        return cls(folder, record, scores, nominal, {**others, **pictures}, {**why_not, **why})


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [
        f"{key}: {before.get(key, 'none')} -> {after.get(key, 'none')}"
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def save_samples(path: Path, table: SampleTable, failures: list[str], pictures: list[str]) -> None:
    """Write a sample table as parquet; pictures: paths within the data set's folder."""
    columns: dict[str, Any] = {
        "name": table.name,
        "subject": table.subject,
        "failed": table.failed,
        "failure": failures,
        "picture": pictures,
    }
    write_table(path, columns | {f"covariate {name}": column for name, column in table.covariates.items()})


def _samples(path: Path) -> tuple[SampleTable, dict[str, str], dict[str, str]]:
    held = read_columns(path)
    covariates = {
        name.removeprefix("covariate "): column for name, column in held.items() if name not in _OWN
    }
    texts = {
        name: column.astype(str) if column.dtype == object else column for name, column in covariates.items()
    }
    names = held["name"].astype(str)
    table = SampleTable(names, held["subject"].astype(str), held["failed"].astype(bool), texts)
    why = {str(name): str(text) for name, text in zip(names, held["failure"], strict=True) if text}
    return table, why, dict(zip(map(str, names), map(str, held["picture"]), strict=True))


def _mapped(path: Path) -> Float32:
    try:
        found: Float32 = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise BadInputError(
            f"{path} is missing or damaged; run `lineament evaluate export` again to finish it"
        ) from error
    return found
