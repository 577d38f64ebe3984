"""Outfits of the first variety: kept as they were drawn first, to compare what is learned from others."""

from dataclasses import replace

import numpy as np

from lineament.humans.wardrobe.cloth import sample_cloth
from lineament.humans.wardrobe.facts import Landmarks
from lineament.humans.wardrobe.garments import BottomCut, FootCut, GloveCut, NeckCut, TopCut
from lineament.humans.wardrobe.headwear import sample_glasses, sample_hat
from lineament.humans.wardrobe.outfit import DyedProxy, Outfit, Piece, ProxyNames, choose, dyed
from lineament.humans.wardrobe.props import sample_prop


def _logo(rng: np.random.Generator, marks: Landmarks) -> tuple[float, float, float] | None:
    if rng.random() > 0.4:
        return None
    if rng.random() < 0.3:
        return float(rng.choice([-0.08, 0.08])), marks.shoulder - 0.08, float(rng.uniform(0.02, 0.04))
    return 0.0, marks.shoulder - float(rng.uniform(0.08, 0.25)), float(rng.uniform(0.05, 0.14))


def _top(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """A T-shirt, shirt, pullover or vest, painted or standing off a little."""
    sleeve = float(rng.choice([-0.05, 0.12, 0.3, 0.45, 0.75, 0.97], p=[0.08, 0.08, 0.24, 0.15, 0.1, 0.35]))
    sleeve = sleeve if sleeve < 0 else float(np.clip(sleeve + rng.normal(0, 0.04), 0.05, 1.02))
    neckline = str(rng.choice(["crew", "v", "scoop", "high", "shirt"], p=[0.38, 0.2, 0.17, 0.1, 0.15]))
    cut = TopCut(
        hem=marks.hip + float(rng.uniform(-0.04, 0.14)),
        sleeve=sleeve,
        neckline=neckline,
        depth=float(rng.uniform(0.05, 0.14)),
    )
    mesh = "tights" if rng.random() < 0.55 else "skin"
    loose = float(rng.uniform(0.0, 0.012))
    return [
        Piece(
            cut, sample_cloth(rng), mesh, loose, float(rng.uniform(0, 0.015)), loose * 0.5, _logo(rng, marks)
        )
    ]


def _trousers(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    waist = marks.waist + float(rng.uniform(-0.03, 0.06))
    hem = float(
        rng.choice(
            [marks.ankle - 0.02, marks.ankle + 0.12, marks.knee, marks.crotch - 0.12],
            p=[0.68, 0.1, 0.14, 0.08],
        )
    )
    cut = BottomCut(waist, hem + float(rng.normal(0, 0.02)))
    if rng.random() < 0.4:
        return [Piece(cut, sample_cloth(rng))]
    wide = float(rng.choice([0.0, 0.012, 0.03], p=[0.45, 0.35, 0.2]))
    return [Piece(cut, sample_cloth(rng), "tights", 0.001, wide, 0.003 + wide * 0.2)]


def _skirt(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    hem = float(rng.uniform(marks.ankle + 0.1, marks.crotch - 0.08))
    waist = marks.waist + float(rng.uniform(-0.02, 0.06))
    flare = float(rng.choice([0.0, 0.025, 0.08], p=[0.35, 0.35, 0.3]))
    skirt = Piece(
        BottomCut(waist, hem), sample_cloth(rng), "skirt", 0.002, flare, float(rng.uniform(0, 0.02))
    )
    if rng.random() < 0.4:
        tights = Piece(BottomCut(waist, -1.0), sample_cloth(rng))
        return [tights, skirt]
    return [skirt]


def _dress(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    cloth = sample_cloth(rng)
    top = _top(rng, marks)[0]
    bodice = TopCut(marks.crotch + 0.03, top.cut.sleeve, top.cut.neckline, top.cut.depth)
    skirt = _skirt(rng, marks)[-1]
    return [
        Piece(bodice, cloth, "tights", 0.002, 0.0, 0.001),
        Piece(BottomCut(marks.waist + 0.04, skirt.cut.hem), cloth, "skirt", 0.004, skirt.flare, skirt.folds),
    ]


def _outerwear(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """A jacket, hooded jacket or long coat over whatever is worn below."""
    cloth = sample_cloth(rng)
    opening = float(rng.choice([0.0, 0.02, 0.06, 0.1], p=[0.5, 0.2, 0.2, 0.1]))
    depth = float(rng.uniform(0.06, 0.18))
    neckline = str(rng.choice(["high", "v", "shirt"], p=[0.4, 0.3, 0.3]))
    offset = float(rng.uniform(0.012, 0.035))
    long = rng.random() < 0.5
    hem = marks.crotch + 0.02 if long else marks.hip + float(rng.uniform(-0.05, 0.12))
    top = Piece(TopCut(hem, 1.0, neckline, depth, opening), cloth, "tights", offset, 0.006, offset * 0.25)
    if not long:
        return [top]
    end = float(rng.uniform(marks.ankle + 0.12, marks.crotch - 0.1))
    tail = TopCut(end, 1.0, "crew", 0.0, opening * 1.3)
    return [top, Piece(tail, cloth, "skirt", offset * 0.8, float(rng.uniform(0.0, 0.05)), 0.008)]


def _feet(
    rng: np.random.Generator, marks: Landmarks, names: ProxyNames
) -> tuple[list[Piece], list[DyedProxy]]:
    socks = Piece(FootCut(marks.ankle + float(rng.uniform(-0.03, 0.12))), sample_cloth(rng))
    roll = rng.random()
    if roll < 0.07:
        return [], []
    if roll < 0.2:
        boots = Piece(
            FootCut(marks.ankle + float(rng.uniform(0.02, 0.28))),
            sample_cloth(rng),
            "tights",
            0.005,
            0,
            0.001,
        )
        return [boots], []
    if names.shoes and roll < 0.85:
        return [socks], [dyed(rng, choose(rng, names.shoes))]
    return [
        socks,
        Piece(FootCut(marks.ankle - float(rng.uniform(0.0, 0.05))), sample_cloth(rng), "tights", 0.004),
    ], []


def layered(pieces: list[Piece]) -> tuple[Piece, ...]:
    """The pieces, each standing far enough off the ones put on before it not to cut through them."""
    outermost: dict[str, tuple[float, float]] = {}
    worn = []
    for piece in pieces:
        offset, flare = outermost.get(piece.mesh, (0.0, 0.0))
        if piece.mesh == "skirt" and piece.mesh in outermost:
            piece = replace(piece, offset=max(piece.offset, offset + 0.008), flare=max(piece.flare, flare))
        elif piece.mesh in outermost:
            piece = replace(piece, offset=max(piece.offset, offset + 0.003))
        outermost[piece.mesh] = piece.offset + 0.5 * piece.folds, piece.flare
        worn.append(piece)
    return tuple(worn)


def sample_outfit(rng: np.random.Generator, marks: Landmarks, names: ProxyNames) -> Outfit:
    """Draw an outfit: a MakeHuman suit, or separates, often with outerwear, shoes, bags, gloves and hats."""
    pieces: list[Piece] = []
    proxies: list[DyedProxy] = []
    roll = rng.random()
    suited = bool(names.suits) and roll < 0.3
    if suited:
        proxies.append(dyed(rng, choose(rng, names.suits)))
    elif roll < 0.42:
        pieces += _dress(rng, marks)
    else:
        pieces += _skirt(rng, marks) if rng.random() < 0.22 else _trousers(rng, marks)
        pieces += _top(rng, marks)
    feet, shoes = _feet(rng, marks, names)
    if suited and rng.random() < 0.6:
        feet = [piece for piece in feet if piece.mesh != "skin"]
    pieces = feet + pieces
    proxies += shoes
    if rng.random() < 0.33:
        pieces += _outerwear(rng, marks)
    if rng.random() < 0.06:
        pieces.append(Piece(GloveCut(float(rng.uniform(0.9, 1.02))), sample_cloth(rng)))
    if rng.random() < 0.07:
        scarf = NeckCut(float(rng.uniform(0.03, 0.08)), float(rng.uniform(0.02, 0.07)))
        pieces.append(Piece(scarf, sample_cloth(rng), "tights", float(rng.uniform(0.025, 0.045)), 0.0, 0.008))
    hat = None
    if rng.random() < 0.16:
        if names.hats and rng.random() < 0.25:
            proxies.append(dyed(rng, choose(rng, names.hats)))
        else:
            hat = sample_hat(rng)
    glasses = sample_glasses(rng) if rng.random() < 0.14 else None
    props = tuple(sample_prop(rng) for _ in range(int(rng.choice([0, 1, 2], p=[0.68, 0.27, 0.05]))))
    return Outfit(layered(pieces), tuple(proxies), props, hat, glasses, int(rng.integers(2**31)))
