"""Hair: what somebody's hair, brows, lashes and beard are like. It is painted in `hair_paint` and stands off
the skin in `hair_layers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lineament.humans.wardrobe.hair_colour import sample_hair_colour
from lineament.types import UInt8

Style = Literal["shaved", "horseshoe", "cropped", "cap", "curls", "long", "proxy"]
Beard = Literal["none", "shadow", "stubble", "moustache", "goatee", "circle", "full"]

_BEARDS: Final[Mapping[Beard, float]] = {
    "none": 0.22,
    "shadow": 0.26,
    "stubble": 0.20,
    "moustache": 0.07,
    "goatee": 0.06,
    "circle": 0.06,
    "full": 0.13,
}
"""Shares among men."""
_COILED: Final = ("afro",)
_STRAIGHT: Final = ("bob", "long", "ponytail", "braid", "short03", "short04")
"""MakeHuman's styles by the kind of hair that they need; all others suit anybody."""


_RARE: Final[Mapping[str, float]] = {"bob": 0.35, "short03": 0.35, "afro": 0.12}
"""Weights of styles that hide an eye, or that have no texture of their own; 1 for others."""


@dataclass(frozen=True, slots=True, eq=False)
class Brows:
    """Painted brows, millimetres: half their `thickness`, `arch`, `tilt` (outer end up), `gap` between them,
    `height` moved up; density 0..1.
    """

    thickness: float
    arch: float
    tilt: float
    gap: float
    height: float
    density: float


@dataclass(frozen=True, slots=True, eq=False)
class HairTraits:
    """One person's hair. colour: (3,) sRGB on the head, natural: of brows and beard. style "proxy" wears the
    MakeHuman style `proxy`.

    length: metres below the eyes at which a proxy is cut, or None. swell: share that it stands off further.
    wave: metres of its waves. beard_cover: opacity 0..1, beard_length: metres that it stands off. recede:
    metres that the hairline has moved back. volume: metres of a procedural cap. brow_proxy, lash_proxy:
    MakeHuman's, or None.
    """

    style: Style
    proxy: str | None
    colour: UInt8
    natural: UInt8
    grey: float
    length: float | None
    swell: float
    wave: float
    beard: Beard
    beard_cover: float
    beard_length: float
    brows: Brows
    brow_proxy: str | None
    lash_proxy: str | None
    recede: float
    volume: float
    seed: int


def sample_hair(
    rng: np.random.Generator,
    *,
    female: bool,
    age: float,
    lightness: float,
    ancestry: tuple[float, float, float],
    styles: Mapping[str, bool | None],
    brows: tuple[str, ...],
    lashes: tuple[str, ...],
) -> HairTraits:
    """Random hair of a person of `age` years. styles: MakeHuman's, and whether they are made for women (None:
    anyone). ancestry: shares of African, Asian and Caucasian.
    """
    colour = sample_hair_colour(rng, female=female, age=age, lightness=lightness, european=ancestry[2])
    coiled = bool(rng.random() < ancestry[0] ** 1.2)
    balding = not female and bool(rng.random() < np.clip((age - 22.0) / 75.0, 0.02, 0.65))
    style, proxy = _style(rng, female, coiled, balding, styles)
    beard = _beard(rng, female, ancestry)
    moved = rng.uniform(0.015, 0.05) if balding else rng.uniform(-0.004, 0.012)
    heavy = [name for name in lashes if not name.endswith(("03", "04"))] or list(lashes)
    lash_pool = list(lashes) if female else heavy
    own_brows = not brows or rng.random() < 0.78
    return HairTraits(
        style=style,
        proxy=proxy,
        colour=colour.shown,
        natural=colour.natural,
        grey=colour.grey,
        length=float(rng.uniform(0.10, 0.34)) if rng.random() < 0.7 else None,
        swell=float(rng.uniform(-0.01, 0.07)),
        wave=float(rng.uniform(0.001, 0.007)) if rng.random() < 0.5 else 0.0,
        beard=beard,
        beard_cover=float(
            rng.uniform(0.7, 0.95) if beard not in ("shadow", "stubble") else rng.uniform(0.2, 0.5)
        ),
        beard_length=_beard_length(rng, beard),
        brows=_brows(rng, female, age),
        brow_proxy=None if own_brows else brows[int(rng.integers(len(brows)))],
        lash_proxy=lash_pool[int(rng.integers(len(lash_pool)))] if lash_pool else None,
        recede=float(moved),
        volume=float(rng.uniform(0.008, 0.05) if coiled else rng.uniform(0.005, 0.028)),
        seed=int(rng.integers(2**31)),
    )


def _style(
    rng: np.random.Generator, female: bool, coiled: bool, balding: bool, styles: Mapping[str, bool | None]
) -> tuple[Style, str | None]:
    """What is worn, and the proxy of style "proxy"."""
    roll = rng.random()
    if balding and roll < 0.5:
        return ("horseshoe" if roll < 0.32 else "shaved"), None
    if roll < (0.01 if female else 0.05):
        return "shaved", None
    if roll < (0.08 if female else 0.30):
        return "cropped", None
    if coiled and roll < 0.5:
        return "curls", None
    unfit = _STRAIGHT if coiled else _COILED
    own = [
        name
        for name, woman in styles.items()
        if (woman is None or woman == female) and not (name.startswith(unfit) and rng.random() < 0.8)
    ]
    if own and roll < (0.90 if female else 0.72):
        pool = own if rng.random() < 0.94 else list(styles)
        shares = np.array([_share(name) for name in pool])
        return "proxy", pool[int(rng.choice(len(pool), p=shares / shares.sum()))]
    if coiled:
        return "curls", None
    if not styles and rng.random() < (0.7 if female else 0.08):
        return "long", None
    return ("curls" if rng.random() < 0.25 else "cap"), None


def _share(style: str) -> float:
    return next((share for name, share in _RARE.items() if style.startswith(name)), 1.0)


def _beard(rng: np.random.Generator, female: bool, ancestry: tuple[float, float, float]) -> Beard:
    """Thinner beards where they are thinner: East Asian men are more often shaved or have little."""
    if female:
        return "none"
    kinds = list(_BEARDS)
    shares = np.array(list(_BEARDS.values()))
    thin = 1.0 - 0.6 * ancestry[1]
    shares[kinds.index("full")] *= thin
    shares[kinds.index("stubble")] *= thin
    shares[kinds.index("shadow")] *= thin
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]


def _beard_length(rng: np.random.Generator, beard: Beard) -> float:
    """Metres: most are trimmed to some millimetres, a few full beards are long."""
    if beard == "full":
        return float(0.002 + rng.gamma(1.8, 0.0035))
    return float(rng.uniform(0.001, 0.005)) if beard in ("moustache", "goatee", "circle") else 0.0


def _brows(rng: np.random.Generator, female: bool, age: float) -> Brows:
    bushy = 0.0 if female else 0.9 + 0.5 * float(np.clip((age - 50) / 30, 0, 1))
    return Brows(
        thickness=float(np.clip(rng.normal(2.7 + bushy, 0.7), 1.3, 5.5)),
        arch=float(rng.normal(3.4 if female else 2.2, 1.1)),
        tilt=float(rng.normal(0.6, 1.6)),
        gap=float(np.clip(rng.normal(12.5, 2.0), 7.0, 17.0)),
        height=float(rng.normal(0.5, 1.4)),
        density=float(np.clip(rng.normal(0.85, 0.12), 0.4, 1.0)),
    )
