"""What is worn on head and neck, and bags with their straps, in the wide variety."""

from dataclasses import dataclass, replace

import numpy as np

from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.colours import cloth_colour
from lineament.humans.wardrobe.cuts import SashCut, StrapsCut
from lineament.humans.wardrobe.fabrics import fabric
from lineament.humans.wardrobe.facts import Landmarks
from lineament.humans.wardrobe.garments import NeckCut
from lineament.humans.wardrobe.headgear import Dome, Headgear, Roll, sample_dome, sample_mask
from lineament.humans.wardrobe.headwear import Glasses, Hat, sample_glasses
from lineament.humans.wardrobe.outfit import DyedProxy, Piece, ProxyNames, choose, dyed
from lineament.humans.wardrobe.props import Prop, sample_prop_at

_SCARF_SHARE = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class HeadAndNeck:
    """What is worn there, by how it is made."""

    pieces: list[Piece]
    proxies: list[DyedProxy]
    hat: Hat | None
    glasses: Glasses | None
    headgear: tuple[Headgear, ...]


def head_and_neck(
    rng: np.random.Generator, clothing: Clothing, marks: Landmarks, names: ProxyNames, hood: Roll | None
) -> HeadAndNeck:
    """Hats, glasses, masks and scarves; `hood` lies on the shoulders unless it is worn up."""
    pieces: list[Piece] = []
    proxies: list[DyedProxy] = []
    gear: list[Headgear] = []
    hat = None
    kind = clothing.headwear
    if kind == "hat" and names.hats and rng.random() < 0.4:
        proxies.append(dyed(rng, choose(rng, names.hats)))
    elif kind in ("hat", "helmet"):
        gear.append(sample_dome(rng, helmet=kind == "helmet"))
    elif kind in ("cap", "beanie"):
        cloth = fabric(rng, "knit" if kind == "beanie" else "any")
        thickness, height = float(rng.uniform(0.012, 0.022)), float(rng.uniform(0.0, 0.4))
        hat = Hat("knitted" if kind == "beanie" else "cap", cloth, thickness, height)
    elif kind == "hood":
        cloth = hood.cloth if hood is not None else fabric(rng)
        gear.append(Dome("hood", cloth, cloth.colours[0], float(rng.uniform(0.018, 0.03)), 0.1, 0.0))
        pieces.append(_neck_piece(NeckCut(0.04, 0.06), 0.03, cloth))
        hood = None
    elif kind == "headscarf":
        cloth = fabric(rng, "festive" if rng.random() < 0.4 else "plain")
        gear.append(Dome("hood", cloth, cloth.colours[0], float(rng.uniform(0.008, 0.014)), 0.0, 0.0))
        pieces.append(_neck_piece(NeckCut(float(rng.uniform(0.05, 0.12)), 0.06), 0.022, cloth))
    if hood is not None:
        gear.append(hood)
    if clothing.mask != "none":
        mask = sample_mask(rng, clothing.mask)
        gear.append(mask)
        if clothing.mask == "scarf":
            gear.append(Roll(mask.cloth, 0.026, 0.01, 0.0))
    elif hood is None and hat is None and rng.random() < _SCARF_SHARE:
        gear.append(Roll(fabric(rng, "knit"), float(rng.uniform(0.016, 0.03)), 0.008, 0.0))
    return HeadAndNeck(pieces, proxies, hat, _glasses(rng, clothing), tuple(gear))


def _neck_piece(cut: NeckCut, offset: float, cloth: Cloth) -> Piece:
    return Piece(cut, cloth, "tights", offset, 0.0, 0.006, thickness=0.008, creases=0.12)


def _glasses(rng: np.random.Generator, clothing: Clothing) -> Glasses | None:
    if clothing.glasses == "none":
        return None
    glasses = sample_glasses(rng)
    if clothing.glasses == "clear":
        return replace(glasses, lens=None)
    return replace(glasses, lens=(cloth_colour(rng) * 0.25).astype(np.uint8))


def bags(
    rng: np.random.Generator, clothing: Clothing, marks: Landmarks
) -> tuple[list[Piece], tuple[Prop, ...]]:
    """The bag and the straps that it hangs by."""
    if clothing.bag == "none":
        return [], ()
    side = "left" if rng.random() < 0.5 else "right"
    place = {"backpack": "back", "shoulder": f"{side} hip", "hand": f"{side} hand"}[clothing.bag]
    prop = sample_prop_at(rng, place)  # type: ignore[arg-type]
    strap = replace(fabric(rng, "plain"), colours=np.stack([prop.colours[1]] * 3), weave=0.05)
    if clothing.bag == "backpack":
        low = marks.chest + float(rng.uniform(-0.02, 0.06))
        cut = StrapsCut(float(rng.uniform(0.085, 0.11)), float(rng.uniform(0.014, 0.026)), low)
        return [Piece(cut, strap, "loose", 0.012, thickness=0.006, hang=1.0, flat=True)], (prop,)
    if clothing.bag == "shoulder" and rng.random() < 0.75:
        across = SashCut(-1.0 if side == "left" else 1.0, float(rng.uniform(0.008, 0.018)))
        return [Piece(across, strap, "loose", 0.012, thickness=0.005, hang=1.0, flat=True)], (prop,)
    return [], (prop,)
