"""What stands behind people: panoramas seen through the camera, clutter, streets, walls, studios."""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.distributions import Choice, Fixed, LogNormal, Mixture, Uniform, Whole, chance
from lineament.geometry.camera import Camera
from lineament.synth.covariates import SEEDS, Table, draw_alone, number, one_of, whole_number, yes_or_no
from lineament.synth.panorama import Panorama
from lineament.synth.seeds import generator
from lineament.synth.sensor import BASE_HEIGHT
from lineament.synth.shapes import cover, shape_mask
from lineament.synth.texture import colour, noise, textured
from lineament.synth.turns import Recent
from lineament.types import Float32

SHARES = {
    "panorama": 0.46,
    "clutter": 0.16,
    "street": 0.12,
    "room": 0.11,
    "noise": 0.04,
    "gradient": 0.04,
    "studio": 0.07,
}
KINDS = tuple(SHARES)
LARGER = 1.3
"""Size of a painting over that of the picture."""
PAINTINGS = 32

BACKGROUND: Table = {
    "kind": one_of(Choice(SHARES), *KINDS),
    "widen": number(Uniform(1.0, 4.0), 1, 10),
    "blur": number(Mixture(((0.65, Fixed(0.0)), (0.35, Uniform(0.5, 3.0)))), 0, 20, "px"),
    "gain": number(LogNormal(1.0, 0.35), 0, 10),
    "zoom": number(Uniform(0.6, 1.0), 0.1, 1, "share"),
    "x": number(Uniform(0, 1), 0, 1, "share"),
    "y": number(Uniform(0, 1), 0, 1, "share"),
    "mirrored": yes_or_no(chance(0.5)),
    "seed": whole_number(Whole(*SEEDS), *SEEDS),
}
"""Covariates of the background; see `BackgroundSettings`."""


@dataclass(frozen=True, slots=True)
class BackgroundSettings:
    """What is painted behind the people.

    kind: one of KINDS. widen: the panorama is seen with this many times the camera's field of view. blur:
    Gaussian sigma in pixels of a picture 192 high (depth of field). gain: brightness beside the people's.
    zoom, x, y: the window of a painting that is seen, its size and place as shares; mirrored: left and right
    changed. seed: of the painting's details. Several pictures share a kind and seed, so that a painting is
    made once.
    """

    kind: str
    widen: float
    blur: float
    gain: float
    zoom: float
    x: float
    y: float
    mirrored: bool
    seed: int

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "BackgroundSettings":
        """A background by the table BACKGROUND."""
        return draw_alone(cls, "background", BACKGROUND, rng)


def paint(settings: BackgroundSettings, panorama: Panorama, turn: float, camera: Camera) -> Float32:
    """Linear background (H, W, 3) for `camera`; `panorama` is turned by `turn` radians about the vertical."""
    height, width = camera.height, camera.width
    if settings.kind == "panorama":
        picture = panorama.see(turn, camera, settings.widen)
    else:
        size = round(height * LARGER), round(width * LARGER)
        picture = _window(_paintings((settings.kind, settings.seed, *size)), settings, height, width)
    if settings.blur > 0:
        picture = cv2.GaussianBlur(picture, (0, 0), settings.blur * height / BASE_HEIGHT)
    return cv2.multiply(picture, (settings.gain,) * 4)


