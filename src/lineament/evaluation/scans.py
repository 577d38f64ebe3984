"""Head scans without colours found in photographs: rank and score among other people's scans, by view."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets import scan_faces
from lineament.evaluation.datasets.dataset import Record
from lineament.evaluation.metrics import Figure, proportion
from lineament.evaluation.metrics.figures import mean
from lineament.gallery.enrolment.scan_file import load_scan
from lineament.gallery.enrolment.scan_head import fit_head
from lineament.gallery.enrolment.scan_shape import ShapeReader
from lineament.geometry.site_model import SiteModel
from lineament.runtime.detector import FaceDetector
from lineament.runtime.photograph import load_photograph
from lineament.types import Float32

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class ShapeProbe:
    """A photograph, and the scan of who it shows.

    name: of the photograph. group: that it is counted with, such as its view. face: (D,) unit embedding, None
    where no face was found. reference: (D,) unit vector of the person's scan or scans.
    """

    name: str
    group: str
    face: Float32 | None
    reference: Float32


@dataclass(frozen=True, slots=True)
class ShapeResult:
    """rank: of the person among the distractors, from 1; behind all of them where no face was found.

    score: the cosine in standard deviations above the mean of the distractors' cosines with the photograph.
    """

    name: str
    group: str
    rank: int
    score: float


def judge(probes: Sequence[ShapeProbe], distractors: Float32) -> list[ShapeResult]:
    """Compare every probe with its person's scan and with the scans (N, D) of N >= 2 others.

    Ties count against the person. Raises ValueError with fewer distractors.
    """
    if len(distractors) < 2:
        raise ValueError("a rank needs two distractors or more")
    results = []
    for probe in probes:
        if probe.face is None:
            results.append(ShapeResult(probe.name, probe.group, len(distractors) + 1, -np.inf))
            continue
        others, own = distractors @ probe.face, float(probe.reference @ probe.face)
        rank = 1 + int((others >= own).sum())
        score = (own - float(others.mean())) / max(float(others.std()), 1e-9)
        results.append(ShapeResult(probe.name, probe.group, rank, score))
    return results


def figures(results: Sequence[ShapeResult]) -> Mapping[str, Figure | float]:
    """By group and over all: the shares found first and among the first 10, median rank, mean score."""
    told: dict[str, Figure | float] = {}
    for group in [*dict.fromkeys(one.group for one in results), "all"]:
        ranks = np.array([one.rank for one in results if group in (one.group, "all")])
        scores = np.array([one.score for one in results if group in (one.group, "all")])
        told[f"{group}: first"] = proportion(int((ranks == 1).sum()), len(ranks))
        told[f"{group}: among the first 10"] = proportion(int((ranks <= 10).sum()), len(ranks))
        told[f"{group}: median rank"] = float(np.median(ranks))
        if np.isfinite(scores).any():
            told[f"{group}: score, deviations"] = mean(scores[np.isfinite(scores)])
    return told


def scanned_people(folder: Path, shapes: ShapeReader, say: Say) -> list[ShapeProbe]:
    """Every photograph of scan-faces with the scans of the same person's other takes, as their mean.

    Raises BadInputError when nobody has a scan of another take, or as `fit_head` does.
    """
    records = scan_faces.open(folder).records
    detector, model = FaceDetector.load(), SiteModel.load()
    vectors: dict[tuple[str, str], Float32] = {}
    for record in records:
        take = (record.subject, str(record.covariates["expression"]))
        if "scan" in record.covariates and take not in vectors:
            scan = load_scan(folder / str(record.covariates["scan"]))
            vectors[take] = shapes.embed(scan, fit_head(scan, detector, model, shapes.template))
            say(f"enrolled {scan.name} of {'/'.join(take)}")
    probes = [found for record in records if (found := _probe(record, vectors, shapes)) is not None]
    if not probes:
        raise BadInputError(f"{folder} holds nobody with a scan and photographs of another take")
    return probes


def _probe(
    record: Record, vectors: Mapping[tuple[str, str], Float32], shapes: ShapeReader
) -> ShapeProbe | None:
    own = [
        vector
        for (subject, take), vector in vectors.items()
        if subject == record.subject and take != record.covariates["expression"]
    ]
    if not own or record.path is None:
        return None
    reference = np.mean(own, axis=0)
    face = shapes.reader.best(load_photograph(record.path))
    return ShapeProbe(
        record.name,
        str(record.covariates["view"]),
        None if face is None else face.embedding,
        np.asarray(reference / np.linalg.norm(reference), dtype=np.float32),
    )
