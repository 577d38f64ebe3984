"""What the wide variety wears on head and neck: helmets, brimmed hats, face masks, hoods that lie back."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.colours import cloth_colour
from lineament.humans.wardrobe.fabrics import fabric, trimming
from lineament.types import UInt8

DomeKind = Literal["helmet", "hard hat", "brimmed", "bucket", "hood"]


@dataclass(frozen=True, slots=True, eq=False)
class Dome:
    """A shell over the skull. thickness: metres off the head. height: share that the crown is raised by.
    brim: metres.
    """

    kind: DomeKind
    cloth: Cloth
    band: UInt8
    thickness: float
    height: float
    brim: float


@dataclass(frozen=True, slots=True, eq=False)
class FaceMask:
    """A mask over nose, mouth and chin, or a scarf there. thickness: metres off the face. pleats: painted
    across.
    """

    cloth: Cloth
    thickness: float
    pleats: int
    loops: UInt8 | None


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """A hood that lies back, a rolled collar or a loose scarf round the neck: a ring of cloth.

    radius: metres of the ring's tube. behind: metres more of it behind the neck. open: radians of the ring
    that are left out in front.
    """

    cloth: Cloth
    radius: float
    behind: float
    open: float


Headgear = Dome | FaceMask | Roll


def sample_dome(rng: np.random.Generator, *, helmet: bool) -> Dome:
    """A random helmet, or a random hat with a brim."""
    if helmet:
        kind: DomeKind = ("helmet", "hard hat")[int(rng.random() < 0.35)]
        cloth = fabric(rng, "sports")
        brim = 0.0 if kind == "helmet" else float(rng.uniform(0.02, 0.045))
        return Dome(kind, cloth, cloth_colour(rng), float(rng.uniform(0.018, 0.034)), 0.03, brim)
    kind = ("brimmed", "bucket")[int(rng.random() < 0.4)]
    cloth = fabric(rng, "any" if kind == "bucket" else "leather")
    brim = float(rng.uniform(0.04, 0.15) if kind == "brimmed" else rng.uniform(0.04, 0.07))
    band = trimming(rng, cloth).colours[0]
    return Dome(kind, cloth, band, float(rng.uniform(0.012, 0.018)), float(rng.uniform(0.05, 0.3)), brim)


def sample_mask(rng: np.random.Generator, kind: str) -> FaceMask:
    """A medical mask, a mask of cloth, or a scarf drawn over the mouth."""
    if kind == "medical":
        cloth = fabric(rng, "plain")
        tones = ((140, 178, 208), (120, 170, 160), (232, 236, 238), (28, 28, 30), (226, 190, 200))
        tone = np.array(tones[int(rng.integers(len(tones)))]) + rng.normal(0, 6, 3)
        base = np.clip(tone, 3, 250).astype(np.uint8)
        loops = np.array((225, 225, 225), dtype=np.uint8)
        return FaceMask(_recoloured(cloth, base), float(rng.uniform(0.003, 0.007)), 3, loops)
    if kind == "cloth":
        return FaceMask(fabric(rng, "any"), float(rng.uniform(0.003, 0.006)), 0, cloth_colour(rng))
    return FaceMask(fabric(rng, "knit"), float(rng.uniform(0.01, 0.018)), 0, None)


def _recoloured(cloth: Cloth, base: UInt8) -> Cloth:
    return replace(cloth, colours=np.stack([base] * 3), weave=0.05)
