"""Several photographs of one person against one prototype: what they say together.

Photographs of one person agree with each other beyond what the prototype explains: who looks like a stranger
does so in every picture. Their log-likelihood ratios must therefore not be added up, and a mean would waste
them. Of n equally good photographs whose ratios correlate by rho, given who it is, the mean has the variance
rho + (1 - rho) / n of a single one; where single ones are calibrated (and normal with one variance under both
propositions) the mean over that share is calibrated again. With weights w that sum to one:

    pooled = sum_i w_i x_i / (rho + (1 - rho) sum_i w_i^2)

rho = 1 is the mean, rho = 0 the plain sum of equally good photographs. Weights are the quality of a face and
the visible share of a part, region by region, so that a photograph that does not show a region neither adds
to it nor dilutes it. rho of faces and of bodies are fitted on synthetic people (`dependence.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.recognition.calibration import Calibration, Mode, mode_of
from lineament.recognition.comparison import Comparison

FACE: Final = "face"
LEAST_QUALITY: Final = 0.05
"""A face that was found weighs at least this much."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One photograph of a probe against a prototype. quality: 0..1, of its face."""

    comparison: Comparison
    quality: float = 1.0

    def weight(self, region: str) -> float:
        """How much the photograph counts where a region is pooled."""
        if region == FACE:
            return max(LEAST_QUALITY, self.quality)
        return float(self.comparison.share[PART_INDEX[region]]) if region in PART_INDEX else 1.0


@dataclass(frozen=True, slots=True)
class Pool:
    """offset and contributions by region, as of one comparison; they sum to the score. brought: for each
    photograph its share of each region's contribution.
    """

    mode: Mode
    offset: float
    contributions: Mapping[str, float]
    brought: tuple[Mapping[str, float], ...]

    @property
    def score(self) -> float:
        """The pooled natural log-likelihood ratio."""
        return self.offset + sum(self.contributions.values())


def pool(looks: Sequence[Look], calibration: Calibration) -> Pool | None:
    """What several photographs say together, None when nothing of any could be compared."""
    mode = pooled_mode(looks)
    if mode is None:
        return None
    alone = [contributions(look, mode, calibration) for look in looks]
    regions = dict.fromkeys(region for one in alone for region in one)
    brought: list[dict[str, float]] = [{} for _ in looks]
    for region in regions:
        shown = [i for i, one in enumerate(alone) if region in one]
        weights = shares([looks[i].weight(region) for i in shown])
        gain = amplified(weights, calibration.dependence[modality(region)])
        for i, weight in zip(shown, weights, strict=True):
            brought[i][region] = float(gain * weight * alone[i][region])
    total = {region: sum(one.get(region, 0.0) for one in brought) for region in regions}
    scale = amplified(shares(mode_weights(looks, mode)), calibration.dependence[mode])
    return Pool(mode, calibration.offset[mode] * scale, total, tuple(brought))


def pooled_mode(looks: Sequence[Look]) -> Mode | None:
    """A face of any photograph makes it a comparison of faces."""
    modes = {mode_of(look.comparison) for look in looks}
    return "face" if "face" in modes else "body" if "body" in modes else None


def contributions(look: Look, mode: Mode, calibration: Calibration) -> dict[str, float]:
    """Each region's share of one photograph's score as it counts in `mode`: beside a face of another
    photograph a body says as much as beside its own.
    """
    found, own = calibration.contributions(look.comparison), mode_of(look.comparison)
    if found is None or own is None:
        return {}
    before = calibration.body_weight[own]
    scale = calibration.body_weight[mode] / before if own != mode and before else 1.0
    return {region: value if region == FACE else scale * value for region, value in found[1].items()}


def mode_weights(looks: Sequence[Look], mode: Mode) -> list[float]:
    """How much each photograph counts where the offset is pooled; of those that show the mode."""
    if mode == "face":
        return [look.weight(FACE) for look in looks if mode_of(look.comparison) == "face"]
    return [float(look.comparison.share.sum()) for look in looks if look.comparison.has_body]


def modality(region: str) -> Mode:
    """Whose dependence holds for a region."""
    return "face" if region == FACE else "body"


def shares(weights: Sequence[float]) -> list[float]:
    """Weights that sum to one."""
    total = sum(weights)
    return [weight / total for weight in weights]


def amplified(weights: Sequence[float], dependence: float) -> float:
    """By how much a weighted mean is multiplied; weights sum to one."""
    return 1.0 / (dependence + (1.0 - dependence) * float(np.square(weights).sum()))
