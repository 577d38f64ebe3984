"""A made-up world of faces: crops whose maps tell who is shown, however the face is turned."""

import numpy as np

from lineament.training.faces.features import FaceSet
from lineament.training.faces.people import Cast

CHANNELS = 8


def faces(people=24, each=8, seed=0, first=0):
    """Embeddings lose the person as the face turns; the maps keep it."""
    rng = np.random.default_rng(seed)
    who = np.random.default_rng(99).normal(size=(first + people, 128)).astype(np.float32)[first:]
    codes = np.random.default_rng(98).normal(size=(first + people, CHANNELS, 7, 7)).astype(np.float32)[first:]
    person = np.repeat(np.arange(people), each)
    yaw = np.tile(np.radians(np.linspace(0, 100, each)), people).astype(np.float32)
    turned = np.sin(np.minimum(np.abs(yaw), np.pi / 2))[:, None]
    away = np.random.default_rng(97).normal(size=128).astype(np.float32)
    noise = rng.normal(size=(len(person), 128)).astype(np.float32)
    base = (1 - 0.8 * turned) * who[person] + 1.5 * turned * away + (0.3 + 0.6 * turned) * noise
    maps = codes[person] + 0.3 * rng.normal(size=(len(person), CHANNELS, 7, 7))
    sign = np.where(np.arange(len(yaw)) % 2, 1, -1).astype(np.float32)
    numbers = (first + person).astype(np.int32)
    size = rng.uniform(90, 150, len(yaw)).astype(np.float32)
    return FaceSet(base.astype(np.float32), maps.astype(np.float16), numbers, sign * yaw, sign * yaw, size)


def cast(people=24):
    rng = np.random.default_rng(5)
    points = rng.normal(0, 0.05, (1, 1024, 3)) + rng.normal(0, 0.004, (people, 1024, 3))
    clouds = np.concatenate(
        [points, rng.normal(size=(people, 1024, 3)), rng.random((people, 1024, 3))], axis=2
    )
    layout = rng.uniform(-1, 1, (1024, 2)).astype(np.float32)
    alike = rng.normal(size=(people, 3)).astype(np.float32)
    return Cast(np.arange(people, dtype=np.int32), clouds.astype(np.float32), layout, alike)
