"""Putting a sample together: figures in a place, seen, lit, drawn, partly hidden, and photographed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import Protocol

import numpy as np

from lineament.anatomy import BACKGROUND
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.frame import Frame
from lineament.render.light import Light
from lineament.render.rasteriser import Rasteriser
from lineament.synth.background import BackgroundSettings, paint
from lineament.synth.covariates import SEEDS, settings
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
from lineament.types import Float32, Int32, UInt8

SPARE = 3
"""Figures more than wanted that are asked for where some show the same person."""
GROUND_REACH = 25.0
GROUNDS = 32
LOWEST_CAMERA = 0.15
"""Metres above the floor below which no floor is drawn."""


class Renderer(Protocol):
    """Draws surfaces: `render.rasteriser.Rasteriser`, or `synth.photoreal.PathTracer`."""

    def render(
        self,
        surfaces: Sequence[Surface],
        camera: Camera,
        light: Light,
        background: Float32 | None = None,
        supersample: int = 1,
        shadows: bool = True,
    ) -> Frame:
        """Picture and labels."""
        ...


@cache
def rasteriser() -> Rasteriser:
    """This process's renderer, made at first use so that forked workers each make their own."""
    return Rasteriser(device="cpu")


@dataclass(frozen=True, slots=True)
class Order:
    """What to draw: sample `index` of `seed` under a plan, at its `turn`.

    figure(k): the main figure (k = 0) and possible company (k = 1..). start: the main figure as a sequence
    begins. scenery: number of the background, where other samples share it.
    """

    seed: int
    index: int
    plan: Plan
    turn: Turn
    figure: Callable[[int], Figure]
    start: Callable[[], Figure]
    scenery: int | None = None


def draw(order: Order, renderer: Renderer | None = None) -> Sample:
    """The sample that is ordered, by this process's rasteriser or another renderer."""
    plan, main = order.plan, order.figure(0)
    number = order.turn.base if plan.pairs == "none" else order.index
    chosen = {"pose.kind": main.covariates.pose}
    values = plan.picture_values(order.seed, number, order.turn.fixed, chosen, order.scenery)
    scene, framing = settings(SceneSettings, "scene", values), None
    sensor = settings(SensorSettings, "sensor", values)
    if plan.sequence > 1:
        # One scene, but every picture has grain of its own.
        sensor = replace(sensor, noise_seed=(sensor.noise_seed + order.index) % SEEDS[1])
    figures: list[Figure] = []
    rng = generator(order.seed, "company", order.turn.base)
    if scene.nobody:
        camera = _empty_view(rng, plan.width, plan.height)
    else:
        # The camera of a sequence stands still.
        still = order.start() if plan.sequence > 1 else main
        framing = settings(Framing, "framing", values)
        region, reach = still.region(framing.region), still.reach(framing.region)
        camera = framing.camera(region, reach, plan.width, plan.height, still.heading(framing.region))
        framing = replace(framing, distance=_distance(camera, region, framing.distance))
        figures = [main, *_company(rng, order.figure, still, main, camera, scene.company)]
    covariates = Covariates(
        seed=order.seed,
        index=order.index,
        people=tuple(one.covariates for one in figures),
        framing=framing,
        scene=replace(scene, ground=scene.ground and bool(camera.centre[2] > LOWEST_CAMERA)),
        light=settings(LightSettings, "light", values),
        background=settings(BackgroundSettings, "background", values),
        occlusion=settings(OcclusionSettings, "occlusion", values),
        sensor=sensor,
    )
    return photograph(covariates, figures, camera, renderer)


def _distance(camera: Camera, region: Float32, wanted: float) -> float:
    """Metres from the camera to the middle of the region (N, 3): what was wanted, or more for room."""
    middle = (region.min(axis=0) + region.max(axis=0)) / 2
    actual = float(np.linalg.norm(camera.centre - middle))
    return wanted if abs(actual - wanted) < 1e-4 else actual


def photograph(
    covariates: Covariates, figures: list[Figure], camera: Camera, renderer: Renderer | None = None
) -> Sample:
    """The sample of `figures` (main first) under everything that `covariates` says."""
    surfaces = [surface for one in figures for surface in one.surfaces]
    names = [f"{n + 1}:{surface.name}" for n, one in enumerate(figures) for surface in one.surfaces]
    owner = [n + 1 for n, one in enumerate(figures) for _ in one.surfaces]
    if covariates.scene.ground:
        surfaces.append(_ground(covariates))
        names.append("0:ground")
    frame = _render(covariates, surfaces, camera, renderer or rasteriser())
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
        labels.append(PersonLabels.seen(points, camera, frame, subject == number))
    return tuple(labels)


def _render(covariates: Covariates, surfaces: list[Surface], camera: Camera, renderer: Renderer) -> Frame:
    settings = covariates.light
    background = paint(covariates.background, settings.scenery, settings.turn, camera)
    return renderer.render(
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


def _company(
    rng: np.random.Generator,
    figure: Callable[[int], Figure],
    still: Figure,
    main: Figure,
    camera: Camera,
    count: int,
) -> list[Figure]:
    """Up to `count` other people beside the main one; nobody stands beside themselves."""
    there, found = {main.covariates.person}, []
    for k in range(1, count + SPARE + 1):
        if len(found) == count:
            break
        other = figure(k)
        if other.covariates.person not in there:
            there.add(other.covariates.person)
            found.append(_beside(rng, other, still, camera))
    return found


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
