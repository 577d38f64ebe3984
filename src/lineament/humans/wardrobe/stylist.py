"""Outfits of the wide variety: what each choice of `Clothing` is made of. Nothing here knows the wearer."""

from dataclasses import replace

import numpy as np

from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.cuts import BandCut, BibCut, BraCut, BriefCut, LapelCut, LeotardCut, TieCut
from lineament.humans.wardrobe.extras import bags, head_and_neck
from lineament.humans.wardrobe.fabrics import Use, fabric, trimming
from lineament.humans.wardrobe.facts import BodyFacts, Landmarks
from lineament.humans.wardrobe.garments import BottomCut, GloveCut, TopCut
from lineament.humans.wardrobe.headgear import Roll
from lineament.humans.wardrobe.outfit import DyedProxy, Outfit, Piece, ProxyNames, choose, dyed, layered_wide
from lineament.humans.wardrobe.panels import Panel, sample_panel, sample_prints
from lineament.humans.wardrobe.separates import belt, footwear, pick, shorts, skirt, top, trousers

Worn = tuple[list[Piece], list[DyedProxy]]
_FORMAL = ("elegantsuit", "worksuit")


def compose(rng: np.random.Generator, clothing: Clothing, facts: BodyFacts, names: ProxyNames) -> Outfit:
    """An outfit for these choices: cuts, cloths, colours, patterns and prints are drawn here."""
    marks = facts.landmarks
    pieces, proxies = _dress(rng, clothing, marks, names)
    feet, shoes = footwear(rng, marks, names, clothing.shoes)
    if proxies:
        # Suits cover the ankles: socks painted there would show through nothing.
        feet = [piece for piece in feet if piece.mesh != "skin"]
    pieces = feet + pieces
    outer, hood = _outerwear(rng, clothing, marks)
    pieces += outer
    if clothing.gloves == "gloves":
        pieces.append(Piece(GloveCut(float(rng.uniform(0.9, 1.02))), fabric(rng, "work"), thickness=0.002))
    extra = head_and_neck(rng, clothing, marks, names, hood)
    straps, props = bags(rng, clothing, marks)
    places = np.unique(facts.tights[0])
    return Outfit(
        layered_wide(pieces + extra.pieces + straps, facts.fields.take(places), marks),
        tuple(proxies + shoes + extra.proxies),
        props,
        extra.hat,
        extra.glasses,
        int(rng.integers(2**31)),
        extra.headgear,
        clothing,
    )


def _dress(rng: np.random.Generator, clothing: Clothing, marks: Landmarks, names: ProxyNames) -> Worn:
    if clothing.dress == "separates":
        return _separates(rng, clothing, marks, names)
    if clothing.dress == "suit":
        return _suit(rng, marks, names)
    made = {
        "dress": _gown,
        "sportswear": _sportswear,
        "swimwear": _swimwear,
        "overall": _overall,
        "robe": _robe,
    }[clothing.dress]
    return made(rng, marks), []


def _separates(rng: np.random.Generator, clothing: Clothing, marks: Landmarks, names: ProxyNames) -> Worn:
    casual = tuple(name for name in names.suits if not any(word in name for word in _FORMAL))
    if clothing.legs == "trousers" and casual and rng.random() < 0.22:
        return [], [dyed(rng, choose(rng, casual))]
    tucked = bool(rng.random() < 0.25)
    below = {"trousers": trousers, "shorts": shorts, "skirt": skirt}[clothing.legs](rng, marks)
    above = top(rng, marks, tucked=tucked)
    return (above + below if tucked else below + above), []


def _suit(rng: np.random.Generator, marks: Landmarks, names: ProxyNames) -> Worn:
    """Jacket, trousers or skirt of one cloth over a shirt, with a tie at times."""
    formal = tuple(name for name in names.suits if any(word in name for word in _FORMAL))
    if formal and rng.random() < 0.4:
        return [], [dyed(rng, choose(rng, formal))]
    cloth = fabric(rng, "formal")
    shirt_cut = TopCut(marks.hip, 0.99, "shirt", 0.06)
    shirt = Piece(shirt_cut, fabric(rng, "plain"), "tights", 0.003, 0, 0.001, thickness=0.003)
    legs = skirt(rng, marks, cloth)[-1] if rng.random() < 0.2 else trousers(rng, marks, "formal")[0]
    pieces = [shirt, replace(legs, cloth=cloth, panels=())]
    if rng.random() < 0.6:
        tie = TieCut(float(rng.uniform(0.025, 0.045)), marks.waist + 0.06)
        pieces.append(Piece(tie, fabric(rng, "any"), "tights", 0.008, thickness=0.003))
    if rng.random() < 0.86:
        pieces += _jacket(rng, marks, cloth)
    return pieces, []


