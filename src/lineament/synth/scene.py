"""Putting a sample together: figures in a place, seen, lit, drawn, partly hidden, and photographed."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

import numpy as np

from lineament.anatomy import BACKGROUND
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.frame import Frame
from lineament.render.rasteriser import Rasteriser
from lineament.synth.background import BackgroundSettings, paint
from lineament.synth.covariates import settings
from lineament.synth.figure import Figure
from lineament.synth.framing import Framing
from lineament.synth.half import half
from lineament.synth.labels import PersonLabels
from lineament.synth.lighting import LightSettings, dappled, light
from lineament.synth.occlusion import OcclusionSettings, obstacle
from lineament.synth.plan import Plan, Turn
from lineament.synth.sample import Covariates, Geometry, Sample, SceneSettings
from lineament.synth.seeds import generator
from lineament.synth.sensor import SensorSettings, expose, meter
from lineament.synth.texture import textured
from lineament.synth.turns import Recent
from lineament.types import Int32, UInt8

GROUND_REACH = 25.0
GROUNDS = 32
LOWEST_CAMERA = 0.15
"""Metres above the floor below which no floor is drawn."""


@cache
def rasteriser() -> Rasteriser:
    """This process's renderer, made at first use so that forked workers each make their own."""
    return Rasteriser(device="cpu")


def draw(
    seed: int,
    index: int,
    plan: Plan,
    turn: Turn,
    figure: Callable[[int], Figure],
    scenery: int | None = None,
) -> Sample:
    """Sample `index` of `seed` in a plan. `figure(k)` gives the main figure (k = 0) and its possible company
    (k = 1..); scenery: number of the background, where it is shared with other samples.
    """
    rng = generator(seed, "company", turn.base)
    main = figure(0)
    number = turn.base if plan.pairs == "none" else index
    chosen = {"pose.kind": main.covariates.pose}
    values = plan.picture_values(seed, number, turn.fixed, chosen, scenery)
    scene = settings(SceneSettings, "scene", values)
    figures: list[Figure] = []
    framing = None
    if scene.nobody:
        camera = _empty_view(rng, plan.width, plan.height)
    else:
        framing = settings(Framing, "framing", values)
        region, heading = main.region(framing.region), main.heading(framing.region)
        camera = framing.camera(region, main.skin, plan.width, plan.height, heading)
        figures = [main, *(_beside(rng, figure(k + 1), main, camera) for k in range(scene.company))]
    covariates = Covariates(
        seed=seed,
        index=index,
        people=tuple(one.covariates for one in figures),
        framing=framing,
        scene=scene,
        light=settings(LightSettings, "light", values),
        background=settings(BackgroundSettings, "background", values),
        occlusion=settings(OcclusionSettings, "occlusion", values),
        sensor=settings(SensorSettings, "sensor", values),
    )
    return photograph(covariates, figures, camera)


def photograph(covariates: Covariates, figures: list[Figure], camera: Camera) -> Sample:
    """The sample of `figures` (main first) under everything that `covariates` says."""
    surfaces = [surface for one in figures for surface in one.surfaces]
    names = [f"{n + 1}:{surface.name}" for n, one in enumerate(figures) for surface in one.surfaces]
    owner = [n + 1 for n, one in enumerate(figures) for _ in one.surfaces]
    if covariates.scene.ground and camera.centre[2] > LOWEST_CAMERA:
        surfaces.append(_ground(covariates))
        names.append("0:ground")
    frame = _render(covariates, surfaces, camera)
    linear, part = frame.colour, frame.part
    shade = dappled(covariates.light, camera.height, camera.width)
    if shade is not None:
        linear = linear * shade[..., None]
    hidden = obstacle(covariates.occlusion, camera.height, camera.width)
    if hidden is not None:
        colour, opacity = hidden
        linear = linear * (1 - opacity[..., None]) + colour * opacity[..., None]
        part = np.where(opacity > 0.5, np.uint8(BACKGROUND), part)
    # What people carry is theirs but not them.
    person = (part != BACKGROUND).view(np.uint8)
    subject = _pick([*owner, *[0] * (len(surfaces) - len(owner))], frame.surface, np.uint8) * person
    weight = None
    if covariates.scene.metered_on_people and subject.any():
        weight = 0.1 + (subject > 0).astype(np.float32)
    image = expose(linear, covariates.sensor, meter(linear, weight))
    return Sample(
        image=image,
        part=part,
        canonical=half(frame.canonical, person),
        subject=subject,
        camera=camera,
        covariates=covariates,
        geometry=_geometry(frame, surfaces),
        labels=_labels(figures, camera, frame, subject),
        surfaces=tuple(names),
    )


