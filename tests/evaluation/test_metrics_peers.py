"""Our metrics against scikit-learn and bob.measure, each skipped by name where it is not installed.

bob.measure 6.1.1 asks for NumPy 1.26 and is not in the development environment; what it gives on `SAMPLE` is
also written down below, so that the comparison is made everywhere. Its minimum Cllr and its EER on the convex
hull raise NotImplementedError upstream: those are checked against scikit-learn's isotonic regression.
"""

import numpy as np
import pytest
from metrics_data import matrix, people_matrix

from lineament.evaluation.metrics import (
    Figure,
    Identification,
    Rates,
    cllr,
    confusion,
    isotonic,
    logistic,
    min_cllr,
    part_counts,
    part_iou,
)
from lineament.evaluation.metrics.distribution import Distribution

# Of its own arithmetic, so that no generator's stream can change it.
SAMPLE = (
    2.0 + 1.5 * np.sin(np.arange(1, 201) * 1.7) + np.cos(np.arange(1, 201) * 0.31),
    1.5 * np.sin(np.arange(1, 501) * 2.3) + np.cos(np.arange(1, 501) * 0.77),
)
CLOSED = people_matrix(25, 4, distance=1.5)
OPEN = matrix(CLOSED.score[:, :60], CLOSED.probes.subject, CLOSED.references.subject[:60])


def rates(mated=SAMPLE[0], non_mated=SAMPLE[1]) -> Rates:  # type: ignore[no-untyped-def]
    return Rates.of(*(Distribution(np.sort(np.asarray(side, np.float64))) for side in (mated, non_mated)))


def labelled() -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(SAMPLE), np.repeat([1, 0], [len(side) for side in SAMPLE])


def cmc_scores(source) -> list:  # type: ignore[no-untyped-def, type-arg]
    """As bob.measure wants them: for each probe the best score of every other identity, and of its own."""
    names = np.unique(source.references.subject)
    result = []
    for score, subject in zip(source.score, source.probes.subject, strict=True):
        best = {
            n: np.nanmax(np.append(score[source.references.subject == n], -np.inf)) for n in names.tolist()
        }
        own = best.pop(subject, None)
        result.append((np.array(list(best.values())), None if own in (None, -np.inf) else np.array([own])))
    return result


def test_as_written_down_from_bob() -> None:
    found = rates()
    assert found.equal_error()[0] == pytest.approx(0.2455)  # bob.measure.eer
    lowest_accepted = SAMPLE[1][SAMPLE[1] > found.threshold(0.01)].min()
    assert lowest_accepted == pytest.approx(2.42039755538901, abs=1e-12)  # bob.measure.far_threshold
    assert cllr(found) == pytest.approx(0.7896852612715519)  # bob.measure.calibration.cllr
    assert (float(found.fmr(1.0)), float(found.fnmr(1.0))) == (0.246, 0.245)  # bob.measure.farfrr at 1


def test_verification_as_bob_does() -> None:
    bob = pytest.importorskip("bob.measure")
    mated, non_mated = SAMPLE
    found = rates()
    eer, far, frr = bob.eer(non_mated, mated, also_farfrr=True)
    threshold = found.equal_error()[1]
    assert found.equal_error()[0] == pytest.approx(eer)
    assert (float(found.fmr(threshold)), float(found.fnmr(threshold))) == pytest.approx((far, frr))
    for at in (-1.0, 0.5, 1.0, 2.5):
        far, frr = bob.farfrr(non_mated, mated, at)
        assert (float(found.fmr(at)), float(found.fnmr(at))) == pytest.approx((far, frr))
    for rate in (0.5, 0.1, 0.01):
        far, frr = bob.farfrr(non_mated, mated, bob.far_threshold(non_mated, mated, rate))
        assert float(found.fmr(found.threshold(rate))) == pytest.approx(far)
        # Bob's threshold is the last non-mated score accepted, ours the first refused: a mated score between
        # the two is accepted by ours alone.
        assert frr - 1 / 200 - 1e-9 <= found.fnmr_at(rate) <= frr
    assert cllr(found) == pytest.approx(bob.calibration.cllr(non_mated, mated))


