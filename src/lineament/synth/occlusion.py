"""Things between the camera and the people: posts, railings, furniture, leaves, the edge of a car."""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.distributions import Choice, Normal, Whole
from lineament.synth.covariates import SEEDS, Table, draw_alone, number, one_of, whole_number
from lineament.synth.seeds import generator
from lineament.synth.shapes import shape_mask
from lineament.synth.texture import colour, noise, textured
from lineament.types import Float32

SHARES = {"none": 0.70, "post": 0.06, "furniture": 0.08, "shape": 0.08, "foliage": 0.03, "edge": 0.05}
KINDS = tuple(SHARES)

OCCLUSION: Table = {
    "kind": one_of(Choice(SHARES), *KINDS),
    "size": number(Normal(0.32, 0.23, 0, 1), 0, 1, "share"),
    "seed": whole_number(Whole(*SEEDS), *SEEDS),
}
"""Covariates of what stands before people; see `OcclusionSettings`."""


@dataclass(frozen=True, slots=True)
class OcclusionSettings:
    """kind: one of KINDS. size: 0..1, how much of the picture it may take. seed: of its details."""

    kind: str
    size: float
    seed: int

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "OcclusionSettings":
        """An occlusion by the table OCCLUSION."""
        return draw_alone(cls, "occlusion", OCCLUSION, rng)


def obstacle(settings: OcclusionSettings, height: int, width: int) -> tuple[Float32, Float32] | None:
    """Linear colour (H, W, 3) and opacity (H, W) 0..1 of what hides the scene, or None."""
    if settings.kind == "none":
        return None
    rng = generator(settings.seed, "occlusion")
    mask = np.zeros((height, width), dtype=np.uint8)
    if settings.kind == "post":
        for _ in range(int(rng.integers(1, 4))):
            ends = rng.uniform(-0.1, 1.1, 2)[:, None] * (width, 0) + np.array([[0, -5], [0, height + 5]])
            if rng.random() < 0.7:
                ends[1, 0] = ends[0, 0] + rng.normal(0, 0.04) * width
            if rng.random() < 0.2:
                ends = ends[:, ::-1] * (width / height, height / width)
            thickness = max(1, round(width * (0.02 + 0.14 * settings.size * rng.random())))
            cv2.line(mask, *(tuple(map(int, end)) for end in ends), 255, thickness, cv2.LINE_AA)
    elif settings.kind == "furniture":
        top = height * (1 - 0.08 - 0.45 * settings.size)
        left, right = np.sort(rng.uniform(-0.2, 1.2, 2)) * width
        cv2.rectangle(mask, (int(left), int(top)), (int(max(right, left + 0.2 * width)), height), 255, -1)
    elif settings.kind == "shape":
        for _ in range(int(rng.integers(1, 3))):
            mask = np.maximum(mask, shape_mask(rng, height, width, 0.1 + 0.4 * settings.size))
    elif settings.kind == "foliage":
        field = noise(rng, height, width, 6, 0.75)
        level = np.quantile(field, 1 - 0.05 - 0.35 * settings.size)
        mask = (np.clip((field - level) * 12, 0, 1) * 255).astype(np.uint8)
    else:
        mask = _edge(rng, settings.size, height, width)
    if rng.random() < 0.7:
        half = textured(rng, (height + 1) // 2, (width + 1) // 2)
        patch = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        patch = np.full((height, width, 3), colour(rng), dtype=np.float32)
    return patch, mask.astype(np.float32) / 255


def _edge(rng: np.random.Generator, size: float, height: int, width: int) -> np.ndarray:
    """A blurred half plane at one side: a door frame, a shoulder out of focus."""
    reach = round((0.04 + 0.28 * size) * width)
    mask = np.zeros((height, width), dtype=np.uint8)
    if rng.random() < 0.5:
        mask[:, :reach] = 255
    else:
        mask[:, width - reach :] = 255
    return cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 3.0)))