def _pick(values: Sequence[int], surface: Int32, dtype: type) -> np.ndarray:
    """The value of each pixel's surface, 0 for surface -1."""
    return np.take(np.array([0, *values], dtype=dtype), surface + 1, mode="clip")


def _geometry(frame: Frame, surfaces: list[Surface]) -> Geometry:
    starts = accumulate((len(one.faces) for one in surfaces[:-1]), initial=0)
    triangle = frame.triangle - _pick(list(starts), frame.surface, np.int32)
    return Geometry(frame.depth, frame.normal, frame.surface, triangle, frame.barycentric)


def _labels(figures: list[Figure], camera: Camera, frame: Frame, subject: UInt8) -> tuple[PersonLabels, ...]:
    labels = []
    for number, figure in enumerate(figures, start=1):
        points = (figure.sites, figure.landmarks, figure.joints)
        labels.append(PersonLabels.seen(points, camera, frame.depth, subject == number))
    return tuple(labels)


def _render(covariates: Covariates, surfaces: list[Surface], camera: Camera) -> Frame:
    settings = covariates.light
    background = paint(covariates.background, settings.scenery, settings.turn, camera)
    return rasteriser().render(
        surfaces,
        camera,
        light(settings, camera),
        background=background,
        supersample=covariates.scene.supersample,
        shadows=covariates.scene.shadows,
    )


def _empty_view(rng: np.random.Generator, width: int, height: int) -> Camera:
    return Camera.looking_at(
        np.array([0.0, 0.0, 1.0]),
        azimuth=float(rng.uniform(0, 2 * np.pi)),
        elevation=float(rng.uniform(-0.1, 0.5)),
        distance=float(rng.uniform(3, 8)),
        focal=float(rng.uniform(1.2, 7.0)) * width,
        width=width,
        height=height,
    )


def _beside(rng: np.random.Generator, other: Figure, main: Figure, camera: Camera) -> Figure:
    """Company to the left or right of the main figure, most often farther from the camera than it."""
    right = camera.R[0, :2] / max(float(np.linalg.norm(camera.R[0, :2])), 1e-6)
    ahead = camera.R[2, :2] / max(float(np.linalg.norm(camera.R[2, :2])), 1e-6)
    side = float(rng.choice([-1.0, 1.0])) * rng.uniform(0.35, 1.5)
    depth = rng.uniform(-0.5, 0.6) if rng.random() < 0.5 else rng.uniform(0.6, 5.0)
    x, y = main.skin[:, :2].mean(axis=0) + side * right * (1 + 0.25 * max(depth, 0.0)) + depth * ahead
    return other.placed(float(rng.uniform(0, 2 * np.pi)), (float(x), float(y)))


def _ground(covariates: Covariates) -> Surface:
    """A textured floor at z = 0 that takes shadows."""
    return _grounds(covariates.background.seed)


def _make_ground(seed: int) -> Surface:
    rng = generator(seed, "ground")
    steps = 9
    line = np.linspace(-GROUND_REACH, GROUND_REACH, steps, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    vertices = np.stack([x.ravel(), y.ravel(), np.zeros(steps * steps, dtype=np.float32)], axis=1)
    corner = (np.arange(steps - 1)[:, None] * steps + np.arange(steps - 1)).ravel()
    faces = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + steps + 1], axis=1),
            np.stack([corner, corner + steps + 1, corner + steps], axis=1),
        ]
    ).astype(np.int32)
    texture = (np.clip(textured(rng, 64, 64), 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    uv = (vertices[:, :2] * np.float32(rng.uniform(0.1, 0.6)))[faces]
    return Surface(
        "ground",
        vertices,
        faces,
        np.full(len(faces), BACKGROUND, dtype=np.uint8),
        np.zeros_like(vertices),
        uv=uv,
        texture=texture,
    )


_grounds: Recent[int, Surface] = Recent(_make_ground, GROUNDS)
