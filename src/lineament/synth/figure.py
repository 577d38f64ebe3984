"""A figure: a person of the population in one outfit and one pose, ready to be drawn from any side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineament.geometry.surface import Surface
from lineament.geometry.template import load_template
from lineament.humans.site_model import SKELETON
from lineament.humans.wardrobe import Look, Outfit, Wardrobe
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.wardrobe import Variety
from lineament.synth.framing import REGION_PARTS
from lineament.synth.landmarks import FIVE_POINTS, LANDMARKS
from lineament.synth.people import People
from lineament.synth.sample import PersonCovariates
from lineament.synth.turns import Recent
from lineament.types import Float32, Float64, Int32

LOOKS: Final = 64
"""Skins, eyes and hair kept at hand, 3 MB each."""
FRAMING_STRIDE: Final = 7
"""Every so many vertices of the skin are enough to frame a figure."""
HEADS: Final = ("head", "face", "aligned_face")
_LANDMARK_VERTICES: Final = np.array(list(LANDMARKS.values()))
_FACE: Final = np.array(
    [n for n, name in enumerate(LANDMARKS) if name == "forehead" or name.startswith("ibug")]
)
_NOSE: Final = list(LANDMARKS).index("ibug_30")
_EARS: Final = [list(LANDMARKS).index(f"{side}_ear_back") for side in ("left", "right")]
_FIVE: Final = np.array([list(LANDMARKS).index(name) for name in FIVE_POINTS])


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A dressed, posed person: surfaces, and points in metres. skin: (N, 3), for framing, and
    which of them belong to each region. sites, landmarks and joints: (., 3) as in `PersonLabels`.
    """

    surfaces: tuple[Surface, ...]
    skin: Float32
    regions: Mapping[str, Int32]
    sites: Float32
    landmarks: Float32
    joints: Float32
    covariates: PersonCovariates

    def region(self, name: str) -> Float32:
        """The points (N, 3) of a region of `framing.REGIONS`."""
        if name == "aligned_face":
            return self.landmarks[_FIVE]
        if name == "face":
            return self.landmarks[_FACE]
        return self.skin[self.regions[name]]

    def reach(self, name: str) -> Float32:
        """The points (N, 3) that lie before the camera when a region is photographed: near heads may be."""
        return self.skin[self.regions["bust"]] if name in HEADS else self.skin

    def heading(self, region: str) -> float:
        """Which way a region faces, radians about the vertical as in `Framing.yaw`: faces for themselves."""
        if region not in HEADS[1:]:
            return 0.0
        x, y, _ = self.landmarks[_NOSE] - self.landmarks[_EARS].mean(axis=0)
        return float(np.arctan2(x, -y))

    def placed(self, turn: float, place: tuple[float, float]) -> "Figure":
        """The figure turned by `turn` radians about the vertical axis through the origin, then moved to
        `place`.
        """
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))

        def moved(points: Float32) -> Float32:
            x, y = points[:, 0], points[:, 1]
            result = points.copy()
            result[:, 0] = c * x - s * y + np.float32(place[0])
            result[:, 1] = s * x + c * y + np.float32(place[1])
            return result

        surfaces = tuple(replace(one, vertices=moved(one.vertices)) for one in self.surfaces)
        points = {name: moved(getattr(self, name)) for name in ("skin", "sites", "landmarks", "joints")}
        covariates = replace(self.covariates, turn=turn, place=place)
        return replace(self, surfaces=surfaces, covariates=covariates, **points)


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """A person of the population in one outfit."""

    person: int
    clothing: Clothing | None
    outfit: Outfit
    look: Look


class Stage:
    """Dresses and poses the people of a population."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._looks = Recent(people.identity_look, LOOKS)
        self._wardrobe = Wardrobe.load()
        model = people.model
        self._skin = np.unique(model.faces)[::FRAMING_STRIDE]
        parts = model.vertex_parts[self._skin]
        self._regions = {
            name: np.flatnonzero(np.isin(parts, own)).astype(np.int32) for name, own in REGION_PARTS.items()
        }
        self._sites = load_template().anny_vertex
        self._joints = [model.bone(bone) for bone in SKELETON.values()]

    def dress(
        self, person: int, rng: np.random.Generator, clothing: Clothing, variety: Variety = "wide"
    ) -> Dressed:
        """A person in an outfit that `clothing` and `rng` determine."""
        chosen = clothing if variety == "wide" else None
        outfit = self._wardrobe.sample_outfit(rng, chosen, variety=variety)
        return Dressed(person, chosen, outfit, self._wardrobe.dress(self._looks(person), outfit))

    def figure(
        self,
        dressed: Dressed,
        rotations: Float64,
        covariates: PersonCovariates,
        expression: Mapping[str, float],
    ) -> Figure:
        """The dressed person in the pose `rotations` (163, 3, 3), standing on z = 0; weights of the
        face's actions by name.
        """
        model = self._people.model
        body = model.with_expression(self._people.body(dressed.person), expression)
        posed = model.pose(body, rotations)
        turns = model.bone_transforms(body, rotations[None])[0, self._joints]
        heads = body.bone_heads[self._joints]
        joints = (turns[:, :, :3] @ heads[:, :, None])[..., 0] + turns[:, :, 3]
        floor = posed[self._skin, 2].min()
        posed[:, 2] -= floor
        joints[:, 2] -= floor
        return Figure(
            surfaces=tuple(dressed.look.surfaces(posed)),
            skin=posed[self._skin],
            regions=self._regions,
            sites=posed[self._sites],
            landmarks=posed[_LANDMARK_VERTICES],
            joints=joints,
            covariates=covariates,
        )
