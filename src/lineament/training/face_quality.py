"""Fit face quality: which measures of a picture foretell that its mated comparison will fail.

Each synthetic person's best pictures (clear, frontal) are the references. Every other picture is a probe,
and passes when its best cosine with them is above the threshold of a false match rate of 1 % over all
non-mated comparisons. Quality is the probability of that, by a logistic regression over the measures.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lineament.errors import BadInputError
from lineament.evaluation.comparisons import PairScores, SampleTable
from lineament.evaluation.metrics import TooFew, area_under_curve
from lineament.evaluation.metrics.discard import error_versus_discard
from lineament.recognition.fitting import logistic
from lineament.runtime.aligner import Aligner
from lineament.runtime.face_quality import FEATURES, QualityModel
from lineament.training.crop_averages import averages_table
from lineament.training.face_readings import FaceReadings, face_readings, features_of
from lineament.training.quality_pictures import REVISION as DRAWN
from lineament.training.quality_pictures import quality_pictures
from lineament.types import Bool, Float32, Float64, Int32

REVISION: Final = "face-quality-2"
SEED: Final = 8805
PEOPLE: Final = 64
PICTURES: Final = 600
FMR: Final = 0.01
REFERENCES: Final = 2
WORST: Final = np.radians(40.0)
UNCLEAR: Final = np.radians(20.0)
"""A reference is turned by less than WORST; one that is not clear counts as turned by so much more."""
FOLDS: Final = 4
GOOD: Final = 0.75
"""Quantile of the clear frontal pictures that counts as good."""
CARD: Final = """# {revision}: how well a face's picture serves recognition

{count} coefficients over {features}.
The number is the probability that a mated comparison of the picture with a good one passes the threshold of a
false match rate of {fmr:g} on synthetic people, fitted with {model}.
No weight is negative: no measure counts against a picture for being better.

- Data: {pictures} renders of {people} synthetic people, every other one made worse as well (smaller, blurred,
  darker, brighter, lit from one side, covered, noisy, flat), seed {seed}: {probes} probes, of which
  {failed} fail. No photograph was used to fit or to choose anything.
- Judged on people left out in turn ({folds} folds):
{figures}
- Limits: renders are harder for the recogniser than photographs, so the number is too low for these,
  above all for profiles; its order is what is meant. Refit it when alignment or recogniser change.

