"""How far outfits differ: what each part of the body shows of them, and how many have a near twin."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from scipy.spatial.distance import cdist

from lineament.anatomy import PART_COUNT, PART_NAMES
from lineament.humans.wardrobe.facts import SKIN_END, BodyFacts
from lineament.humans.wardrobe.outfit import Outfit, Piece
from lineament.types import Float32, Int32, UInt8

TWIN: Final = 10.0
"""Outfits are near twins where no entry of their descriptors differs by so much: CIE L*, a*, b*, hundredths
of a region's cover, millimetres of looseness.
"""
_SMALL: Final = ("head", "left_hand", "right_hand", "left_foot", "right_foot")
"""Parts that do not tell outfits apart: two that differ in socks and a cap alone are twins."""
_REGIONS: Final = 2 * PART_COUNT
_COVER: Final = 100.0
_BARE: Final = (60.0, 12.0, 16.0)
"""L*, a*, b* that stand for skin, whoever's it is."""
_STRIDE: Final = 9


@lru_cache(maxsize=1)
def _places() -> tuple[Int32, Int32]:
    """Skin vertices (N,), and which of the regions, parts from front and back, each lies in."""
    facts = BodyFacts.load()
    vertices = np.arange(0, SKIN_END, _STRIDE, dtype=np.int32)
    part = facts.skin_parts[vertices].astype(np.int32) - 1
    middle = np.array([np.median(facts.fields.y[vertices][part == one]) for one in range(PART_COUNT)])
    return vertices, 2 * part + (facts.fields.y[vertices] > middle[part])


def descriptor(outfit: Outfit) -> Float32:
    """(D,) what an outfit shows: mean L*a*b*, cover and looseness of trunk, arms and legs, front and back,
    and the names and colours of MakeHuman's suits; nothing of who wears it.
    """
    vertices, region = _places()
    facts = BodyFacts.load()
    at = facts.fields.take(vertices)
    colours = np.full((len(vertices), 3), np.nan, dtype=np.float32)
    loose = np.zeros(len(vertices), dtype=np.float32)
    for piece in outfit.pieces:
        on = np.flatnonzero(piece.cut.inside(at, facts.landmarks) > 0).astype(np.int32)
        colours[on] = _lab(_shown(piece, vertices[on]))
        loose[on] = 1000.0 * (piece.offset + 0.5 * piece.flare + 0.02 * piece.hang)
    bare = np.isnan(colours[:, 0])
    colours[bare] = _BARE
    count = np.maximum(np.bincount(region, minlength=_REGIONS), 1)
    columns = [*colours.T, _COVER * (1.0 - bare), loose]
    small = np.repeat(np.isin(PART_NAMES[1:], _SMALL), 2)
    means = [(np.bincount(region, column, minlength=_REGIONS) / count)[~small] for column in columns]
    return np.concatenate([*means, _suit(outfit)]).astype(np.float32)


def _shown(piece: Piece, vertices: Int32) -> UInt8:
    facts = BodyFacts.load()
    at = facts.fields.take(vertices)
    colours = piece.cloth.paint(at.along, at.around)
    hem = float(getattr(piece.cut, "hem", facts.landmarks.hip))
    for panel in piece.panels:
        colours[panel.covers(at, facts.landmarks, hem)] = panel.colour
    everywhere = np.arange(len(vertices), dtype=np.int32)
    for one in piece.prints:
        one.draw(colours, at, everywhere)
    return colours


def _lab(colours: UInt8) -> Float32:
    """CIE L*a*b* (N, 3) of sRGB (N, 3)."""
    if len(colours) == 0:
        return np.zeros((0, 3), dtype=np.float32)
    return cv2.cvtColor((colours / np.float32(255.0))[None], cv2.COLOR_RGB2LAB)[0]


def _suit(outfit: Outfit) -> Float32:
    """(16,) which suit of MakeHuman's is worn, 0 none, its first three colours and its cloth's two."""
    suit = next((one for one in outfit.proxies if "suit" in one.name), None)
    if suit is None:
        return np.zeros(16, dtype=np.float32)
    name = _COVER * (1 + sum(map(ord, suit.name)) % 97)
    pattern = np.zeros((2, 3), dtype=np.uint8) if suit.cloth is None else suit.cloth.colours[:2]
    return np.concatenate([[name], _lab(suit.colours[:3]).ravel(), _lab(pattern).ravel()]).astype(np.float32)


def twin_share(descriptors: Float32, limit: float = TWIN) -> float:
    """Share of the outfits (N, D) that have a near twin among the others."""
    twins = 0
    for start in range(0, len(descriptors), 500):
        block = descriptors[start : start + 500]
        apart = cdist(block, descriptors, "chebyshev")
        apart[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        twins += int((apart.min(axis=1) < limit).sum())
    return twins / len(descriptors)
