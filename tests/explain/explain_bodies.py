"""The site model itself as a photographed person: registrations and views whose truth is known."""

import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import BACKGROUND
from lineament.gallery.enrolment.fit import View
from lineament.gallery.enrolment.posed import SHAPE_COEFFICIENTS
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.types import DenseRegistration, Prototype

HEIGHT, WIDTH, FOCAL = 320, 240, 500.0
FACING = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
"""World to a camera in front of the person."""


def shape(wide=0.0, seed=3, size=0.6):
    """Coefficients of somebody; `wide` moves them towards broad shoulders."""
    values = np.random.default_rng(seed).normal(0, size, SHAPE_COEFFICIENTS)
    model = SiteModel.load()
    left, right = model.joint("left_upper_arm"), model.joint("right_upper_arm")
    across = (
        model.joint_basis[:SHAPE_COEFFICIENTS, left, 0] - model.joint_basis[:SHAPE_COEFFICIENTS, right, 0]
    )
    return values + wide * across / np.linalg.norm(across)


def projected(coefficients):
    """Pixels (N, 2) of the sites, resting before the camera, and which of them face it (N,)."""
    points = SiteModel.load().shape(coefficients)
    seen = (points - points.mean(axis=0)) @ FACING.T + (0, 0, 3.4)
    pixels = FOCAL * seen[:, :2] / seen[:, 2:] + (WIDTH / 2, HEIGHT / 2)
    return pixels, load_template().normals[:, 1] < -0.1


def view(coefficients, noise=0.0, hidden=(), rough=()):
    """The samples of a photograph. noise: pixels, five times that in `rough`; `hidden` lack."""
    template, rng = load_template(), np.random.default_rng(1)
    pixels, facing = projected(coefficients)
    sites = np.flatnonzero(facing & ~np.isin(template.parts, hidden))[::4].astype(np.int32)
    parts = template.parts[sites]
    spread = noise * np.where(np.isin(parts, rough), 5.0, 1.0)[:, None]
    weights = np.tile([1.0, 0.0, 0.0], (len(sites), 1))
    intrinsics = np.array([[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1.0]])
    xy = pixels[sites] + rng.normal(size=(len(sites), 2)) * spread
    return View(xy, np.tile(sites[:, None], (1, 3)), weights, parts, intrinsics, float(np.ptp(pixels[:, 1])))


def registration(coefficients):
    """A dense registration of the same picture, as the network would give it without an error."""
    template = load_template()
    pixels, facing = projected(coefficients)
    sites = np.flatnonzero(facing)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    cells = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1)
    distance, near = cKDTree(pixels[sites]).query(cells)
    nearest = sites[near].reshape(HEIGHT, WIDTH)
    shown = (distance < 5.0).reshape(HEIGHT, WIDTH)
    features = np.zeros((HEIGHT, WIDTH, 8), np.float32)
    features[..., 0] = 1.0
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return DenseRegistration(
        box=np.array([*low, *high], np.float32),
        parts=np.where(shown, template.parts[nearest], BACKGROUND).astype(np.uint8),
        probability=shown.astype(np.float32),
        part_probability=np.full((HEIGHT, WIDTH), 0.9, np.float32),
        canonical=template.positions[nearest],
        features=features,
        to_photo=np.array([[1.0, 0, 0], [0, 1.0, 0]]),
        model="registration-test",
    )


def prototype(coefficients, subject="P01", source="scan"):
    """Somebody enrolled at the template's sites."""
    template = load_template()
    count = len(template)
    return Prototype(
        subject=subject,
        points=SiteModel.load().shape(coefficients).astype(np.float32),
        normals=template.normals,
        colours=None,
        parts=template.parts,
        measured=np.ones(count, bool),
        features=np.tile(np.eye(1, 8, dtype=np.float16), (count, 1)),
        face=None,
        source=source,
        template=template.revision,
        model="registration-test",
        consent="",
        purpose="",
        residual=0.002,
    )