def _window(painting: Float32, settings: BackgroundSettings, height: int, width: int) -> Float32:
    """The window of a painting at the size of the picture."""
    rows, columns = painting.shape[:2]
    step_y, step_x = rows * settings.zoom / height, columns * settings.zoom / width
    top, left = settings.y * rows * (1 - settings.zoom), settings.x * columns * (1 - settings.zoom)
    if settings.mirrored:
        left, step_x = left + step_x * (width - 1), -step_x
    to_painting = np.array([[step_x, 0, left], [0, step_y, top]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(painting, to_painting, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT)


def _painted(key: tuple[str, int, int, int]) -> Float32:
    kind, seed, height, width = key
    rng = generator(seed, "background")
    match kind:
        case "clutter":
            picture = _clutter(rng, height, width)
        case "street":
            picture = _street(rng, height, width)
        case "room":
            picture = _room(rng, height, width)
        case "noise":
            blend = noise(rng, height, width)[..., None]
            picture = colour(rng) * blend + colour(rng) * (1 - blend)
        case "gradient":
            blend = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** np.float32(
                rng.uniform(0.5, 2)
            )
            picture = np.broadcast_to(colour(rng) * blend + colour(rng) * (1 - blend), (height, width, 3))
        case _:
            picture = _studio(rng, height, width)
    return np.ascontiguousarray(picture, dtype=np.float32)


_paintings: Recent[tuple[str, int, int, int], Float32] = Recent(_painted, PAINTINGS)


def _clutter(rng: np.random.Generator, height: int, width: int) -> Float32:
    """Textured shapes over each other, from large to small."""
    picture = textured(rng, height, width)
    for size in np.sort(rng.uniform(0.08, 0.9, int(rng.integers(4, 22))))[::-1]:
        cover(rng, picture, shape_mask(rng, height, width, float(size)), 0.35)
    return picture


def _windows(rng: np.random.Generator, height: int, width: int) -> Float32:
    """A wall with rows of doors or windows."""
    wall = textured(rng, height, width)
    glass, frame = colour(rng), colour(rng)
    step_x, step_y = rng.uniform(0.15, 0.6) * width, rng.uniform(0.15, 0.5) * height
    fill = rng.uniform(0.4, 0.8)
    for y in np.arange(rng.uniform(-0.2, 0.3) * step_y, height, step_y):
        for x in np.arange(rng.uniform(-0.5, 0.5) * step_x, width, step_x):
            corner, opposite = (int(x), int(y)), (int(x + fill * step_x), int(y + fill * step_y))
            shade = float(rng.uniform(0.5, 1.3))
            cv2.rectangle(wall, corner, opposite, tuple(map(float, glass * shade)), -1)
            cv2.rectangle(wall, corner, opposite, tuple(map(float, frame)), max(1, width // 64))
    return wall


def _street(rng: np.random.Generator, height: int, width: int) -> Float32:
    """Sky, a wall with windows and a ground with joints that run to a vanishing point; posts and trees."""
    picture = _windows(rng, height, width)
    horizon = int(rng.uniform(0.35, 0.85) * height)
    if rng.random() < 0.5:
        sky = int(rng.uniform(0.0, 0.6) * horizon)
        blue = np.array([0.55, 0.7, 0.9], dtype=np.float32)
        picture[:sky] = colour(rng) * 0.3 + blue * rng.uniform(0.6, 1.4)
    picture[horizon:] = textured(rng, height - horizon, width)
    joint = tuple(map(float, colour(rng) * 0.5))
    vanishing = (int(rng.uniform(-0.5, 1.5) * width), horizon)
    for x in np.linspace(-3 * width, 4 * width, int(rng.integers(3, 30))):
        if rng.random() < 0.9:
            cv2.line(picture, vanishing, (int(x), height), joint, 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 5))):
        x, thickness = int(rng.uniform(0, width)), int(rng.uniform(1, 0.12 * width))
        foot = (x, int(rng.uniform(horizon, height)))
        cv2.line(picture, (x, 0), foot, tuple(map(float, colour(rng))), max(1, thickness))
    return picture


def _room(rng: np.random.Generator, height: int, width: int) -> Float32:
    """Two walls that meet, a floor, and furniture-like boxes standing on it."""
    picture = textured(rng, height, width)
    corner = int(rng.uniform(-0.3, 1.3) * width)
    floor = int(rng.uniform(0.5, 0.98) * height)
    if 0 < corner < width:
        picture[:, corner:] *= np.float32(rng.uniform(0.5, 1.3))
    slope = rng.normal(0, 0.08) * height
    area = np.array([[0, floor], [width, floor + slope], [width, height], [0, height]])
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(mask, [np.round(area).astype(np.int32)], 255, cv2.LINE_AA)
    cover(rng, picture, mask, 1.0)
    for _ in range(int(rng.integers(1, 8))):
        mask = np.zeros((height, width), dtype=np.uint8)
        x, foot = rng.uniform(-0.2, 1.0) * width, rng.uniform(floor, 1.05 * height)
        size = rng.uniform((0.06, 0.08), (0.5, 0.6)) * (width, height)
        cv2.rectangle(mask, (int(x), int(foot - size[1])), (int(x + size[0]), int(foot)), 255, -1)
        cover(rng, picture, mask, 0.4)
    return picture


def _studio(rng: np.random.Generator, height: int, width: int) -> Float32:
    """A seamless backdrop: nearly white, grey or black, lighter round the middle."""
    level = float(rng.choice([1.0, rng.uniform(0.3, 0.9), rng.uniform(0.02, 0.2)], p=[0.45, 0.4, 0.15]))
    tint = 1 + 0.06 * rng.standard_normal(3)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    fall = 1 - rng.uniform(0, 0.4) * ((x - rng.normal(0, 0.3)) ** 2 + (y - rng.normal(0, 0.3)) ** 2) / 2
    return (np.clip(fall, 0.1, 1)[..., None] * level * tint).astype(np.float32)
