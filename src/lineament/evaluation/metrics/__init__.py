"""Figures with intervals, and never a number that the data cannot show."""

from lineament.evaluation.metrics.calibration import Bin, calibration_curve
from lineament.evaluation.metrics.confusion import Confusion, confusion
from lineament.evaluation.metrics.correspondence import (
    Correspondences,
    canonical_distance,
    joints_hit,
    overlap,
    part_counts,
    part_iou,
)
from lineament.evaluation.metrics.differentials import Differential, differentials, failures_by_group, within
from lineament.evaluation.metrics.distribution import Distribution, Rates, area_under_curve, true_accept_rate
from lineament.evaluation.metrics.figures import CONFIDENCE, Figure, TooFew, mean, proportion
from lineament.evaluation.metrics.identification import Identification
from lineament.evaluation.metrics.likelihood import (
    cllr,
    isotonic,
    logistic,
    min_cllr,
)
from lineament.evaluation.metrics.nominal import Nominal, nominal_rates
from lineament.evaluation.metrics.resampling import person_mean, share
from lineament.evaluation.metrics.verification import Curve, Verification, failures

__all__ = [
    "CONFIDENCE",
    "Bin",
    "Confusion",
    "Correspondences",
    "Curve",
    "Differential",
    "Distribution",
    "Figure",
    "Identification",
    "Nominal",
    "Rates",
    "TooFew",
    "Verification",
    "area_under_curve",
    "calibration_curve",
    "canonical_distance",
    "cllr",
    "confusion",
    "differentials",
    "failures",
    "failures_by_group",
    "isotonic",
    "joints_hit",
    "logistic",
    "mean",
    "min_cllr",
    "nominal_rates",
    "overlap",
    "part_counts",
    "part_iou",
    "person_mean",
    "proportion",
    "share",
    "true_accept_rate",
    "within",
]
