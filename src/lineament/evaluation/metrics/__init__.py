"""Figures with intervals, and never a number that the data cannot show."""

from lineament.evaluation.metrics.correspondence import overlap
from lineament.evaluation.metrics.figures import CONFIDENCE, Figure, TooFew, mean, proportion
from lineament.evaluation.metrics.verification import (
    Curve,
    Verification,
    area_under_curve,
    failures,
    true_accept_rate,
)

__all__ = [
    "CONFIDENCE",
    "Curve",
    "Figure",
    "TooFew",
    "Verification",
    "area_under_curve",
    "failures",
    "mean",
    "overlap",
    "proportion",
    "true_accept_rate",
]
