"""Head crops with projected 3D landmarks, for the networks that align and recognise faces."""

from dataclasses import replace
from typing import Final

import numpy as np

from lineament.geometry.camera import Camera
from lineament.humans.body import Body
from lineament.humans.wardrobe import IdentityLook
from lineament.render.frame import Frame
from lineament.synth.background import BackgroundSettings, paint
from lineament.synth.head_figures import PHOTOGRAPHS, HeadFigure, HeadFigures
from lineament.synth.head_sample import HeadCovariates, HeadSample
from lineament.synth.landmarks import LANDMARKS
from lineament.synth.lighting import LightSettings, dappled, light
from lineament.synth.occlusion import OcclusionSettings, obstacle
from lineament.synth.people import People
from lineament.synth.scene import rasteriser
from lineament.synth.seeds import generator, log_uniform
from lineament.synth.sensor import SensorSettings, expose, meter
from lineament.types import Bool, Float32, Float64, UInt8

SIZE: Final = 160
YAW_LIMIT: Final = np.radians(100)
PITCH_LIMIT: Final = np.radians(40)
VIEWS: Final = 10
"""Successive pictures of one person."""
TOLERANCE: Final = 0.012
"""Metres before or behind the drawn surface within which a landmark counts as lying on it."""
SCENERY: Final = 12
SHARED: Final = 20 * VIEWS
"""So many pictures, of several people, share SCENERY paintings: nobody can be told by what is behind."""
_FACE: Final = np.array([n for n, name in enumerate(LANDMARKS) if name.startswith(("ibug", "forehead"))])
_AROUND: Final = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


class HeadStream:
    """Endless head crops; sample i depends on (seed, i) alone.

    views: successive samples of one person, before the next of the population has its turn.
    """

    def __init__(self, seed: int, people: People, size: int = SIZE, views: int = VIEWS) -> None:
        self._seed, self._people, self._size, self._views = seed, people, size, views
        self._figures = HeadFigures(seed, people)

    def sample(self, index: int) -> HeadSample:
        """Sample `index` >= 0."""
        rng = generator(self._seed, "head", index)
        figure = self.figure(index)
        yaw, pitch, roll = _angles(rng)
        camera = _camera(rng, figure, (yaw, pitch, roll), self._size)
        covariates = HeadCovariates(
            seed=self._seed,
            index=index,
            person=figure.person,
            outfit=figure.outfit,
            expression=figure.expression,
            light=_light(rng),
            background=_background(rng, self._seed, index // SHARED),
            occlusion=replace(OcclusionSettings.sample(rng), size=float(0.5 * rng.random())),
            sensor=SensorSettings.sample(rng),
        )
        image, visible, pixels = _photograph(covariates, figure, camera)
        rotation = camera.R @ figure.turn
        translation = camera.R @ figure.origin + camera.t
        return HeadSample(
            image=image,
            landmarks2d=pixels,
            visible=visible,
            yaw=yaw,
            pitch=pitch,
            roll=roll,
            rotation=rotation,
            translation=translation,
            person=figure.person,
            camera=camera,
            covariates=covariates,
        )

    def figure(self, index: int) -> HeadFigure:
        """The head that sample `index` shows, with its expression, clothes and hair."""
        person = index // self._views % len(self._people)
        return self._figures.figure(person, index % self._views // PHOTOGRAPHS)

    def identity(self, person: int) -> tuple[Body, IdentityLook]:
        """Rest body, and skin, eyes and hair, of a person."""
        return self._figures.identity(person)


def _angles(rng: np.random.Generator) -> tuple[float, float, float]:
    """Yaw evenly over its range (profiles are as frequent as frontal views), pitch and roll about level."""
    pitch = np.clip(rng.normal(0, np.radians(14)), -PITCH_LIMIT, PITCH_LIMIT)
    roll = rng.normal(0, np.radians(15)) if rng.random() < 0.9 else rng.uniform(-np.pi / 2, np.pi / 2)
    return float(rng.uniform(-YAW_LIMIT, YAW_LIMIT)), float(pitch), float(roll)


def _camera(
    rng: np.random.Generator, figure: HeadFigure, angles: tuple[float, float, float], size: int
) -> Camera:
    """The face takes 0.35 to 0.9 of the picture; one in twelve is cut by its edge."""
    yaw, pitch, roll = angles
    face = figure.places[_FACE]
    # The angles are those of the head, not of the body: look at it in its own frame, then turn frame and
    # camera.
    own = Camera.looking_at(
        figure.turn.T @ figure.origin,
        azimuth=yaw,
        elevation=pitch,
        distance=log_uniform(rng, 0.4, 8.0),
        focal=1.0,
        width=size,
        height=size,
        roll=roll,
    )
    view = Camera(own.K, own.R @ figure.turn.T, own.t, size, size)
    pixels, _ = view.project(face)
    pixels -= size / 2
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    focal = float(rng.uniform(0.35, 0.9)) * size / float((high - low).max())
    aside = 0.05 if rng.random() > 1 / 12 else 0.2
    centre = size * (0.5 + rng.normal(0, aside, 2)) - focal * (low + high) / 2
    return Camera(
        np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]]), view.R, view.t, size, size
    )


