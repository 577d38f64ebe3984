"""Crops changed far beyond how renders look, so that identity cannot be told by the look of a render."""

from typing import Final

import cv2
import numpy as np

from lineament.types import Float32, UInt8

GREY: Final = 0.25
SMALLEST: Final = 20
"""Side, pixels, of the coarsest crop before it is enlarged again."""


def changed(crop: UInt8, rng: np.random.Generator) -> UInt8:
    """Another light, colour, sharpness, grain and compression of `crop` (S, S, 3), now and then partly
    covered.
    """
    out = crop.astype(np.float32) / 255
    if rng.random() < 0.6:
        out = _relit(out, rng)
    if rng.random() < 0.8:
        out = _recoloured(out, rng)
    if rng.random() < 0.3:
        out = _stained(out, rng)
    if rng.random() < 0.35:
        out = _covered(out, rng)
    out = _softened(out, rng)
    if rng.random() < 0.5:
        out = out + rng.normal(0, rng.uniform(0.003, 0.05), out.shape).astype(np.float32)
    if rng.random() < GREY:
        out = np.repeat((out @ _grey(rng))[..., None], 3, axis=2)
    picture = (np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < 0.15:
        picture = _equalised(picture, rng)
    return _compressed(picture, rng) if rng.random() < 0.5 else picture


def _field(size: int, rng: np.random.Generator, channels: int = 1) -> Float32:
    """A smooth random field (S, S, channels) of mean 0 and spread about 1."""
    coarse = rng.normal(size=(*rng.integers(2, 6, 2), channels)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC).reshape(size, size, channels)


def _relit(out: Float32, rng: np.random.Generator) -> Float32:
    return out * np.exp(rng.uniform(0.1, 0.45) * _field(len(out), rng))


def _recoloured(out: Float32, rng: np.random.Generator) -> Float32:
    """Gains, mixing of channels, gamma and contrast."""
    mix = np.eye(3) + rng.normal(0, 0.06, (3, 3))
    gain = np.exp(rng.normal(0, 0.1, 3))
    out = np.clip(out @ mix.T.astype(np.float32) * gain.astype(np.float32), 0, 1)
    out = out ** np.float32(np.exp(rng.normal(0, 0.3)))
    middle = out.mean(axis=(0, 1), keepdims=True)
    return _metered(middle + (out - middle) * np.float32(np.exp(rng.normal(0, 0.25))), rng)


def _metered(out: Float32, rng: np.random.Generator) -> Float32:
    """Exposed so that the middle brightness is one that photographs have."""
    level = max(float(np.median(out[12:-12, 24:-24])), 0.02)
    return out * np.float32(np.clip(rng.uniform(0.15, 0.75) / level, 0.3, 3.0))


def _stained(out: Float32, rng: np.random.Generator) -> Float32:
    share = rng.uniform(0.05, 0.25) * np.clip(_field(len(out), rng), 0, 1)
    return out * (1 - share) + share * rng.random(3).astype(np.float32)


def _covered(out: Float32, rng: np.random.Generator) -> Float32:
    """One or two boxes of one colour or of noise."""
    out = out.copy()
    size = len(out)
    for _ in range(int(rng.integers(1, 3))):
        width, height = rng.integers(size // 12, size // 2, 2)
        x, y = int(rng.integers(0, size - width)), int(rng.integers(0, size - height))
        plain = rng.random() < 0.5
        out[y : y + height, x : x + width] = rng.random(3) if plain else rng.random((height, width, 3))
    return out


def _softened(out: Float32, rng: np.random.Generator) -> Float32:
    """Coarse, blurred in all directions or in one, or as it is."""
    kind, size = rng.random(), len(out)
    if kind < 0.3:
        side = int(rng.integers(SMALLEST, 90))
        small = cv2.resize(out, (side, side), interpolation=cv2.INTER_AREA)
        way = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
        return cv2.resize(small, (size, size), interpolation=way)
    if kind < 0.5:
        return cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.4, 2.2)))
    if kind < 0.6:
        length, turn = int(rng.integers(3, 9)), float(rng.uniform(0, 180))
        line = np.zeros((length, length), np.float32)
        line[length // 2] = 1
        matrix = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), turn, 1.0)
        kernel = cv2.warpAffine(line, matrix, (length, length))
        return cv2.filter2D(out, -1, kernel / max(float(kernel.sum()), 1e-6))
    return out


def _grey(rng: np.random.Generator) -> Float32:
    return rng.dirichlet((3, 6, 2)).astype(np.float32)


def _equalised(picture: UInt8, rng: np.random.Generator) -> UInt8:
    """Local contrast evened out."""
    even = cv2.createCLAHE(float(rng.uniform(1, 4)), (4, 4))
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    lab[..., 0] = even.apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def _compressed(picture: UInt8, rng: np.random.Generator) -> UInt8:
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 92))])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), np.uint8)
