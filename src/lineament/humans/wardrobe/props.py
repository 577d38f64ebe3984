"""Things carried: bags on the back, at the hip, over the arm or in the hand; labelled as background."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lineament.anatomy import BACKGROUND
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.colours import cloth_colour, linear
from lineament.humans.wardrobe.facts import BodyFacts
from lineament.humans.wardrobe.layers import PropLayer
from lineament.types import Float32, Float64, Int32, UInt8

Place = Literal["back", "left hip", "right hip", "left hand", "right hand"]
_CLUSTER = {
    "back": "chest",
    "left hip": "hips",
    "right hip": "hips",
    "left hand": "hand.L",
    "right hand": "hand.R",
}


@dataclass(frozen=True, slots=True, eq=False)
class Prop:
    """A bag. size: (3,) half extents in metres, x y z of the canonical frame. roundness: 1 an ellipsoid, 8
    a box.
    """

    place: Place
    size: Float64
    roundness: float
    colours: UInt8
    handle: float


def sample_prop(rng: np.random.Generator) -> Prop:
    """A random bag."""
    place: Place = ("back", "left hip", "right hip", "left hand", "right hand")[
        int(rng.choice(5, p=[0.34, 0.15, 0.15, 0.18, 0.18]))
    ]
    return sample_prop_at(rng, place)


def sample_prop_at(rng: np.random.Generator, place: Place) -> Prop:
    """A random bag of the kind that is carried at `place`."""
    if place == "back":
        size = rng.uniform((0.11, 0.05, 0.16), (0.17, 0.12, 0.26))
    elif "hip" in place:
        size = rng.uniform((0.035, 0.08, 0.07), (0.09, 0.18, 0.16))
    else:
        size = rng.uniform((0.03, 0.08, 0.08), (0.09, 0.2, 0.2))
    first = cloth_colour(rng)
    shade = (first * rng.uniform(0.4, 0.9)).astype(np.uint8)
    return Prop(
        place, size, float(rng.uniform(2.5, 8.0)), np.stack([first, shade]), float(rng.uniform(0.04, 0.2))
    )


def rounded_box(size: Float64, roundness: float, rings: int = 9, spokes: int = 20) -> tuple[Float32, Int32]:
    """A superellipsoid of half extents `size`: vertices (V, 3) and faces (F, 3)."""
    polar, turn = np.meshgrid(
        np.linspace(0, np.pi, rings), np.arange(spokes) * 2 * np.pi / spokes, indexing="ij"
    )
    unit = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=-1)
    unit /= (np.abs(unit) ** roundness).sum(-1, keepdims=True) ** (1.0 / roundness)
    index = np.arange(rings * spokes).reshape(rings, spokes)
    a, b = index[:-1], index[1:]
    a1, b1 = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    faces = np.concatenate(
        [np.stack([a, b, b1], -1).reshape(-1, 3), np.stack([a, b1, a1], -1).reshape(-1, 3)]
    )
    return (unit.reshape(-1, 3) * size).astype(np.float32), faces.astype(np.int32)


def _anchor(place: Place, facts: BodyFacts) -> tuple[int, Float64]:
    """The body vertex that the thing hangs on, and the offset of the thing's middle from it in half
    extents.
    """
    canonical, marks = facts.model.canonical, facts.landmarks
    side = 1.0 if "left" in place else -1.0
    if place == "back":
        wanted, lean = np.array([0.0, 0.2, marks.shoulder - 0.16]), np.array([0.0, 1.0, 0.0])
    elif "hip" in place:
        wanted, lean = np.array([side * 0.3, 0.0, marks.hip + 0.04]), np.array([side, 0.0, 0.0])
    else:
        hand = canonical[facts.skin_parts == (7 if side > 0 else 8)].mean(axis=0)
        wanted, lean = hand.astype(np.float64), np.array([0.0, 0.0, -1.0])
    near = np.abs(canonical[: facts.fields.x.size] - wanted).sum(axis=1)
    near[13380:] = np.inf
    return int(near.argmin()), lean


def prop_layer(prop: Prop) -> PropLayer:
    """The bag's layer."""
    facts = BodyFacts.load()
    anchor, lean = _anchor(prop.place, facts)
    vertices, faces = rounded_box(prop.size, prop.roundness)
    in_hand = "hand" in prop.place
    local = vertices + lean * (prop.size + (prop.handle if in_hand else 0.015))
    colours = np.where(
        vertices[:, 2:] > prop.size[2] * 0.55, linear(prop.colours[1]), linear(prop.colours[0])
    )
    if in_hand:
        strap, strap_faces = rounded_box(np.array([0.006, 0.006, prop.handle / 2 + 0.02]), 4.0, 5, 6)
        ends = np.array([[0, y, -prop.handle / 2] for y in (-0.04, 0.04)])
        for end in ends:
            faces = np.concatenate([faces, strap_faces + len(local)])
            local = np.concatenate([local, strap + end])
            colours = np.concatenate([colours, np.tile(linear(prop.colours[1]), (len(strap), 1))])
    place = np.tile(facts.model.canonical[anchor], (len(local), 1))
    rest = Surface(
        "bag",
        np.zeros_like(place),
        faces.astype(np.int32),
        np.full(len(faces), BACKGROUND, dtype=np.uint8),
        place,
        colours=colours.astype(np.float32),
    )
    return PropLayer(local.astype(np.float32), anchor, _CLUSTER[prop.place], in_hand, rest)
