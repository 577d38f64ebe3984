"""Arms judged by verification: photographs as the product reads them, and renders of unseen people by yaw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.choosing import Asked
from lineament.evaluation.comparisons import MISSED, PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.metrics import Figure, TooFew, Verification
from lineament.evaluation.plan import Plan
from lineament.evaluation.protocols.bins import split
from lineament.evaluation.protocols.exclusions import once
from lineament.training.faces.features import FaceSet
from lineament.training.faces.photographs import Crops, Embedder, Photographs, templates, unit
from lineament.types import Float32

RATES: Final = (1e-2, 1e-3)
ROUNDS: Final = 200
"""Of resampling people, an arm and protocol."""
REFERENCE_YAW: Final = 20.0
"""Degrees: renders turned less than this are references."""
Figures = dict[str, Figure | TooFew]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Protocol:
    """Photographs that judge. name: in the table. asked: a protocol as `lineament evaluate` names it. folder:
    of its data set. probe, reference: conditions. by: covariate of STANDARD bins to report by, "" for none.
    """

    name: str
    asked: str
    folder: Path
    probe: Sequence[str] = ()
    reference: Sequence[str] = ()
    by: str = ""

    def plan(self) -> Plan:
        """Open the data set; raises BadInputError."""
        return Asked(self.asked, self.folder, self.probe, self.reference).plan()


def usual(photographs: Path) -> tuple[Protocol, ...]:
    """CFP folds 01-03, UMIST and CMU faces below a folder, those that are there; BadInputError for none."""
    known = (
        Protocol("CFP frontal-profile", "cfp-fp", photographs / "cfp"),
        Protocol("CFP frontal-frontal", "cfp-ff", photographs / "cfp"),
        Protocol("UMIST profile", "umist", photographs / "umist", ("turn=0..0.2",), ("turn=0.9..1",)),
        Protocol(
            "CMU side",
            "cmu-faces",
            photographs / "cmu_faces",
            ("direction=left,right",),
            ("direction=straight", "occluder=none"),
        ),
    )
    held = tuple(one for one in known if one.folder.is_dir())
    if not held:
        raise BadInputError(f"{photographs} holds none of cfp, umist and cmu_faces; name their folder")
    return held


def protocol_of(dataset: str, folder: Path) -> Protocol:
    """The usual one of a data set of faces that the user holds: facescape and arl-vtf by pose."""
    if dataset == "facescape":
        frontal, valid = "yaw=-15..15", "valid=yes"
        return Protocol(
            "FaceScape", "facescape-views", folder, (valid,), (frontal, valid, "expression=neutral"), "yaw"
        )
    if dataset == "arl-vtf":
        visible = "modality=visible"
        reference = (visible, "condition=baseline", "eyewear=none")
        return Protocol("ARL-VTF", "arl-vtf", folder, (visible, "condition=pose"), reference)
    return Protocol(dataset, dataset, folder)


def read(protocol: Protocol, photographs: Photographs, say: Say) -> tuple[Plan, dict[int, Crops]]:
    """The plan, and the crops of every record that it compares."""
    plan = protocol.plan()
    rows = np.unique(np.concatenate([plan.probes, plan.references]))
    found: dict[int, Crops] = {}
    for done, row in enumerate(rows):
        if done % 200 == 0:
            say(f"{protocol.name}: {done} of {len(rows)} photographs read")
        found[int(row)] = photographs.crops(plan.dataset.records[row])
    return plan, found


def verification(plan: Plan, crops: Mapping[int, Crops], embedder: Embedder, by: str = "") -> Figures:
    """TAR at 1 % and 0.1 % FAR, EER and AUC of an arm, with intervals over people, and by bins of `by`."""
    scores = scored(plan, crops, embedder)
    figures: Figures = dict(_reported(scores))
    if by:
        for label, part in split(scores, by):
            told = _reported(part)
            figures |= {f"{label}, {name}": value for name, value in told.items()}
    return figures


def scored(plan: Plan, crops: Mapping[int, Crops], embedder: Embedder) -> PairScores | ScoreMatrix:
    """Cosines of everything that the plan compares; a photograph without a face misses."""
    rows = sorted(crops)
    place = {row: number for number, row in enumerate(rows)}
    vectors = templates([crops[row] for row in rows], embedder)
    sides, tables = [], []
    for side in (plan.probes, plan.references):
        sides.append(vectors[[place[int(row)] for row in side]])
        tables.append(_table(plan, side, sides[-1]))
    if plan.pairs is None:
        score = sides[0] @ sides[1].T
        score[tables[0].failed[:, None] | tables[1].failed[None]] = MISSED
        score[plan.probes[:, None] == plan.references[None]] = np.nan
        return once(ScoreMatrix(*tables, score))
    ours, theirs = plan.pairs[:, 0], plan.pairs[:, 1]
    score = np.einsum("nd,nd->n", sides[0][ours], sides[1][theirs])
    score[tables[0].failed[ours] | tables[1].failed[theirs]] = MISSED
    return PairScores(*tables, ours, theirs, score)


def by_yaw(judged: FaceSet, embedder: Embedder) -> Figures:
    """The same figures of renders of unseen people, all and by the probe's yaw, against frontal ones."""
    scores = against_frontal(judged, embedder)
    figures: Figures = dict(_reported(scores))
    for label, part in split(scores, "yaw"):
        figures |= {f"{label}, {name}": value for name, value in _reported(part).items()}
    return figures


