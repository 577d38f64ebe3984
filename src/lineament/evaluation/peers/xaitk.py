"""Saliency by xaitk-saliency (Apache-2.0), where the user has it installed."""

from typing import Any

import numpy as np

from lineament.evaluation.explanations import CELLS, WINDOW, Cells, Score
from lineament.evaluation.peers.optional import installed
from lineament.types import Float64, UInt8

_COMMAND = "pip install xaitk-saliency"


def xaitk_occlusion(image: UInt8, cells: Cells, score: Score, start: float) -> Float64:
    """(cells.count,) saliency of each cell by xaitk's SlidingWindow and OcclusionScoring.

    Windows are as large, and move as far, as those of our own baseline, over the person's box; what is hidden
    takes the mean colour alike. Raises BadInputError where the package is not installed.
    """
    windows: Any = installed("xaitk_saliency.impls.perturb_image.sliding_window", _COMMAND)
    scoring: Any = installed("xaitk_saliency.impls.gen_classifier_conf_sal.occlusion_scoring", _COMMAND)
    rows, columns = np.nonzero(cells.of >= 0)
    box = np.s_[int(rows.min()) : int(rows.max()) + 1, int(columns.min()) : int(columns.max()) + 1]
    side = max(1, round(max(image[box].shape[:2]) / CELLS * WINDOW))
    step = max(1, round(side * 2 / 3))
    shown = np.asarray(windows.SlidingWindow((side, side), (step, step)).perturb(image[box]), dtype=bool)
    mean = np.round(image.reshape(-1, 3).mean(axis=0)).astype(np.uint8)
    scores = []
    for mask in shown:
        hidden = image.copy()
        hidden[box] = np.where(mask[..., None], image[box], mean)
        scores.append([score(hidden)])
    found = scoring.OcclusionScoring().generate(np.array([start]), np.array(scores), shown)[0]
    values = np.zeros(cells.of.shape)
    values[box] = found
    return cells.means(values)
