"""Looking at people: a contact sheet of faces and whole figures, and the statistics of a population."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.body import Body, BodyModel
from lineament.humans.demography import ANCESTRIES, age_years
from lineament.humans.sampling import DENSITY
from lineament.humans.wardrobe import IdentityLook, Outfit, Wardrobe
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH, SkinSpace
from lineament.render.light import Light
from lineament.synth.people import People
from lineament.synth.scene import rasteriser
from lineament.synth.seeds import generator
from lineament.synth.sensor import to_srgb
from lineament.types import UInt8

FACE: Final = 224
"""Width and height of a face, pixels; the figure beside it is as high."""
FIGURE: Final = 124
_FACE_REACH: Final = 0.33
_FIGURE_REACH: Final = 2.02
"""Metres that the pictures are high; the figures' scale is common, so that statures compare."""
_QUANTILES: Final = (5, 25, 50, 75, 95)


def people_sheet(people: People, persons: Sequence[int], columns: int = 10) -> UInt8:
    """Face and whole figure of each person, `columns` a row, plainly dressed: (H, W, 3) uint8 sRGB."""
    tiles = [person_tile(people, person) for person in persons]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[k : k + columns], axis=1) for k in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def person_tile(people: People, person: int) -> UInt8:
    """One person, (FACE, FACE + FIGURE, 3) uint8 sRGB: the face, turned a little, and the figure."""
    rng = generator(people.seed, "sheet", person)
    model, body, look = people.model, people.body(person), people.identity_look(person)
    clothes = generator(people.seed, "sheet clothes", person)
    surfaces = plainly_dressed(look, clothes, body.vertices)
    whole = _picture(surfaces, np.array([0.0, 0.0, 0.96]), 0.15, 4.5, (FACE, FIGURE), _FIGURE_REACH)
    turned = float(rng.uniform(-0.6, 0.6))
    face = _picture(surfaces, _face_middle(model, body), turned, 1.4, (FACE, FACE), _FACE_REACH)
    return np.concatenate([face, whole], axis=1)


def plainly_dressed(look: IdentityLook, rng: np.random.Generator, vertices: np.ndarray) -> list[Surface]:
    """The surfaces of a body (19158, 3) in a painted sleeveless top and shorts of one colour each."""
    surfaces = Wardrobe.load().dress(look, Outfit()).surfaces(vertices)
    bare = surfaces[0]
    assert bare.texture is not None
    texture = bare.texture.copy()
    for inside in _plain_cuts():
        colour = np.clip(rng.integers(40, 200) + rng.normal(0, 18, 3), 20, 230)
        texture[inside] = colour.astype(np.uint8)
    return [replace(bare, texture=texture), *surfaces[1:]]


def _plain_cuts() -> tuple[np.ndarray, np.ndarray]:
    """Texels (h, w) of the top and of the shorts."""
    space = SkinSpace.load()
    marks = space.facts.landmarks
    where, fields = space.body_texels
    trunk = (fields.armness < 0.5) & (fields.headness < 0.3)
    top = trunk & (fields.z > marks.waist - 0.02) & (fields.z < marks.shoulder - 0.02)
    shorts = trunk & (fields.z > marks.crotch - 0.14) & (fields.z < marks.waist - 0.02)
    cuts = []
    for chosen in (top, shorts):
        inside = np.zeros(SKIN_HEIGHT * SKIN_WIDTH, dtype=bool)
        inside[where[chosen]] = True
        cuts.append(inside.reshape(SKIN_HEIGHT, SKIN_WIDTH))
    return cuts[0], cuts[1]


def _face_middle(model: BodyModel, body: Body) -> np.ndarray:
    eyes = body.vertices[np.unique(model.eye_faces)].mean(axis=0)
    return eyes + np.array([0.0, 0.06, -0.01])


def _picture(
    surfaces: list[Surface],
    middle: np.ndarray,
    azimuth: float,
    distance: float,
    size: tuple[int, int],
    reach: float,
) -> UInt8:
    height, width = size
    camera = Camera.looking_at(
        middle,
        azimuth=azimuth,
        elevation=0.03,
        distance=distance,
        focal=height * distance / reach,
        width=width,
        height=height,
    )
    light = Light.studio(ambient=0.42, sun=0.5, direction=(-0.55, -0.75, 0.55))
    background = np.full((height, width, 3), 0.24, dtype=np.float32)
    frame = rasteriser().render(surfaces, camera, light, background=background, supersample=2, shadows=True)
    return np.clip(np.round(to_srgb(frame.colour) * 255), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One synthetic person in numbers: age in years (25 or more, as the body has it), share of female, shares
    of ancestry, stature in metres, body mass index, CIE L* and individual typology angle (degrees) of the
    cheek, kind of hair and its CIE L*.
    """

    age: float
    female: bool
    ancestry: tuple[float, ...]
    stature: float
    body_mass_index: float
    skin_lightness: float
    typology_angle: float
    hair: str
    hair_lightness: float


def figures_of(people: People, person: int, look: IdentityLook | None = None) -> PersonFigures:
    """Measured on the person's body and look; `look` saves painting it again."""
    parameters, look = people.parameters(person), look or people.identity_look(person)
    stature, volume = people.model.measure(parameters)
    lightness, _, yellow = look.skin.lab
    hair = cv2.cvtColor((look.hair.colour / 255.0).astype(np.float32)[None, None], cv2.COLOR_RGB2LAB)
    return PersonFigures(
        age=age_years(parameters.phenotypes["age"]),
        female=parameters.is_female,
        ancestry=tuple(parameters.phenotypes[name] for name in ANCESTRIES),
        stature=stature,
        body_mass_index=DENSITY * volume / stature**2,
        skin_lightness=lightness,
        typology_angle=float(np.degrees(np.arctan2(lightness - 50.0, yellow))),
        hair=look.hair.style,
        hair_lightness=float(hair[0, 0, 0]),
    )


def statistics(figures: Sequence[PersonFigures]) -> dict[str, object]:
    """Shares, means, and quantiles (5, 25, 50, 75, 95 %) of a population, ready for JSON."""
    female = np.array([one.female for one in figures])
    ancestry = np.array([one.ancestry for one in figures])
    styles = sorted({one.hair for one in figures})
    result: dict[str, object] = {
        "people": len(figures),
        "female": round(float(female.mean()), 4),
        "ancestry": {name: round(float(v), 4) for name, v in zip(ANCESTRIES, ancestry.mean(0), strict=True)},
        "hair": {
            style: round(sum(one.hair == style for one in figures) / len(figures), 4) for style in styles
        },
    }
    for name in ("age", "skin_lightness", "typology_angle", "hair_lightness"):
        result[name] = _summary(np.array([getattr(one, name) for one in figures]))
    for name in ("stature", "body_mass_index"):
        values = np.array([getattr(one, name) for one in figures])
        for sex, chosen in (("female", female), ("male", ~female)):
            if chosen.any():
                result[f"{name}_{sex}"] = _summary(values[chosen])
    return result


def _summary(values: np.ndarray) -> dict[str, float]:
    found = {"mean": values.mean(), "deviation": values.std()}
    found |= {f"q{q:02d}": np.percentile(values, q) for q in _QUANTILES}
    return {name: round(float(value), 4) for name, value in found.items()}
