"""Outfits: what is worn, sampled independently of who wears it."""

from dataclasses import dataclass, replace

import numpy as np

from lineament.humans.wardrobe.cloth import Cloth, sample_cloth
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.colours import cloth_colour
from lineament.humans.wardrobe.cuts import SmallCut
from lineament.humans.wardrobe.facts import Fields, Landmarks
from lineament.humans.wardrobe.garments import Cut
from lineament.humans.wardrobe.headgear import Headgear
from lineament.humans.wardrobe.headwear import Glasses, Hat
from lineament.humans.wardrobe.panels import Panel, Print
from lineament.humans.wardrobe.props import Prop
from lineament.types import Bool, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One garment. mesh: "skin" is painted on the body; "tights" and "skirt" are shells moved outwards;
    "loose" is tights that bridge the trunk's hollows, "gown" a bodice and skirt in one.

    offset: metres outwards at the top, flare: metres more at the hem, folds: metres of creases. logo: (x, z,
    half width) on the canonical chest in metres, or None. thickness: metres of its edges; 0 is a garment of
    the first variety, and none of what follows belongs to it. ease: metres that cuffs are wider than
    shoulders. hang: share of the way out to where cloth falls straight. creases: strength of painted folds,
    0..0.3. pleats: round the body. flat: one colour, without a texture.
    """

    cut: Cut | SmallCut
    cloth: Cloth
    mesh: str = "skin"
    offset: float = 0.0
    flare: float = 0.0
    folds: float = 0.0
    logo: tuple[float, float, float] | None = None
    thickness: float = 0.0
    ease: float = 0.0
    hang: float = 0.0
    creases: float = 0.0
    pleats: int = 0
    flat: bool = False
    panels: tuple[Panel, ...] = ()
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DyedProxy:
    """A MakeHuman garment: each connected part of it is dyed. colours: (8, 3), keep: share of its own
    colours.
    """

    name: str
    colours: UInt8
    keep: float
    cloth: Cloth | None


@dataclass(frozen=True, slots=True, eq=False)
class Outfit:
    """Everything worn, in the order that it is put on; seed: for prints and creases. headgear: of the wide
    variety. clothing: the choices that it was drawn for; None for the first variety.
    """

    pieces: tuple[Piece, ...] = ()
    proxies: tuple[DyedProxy, ...] = ()
    props: tuple[Prop, ...] = ()
    hat: Hat | None = None
    glasses: Glasses | None = None
    seed: int = 0
    headgear: tuple[Headgear, ...] = ()
    clothing: Clothing | None = None

    @property
    def trimmed(self) -> bool:
        """Whether garments end where later ones cover them (not in the first variety)."""
        return self.clothing is not None

    def describe(self) -> str:
        """What is worn, as a short comma-separated list."""
        if self.clothing is not None:
            return self.clothing.describe()
        pieces = [f"{one.mesh} {type(one.cut).__name__.removesuffix('Cut').lower()}" for one in self.pieces]
        bags = [f"bag {prop.place}" for prop in self.props]
        worn = [name for name, there in (("hat", self.hat), ("glasses", self.glasses)) if there is not None]
        return ", ".join([*pieces, *(proxy.name for proxy in self.proxies), *bags, *worn]) or "nothing"


@dataclass(frozen=True, slots=True)
class ProxyNames:
    """MakeHuman clothes that are there: whole suits, shoes, hats."""

    suits: tuple[str, ...] = ()
    shoes: tuple[str, ...] = ()
    hats: tuple[str, ...] = ()


def dyed(rng: np.random.Generator, name: str) -> DyedProxy:
    """A MakeHuman garment in random colours, with a pattern at times."""
    colours = np.stack([cloth_colour(rng) for _ in range(8)])
    patterned = sample_cloth(rng) if rng.random() < 0.35 else None
    return DyedProxy(name, colours, float(rng.choice([0.0, 0.3, 0.7], p=[0.5, 0.35, 0.15])), patterned)


def choose(rng: np.random.Generator, names: tuple[str, ...]) -> str:
    """One of the names."""
    return names[int(rng.integers(len(names)))]


def _hangs(piece: Piece) -> bool:
    return piece.mesh in ("skirt", "gown")


def layered_wide(pieces: list[Piece], at: Fields, marks: Landmarks) -> tuple[Piece, ...]:
    """Pieces of the wide variety, each standing off those below it wherever both cover one of the places."""
    worn: list[tuple[Piece, Bool]] = []
    for piece in pieces:
        own = piece.cut.inside(at, marks) > 0
        below = [one for one, covered in worn if one.mesh != "skin" and (own & covered).any()]
        if piece.mesh != "skin" and below:
            mesh = piece.mesh
            if mesh == "tights" and any(one.mesh in ("loose", "gown") for one in below):
                mesh = "loose"
            piece = replace(
                piece,
                mesh=mesh,
                offset=max(piece.offset, *(one.offset + 0.5 * one.folds + 0.003 for one in below)),
                hang=max(piece.hang, *(one.hang for one in below)),
                ease=max(piece.ease, *(one.ease for one in below)),
                flare=max(piece.flare, *(one.flare for one in below if _hangs(one) and _hangs(piece)), 0.0),
            )
        worn.append((piece, own))
    return tuple(piece for piece, _ in worn)
