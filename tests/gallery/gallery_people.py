"""People for the gallery's tests: small, random, complete."""

from collections.abc import Callable

import numpy as np

from lineament.types import FaceTemplates, Prototype

MakePrototype = Callable[..., Prototype]


def unit_rows(rng: np.random.Generator, rows: int, width: int) -> np.ndarray:
    values = rng.normal(size=(rows, width)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def build_prototype(
    subject: str, seed: int = 0, sites: int = 60, views: int = 2, **changes: object
) -> Prototype:
    rng = np.random.default_rng([seed, *subject.encode()[:20]])
    face = None
    if views:
        yaws = rng.uniform(-1, 1, views).astype(np.float32)
        face = FaceTemplates(unit_rows(rng, views, 16), yaws, rng.random(views) < 0.5, "sface-1")
    fields: dict[str, object] = {
        "subject": subject,
        "points": rng.normal(size=(sites, 3)).astype(np.float32),
        "normals": unit_rows(rng, sites, 3),
        "colours": rng.integers(0, 256, (sites, 3), dtype=np.uint8),
        "parts": rng.integers(1, 15, sites, dtype=np.uint8),
        "measured": rng.random(sites) < 0.7,
        "features": unit_rows(rng, sites, 8).astype(np.float16),
        "face": face,
        "source": "scan",
        "template": "template-1",
        "model": "registration-1",
        "consent": f"consent-{subject}",
        "purpose": "tests",
        "residual": 0.0021,
    }
    return Prototype(**(fields | changes))  # type: ignore[arg-type]


def same(a: Prototype, b: Prototype) -> bool:
    """Bit for bit, data types included."""

    def equal(x: object, y: object) -> bool:
        if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
            return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
        if isinstance(x, FaceTemplates) and isinstance(y, FaceTemplates):
            return all(equal(getattr(x, f), getattr(y, f)) for f in FaceTemplates.__slots__)
        return type(x) is type(y) and x == y

    return all(equal(getattr(a, f), getattr(b, f)) for f in Prototype.__slots__)
