"""Colour blocks and prints: stripes down the sleeves, yokes, halves; logos, words and numbers."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from lineament.humans.wardrobe.cloth import draw_logo
from lineament.humans.wardrobe.colours import cloth_colour
from lineament.humans.wardrobe.facts import Fields, Landmarks
from lineament.types import Bool, Int32, UInt8

PanelKind = Literal[
    "yoke", "sleeves", "side stripes", "half", "chest band", "hem", "front", "raglan", "lower", "sole"
]
PANEL_KINDS: tuple[PanelKind, ...] = (
    "yoke",
    "sleeves",
    "side stripes",
    "half",
    "chest band",
    "hem",
    "front",
    "raglan",
)
PrintKind = Literal["logo", "number", "word"]
_SIDE = 96


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A block of another colour. size: 0..1, from narrow to wide."""

    kind: PanelKind
    colour: UInt8
    size: float

    def covers(self, at: Fields, marks: Landmarks, edge: float) -> Bool:
        """Which of the places (N,) have the panel's colour; edge: z of the garment's hem in metres."""
        on_arm = at.armness > 0.5
        if self.kind == "yoke":
            return (at.z > marks.shoulder - 0.02 - 0.14 * self.size) & ~on_arm
        if self.kind == "sleeves":
            return on_arm & (at.arm > 0.6 * (1 - self.size))
        if self.kind == "side stripes":
            return self._side_stripes(at, marks)
        if self.kind == "half":
            return at.x > (self.size - 0.5) * 0.1
        if self.kind == "chest band":
            return (np.abs(at.z - marks.shoulder + 0.16) < 0.015 + 0.07 * self.size) & ~on_arm
        if self.kind == "hem":
            cuff = on_arm & (at.arm > 0.88 - 0.1 * self.size)
            return cuff | (~on_arm & (at.z < edge + 0.02 + 0.12 * self.size))
        if self.kind == "front":
            return (np.abs(at.x) < 0.02 + 0.08 * self.size) & (at.y < -0.02) & ~on_arm
        if self.kind == "lower":
            return at.z < edge + 0.6 * self.size
        if self.kind == "sole":
            return at.z < 0.014 + 0.016 * self.size
        return on_arm | (at.z > marks.shoulder - 0.09 + 0.6 * (0.17 - np.abs(at.x)))

    def _side_stripes(self, at: Fields, marks: Landmarks) -> Bool:
        """Stripes along the outer side of arms, trunk and legs, one or three."""
        on_arm = at.armness > 0.5
        on_leg = ~on_arm & (at.z < marks.crotch)
        # `around` is metres from the front of the limb; a quarter of the way round is the side.
        middle = np.where(on_arm, 0.0, np.where(on_leg, 0.125, 0.25))
        away = np.abs(np.abs(at.around) - middle)
        outer = on_arm | ~on_leg | (at.around * at.x > 0)
        half = 0.008 + 0.025 * self.size
        stripe = away < half
        return stripe & outer if self.size < 0.7 else stripe & outer & (np.mod(away, 0.014) < 0.008)


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """A picture on the chest or back. x, z: its middle, half: half its width, canonical metres. seed: of
    what is drawn.
    """

    kind: PrintKind
    x: float
    z: float
    half: float
    back: bool
    ink: UInt8
    seed: int

    def draw(self, colours: UInt8, at: Fields, chosen: Int32) -> None:
        """Print on the colours (N, 3) of the chosen places (N,), in place."""
        x, y, z = at.x[chosen], at.y[chosen], at.z[chosen]
        u, v = (x - self.x) / self.half, (self.z - z) / self.half
        on = (np.abs(u) < 1) & (np.abs(v) < 1) & (at.armness[chosen] < 0.5)
        on = np.flatnonzero(on & ((y > -0.01) if self.back else (y < -0.02)))
        # Readable: from the front the person's left is on the right, from behind it is not.
        across = -u[on] if self.back else u[on]
        picture = self._picture()
        last = _SIDE - 1
        ink = picture[((v[on] + 1) * 0.5 * last).astype(int), ((across + 1) * 0.5 * last).astype(int)]
        opaque = ink[:, 3] > 127
        colours[on[opaque]] = ink[opaque, :3]

    def _picture(self) -> UInt8:
        """(96, 96, 4) sRGB with transparency."""
        rng = np.random.default_rng(self.seed)
        if self.kind == "logo":
            return draw_logo(rng)
        picture = np.zeros((_SIDE, _SIDE, 4), dtype=np.uint8)
        if self.kind == "number":
            words = [str(int(rng.integers(1, 100)))]
        else:
            words = [_word(rng) for _ in range(int(rng.integers(1, 4)))]
        font = int(rng.choice((0, 2, 3, 4)))
        pitch = (_SIDE - 8) // len(words)
        for row, word in enumerate(words):
            (width, height), _ = cv2.getTextSize(word, font, 1.0, 2)
            scale = min((_SIDE - 10) / width, (pitch - 4) / max(height, 1))
            where = (int((_SIDE - width * scale) / 2), int(6 + row * pitch + height * scale))
            weight = max(1, int((3.5 if self.kind == "number" else 2.0) * scale))
            cv2.putText(picture, word, where, font, scale, (*(int(c) for c in self.ink), 255), weight)
        return picture


def _word(rng: np.random.Generator) -> str:
    return "".join(chr(65 + int(k)) for k in rng.integers(0, 26, int(rng.integers(3, 8))))


def sample_panel(rng: np.random.Generator, kinds: tuple[PanelKind, ...] = PANEL_KINDS) -> Panel:
    """A random panel of one of the kinds."""
    return Panel(kinds[int(rng.integers(len(kinds)))], cloth_colour(rng), float(rng.random()))


def sample_prints(rng: np.random.Generator, marks: Landmarks, *, sports: bool) -> tuple[Print, ...]:
    """Prints of a top: often a logo or words on the chest; on sports kit a number, most often on the back."""
    prints = []
    ink = cloth_colour(rng)
    small = bool(rng.random() < 0.35)
    if rng.random() < (0.6 if sports else 0.4):
        kind: PrintKind = ("logo", "word", "number")[int(rng.choice(3, p=[0.5, 0.4, 0.1]))]
        x = float(rng.choice([-0.08, 0.08])) if small else 0.0
        z = marks.shoulder - (0.09 if small else float(rng.uniform(0.1, 0.22)))
        half = float(rng.uniform(0.02, 0.04) if small else rng.uniform(0.06, 0.14))
        prints.append(Print(kind, x, z, half, False, ink, int(rng.integers(2**31))))
    if rng.random() < (0.6 if sports else 0.12):
        kind = "number" if sports else ("logo", "word")[int(rng.integers(2))]
        z, half = marks.shoulder - float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.08, 0.14))
        prints.append(Print(kind, 0.0, z, half, True, ink, int(rng.integers(2**31))))
    return tuple(prints)