def _light(rng: np.random.Generator) -> LightSettings:
    """Light as people are photographed in, and more often than these a hard lamp aside of or behind them."""
    settings = LightSettings.sample(rng)
    draw, side = rng.random(), float(rng.choice([-1.0, 1.0]))
    if draw < 0.14:
        azimuth, elevation = rng.uniform(50, 115), rng.uniform(-15, 50)
    elif draw < 0.20:
        azimuth, elevation = rng.uniform(130, 180), rng.uniform(0, 50)
    else:
        return settings
    return replace(
        settings,
        kind="stage",
        azimuth=side * float(np.radians(azimuth)),
        elevation=float(np.radians(elevation)),
        strength=float(rng.uniform(2, 7)),
        warmth=float(rng.normal(0, 0.6 if rng.random() < 0.3 else 0.15)),
    )


def _background(rng: np.random.Generator, seed: int, run: int) -> BackgroundSettings:
    """One of the SCENERY paintings of a run of samples, or a panorama; the window is the picture's own."""
    shared = BackgroundSettings.sample(generator(seed, "head scenery", run, int(rng.integers(SCENERY))))
    return replace(BackgroundSettings.sample(rng), kind=shared.kind, seed=shared.seed)


def _photograph(
    covariates: HeadCovariates, figure: HeadFigure, camera: Camera
) -> tuple[UInt8, Bool, Float32]:
    settings = covariates.light
    background = paint(covariates.background, settings.scenery, settings.turn, camera)
    sensor = covariates.sensor
    # What is blurred or small shows no steps along its edges.
    fine = 2 if sensor.blur == "none" and sensor.resolution == 1 else 1
    frame = rasteriser().render(
        figure.surfaces,
        camera,
        light(settings, camera),
        background=background,
        supersample=fine,
        shadows=True,
    )
    linear = frame.colour
    shade = dappled(settings, camera.height, camera.width)
    if shade is not None:
        linear = linear * shade[..., None]
    pixels, depth = camera.project(figure.places)
    visible = _seen(frame, pixels, depth)
    hidden = obstacle(covariates.occlusion, camera.height, camera.width)
    if hidden is not None:
        colour, opacity = hidden
        linear = linear * (1 - opacity[..., None]) + colour * opacity[..., None]
        column, row = np.clip(pixels, 0, camera.width - 1).astype(int).T
        visible &= opacity[row, column] < 0.5
    weight = 0.1 + (frame.surface >= 0).astype(np.float32)
    return expose(linear, sensor, meter(linear, weight)), visible, pixels.astype(np.float32)


def _seen(frame: Frame, pixels: Float64, depth: Float64) -> Bool:
    """Whether the picture shows a surface at the landmark's depth in any of the 3 x 3 pixels about it."""
    height, width = frame.depth.shape
    inside = ((pixels >= 0) & (pixels < (width, height))).all(axis=1)
    column, row = np.floor(np.clip(pixels, 0, (width - 1, height - 1))).astype(int).T
    seen = np.zeros(len(pixels), dtype=bool)
    for dx, dy in _AROUND:
        y, x = np.clip(row + dy, 0, height - 1), np.clip(column + dx, 0, width - 1)
        seen |= (frame.surface[y, x] >= 0) & (np.abs(frame.depth[y, x] - depth) < TOLERANCE)
    return inside & seen
