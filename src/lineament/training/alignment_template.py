"""Where landmarks should lie in an aligned crop: the average head, projected as the five points ask."""

from typing import Final

import numpy as np

from lineament.runtime.face_alignment import AlignmentTemplate
from lineament.synth.head_places import VERTICES, mean_places
from lineament.synth.landmarks import LANDMARKS
from lineament.training.alignment_detector import FIVE

COUNTED: Final = np.array([name.startswith("ibug_") and int(name[5:]) >= 17 for name in LANDMARKS])
"""Of the named ones, brows, nose, eyes and mouth align; jaw line, ears and crown differ more between people
and are hidden more often.
"""
CONTEXT: Final = 1.6
"""Side of the network's view in crops: from the crown to below the chin."""


def average_template(revision: str, context: float = CONTEXT) -> AlignmentTemplate:
    """The template of the average adult, its landmarks in the order of `synth.head_places.VERTICES`."""
    weights = np.zeros(len(VERTICES))
    weights[: len(LANDMARKS)] = COUNTED
    return AlignmentTemplate(mean_places(), weights, tuple(FIVE), context, revision)
