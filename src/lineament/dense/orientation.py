"""Which way a person's body faces: the direction of the camera in the person's own frame, with its doubt.

What a photograph shows of a body is what faces the camera. For every direction on a grid each site of the
template has a probability to be what a pixel shows: the area that it turns towards the camera, as a share of
its group of parts. The pixels' sites give each direction a likelihood; the network's own estimate of the
direction, where the model has one, is one more factor. The weights of the factors were fitted to synthetic
people alone, by the likelihood of the true direction, so that the spread of the result says how sure it is.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from lineament.anatomy import HEAD, PART_NAMES, TORSO
from lineament.geometry.template import Template
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float32, Float64, Int32

AZIMUTHS: Final = np.radians(np.arange(-180.0, 180.0, 5.0))
ELEVATIONS: Final = np.radians(np.arange(-60.0, 81.0, 10.0))
ASTRAY: Final = 0.15
"""Share of the pixels whose site may be any of their group."""
LEAST_SAMPLES: Final = 4
LEAST_LEANING, FLAT = 20, 0.014
"""Samples of head and torso that their leaning needs; metres of depth that count as none."""
USUAL_ELEVATION, ELEVATION_SIGMA = np.radians(5.0), np.radians(15.0)
GROUPS: Final = {
    "head": ("head",),
    "torso": ("torso",),
    "arms": ("arm", "hand"),
    "legs": ("thigh", "calf", "foot"),
}
ALONE: Final = {"head": 2.0, "torso": 1.0, "arms": 0.3, "legs": 1.5}
"""Weights of the mean log-likelihood of each group's pixels, without an estimate of the network."""
BESIDE: Final = {"head": 1.0, "torso": 0.5, "arms": 0.2, "legs": 1.0}
"""The same beside one."""
TOLD: Final = 5.0
"""Weight of the network's estimate: its length, 0 to 1, says how sure the network is."""


@dataclass(frozen=True, slots=True, eq=False)
class Orientation:
    """azimuth: radians, 0 the camera sees the front, positive where it stands towards the person's left, pi
    or -pi behind. elevation: radians, positive where the camera looks down on the person. roll: radians,
    clockwise, of the person's upright in the photograph. azimuth_sigma, elevation_sigma: radians, circular
    standard deviations. azimuths: (72,) probability of each of `AZIMUTHS`. sides: probability that the camera
    sees front, left, back, right, each within 45 degrees.
    """

    azimuth: float
    elevation: float
    roll: float
    azimuth_sigma: float
    elevation_sigma: float
    azimuths: Float64

    def __post_init__(self) -> None:
        if self.azimuths.shape != AZIMUTHS.shape or abs(float(self.azimuths.sum()) - 1.0) > 1e-6:
            raise ValueError("an orientation needs a probability for each azimuth")

    @property
    def sides(self) -> dict[str, float]:
        """Probability of front, left, back and right, each a quarter."""
        middle = {"front": 0.0, "left": np.pi / 2, "back": np.pi, "right": -np.pi / 2}
        near = {name: np.cos(AZIMUTHS - at) - np.cos(np.pi / 4) for name, at in middle.items()}
        # a direction on the border of two quarters counts half for each
        share = {name: np.where(np.abs(gap) < 1e-6, 0.5, gap > 0) for name, gap in near.items()}
        return {name: float(self.azimuths @ one) for name, one in share.items()}

    def nearer(self, azimuth: float) -> float:
        """Probability of the azimuths nearer to the likeliest than `azimuth`: below 0.95 within the interval
        of 95 %.
        """
        away = np.abs((AZIMUTHS - self.azimuth + np.pi) % (2 * np.pi) - np.pi)
        limit = abs((azimuth - self.azimuth + np.pi) % (2 * np.pi) - np.pi)
        return float(self.azimuths[away < limit].sum())

    def rotation(self, azimuth: float | None = None) -> Float64:
        """(3, 3): from the template's frame to the camera's (OpenCV), for the likeliest or another
        azimuth.
        """
        at = self.azimuth if azimuth is None else azimuth
        ca, sa = np.cos(at), np.sin(at)
        ce, se = np.cos(self.elevation), np.sin(self.elevation)
        forward, right = np.array([-sa * ce, ca * ce, -se]), np.array([ca, sa, 0.0])
        upright = np.stack([right, np.cross(forward, right), forward])
        c, s = np.cos(self.roll), np.sin(self.roll)
        return np.asarray([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]] @ upright)


