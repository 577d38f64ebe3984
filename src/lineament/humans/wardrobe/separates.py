"""Tops, trousers, shorts, skirts and footwear of the wide variety."""

import numpy as np

from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.clothing import Shoes
from lineament.humans.wardrobe.cuts import BandCut, SandalCut
from lineament.humans.wardrobe.fabrics import Use, fabric, trimming
from lineament.humans.wardrobe.facts import Landmarks
from lineament.humans.wardrobe.garments import BottomCut, FootCut, TopCut
from lineament.humans.wardrobe.outfit import DyedProxy, Piece, ProxyNames, choose, dyed
from lineament.humans.wardrobe.panels import sample_panel, sample_prints

_SLEEVES = (-0.05, 0.15, 0.32, 0.45, 0.75, 0.98)
_NECKLINES = ("crew", "v", "scoop", "high", "shirt")


def pick(rng: np.random.Generator, values: tuple[float, ...], shares: tuple[float, ...]) -> float:
    """One of `values` by `shares`."""
    return float(values[int(rng.choice(len(values), p=np.array(shares)))])


def top(rng: np.random.Generator, marks: Landmarks, *, tucked: bool = False) -> list[Piece]:
    """A T-shirt, shirt, pullover or vest, from tight to hanging loose."""
    sleeve = pick(rng, _SLEEVES, (0.1, 0.08, 0.26, 0.12, 0.08, 0.36))
    sleeve = sleeve if sleeve < 0 else float(np.clip(sleeve + rng.normal(0, 0.04), 0.08, 1.02))
    neckline = _NECKLINES[int(rng.choice(5, p=[0.38, 0.18, 0.16, 0.12, 0.16]))]
    hem = marks.hip + float(rng.uniform(-0.06, 0.1))
    if not tucked and rng.random() < 0.06:
        hem = marks.waist + float(rng.uniform(0.02, 0.14))
    cut = TopCut(hem, sleeve, neckline, float(rng.uniform(0.05, 0.13)))
    warm = sleeve > 0.9 and rng.random() < 0.3
    cloth = fabric(rng, "knit" if warm else "any")
    fit = pick(rng, (0.0, 0.5, 1.0), (0.3, 0.4, 0.3))
    piece = Piece(
        cut,
        cloth,
        "tights" if fit == 0 else "loose",
        offset=0.003 + 0.006 * fit + (0.006 if warm else 0.0),
        flare=0.02 * fit * float(rng.random()),
        folds=0.003 + 0.005 * fit,
        thickness=0.006,
        ease=0.012 * fit * float(rng.random()),
        hang=0.0 if fit == 0 else fit * float(rng.uniform(0.4, 1.0)),
        creases=float(rng.uniform(0.02, 0.1)),
        panels=(sample_panel(rng),) if rng.random() < 0.22 else (),
        prints=sample_prints(rng, marks, sports=False),
    )
    return [piece]


def trousers(rng: np.random.Generator, marks: Landmarks, use: Use | None = None) -> list[Piece]:
    """Trousers from leggings to very wide ones, with a belt at times."""
    hem = pick(rng, (marks.ankle - 0.03, marks.ankle + 0.1), (0.8, 0.2)) + float(rng.normal(0, 0.015))
    return _legged(rng, marks, hem, use or _trouser_use(rng))


def shorts(rng: np.random.Generator, marks: Landmarks, use: Use | None = None) -> list[Piece]:
    """Shorts from the thigh to below the knee."""
    hem = float(rng.uniform(marks.knee - 0.06, marks.crotch - 0.06))
    return _legged(rng, marks, hem, use or _trouser_use(rng))


def _trouser_use(rng: np.random.Generator) -> Use:
    uses: tuple[Use, ...] = ("denim", "any", "formal", "plain", "work")
    return uses[int(rng.choice(5, p=[0.32, 0.2, 0.14, 0.24, 0.1]))]


