"""Views that look like photographs of all kinds rather than like renders: covered, recoloured, worsened."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from lineament.synth.landmarks import LANDMARKS
from lineament.types import Float32, Float64, UInt8

_AT: Final = {name: number for number, name in enumerate(LANDMARKS)}
_JAW: Final = [_AT[f"ibug_{number}"] for number in range(2, 15)]
_MOUTH: Final = [_AT[f"ibug_{number}"] for number in range(48, 60)]
_BROWS: Final = [_AT[f"ibug_{number}"] for number in range(17, 27)]
_EYES: Final = (
    ("ibug_39", "ibug_36", "right_pupil", "right_ear_top"),
    ("ibug_42", "ibug_45", "left_pupil", "left_ear_top"),
)
"""Inner corner, outer corner, pupil, and where a temple of glasses ends."""
_CIRCLE: Final = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_FINE: Final = 16
"""Drawing is exact to a sixteenth of a pixel."""


def covered(crop: UInt8, points: Float64, turned: float, rng: np.random.Generator) -> UInt8:
    """Glasses, beards, fringes and hats, each now and then, where the landmarks `points` (L, 2) ask for them.

    Renders have few of them. turned: absolute yaw, radians; far from the front the farther lens is left out.
    """
    out = crop.copy()
    if rng.random() < 0.18:
        _glasses(out, points, turned, rng)
    if rng.random() < 0.15:
        _beard(out, points, rng)
    if rng.random() < 0.15:
        _hair(out, points, rng)
    return out


def _glasses(out: UInt8, points: Float64, turned: float, rng: np.random.Generator) -> None:
    colour = _colour(rng)
    dark, thickness = rng.random() < 0.35, int(rng.integers(1, 4))
    wide, high, corner = rng.uniform(0.7, 1.0), rng.uniform(0.18, 0.32), rng.uniform(0.5, 1.0)
    mouth = points[_MOUTH].mean(axis=0)
    shown = []
    for inner, outer, pupil, ear in _EYES:
        middle, across = points[_AT[pupil]], points[_AT[outer]] - points[_AT[inner]]
        down = mouth - points[[_AT[eye[2]] for eye in _EYES]].mean(axis=0)
        if turned > np.radians(55) and np.linalg.norm(across) < 0.12 * np.linalg.norm(down):
            continue
        bend = [np.sign(wave(_CIRCLE)) * np.abs(wave(_CIRCLE)) ** corner for wave in (np.cos, np.sin)]
        lens = middle + np.outer(bend[0], across * wide) + np.outer(bend[1] + 0.15, down * high)
        if dark:
            _blend(out, [lens], colour, rng.uniform(0.6, 1.0))
        _line(out, lens, colour, thickness, closed=True)
        edge = middle + across * wide
        if np.linalg.norm(points[_AT[ear]] - mouth) > 0.5 * np.linalg.norm(down) or turned < 0.5:
            _line(out, np.stack([edge, points[_AT[ear]]]), colour, thickness)
        shown.append(middle - across * wide)
    if len(shown) == 2:
        _line(out, np.stack(shown), colour, thickness)


def _beard(out: UInt8, points: Float64, rng: np.random.Generator) -> None:
    mouth, jaw = points[_MOUTH], points[_JAW]
    grown = mouth.mean(axis=0) + (mouth - mouth.mean(axis=0)) * rng.uniform(1.1, 1.7)
    low = points[_JAW] + (points[_JAW].mean(axis=0) - points[_BROWS].mean(axis=0)) * rng.uniform(0, 0.25)
    full = rng.random() < 0.6
    shapes = (
        [grown] if not full else [np.concatenate([low, jaw[::-1][2:-2] * 0.6 + mouth.mean(axis=0) * 0.4])]
    )
    _blend(
        out, [*shapes, grown] if full else shapes, _colour(rng, dark=True), rng.uniform(0.3, 0.85), soft=2.0
    )
    _blend(out, [mouth], np.array([150.0, 80, 80]) * rng.uniform(0.6, 1.2), 0.6, soft=0.7)


def _hair(out: UInt8, points: Float64, rng: np.random.Generator) -> None:
    """Strands from above the brows, or everything above a line, as a hat or a fringe has it."""
    brows, mouth = points[_BROWS], points[_MOUTH].mean(axis=0)
    up = brows.mean(axis=0) - mouth
    colour = _colour(rng, dark=rng.random() < 0.6)
    if rng.random() < 0.4:
        low, side = brows + up * rng.uniform(0.05, 0.6), np.array([-up[1], up[0]]) * 1.4
        edge = np.stack([low.mean(axis=0) + side, *low[:: rng.integers(2, 6)], low.mean(axis=0) - side])
        edge[1:-1] = edge[1:-1][np.argsort((edge[1:-1] - edge[0]) @ -side)]
        _blend(out, [np.concatenate([edge, edge[::-1] + 2.5 * up])], colour, 1.0, soft=1.0)
        return
    for _ in range(int(rng.integers(4, 40))):
        root = (
            points[_AT["forehead"]]
            + up * rng.uniform(0, 0.8)
            + np.array([-up[1], up[0]]) * rng.normal(0, 0.5)
        )
        bend = root - up * rng.uniform(0.2, 1.6) + rng.normal(0, 0.25, 2) * np.abs(up).max()
        path = np.stack([root, (root + bend) / 2 + rng.normal(0, 4, 2), bend])
        _line(out, path, np.clip(colour + rng.normal(0, 15), 0, 255), int(rng.integers(1, 4)))


def _colour(rng: np.random.Generator, *, dark: bool = False) -> Float64:
    level = rng.uniform(5, 110 if dark else 255)
    return np.clip(level * np.exp(rng.normal(0, 0.15, 3)), 0, 255)


def _line(out: UInt8, path: Float64, colour: Float64, thickness: int, *, closed: bool = False) -> None:
    places = np.round((path - 0.5) * _FINE).astype(np.int32)
    cv2.polylines(out, [places], closed, colour.tolist(), thickness, cv2.LINE_AA, shift=4)


def _blend(out: UInt8, shapes: list[Float64], colour: Float64, opacity: float, soft: float = 0.0) -> None:
    mask = np.zeros(out.shape[:2], np.uint8)
    for shape in shapes:
        cv2.fillPoly(mask, [np.round((shape - 0.5) * _FINE).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    share = cv2.GaussianBlur(mask, (0, 0), soft) if soft else mask
    weight = (opacity / 255) * share[..., None].astype(np.float32)
    out[:] = (out * (1 - weight) + colour.astype(np.float32) * weight).astype(np.uint8)


def worsened(crop: UInt8, rng: np.random.Generator) -> UInt8:
    """Relit, recoloured, refiltered, blurred or sharpened, coarse, partly covered, noisy, compressed."""
    out = crop.astype(np.float32)
    for step, share in _STEPS:
        if rng.random() < share:
            out = step(out, rng)
    result = np.clip(out, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _, code = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 90))])
        result = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)
    return result


def _relit(out: Float32, rng: np.random.Generator) -> Float32:
    """A light or a shadow that changes across the view."""
    side = len(out)
    across = np.linspace(-1, 1, side, dtype=np.float32)
    angle, sharp = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(0, 2.5))
    ramp = np.cos(angle) * across[None] + np.sin(angle) * across[:, None] + rng.normal(0, 0.4)
    light = np.exp(rng.normal(0, 0.6) * np.tanh(sharp * ramp)).astype(np.float32)
    return out * light[..., None]


def _recoloured(out: Float32, rng: np.random.Generator) -> Float32:
    """Exposure, white balance, contrast and tone curve; colours mix, so that skin is of any hue."""
    mix = np.eye(3) + rng.normal(0, 0.12 * rng.random(), (3, 3))
    gain = np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.1, 3))
    out = np.clip(out @ (mix * gain).T.astype(np.float32), 0, 255)
    mean = out.mean()
    out = np.clip((out - mean) * np.float32(np.exp(rng.normal(0, 0.25))) + mean, 0, 255)
    return 255 * (out / 255) ** np.float32(np.exp(rng.normal(0, 0.3)))


def _grey(out: Float32, _rng: np.random.Generator) -> Float32:
    return np.repeat(out.mean(axis=2, keepdims=True), 3, axis=2)


def _refiltered(out: Float32, rng: np.random.Generator) -> Float32:
    """A random 3 x 3 filter about the identity (after RandConv, Xu et al. 2021): new textures, same shape."""
    kernel = rng.normal(0, 0.25 * rng.random(), (3, 3))
    kernel += (1 - kernel.sum()) / 9 * rng.random()
    kernel[1, 1] += 1 - kernel.sum()
    return cv2.filter2D(out, -1, kernel.astype(np.float32), borderType=cv2.BORDER_REPLICATE)


def _coarse(out: Float32, rng: np.random.Generator) -> Float32:
    whole = len(out)
    side = int(rng.integers(whole // 5, whole))
    small = cv2.resize(out, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (whole, whole), interpolation=cv2.INTER_LINEAR)


def _blurred(out: Float32, rng: np.random.Generator) -> Float32:
    if rng.random() < 0.3:
        length = int(rng.integers(3, 10))
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        step = (length - 1) / 2 * np.array([np.cos(angle), np.sin(angle)])
        middle = np.full(2, (length - 1) / 2)
        ends = np.round(np.stack([middle - step, middle + step])).astype(int)
        cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1.0)
        return cv2.filter2D(out, -1, kernel / kernel.sum())
    return cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 2.0)))


def _sharpened(out: Float32, rng: np.random.Generator) -> Float32:
    smooth = cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.6, 2.0)))
    return np.clip(out + np.float32(rng.uniform(0.3, 1.5)) * (out - smooth), 0, 255)


def _obstructed(out: Float32, rng: np.random.Generator) -> Float32:
    """One to three patches: one colour, noise, or another place of the same view."""
    whole = len(out)
    for _ in range(int(rng.integers(1, 4))):
        width, height = rng.integers(whole // 12, whole * 2 // 5, 2)
        x, y = rng.integers(0, whole - width), rng.integers(0, whole - height)
        kind = rng.random()
        if kind < 0.5:
            patch = np.broadcast_to(rng.uniform(0, 255, 3), (height, width, 3))
        elif kind < 0.7:
            patch = rng.uniform(0, 255, (height, width, 3))
        else:
            u, v = rng.integers(0, whole - width), rng.integers(0, whole - height)
            patch = out[v : v + height, u : u + width].copy()
        out[y : y + height, x : x + width] = patch
    return out


def _noisy(out: Float32, rng: np.random.Generator) -> Float32:
    noise = rng.standard_normal(out.shape, dtype=np.float32)
    if rng.random() < 0.4:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * 1.8
    return out + np.float32(rng.uniform(2, 18)) * noise


Step = Callable[[Float32, np.random.Generator], Float32]
_STEPS: Final[tuple[tuple[Step, float], ...]] = (
    (_relit, 0.4),
    (_recoloured, 0.75),
    (_grey, 0.2),
    (_refiltered, 0.25),
    (_sharpened, 0.2),
    (_coarse, 0.25),
    (_blurred, 0.25),
    (_obstructed, 0.2),
    (_noisy, 0.35),
)
"""In this order, each with how often it happens."""
