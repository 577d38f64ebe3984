"""What averaging several crops of a face brings, and what it costs: mirrored, shifted, both."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lineament.evaluation.metrics import true_accept_rate
from lineament.evaluation.metrics.figures import RULE_OF_3
from lineament.runtime.faces import LOOKS, TURNED_LOOKS, Looks
from lineament.training.face_readings import ALL_LOOKS, FaceReadings, averaged
from lineament.types import Int32


def _places(looks: Looks) -> tuple[int, ...]:
    return tuple(ALL_LOOKS.index(look) for look in looks)


USED: Final[Mapping[str, Sequence[int]]] = {
    "one crop": (0,),
    "and its mirror image (the product, from the front)": _places(LOOKS),
    "and shifted both ways, one mirrored (the product, turned)": _places(TURNED_LOOKS),
    "shifted both ways": (0, 2, 4),
    "shifted both ways, all mirrored": (0, 1, 2, 3, 4, 5),
    "shifted one way, mirrored the other": (2, 5),
}
"""Which of ALL_LOOKS each way averages."""
YAWS: Final = {
    "0 to 30 degrees": (0.0, 30.0),
    "30 to 60 degrees": (30.0, 60.0),
    "60 degrees and more": (60.0, 180.0),
}
FMR: Final = 0.01


def averages_table(
    readings: FaceReadings, references: NDArray[np.intp]
) -> list[dict[str, float | int | str]]:
    """For each way of averaging the probes' crops and each range of true yaw: the true accept rate at a false
    match rate of 1 %, each range at a threshold of its own. References are always averaged as the product
    does it; probes are the renders that were not made worse.
    """
    plain = np.setdiff1d(np.flatnonzero(readings.plain), references)
    vectors = readings.embeddings[references]
    people = readings.people[references]
    rows: list[dict[str, float | int | str]] = []
    for way, used in USED.items():
        probes = averaged(readings.crops[plain], used)
        for label, (low, high) in YAWS.items():
            degrees = np.abs(np.degrees(readings.yaws[plain]))
            chosen = (degrees >= low) & (degrees < high)
            rows.append(
                {"crops": way, "networks": len(used), "yaw": label, "probes": int(chosen.sum())}
                | _rate(probes[chosen] @ vectors.T, readings.people[plain][chosen], people)
            )
    return rows


def _rate(cosine: np.ndarray, who: Int32, enrolled: Int32) -> dict[str, float]:
    names = np.unique(enrolled)
    known = np.isin(who, names)
    best = np.stack([cosine[known][:, enrolled == name].max(axis=1) for name in names], axis=1)
    mated = who[known][:, None] == names
    if not mated.any() or (~mated).sum() * FMR < RULE_OF_3:
        return {}
    tar, _ = true_accept_rate(best[mated].astype(np.float64), best[~mated].astype(np.float64), FMR)
    return {"tar": round(tar.value, 4), "low": round(tar.low, 4), "high": round(tar.high, 4)}
