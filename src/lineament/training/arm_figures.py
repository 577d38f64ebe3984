"""Figures of an arm on synthetic people of validation: where pixels belong, and whose they are."""

import numpy as np

from lineament.evaluation.metrics import Figure, proportion
from lineament.recognition.confidence_fitting import DISTANCE, Labelled
from lineament.runtime.registrar import Registrar
from lineament.training.confidence import JUDGE_SEED, PEOPLE, labelled_correspondences


def synthetic_figures(registrar: Registrar, pictures: int) -> dict[str, Figure]:
    """Figures on `pictures` pictures; no threshold, so that arms need no calibration of their own."""
    return correspondence_figures(labelled_correspondences(JUDGE_SEED, pictures, PEOPLE, registrar))


def correspondence_figures(seen: Labelled) -> dict[str, Figure]:
    """matched: share of a person's pixels with a mutual nearest site of the same part. right: of those, the
    share within 8 cm. recall: of all pixels, those that are both. own first: pictures in which more of the
    person's own prototype is matched, by confidence, than of a stranger's.
    """
    person = seen.own & np.isfinite(seen.error)
    matched = person & seen.agreed
    right = matched & (seen.error <= DISTANCE)
    # Each picture was compared with the own and with a stranger's prototype: its misses count twice.
    pixels = int(person.sum()) + int(seen.missed.sum()) // 2
    whose = np.zeros((len(seen.missed), 2))
    shown = seen.agreed & np.isfinite(seen.error)
    np.add.at(whose, (seen.picture[shown], seen.own[shown].astype(int)), seen.raw[shown])
    compared = whose.any(axis=1)
    return {
        "matched": proportion(int(matched.sum()), max(1, pixels)),
        "right": proportion(int(right.sum()), max(1, int(matched.sum()))),
        "recall": proportion(int(right.sum()), max(1, pixels)),
        "own first": proportion(
            int((whose[compared, 1] > whose[compared, 0]).sum()), max(1, int(compared.sum()))
        ),
    }