def _jacket(rng: np.random.Generator, marks: Landmarks, cloth: Cloth) -> list[Piece]:
    """A suit's jacket with its lapels."""
    cut = TopCut(marks.crotch + float(rng.uniform(-0.02, 0.06)), 0.97, "v", float(rng.uniform(0.16, 0.3)),
                 float(rng.choice((0.0, 0.0, 0.03, 0.06))))  # fmt: skip
    body = Piece(
        cut, cloth, "loose", 0.014, 0.01, 0.004, thickness=0.01, ease=0.006,
        hang=float(rng.uniform(0.4, 0.9)), creases=0.06,
    )  # fmt: skip
    if cut.opening > 0:
        return [body]
    lapels = Piece(LapelCut(cut, 0.035), cloth, "loose", 0.019, thickness=0.006, hang=body.hang, creases=0.1)
    return [body, lapels]


def _gown(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """A dress, mini to floor-length, close or loose, with a belt at times."""
    cloth = fabric(rng, "festive" if rng.random() < 0.6 else "any")
    sleeve = pick(rng, (-0.05, 0.15, 0.32, 0.75, 0.98), (0.35, 0.15, 0.2, 0.12, 0.18))
    necks = ("crew", "v", "scoop", "high", "shirt")
    neckline = necks[int(rng.choice(5, p=[0.25, 0.25, 0.3, 0.1, 0.1]))]
    loose = float(rng.random() < 0.4)
    cut = TopCut(
        float(rng.uniform(marks.ankle + 0.03, marks.crotch - 0.06)),
        sleeve,
        neckline,
        float(rng.uniform(0.06, 0.15)),
    )
    flare = pick(rng, (0.0, 0.04, 0.12, 0.2), (0.3, 0.3, 0.25, 0.15))
    dress = Piece(
        cut, cloth, "gown", 0.004, flare, 0.004 + 0.12 * flare, thickness=0.006, ease=0.02 * loose,
        hang=loose * float(rng.uniform(0.3, 1.0)), creases=float(rng.uniform(0.02, 0.1)),
        pleats=int(rng.integers(14, 48)) if rng.random() < 0.15 else 0,
        panels=(sample_panel(rng),) if rng.random() < 0.2 else (),
    )  # fmt: skip
    below = []
    if rng.random() < 0.3:
        below = [Piece(BottomCut(marks.waist, -1.0), fabric(rng, "plain"), "skin", thickness=0.002)]
    if rng.random() < 0.3:
        return [*below, dress, _sash(rng, marks, dress)]
    return [*below, dress]


def _sash(rng: np.random.Generator, marks: Landmarks, worn: Piece) -> Piece:
    """A belt over a gown, on the gown's own mesh."""
    low = marks.waist + float(rng.uniform(-0.02, 0.06))
    high = low + float(rng.uniform(0.025, 0.07))
    cloth = trimming(rng, worn.cloth)
    return Piece(
        BandCut(low, high), cloth, "gown", worn.offset + 0.006, thickness=0.004, hang=worn.hang, flat=True
    )


def _sportswear(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """Singlet and shorts, team kit, leggings and bra, tracksuit, leotard, or wetsuit."""
    kind = int(rng.choice(6, p=[0.2, 0.3, 0.16, 0.16, 0.1, 0.08]))
    cloth = fabric(rng, "sports")
    panels = (sample_panel(rng),) if rng.random() < 0.5 else ()
    prints = sample_prints(rng, marks, sports=True)
    waist = marks.waist + float(rng.uniform(-0.05, 0.02))
    close = {"thickness": 0.004, "creases": 0.04}
    if kind == 4:
        sleeve = pick(rng, (-0.05, 0.3, 1.0), (0.6, 0.15, 0.25))
        top_cut = TopCut(-1.0, sleeve, "scoop", float(rng.uniform(0.05, 0.12)))
        cut = LeotardCut(top_cut, float(rng.uniform(0.2, 0.9)))
        return [Piece(cut, cloth, "tights", 0.002, panels=panels, prints=prints, **close)]
    if kind == 5:
        cut_all = TopCut(pick(rng, (marks.ankle, marks.knee - 0.05), (0.6, 0.4)), 1.0, "high", 0.0)
        return [Piece(cut_all, cloth, "tights", 0.005, panels=panels, prints=prints, **close)]
    loose = kind in (1, 3)
    hem = float(rng.uniform(marks.crotch - 0.2, marks.crotch - 0.04))
    if kind == 2:
        hem = pick(rng, (marks.ankle, marks.knee - 0.06, hem), (0.5, 0.2, 0.3))
    elif kind == 3:
        hem = marks.ankle - 0.01
    wide = float(rng.uniform(0.01, 0.04)) if kind != 2 else 0.0
    stripes = (Panel("side stripes", trimming(rng, cloth).colours[0], float(rng.random())),)
    legs = Piece(
        BottomCut(waist, hem), cloth if rng.random() < 0.5 else fabric(rng, "sports"), "tights", 0.004, wide,
        0.1 * wide, thickness=0.005, creases=0.08, panels=stripes if rng.random() < 0.45 else (),
    )  # fmt: skip
    if kind == 2 and rng.random() < 0.7:
        bra = BraCut(marks.chest + 0.02, marks.chest + 0.12, 0.016)
        return [legs, Piece(bra, fabric(rng, "sports"), "tights", 0.003, **close)]
    sleeve = {0: -0.05, 1: 0.33, 2: pick(rng, (-0.05, 0.3, 1.0), (0.4, 0.3, 0.3)), 3: 1.0}[kind]
    neckline = ("crew", "v", "scoop")[int(rng.integers(3))] if kind != 3 else "high"
    upper = Piece(
        TopCut(marks.hip + float(rng.uniform(-0.06, 0.05)), sleeve, neckline, float(rng.uniform(0.05, 0.1))),
        cloth, "loose" if loose else "tights", 0.005 + 0.004 * loose, 0.01 * loose, 0.004, thickness=0.006,
        ease=0.015 * loose, hang=0.8 * loose, creases=0.1 if loose else 0.04, panels=panels, prints=prints,
    )  # fmt: skip
    return [legs, upper] if loose or rng.random() < 0.5 else [upper, legs]


def _swimwear(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """Trunks, briefs, bikini, swimsuit."""
    cloth = fabric(rng, "festive" if rng.random() < 0.4 else "sports")
    low_waist = marks.hip + float(rng.uniform(0.05, 0.1))
    kind = int(rng.choice(4, p=[0.34, 0.2, 0.2, 0.26]))
    if kind == 0:
        wide = float(rng.uniform(0.0, 0.025))
        cut = BottomCut(low_waist + 0.02, float(rng.uniform(marks.knee, marks.crotch - 0.05)))
        return [Piece(cut, cloth, "tights", 0.004, wide, 0.1 * wide, thickness=0.005, creases=0.08)]
    rise = float(rng.uniform(0.3, 1.1))
    briefs = Piece(BriefCut(low_waist, rise), cloth, "tights", 0.002, thickness=0.003)
    if kind == 1:
        return [briefs]
    if kind == 2:
        bra = BraCut(marks.chest + 0.03, marks.chest + float(rng.uniform(0.1, 0.13)), 0.008)
        return [briefs, Piece(bra, cloth, "tights", 0.002, thickness=0.003)]
    cut_all = LeotardCut(TopCut(-1.0, -0.05, "scoop", float(rng.uniform(0.07, 0.16))), rise)
    panels = (sample_panel(rng),) if rng.random() < 0.4 else ()
    return [Piece(cut_all, cloth, "tights", 0.002, thickness=0.003, panels=panels)]


def _overall(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """A boiler suit, or dungarees over a top."""
    wide = float(rng.uniform(0.005, 0.035))
    if rng.random() < 0.55:
        cut = TopCut(marks.ankle - 0.02, 0.98, "shirt", 0.08)
        bright = (sample_panel(rng, ("chest band", "yoke", "side stripes")),) if rng.random() < 0.5 else ()
        suit = Piece(
            cut, fabric(rng, "work"), "loose", 0.008, wide, 0.006, thickness=0.006, ease=0.012, hang=0.5,
            creases=0.09, panels=bright, prints=sample_prints(rng, marks, sports=False),
        )  # fmt: skip
        return [suit, belt(rng, marks.waist, 0.02, suit.cloth)] if rng.random() < 0.3 else [suit]
    legs = BottomCut(marks.waist + 0.03, pick(rng, (marks.ankle - 0.02, marks.knee + 0.1), (0.8, 0.2)))
    bib = Piece(
        BibCut(legs, marks.chest + float(rng.uniform(0.08, 0.16))),
        fabric(rng, "denim" if rng.random() < 0.6 else "work"),
        "tights", 0.012, wide, 0.003, thickness=0.006, creases=0.12,
    )  # fmt: skip
    return [*top(rng, marks, tucked=True), bib]


def _robe(rng: np.random.Generator, marks: Landmarks) -> list[Piece]:
    """A long loose robe, kaftan or gown that hides waist and legs."""
    cloth = fabric(rng, "festive" if rng.random() < 0.3 else "any")
    opening = float(rng.choice((0.0, 0.0, 0.04)))
    neckline = ("v", "crew", "shirt")[int(rng.integers(3))]
    cut = TopCut(
        float(rng.uniform(marks.ankle - 0.02, marks.knee + 0.02)),
        float(rng.uniform(0.75, 1.0)),
        neckline,
        float(rng.uniform(0.06, 0.16)),
        opening,
    )
    robe = Piece(
        cut, cloth, "gown", 0.012, float(rng.uniform(0.02, 0.14)), 0.012, thickness=0.008,
        ease=float(rng.uniform(0.015, 0.06)), hang=1.0, creases=0.09,
        panels=(sample_panel(rng, ("hem", "front", "yoke")),) if rng.random() < 0.3 else (),
    )  # fmt: skip
    inner = [*trousers(rng, marks), *top(rng, marks)] if opening > 0 else []
    return [*inner, robe, _sash(rng, marks, robe)] if rng.random() < 0.35 else [*inner, robe]


def _outerwear(
    rng: np.random.Generator, clothing: Clothing, marks: Landmarks
) -> tuple[list[Piece], Roll | None]:
    """Jacket, hoodie, coat, loose coat or vest; and the hood or collar that lies on its shoulders."""
    kind = clothing.outerwear
    if kind == "none":
        return [], None
    long = kind in ("coat", "loose_coat")
    wide = kind == "loose_coat"
    puffy = kind in ("jacket", "vest", "coat") and rng.random() < 0.3
    uses: dict[str, Use] = {"coat": "formal", "hoodie": "sports"}
    cloth = fabric(rng, uses.get(kind, "any") if rng.random() < 0.6 else "plain")
    opening = float(rng.choice((0.0, 0.02, 0.06, 0.1), p=(0.5, 0.2, 0.2, 0.1)))
    hem = marks.hip + float(rng.uniform(-0.08, 0.05))
    if long:
        hem = float(rng.uniform(marks.ankle + (0.0 if wide else 0.15), marks.crotch - 0.1))
    neckline = ("high", "v", "shirt")[int(rng.choice(3, p=[0.4, 0.3, 0.3]))]
    cut = TopCut(hem, -0.02 if kind == "vest" else 1.0, neckline, float(rng.uniform(0.06, 0.16)), opening)
    offset = float(rng.uniform(0.024, 0.04) if puffy or wide else rng.uniform(0.014, 0.024))
    piece = Piece(
        cut, cloth, "gown" if long else "loose", offset,
        float(rng.uniform(0.05, 0.16)) if wide else float(rng.uniform(0.0, 0.05)),
        0.014 if wide else 0.006, thickness=0.014,
        ease=float(rng.uniform(0.015, 0.05)) if wide else 0.008, hang=1.0 if wide else 0.6,
        creases=float(rng.uniform(0.03, 0.12)),
        panels=(sample_panel(rng),) if rng.random() < 0.2 else (),
        prints=sample_prints(rng, marks, sports=False) if kind == "hoodie" else (),
    )  # fmt: skip
    pieces = [piece]
    if long and rng.random() < 0.3:
        pieces.append(_sash(rng, marks, piece))
    if kind == "hoodie" or (kind in ("jacket", "coat", "loose_coat") and rng.random() < 0.25):
        return pieces, Roll(cloth, 0.016, float(rng.uniform(0.025, 0.05)), float(rng.uniform(0.6, 1.6)))
    return pieces, None