def orientation(
    pixels: PersonPixels, template: Template, to_photo: Float64, told: Float32 | None = None
) -> Orientation:
    """The orientation of a person from their pixels.

    to_photo: (2, 3) of the person's registration, whose crop was turned until they stood upright. told: (3,)
    the network's direction of the camera in the template's frame, None where it has none.
    """
    weights = ALONE if told is None else BESIDE
    score = np.tile(_usual(), (len(AZIMUTHS), 1)).ravel()
    for group, (sites, table) in _tables(template).items():
        mine = np.flatnonzero(np.isin(pixels.parts, _parts(group)))
        if len(mine) < LEAST_SAMPLES:
            continue
        belief = np.zeros(len(template))
        share = pixels.weights[mine] * pixels.part_probability[mine, None]
        np.add.at(belief, pixels.sites[mine].ravel(), share.ravel())
        score += weights[group] * (belief[sites] / len(mine)) @ table
    if told is not None:
        score += TOLD * directions() @ told.astype(np.float64)
    chance = np.exp(score - score.max()).reshape(len(AZIMUTHS), len(ELEVATIONS))
    turn = float(np.arctan2(to_photo[1, 0], to_photo[0, 0])) + _leaning(pixels)
    return _summed(chance / chance.sum(), float(np.angle(np.exp(1j * turn))))


def _leaning(pixels: PersonPixels) -> float:
    """Radians, clockwise, by which head and torso lean in the crop: where the template's z axis maps to, by
    ridge regression, since x or y is hardly to be seen from some sides.
    """
    mine = np.isin(pixels.parts, (HEAD, TORSO))
    if mine.sum() < LEAST_LEANING:
        return 0.0
    places, grid = pixels.places[mine].astype(np.float64), pixels.grid[mine, ::-1].astype(np.float64)
    places, grid = places - places.mean(axis=0), grid - grid.mean(axis=0)
    ridge = len(places) * np.diag([FLAT**2, FLAT**2, 1e-6])
    across, down = np.linalg.solve(places.T @ places + ridge, places.T @ grid)[2]
    return float(np.arctan2(across, -down))


def _summed(chance: Float64, turn: float) -> Orientation:
    """An orientation of the probability (azimuths, elevations)."""
    across, up = chance.sum(axis=1), chance.sum(axis=0)
    mean = complex((across * np.exp(1j * AZIMUTHS)).sum())
    length = min(max(abs(mean), 1e-6), 1.0)
    elevation = float(up @ ELEVATIONS)
    return Orientation(
        azimuth=float(np.angle(mean)),
        elevation=elevation,
        roll=turn,
        azimuth_sigma=float(np.sqrt(-2.0 * np.log(length))),
        elevation_sigma=float(np.sqrt(up @ (ELEVATIONS - elevation) ** 2)),
        azimuths=across,
    )


@lru_cache(maxsize=1)
def directions() -> Float64:
    """(azimuths x elevations, 3): unit directions of the camera in the template's frame."""
    azimuth, elevation = np.meshgrid(AZIMUTHS, ELEVATIONS, indexing="ij")
    flat = np.cos(elevation)
    places = [np.sin(azimuth) * flat, -np.cos(azimuth) * flat, np.sin(elevation)]
    return np.stack(places, axis=-1).reshape(-1, 3)


def _usual() -> Float64:
    """Log-probability of each elevation before anything is seen; the sphere has less room at its poles."""
    away = (ELEVATIONS - USUAL_ELEVATION) / ELEVATION_SIGMA
    return np.asarray(-0.5 * away**2 + np.log(np.cos(ELEVATIONS)))


def _parts(group: str) -> list[int]:
    return [k for k, name in enumerate(PART_NAMES) if k and name.endswith(GROUPS[group])]


@lru_cache(maxsize=2)
def _tables(template: Template) -> dict[str, tuple[Int32, Float32]]:
    """Of each group its sites (n,) and (n, directions): log of how much likelier a pixel shows a site than by
    its area alone.
    """
    area = _areas(template)
    tables = {}
    for group in GROUPS:
        mine = np.flatnonzero(np.isin(template.parts, _parts(group))).astype(np.int32)
        turned = np.maximum(template.normals[mine].astype(np.float64) @ directions().T, 0.0)
        total = (turned * area[mine, None]).sum(axis=0)
        share = turned * area[mine].sum() / np.maximum(total, 1e-12)
        tables[group] = mine, np.log((1 - ASTRAY) * share + ASTRAY).astype(np.float32)
    return tables


def _areas(template: Template) -> Float64:
    """(N,) square metres of the template's surface that belong to each site."""
    corners = template.positions[template.triangles].astype(np.float64)
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    each = np.repeat(np.linalg.norm(sides, axis=1) / 6.0, 3)
    total = np.bincount(template.triangles.ravel(), weights=each, minlength=len(template))
    return total.astype(np.float64)
