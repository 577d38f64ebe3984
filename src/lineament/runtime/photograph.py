"""Read a photograph of any common kind into upright 8-bit sRGB, or say in one line why it cannot be read."""

import io
import os
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from lineament.errors import BadInputError
from lineament.types import UInt8

FORMATS: Final = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
LARGEST_PIXELS: Final = 120_000_000
"""Largest picture that is decoded: passes 108-megapixel telephones, holds a picture's memory below 1 GB."""


def load_photograph(path: str | os.PathLike[str]) -> UInt8:
    """The photograph at `path` as (H, W, 3) uint8 sRGB, upright.

    EXIF rotation and an embedded colour profile are applied; alpha is laid on white; of an animation the
    first frame is taken; 16-bit values are scaled to 8. Raises BadInputError for anything unreadable.
    """
    shown = repr(os.fspath(path))
    _check_file(Path(path), shown)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_readable_formats()) as image:
                _check_size(image.size, shown)
                image.load()
                return _upright_rgb(image, shown)
    except BadInputError:
        raise
    except UnidentifiedImageError as problem:
        raise BadInputError(
            f"{shown} is not a photograph that can be read; save it as JPEG or PNG"
        ) from problem
    except Image.DecompressionBombError as problem:
        raise BadInputError(_too_large(shown, "more than 170")) from problem
    except PermissionError as problem:
        raise BadInputError(f"{shown} may not be read; change its permissions") from problem
    # Decoders meet untrusted bytes here: whatever they raise means that this file is damaged.
    except Exception as problem:
        raise BadInputError(f"{shown} is damaged or cut short; take the original file again") from problem


def _readable_formats() -> tuple[str, ...]:
    Image.init()  # registers the decoders that this build of Pillow has
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _check_file(path: Path, shown: str) -> None:
    try:
        missing = "\0" in str(path) or not path.exists()
    except OSError as problem:
        raise BadInputError(f"{shown} cannot be reached ({problem.strerror}); check the name") from problem
    if missing:
        raise BadInputError(f"{shown} does not exist; check the name")
    if path.is_dir():
        raise BadInputError(f"{shown} is a folder; name the photographs in it")
    if not path.is_file():
        raise BadInputError(f"{shown} is not a regular file; copy the photograph to one")
    if path.stat().st_size == 0:
        raise BadInputError(f"{shown} is empty; take the original file again")


def _check_size(size: tuple[int, int], shown: str) -> None:
    width, height = size
    if width * height > LARGEST_PIXELS:
        raise BadInputError(_too_large(shown, f"{width} x {height} = {width * height / 1e6:.0f}"))


def _too_large(shown: str, megapixels: str) -> str:
    return f"{shown} has {megapixels} megapixels; reduce it to at most {LARGEST_PIXELS // 1_000_000}"


def _upright_rgb(image: Image.Image, shown: str) -> UInt8:
    profile = image.info.get("icc_profile")
    flat = _to_eight_bit(image, shown)
    if flat.mode in ("LA", "PA", "La", "RGBA", "RGBa") or (flat.mode == "P" and "transparency" in flat.info):
        layer = flat.convert("RGBA")
        flat = Image.new("RGBA", layer.size, "white")
        flat.alpha_composite(layer)
    if profile and flat.mode in ("RGB", "RGBA", "CMYK"):
        flat = _to_srgb(flat, profile)
    upright = flat.convert("RGB")
    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # a damaged EXIF block does not make the picture unreadable
        orientation = 1
    if orientation in range(2, 9):
        upright.getexif()[0x0112] = orientation
        upright = ImageOps.exif_transpose(upright)
    return np.array(upright, dtype=np.uint8)


def _to_eight_bit(image: Image.Image, shown: str) -> Image.Image:
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65_535:
            raise BadInputError(f"{shown} holds 32-bit values; save it with 8 or 16 bits a channel")
        return Image.fromarray(np.round(values / 257).astype(np.uint8))
    if image.mode == "F":
        raise BadInputError(f"{shown} holds floating-point values; save it with 8 or 16 bits a channel")
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Apply the embedded profile; one that is broken or of another kind of picture is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        picture = image if image.mode == "CMYK" else image.convert("RGB")
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted if converted is not None else image