def test_identification_as_bob_does() -> None:
    bob = pytest.importorskip("bob.measure")
    found, scores = Identification.of(CLOSED), cmc_scores(CLOSED)
    curve = bob.cmc(scores)
    for rank in (1, 2, 5, 20):
        assert float((found.rank <= rank).mean()) == pytest.approx(curve[rank - 1])
    found, scores = Identification.of(OPEN), cmc_scores(OPEN)
    for threshold in (0.5, 2.0, 3.5):
        fpir, fnir = found.fpir(threshold), found.fnir(threshold, 2)
        assert isinstance(fpir, Figure) and isinstance(fnir, Figure)
        assert fpir.value == pytest.approx(bob.false_alarm_rate(scores, threshold))
        assert 1 - fnir.value == pytest.approx(bob.detection_identification_rate(scores, threshold, 2))


def test_verification_as_scikit_learn_does() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    found, (scores, truth) = rates(), labelled()
    assert found.auc() == pytest.approx(sklearn.roc_auc_score(truth, scores))
    rounded = [np.round(side, 1) for side in SAMPLE]
    assert rates(*rounded).auc() == pytest.approx(sklearn.roc_auc_score(truth, np.concatenate(rounded)))
    fmr, fnmr, thresholds = sklearn.det_curve(truth, scores)
    below = np.nextafter(thresholds, -np.inf)  # scikit-learn accepts scores from its threshold on
    assert found.fmr(below) == pytest.approx(fmr)
    assert found.fnmr(below) == pytest.approx(fnmr)


def test_costs_and_regressions_as_scikit_learn_does() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    linear = pytest.importorskip("sklearn.linear_model")
    iso = pytest.importorskip("sklearn.isotonic")
    found, (scores, truth) = rates(), labelled()
    weight = np.where(truth == 1, 0.5 / 200, 0.5 / 500)
    loss = sklearn.log_loss(truth, 1 / (1 + np.exp(-scores)), sample_weight=weight)
    assert cllr(found) == pytest.approx(loss / np.log(2))
    posterior = iso.IsotonicRegression().fit_transform(scores, truth, sample_weight=weight)
    loss = sklearn.log_loss(truth, posterior, sample_weight=weight)
    assert min_cllr(found) == pytest.approx(loss / np.log(2), abs=1e-9)
    ours = isotonic(found).llr(scores)
    inner = (posterior > 0.1) & (posterior < 0.9)
    assert ours[inner] == pytest.approx(np.log(posterior[inner] / (1 - posterior[inner])), abs=0.25)
    model = linear.LogisticRegression(C=1e7, class_weight="balanced", tol=1e-9, max_iter=1000)
    model.fit(scores[:, None], truth)
    line = logistic(found)
    assert (line.slope, line.intercept) == pytest.approx((model.coef_[0, 0], model.intercept_[0]), abs=1e-4)


def test_identification_as_scikit_learn_does() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    found = Identification.of(CLOSED)
    for p in range(0, 100, 7):
        there = ~np.isnan(CLOSED.score[p])
        mated = CLOSED.references.subject[there] == CLOSED.probes.subject[p]
        expected = sklearn.average_precision_score(mated, CLOSED.score[p][there])
        assert found.average_precision[p] == pytest.approx(expected)
    table = confusion(CLOSED)
    returned = CLOSED.references.subject[np.nanargmax(CLOSED.score, axis=1)]
    expected = sklearn.confusion_matrix(CLOSED.probes.subject, returned, labels=list(table.names))
    assert np.array_equal(table.count[:-1, :-1], expected)


def test_parts_as_scikit_learn_does() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 5, (30, 40), dtype=np.uint8)
    found = np.where(rng.random((30, 40)) < 0.6, truth, rng.integers(0, 5, (30, 40))).astype(np.uint8)
    _, parts = part_iou(part_counts(found, truth, 5)[None], np.zeros(1, np.int32), rounds=5)
    expected = sklearn.jaccard_score(truth.ravel(), found.ravel(), average=None, labels=[1, 2, 3, 4])
    assert [p.value for p in parts if isinstance(p, Figure)] == pytest.approx(expected.tolist())