Licence: Apache-2.0. `lineament train quality --out FOLDER` repeats the run.
"""
LICENCE: Final = (
    "Apache-2.0; the text is in the LICENSE file of the project. Learned from synthetic people only.\n"
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """probe: (p,) rows of the readings. score: (p,) best mated cosine. passes: (p,) above the threshold.
    references: (r,) rows.
    """

    probe: NDArray[np.intp]
    score: Float32
    passes: Bool
    references: NDArray[np.intp]
    threshold: float


def trials_of(readings: FaceReadings) -> Trials:
    """Who is compared with whom; people without a fit reference are left out."""
    references = _references(readings)
    vectors, people = readings.embeddings, readings.people
    enrolled = np.unique(people[references])
    rest = np.setdiff1d(np.arange(len(people)), references)
    probe = rest[np.isin(people[rest], enrolled)]
    cosine = vectors[probe] @ vectors[references].T
    best = np.stack([cosine[:, people[references] == who].max(axis=1) for who in enrolled], axis=1)
    mated = people[probe][:, None] == enrolled
    if mated.sum() == 0 or (~mated).sum() * FMR < 3:
        raise BadInputError("too few pictures to fit quality on; ask for more --pictures")
    threshold = float(np.quantile(best[~mated], 1 - FMR, method="higher"))
    score = best[mated]
    return Trials(probe, score, score > threshold, references, threshold)


def _references(readings: FaceReadings) -> NDArray[np.intp]:
    """Rows of up to REFERENCES pictures of each person that were not made worse, clear and frontal first."""
    badness = np.abs(readings.yaws) + np.where(readings.clear, 0.0, UNCLEAR)
    order = np.flatnonzero(readings.plain & (badness < WORST))
    order = order[np.argsort(badness[order], kind="stable")]
    kept = [order[readings.people[order] == who][:REFERENCES] for who in np.unique(readings.people[order])]
    return np.sort(np.concatenate(kept))


def fit_quality(features: Float64, passes: Bool, good: Float64) -> QualityModel:
    """Coefficients from features (n, F), NaN where unknown, and whether comparisons pass (n,)."""
    known = np.where(np.isfinite(features), features, good)
    weights = logistic(known, passes, positive=np.ones(known.shape[1], bool))
    share = float(np.clip(passes.mean(), 1e-3, 1 - 1e-3))
    # the regression balances both outcomes: put back how often comparisons pass
    intercept = float(weights[-1] + np.log(share / (1 - share)))
    return QualityModel(REVISION, intercept, tuple(map(float, weights[:-1])), tuple(map(float, good)))


def judged(readings: FaceReadings, trials: Trials, features: Float64, good: Float64) -> dict[str, float]:
    """Figures from people left out in turn, beside those of single measures."""
    people = readings.people[trials.probe]
    value = np.zeros(len(people))
    for fold in range(FOLDS):
        out = people % FOLDS == fold
        model = fit_quality(features[trials.probe][~out], trials.passes[~out], good)
        value[out] = [model.assess(readings.measures[row]).value for row in trials.probe[out]]
    yaw = -np.abs([readings.measures[row].yaw for row in trials.probe])
    eyes = np.array([readings.measures[row].eyes for row in trials.probe])
    found = {"brier": float(np.mean((value - trials.passes) ** 2))}
    for name, ranked in (("quality", value), ("yaw alone", yaw), ("size alone", eyes)):
        found[f"{name}: area under the curve"] = area_under_curve(
            ranked[trials.passes], ranked[~trials.passes]
        )
        found[f"{name}: error versus discard, relative"] = _discarded(ranked, trials, people)
    return {name: round(number, 4) for name, number in found.items()}


def _discarded(quality: Float64, trials: Trials, people: Int32) -> float:
    count = len(trials.probe)
    names = np.array([f"{row:06d}" for row in range(count)])
    table = SampleTable(names, people.astype(str), np.zeros(count, bool))
    rows = np.arange(count, dtype=np.int32)
    # references are no photographs here: only probes are discarded
    mated = PairScores(table, table, rows, rows, trials.score.astype(np.float32))
    found = error_versus_discard(mated, quality, quality, trials.threshold, rounds=100)
    return float("nan") if isinstance(found, TooFew) else found.relative.value


def make_quality(out: Path, say: Say, *, pictures: int = PICTURES) -> QualityModel:
    """Draw, read, fit, judge and write the released folder."""
    aligner = Aligner.load(threads=1)
    drawn = quality_pictures(pictures, PEOPLE, SEED, lambda done, of: say(f"drawn {done} of {of}"))
    readings = face_readings(drawn, SEED, aligner, say)
    features, trials = features_of(readings), trials_of(readings)
    with np.errstate(invalid="ignore"):
        good = np.nanquantile(features[trials.references], GOOD, axis=0)
    model = fit_quality(features[trials.probe], trials.passes, good)
    figures = judged(readings, trials, features, good)
    record = {
        "revision": REVISION,
        "command": "lineament train quality",
        "pictures": pictures,
        "drawn": DRAWN,
        "people": PEOPLE,
        "seed": SEED,
        "alignment": aligner.revision,
        "recogniser": "sface-2021dec",
        "probes": len(trials.probe),
        "failed": int((~trials.passes).sum()),
        "references": len(trials.references),
        "threshold": round(trials.threshold, 4),
        "validation": figures,
        "averages": averages_table(readings, trials.references),
    }
    _write(out, model, record)
    return model


def _write(out: Path, model: QualityModel, record: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    config = {
        "revision": model.revision,
        "intercept": round(model.intercept, 4),
        "weights": {name: round(one, 4) for name, one in zip(FEATURES, model.weights, strict=True)},
        "good": {name: round(one, 4) for name, one in zip(FEATURES, model.good, strict=True)},
    }
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    (out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (out / "LICENSE").write_text(LICENCE, encoding="utf-8")
    figures = record["validation"]
    assert isinstance(figures, dict)
    card = CARD.format(
        **{name: record[name] for name in ("revision", "pictures", "people", "seed", "probes", "failed")},
        count=len(FEATURES) + 1,
        features=", ".join(FEATURES),
        fmr=FMR,
        model=f"{record['recogniser']} and {record['alignment']}",
        folds=FOLDS,
        figures="\n".join(f"  - {name}: {value}" for name, value in figures.items()),
    )
    (out / "CARD.md").write_text(card, encoding="utf-8")
