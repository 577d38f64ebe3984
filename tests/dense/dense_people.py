"""Cameras and the pixels of people whose every place is known."""

import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.recognition.pixels import PersonPixels
from lineament.types import DenseRegistration

TEMPLATE, MODEL = load_template(), SiteModel.load()
PICTURE = (800, 600)


def camera(azimuth: float, elevation: float = 0.0, roll: float = 0.0, focal: float = 1000.0) -> Camera:
    return Camera.looking_at(
        np.array([0.0, 0.0, 0.9]),
        azimuth=azimuth,
        elevation=elevation,
        distance=2.6,
        focal=focal,
        width=PICTURE[1],
        height=PICTURE[0],
        roll=roll,
    )


def pixels_of(seen_by: Camera, points: np.ndarray, kept: np.ndarray, noise: float = 0.0) -> PersonPixels:
    """One sample for each site of `kept` that faces the camera."""
    normals = TEMPLATE.normals
    facing_it = ((seen_by.centre - points) * normals).sum(axis=1) > 0.1
    sites = np.flatnonzero(facing_it & kept).astype(np.int32)
    xy = seen_by.project(points[sites])[0] + np.random.default_rng(0).normal(0, noise, (len(sites), 2))
    ties = np.tile(sites[:, None], (1, 8))
    weights = np.zeros((len(sites), 8), np.float32)
    weights[:, 0] = 1.0
    return PersonPixels(
        xy=xy.astype(np.float32),
        grid=xy[:, ::-1].astype(np.int32),
        parts=TEMPLATE.parts[sites],
        part_probability=np.ones(len(sites), np.float32),
        places=TEMPLATE.positions[sites],
        features=np.zeros((len(sites), 4), np.float32),
        sites=ties,
        weights=weights,
    )


def body_of(pixels: PersonPixels) -> DenseRegistration:
    """A registration whose person is seen within a dozen photograph pixels of each sample."""
    shape = (PICTURE[0] // 4, PICTURE[1] // 4)
    parts = np.zeros(shape, np.uint8)
    for x, y in pixels.xy:
        parts[max(0, int(y / 4) - 3) : int(y / 4) + 4, max(0, int(x / 4) - 3) : int(x / 4) + 4] = 2
    shown = (parts > 0).astype(np.float32)
    return DenseRegistration(
        box=np.zeros(4, np.float32),
        parts=parts,
        probability=shown,
        part_probability=shown,
        canonical=np.zeros((*shape, 3), np.float32),
        features=np.zeros((*shape, 1), np.float32),
        to_photo=np.array([[4.0, 0, 0], [0, 4.0, 0]]),
        model="none",
    )