def _legged(rng: np.random.Generator, marks: Landmarks, hem: float, use: Use) -> list[Piece]:
    waist = marks.waist + float(rng.uniform(-0.03, 0.05))
    width = pick(rng, (0.0, 0.008, 0.022, 0.05), (0.26, 0.38, 0.24, 0.12))
    piece = Piece(
        BottomCut(waist, hem),
        fabric(rng, use),
        "tights",
        offset=0.003 + 0.15 * width,
        flare=width * float(rng.uniform(0.7, 1.3)),
        folds=0.002 + 0.16 * width,
        thickness=0.006,
        creases=float(rng.uniform(0.02, 0.1)),
        panels=(sample_panel(rng, ("side stripes", "lower")),) if rng.random() < 0.12 else (),
    )
    if rng.random() > 0.25:
        return [piece]
    return [piece, belt(rng, waist, piece.offset, piece.cloth)]


def belt(rng: np.random.Generator, waist: float, offset: float, cloth: Cloth) -> Piece:
    """A belt at z = waist over what stands off by `offset`."""
    high = float(rng.uniform(0.025, 0.045))
    band = trimming(rng, cloth) if rng.random() < 0.4 else fabric(rng, "leather")
    return Piece(BandCut(waist - high, waist), band, "tights", offset + 0.004, thickness=0.004, flat=True)


def skirt(rng: np.random.Generator, marks: Landmarks, cloth: Cloth | None = None) -> list[Piece]:
    """A skirt from mini to floor-length, straight, flared or pleated, over tights at times."""
    hem = float(rng.uniform(marks.ankle + 0.03, marks.crotch - 0.06))
    flare = pick(rng, (0.0, 0.03, 0.09, 0.16), (0.3, 0.32, 0.26, 0.12))
    piece = Piece(
        BottomCut(marks.waist + float(rng.uniform(-0.03, 0.04)), hem),
        cloth or fabric(rng, "festive" if rng.random() < 0.4 else "any"),
        "skirt",
        offset=0.004,
        flare=flare,
        folds=0.004 + 0.2 * flare * float(rng.random()),
        thickness=0.006,
        creases=float(rng.uniform(0.02, 0.1)),
        pleats=int(rng.integers(14, 48)) if rng.random() < 0.25 else 0,
    )
    if rng.random() < 0.35:
        tights = Piece(BottomCut(marks.waist, -1.0), fabric(rng, "plain"), "skin", thickness=0.002)
        return [tights, piece]
    return [piece]


def footwear(
    rng: np.random.Generator, marks: Landmarks, names: ProxyNames, shoes: Shoes
) -> tuple[list[Piece], list[DyedProxy]]:
    """What is on the feet; MakeHuman's shoes where they are there."""
    if shoes == "barefoot":
        return [], []
    if shoes == "sandals":
        cut = SandalCut(float(rng.uniform(0.008, 0.014)))
        return [Piece(cut, fabric(rng, "leather"), "tights", 0.005, thickness=0.005, flat=True)], []
    socks = Piece(FootCut(marks.ankle + float(rng.uniform(-0.03, 0.12))), fabric(rng), thickness=0.002)
    if shoes == "boots":
        height = marks.ankle + float(rng.choice((0.03, 0.12, 0.26))) + float(rng.uniform(0, 0.08))
        return [_shoe(rng, height, float(rng.uniform(0.007, 0.014)))], []
    if names.shoes and rng.random() < 0.7:
        return [socks], [dyed(rng, choose(rng, names.shoes))]
    return [socks, _shoe(rng, marks.ankle - float(rng.uniform(0.0, 0.05)), 0.006)], []


def _shoe(rng: np.random.Generator, height: float, offset: float) -> Piece:
    cloth = fabric(rng, "leather" if rng.random() < 0.6 else "sports")
    sole = sample_panel(rng, ("sole",))
    return Piece(FootCut(height), cloth, "tights", offset, thickness=0.006, panels=(sole,))
