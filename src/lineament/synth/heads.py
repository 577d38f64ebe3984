"""Head crops with projected 3D landmarks, for the networks that align faces."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.expressions import sample_expression
from lineament.humans.wardrobe import Wardrobe
from lineament.render.frame import Frame
from lineament.synth.background import BackgroundSettings, paint
from lineament.synth.head_sample import HeadCovariates, HeadSample
from lineament.synth.landmarks import LANDMARKS
from lineament.synth.lighting import LightSettings, light
from lineament.synth.occlusion import OcclusionSettings, obstacle
from lineament.synth.people import People
from lineament.synth.scene import rasteriser
from lineament.synth.seeds import generator, log_uniform
from lineament.synth.sensor import SensorSettings, expose, meter
from lineament.synth.turns import Recent, turn
from lineament.types import Bool, Float32, Float64, UInt8

SIZE: Final = 160
YAW_LIMIT: Final = np.radians(100)
PITCH_LIMIT: Final = np.radians(30)
SLOTS: Final = 32
VIEWS: Final = 6
TOLERANCE: Final = 0.012
"""Metres behind the drawn surface at which a landmark still counts as seen."""
_VERTICES: Final = np.array(list(LANDMARKS.values()))


@dataclass(frozen=True, slots=True, eq=False)
class HeadFigure:
    """A person with an expression and a bent neck: surfaces, landmarks (L, 3), and the head's own turn (3,
    3).
    """

    surfaces: tuple[Surface, ...]
    landmarks: Float64
    turn: Float64
    person: int
    outfit: str
    expression: tuple[tuple[str, float], ...]


class HeadStream:
    """Endless head crops; sample i depends on (seed, i) alone."""

    def __init__(self, seed: int, people: People, size: int = SIZE) -> None:
        self._seed, self._people, self._size = seed, people, size
        self._wardrobe = Wardrobe.load()
        self._figures: Recent[HeadFigure] = Recent(self._make, SLOTS)

    def sample(self, index: int) -> HeadSample:
        """Sample `index` >= 0."""
        rng = generator(self._seed, "head", index)
        figure = self._figures(turn(index, index % SLOTS, SLOTS, VIEWS))
        yaw, pitch, roll = _angles(rng)
        camera = _camera(rng, figure, (yaw, pitch, roll), self._size)
        covariates = HeadCovariates(
            seed=self._seed,
            index=index,
            person=figure.person,
            outfit=figure.outfit,
            expression=figure.expression,
            light=LightSettings.sample(rng),
            background=BackgroundSettings.sample(rng),
            occlusion=replace(OcclusionSettings.sample(rng), size=float(0.5 * rng.random())),
            sensor=SensorSettings.sample(rng),
        )
        image, visible, pixels = _photograph(covariates, figure, camera)
        return HeadSample(image, pixels, visible, yaw, pitch, roll, figure.person, camera, covariates)

    def _make(self, number: int) -> HeadFigure:
        rng = generator(self._seed, "head figure", number)
        person = int(rng.integers(len(self._people)))
        model = self._people.model
        expression = sample_expression(rng)
        body = model.with_expression(self._people.body(person), expression)
        rotations = np.tile(np.eye(3), (len(model.bone_names), 1, 1))
        for name in ("neck01", "neck02", "neck03", "head"):
            rotations[model.bone(name)] = _rotation(rng.normal(0, np.radians(5), 3))
        posed = model.pose(body, rotations)
        turn = model.bone_transforms(body, rotations[None])[0, model.bone("head"), :, :3].astype(np.float64)
        outfit = self._wardrobe.sample_outfit(rng)
        look = self._wardrobe.dress(self._people.identity_look(person), outfit)
        return HeadFigure(
            surfaces=tuple(look.surfaces(posed)),
            landmarks=posed[_VERTICES].astype(np.float64),
            turn=turn,
            person=person,
            outfit=outfit.describe(),
            expression=tuple(expression.items()),
        )


def _rotation(vector: Float64) -> Float64:
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / max(angle, 1e-9)
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * (skew @ skew)


def _angles(rng: np.random.Generator) -> tuple[float, float, float]:
    """Yaw evenly over its range (profiles are as frequent as frontal views), pitch and roll about level."""
    pitch = np.clip(rng.normal(0, np.radians(12)), -PITCH_LIMIT, PITCH_LIMIT)
    return float(rng.uniform(-YAW_LIMIT, YAW_LIMIT)), float(pitch), float(rng.normal(0, np.radians(9)))


def _camera(
    rng: np.random.Generator, figure: HeadFigure, angles: tuple[float, float, float], size: int
) -> Camera:
    yaw, pitch, roll = angles
    target = figure.landmarks.mean(axis=0)
    # The angles are those of the head, not of the body: look at it in its own frame, then turn frame and
    # camera.
    own = Camera.looking_at(
        figure.turn.T @ target,
        azimuth=yaw,
        elevation=pitch,
        distance=log_uniform(rng, 0.5, 6.0),
        focal=1.0,
        width=size,
        height=size,
        roll=roll,
    )
    view = Camera(own.K, own.R @ figure.turn.T, own.t, size, size)
    pixels, _ = view.project(figure.landmarks)
    pixels -= size / 2
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    focal = float(rng.uniform(0.45, 0.9)) * size / float((high - low).max())
    centre = size * (0.5 + rng.normal(0, 0.05, 2)) - focal * (low + high) / 2
    return Camera(
        np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]]), view.R, view.t, size, size
    )


def _photograph(
    covariates: HeadCovariates, figure: HeadFigure, camera: Camera
) -> tuple[UInt8, Bool, Float32]:
    settings = covariates.light
    background = paint(covariates.background, settings.scenery, settings.turn, camera)
    frame = rasteriser().render(
        figure.surfaces, camera, light(settings, camera), background=background, supersample=2, shadows=True
    )
    linear = frame.colour
    pixels, depth = camera.project(figure.landmarks)
    hidden = obstacle(covariates.occlusion, camera.height, camera.width)
    visible = _seen(frame, pixels, depth)
    if hidden is not None:
        colour, opacity = hidden
        linear = linear * (1 - opacity[..., None]) + colour * opacity[..., None]
        column, row = np.clip(pixels, 0, camera.width - 1).astype(int).T
        visible &= opacity[row, column] < 0.5
    weight = 0.1 + (frame.surface >= 0).astype(np.float32)
    return expose(linear, covariates.sensor, meter(linear, weight)), visible, pixels.astype(np.float32)


def _seen(frame: Frame, pixels: Float64, depth: Float64) -> Bool:
    """Whether something nearer than the landmarks covers all of the 3 x 3 pixels about each of them."""
    height, width = frame.depth.shape
    inside = ((pixels >= 0) & (pixels < (width, height))).all(axis=1)
    surface = np.where(frame.surface >= 0, frame.depth, np.inf)
    column, row = np.floor(pixels).astype(int).T
    reach = np.stack(
        [
            surface[np.clip(row + dy, 0, height - 1), np.clip(column + dx, 0, width - 1)]
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        ]
    )
    return inside & (depth < reach.max(axis=0) + TOLERANCE)
