"""Covered heads: masks, scarves and dark glasses told by the face, and heads in which no face is found at
all.

What covers a head carries the part and the place of the head beneath it, so that the registration alone does
not tell it from a head. It is not the person: covered heads and faces are not compared.
"""

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from lineament.anatomy import BACKGROUND, HEAD, TORSO
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template, load_template
from lineament.recognition.pixels import PersonPixels, seen_sites
from lineament.types import Bool, Decision, DenseRegistration, Face
from lineament.weights import folder
from lineament.writing import replacing

FILE: Final = "covering.json"
FORWARD: Final = 0.5
"""Cosine between a site's normal and the front (or the back) from which it counts to that side."""
LEAST_SHOWN: Final = 0.5
"""Share of the front from which a face should be seen."""
LEAST_PIXELS: Final = 40.0
"""Photograph pixels from the neck to the crown; faces of smaller heads are often missed uncovered."""


@dataclass(frozen=True, slots=True)
class Covering:
    """A direction of the face embeddings of `face_model`: faces further along it than `threshold` are
    covered.

    found, false_alarms: shares of the covered and of the bare faces, of synthetic people left out, that were
    called covered. people, photographs: how many it was learned from.
    """

    face_model: str
    direction: tuple[float, ...]
    threshold: float
    found: float
    false_alarms: float
    people: int
    photographs: int

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, path: Path | None = None) -> "Covering | None":
        """The shipped one, or that in `path`; None where there is none."""
        try:
            held = json.loads((path or folder("calibration") / FILE).read_text(encoding="utf-8"))
            return cls(**{**held, "direction": tuple(map(float, held["direction"]))})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @classmethod
    def of(cls, face_model: str) -> "Covering | None":
        """The shipped one where it belongs to these embeddings."""
        found = cls.load()
        return found if found is not None and found.face_model == face_model else None

    def save(self, path: Path) -> None:
        """Write as JSON."""
        with replacing(path) as partial:
            partial.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    def score(self, face: Face) -> float:
        """How far along the direction a face lies."""
        return float(face.embedding @ np.array(self.direction))


@dataclass(frozen=True, slots=True)
class HeadLook:
    """How a photograph shows a head. shown: share 0..1 of the front, of the face or of the trunk, that is
    towards the camera. pixels: height of the head with its neck. found: whether a face was found. score,
    threshold: how covered it looks, and from when it counts as covered; None where no face was found or
    nothing tells.
    """

    shown: float
    pixels: float
    found: bool
    score: float | None = None
    threshold: float | None = None

    @property
    def covered(self) -> bool:
        """True where the face looks covered, or should have been found and was not."""
        if self.found:
            return self.score is not None and self.threshold is not None and self.score > self.threshold
        return self.shown >= LEAST_SHOWN and self.pixels >= LEAST_PIXELS


@lru_cache(maxsize=1)
def _sides() -> tuple[Bool, Bool, Bool]:
    """Sites (N,) of the front of the head above the neck, of the front of the trunk, and of its back."""
    template, model = load_template(), SiteModel.load()
    above = template.positions[:, 2] > model.joint_mean[model.joint("head"), 2]
    forward, trunk = -template.normals[:, 1], template.parts == TORSO
    face = (template.parts == HEAD) & above & (forward > FORWARD)
    return np.asarray(face), np.asarray(trunk & (forward > FORWARD)), np.asarray(trunk & (forward < -FORWARD))


def head_look(
    pixels: PersonPixels | None, face: Face | None, template: Template, covering: Covering | None
) -> HeadLook:
    """How the person's head is seen; `pixels` None means that no body was registered."""
    score = covering.score(face) if covering is not None and face is not None else None
    threshold = covering.threshold if covering is not None and score is not None else None
    mine = np.zeros(0, bool) if pixels is None else pixels.parts == HEAD
    if pixels is None or not mine.any():
        return HeadLook(0.0, 0.0, face is not None, score, threshold)
    seen = seen_sites([pixels], template)
    front, chest, back = (float(seen[side].mean()) for side in _sides())
    size = float(np.ptp(pixels.xy[mine], axis=0).max())
    return HeadLook(max(front, chest - back), size, face is not None, score, threshold)


def without_head(body: DenseRegistration) -> DenseRegistration:
    """The registration with the head as background."""
    bare = np.where(body.parts == HEAD, BACKGROUND, body.parts)
    return replace(body, parts=np.asarray(bare, dtype=np.uint8))


def with_reason(decision: Decision, head: HeadLook) -> Decision:
    """The decision; where nobody is named and the head is covered, the reason says so."""
    if decision.subject is not None or not head.covered:
        return decision
    return replace(decision, reason=f"the head is occluded and not compared; {decision.reason}")