def accepted(judged: FaceSet, embedder: Embedder, rate: float = RATES[0]) -> float:
    """TAR at a false accept rate of the same comparisons, all yaws together, without an interval."""
    scores = against_frontal(judged, embedder)
    counted = ~np.isnan(scores.score)
    mated, non_mated = (scores.score[counted & kind] for kind in (scores.mated, ~scores.mated))
    return float((mated > np.quantile(non_mated, 1 - rate)).mean())


def against_frontal(judged: FaceSet, embedder: Embedder) -> ScoreMatrix:
    """Every crop against the frontal ones, each pair once."""
    vectors = unit(embedder(judged.faces(np.arange(len(judged))), judged.yaw))
    degrees = np.degrees(np.abs(judged.true_yaw)).astype(np.float64)
    frontal = np.flatnonzero(degrees < REFERENCE_YAW)
    names = np.array([f"{row:06d}" for row in range(len(judged))], np.str_)
    subjects = judged.person.astype(np.str_)

    def table(rows: np.ndarray) -> SampleTable:
        return SampleTable(names[rows], subjects[rows], np.zeros(len(rows), bool), {"yaw": degrees[rows]})

    everyone = np.arange(len(judged))
    score = _cosines(vectors, vectors[frontal], frontal)
    return once(ScoreMatrix(table(everyone), table(frontal), score))


def _cosines(probes: Float32, references: Float32, same: np.ndarray) -> Float32:
    """Cosines with those of a crop with itself, in row `same[k]` of column k, left out."""
    score = np.asarray(probes @ references.T, np.float32)
    score[same, np.arange(len(same))] = np.nan
    return score


def _table(plan: Plan, rows: np.ndarray, vectors: Float32) -> SampleTable:
    records = [plan.dataset.records[row] for row in rows]
    covariates = {name: plan.dataset.column(name)[rows] for name in plan.dataset.covariates}
    return SampleTable(
        np.array([one.name for one in records], np.str_),
        plan.dataset.subjects[rows],
        ~vectors.any(axis=1),
        covariates,
    )


def _reported(scores: PairScores | ScoreMatrix) -> Figures:
    try:
        told = Verification.of(scores).report(RATES, rounds=ROUNDS)
    except ValueError:
        return {}
    return {name: told[name] for name in ("tar_at_fmr_0.01", "tar_at_fmr_0.001", "eer", "auc")}
