"""The shapes of headgear: grids laid round the average head, and bound to the skin beneath them."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.colours import linear
from lineament.humans.wardrobe.facts import SKIN_END, BodyFacts
from lineament.humans.wardrobe.headgear import Dome, DomeKind, FaceMask, Headgear, Roll
from lineament.humans.wardrobe.places import SkinSpace
from lineament.humans.wardrobe.posing import PosedBody
from lineament.types import Bool, Float32, Float64, Int32, UInt8

_ANCHORS = 4
_AROUND = 28
_DOWN = 9
_EDGES: dict[DomeKind, tuple[float, float]] = {
    "helmet": (0.42, -0.12),
    "hard hat": (0.42, -0.12),
    "brimmed": (0.3, 0.02),
    "bucket": (0.3, 0.02),
    "hood": (0.55, -1.05),
}
"""Elevation in radians, seen from the skull's middle, of a shell's edge in front and behind."""


@dataclass(frozen=True, slots=True, eq=False)
class AttachedLayer:
    """A thing bound to the skin vertex by vertex: each of its vertices keeps its offset from the mean of a
    few skin vertices and turns with the limbs that move them.

    anchors: (N, 4) body vertices. offset: (N, 3) canonical metres. weights: (N, 19) of the limb clusters.
    """

    anchors: Int32
    offset: Float32
    weights: Float32
    rest: Surface

    def surface(self, body: PosedBody) -> Surface:
        """The thing on this body."""
        base = body.vertices[self.anchors].mean(axis=1)
        turned = np.einsum("nij,nj->ni", body.blended(self.weights), self.offset)
        return replace(self.rest, vertices=base + turned)


@lru_cache(maxsize=2)
def _skin_tree(head_only: bool) -> tuple[cKDTree, Int32]:
    facts = BodyFacts.load()
    mouth = SkinSpace.load().face.mouth[:SKIN_END] > 0.5
    usable = ~mouth & (facts.fields.armness[:SKIN_END] < 0.3)
    if head_only:
        usable &= facts.skin_parts[:SKIN_END] == HEAD
    vertices = np.flatnonzero(usable).astype(np.int32)
    return cKDTree(facts.model.canonical[vertices]), vertices


def attach(name: str, points: Float64, faces: Int32, colours: Float32, *, head: bool = True) -> AttachedLayer:
    """Bind canonical points (N, 3) with linear colours (N, 3) to the nearest skin, of the head or all."""
    facts = BodyFacts.load()
    tree, vertices = _skin_tree(head)
    anchors = vertices[tree.query(points, k=_ANCHORS)[1]]
    canonical = facts.model.canonical
    parts = facts.skin_parts[anchors[:, 0]][faces]
    rest = Surface(
        name,
        np.zeros(points.shape, dtype=np.float32),
        faces.astype(np.int32),
        np.where(parts[:, 1] == parts[:, 2], parts[:, 1], parts[:, 0]).astype(np.uint8),
        canonical[anchors[:, 0]],
        colours=colours.astype(np.float32),
    )
    offset = (points - canonical[anchors].mean(axis=1)).astype(np.float32)
    return AttachedLayer(anchors, offset, facts.cluster_weights[anchors].mean(axis=1), rest)


def grid_faces(rows: int, columns: int, closed: bool) -> Int32:
    """Triangles of a grid of vertices in row order; closed: the last column meets the first."""
    row, column = np.meshgrid(
        np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij"
    )
    right = (column + 1) % columns
    a, b = row * columns + column, row * columns + right
    c, d = a + columns, b + columns
    return np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])


@lru_cache(maxsize=1)
def _head() -> tuple[Float64, Float64, Float64]:
    """The skull's middle (3,), the eyes' middle (3,) and canonical head points (N, 3) without ears' lobes."""
    facts = BodyFacts.load()
    eye = SkinSpace.load().face.eyes.mean(axis=0)
    _, vertices = _skin_tree(True)
    points = facts.model.canonical[vertices].astype(np.float64)
    return np.array([0.0, eye[1] + 0.095, eye[2] + 0.015]), eye, points


def _reach(directions: Float64, centre: Float64, points: Float64, window: float) -> Float64:
    """How far the head reaches from `centre` in each unit direction (N, 3), the most within `window`."""
    away = points - centre
    length = np.linalg.norm(away, axis=1)
    near = cKDTree(away / length[:, None]).query_ball_point(directions, window)
    return np.array([length[own].max() if own else np.nan for own in near])


@lru_cache(maxsize=4)
def _dome_grid(kind: DomeKind) -> tuple[Float64, Float64]:
    """Directions (rows, columns, 3) over the skull and how far it reaches there."""
    centre, _, points = _head()
    azimuth = np.arange(_AROUND) * 2 * np.pi / _AROUND
    front, back = _EDGES[kind]
    edge = back + (front - back) * (0.5 + 0.5 * np.cos(azimuth)) ** 1.5
    if kind == "hood":
        # The face stays open as far as the cheekbones.
        edge = back + (front - back) / (1.0 + np.exp((1.0 - np.cos(azimuth) - 0.42) * 18.0))
    share = np.linspace(0.02, 1.0, _DOWN)[:, None]
    elevation = np.pi / 2 - share * (np.pi / 2 - edge)
    flat = np.cos(elevation)
    directions = np.stack([flat * np.sin(azimuth), -flat * np.cos(azimuth), np.sin(elevation)], axis=-1)
    window = 0.25 if kind == "hood" else 0.16
    reach = _reach(directions.reshape(-1, 3), centre, points, window).reshape(_DOWN, _AROUND)
    reach = np.where(np.isnan(reach), np.nanmean(reach), reach)
    return directions, gaussian_filter(reach, 1.2, mode=("nearest", "wrap"))


def _dome(dome: Dome) -> AttachedLayer:
    centre, _, _ = _head()
    directions, reach = _dome_grid(dome.kind)
    points = centre + directions * (reach + dome.thickness)[..., None]
    rise = np.clip(points[..., 2] - centre[2] - 0.03, 0, None)
    points[..., 2] += dome.height * rise
    if dome.kind in ("brimmed", "bucket"):
        # A crown has walls: what lies above its edge spreads out towards it.
        level = 0.6 * np.clip(rise / 0.05, 0, 1)[..., None]
        level[:4] = 0.0
        points[..., :2] = points[..., :2] * (1 - level) + points[-1:, :, :2] * level
    rim = points[-1] - 0.012 * directions[-1]
    rows = [points.reshape(-1, 3), rim]
    count = _DOWN + 1
    if dome.brim > 0:
        out = points[-1] - centre
        out[:, 2] = 0
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        reach_out = dome.brim * (np.clip(-out[:, 1:2], 0.0, 1) if dome.kind == "hard hat" else 1.0)
        drop = {"bucket": 0.8, "brimmed": 0.1, "hard hat": 0.15}.get(dome.kind, 0.1)
        outer = points[-1] + out * reach_out - np.array([0, 0, 1.0]) * reach_out * drop
        rows = [points.reshape(-1, 3), outer, outer - (0, 0, 0.004)]
        count = _DOWN + 2
    every = np.concatenate(rows)
    colours = _cloth_colours(dome, every, centre)
    return attach("hat", every, grid_faces(count, _AROUND, True), colours)


def _cloth_colours(dome: Dome, points: Float64, centre: Float64) -> Float32:
    turn = np.arctan2(points[:, 0], -(points[:, 1] - centre[1])).astype(np.float32)
    colours = dome.cloth.paint(points[:, 2].astype(np.float32), turn * np.float32(0.09))
    row = np.arange(len(points)) // _AROUND
    if dome.kind in ("brimmed", "bucket"):
        colours[row == _DOWN - 2] = dome.band
    elif dome.kind == "helmet":
        colours[(np.abs(turn) < 0.25) | (np.abs(np.abs(turn) - np.pi) < 0.25)] = dome.band
    return linear(colours)


@lru_cache(maxsize=1)
def _face_grid() -> tuple[Float64, Float64]:
    """Points (9, 15, 3) round the lower face, and outward unit vectors there."""
    centre, eye, points = _head()
    azimuth = np.linspace(-1.25, 1.25, 15)
    side = np.abs(azimuth) / 1.25
    top = eye[2] - 0.022 - 0.028 * side - 0.012 * np.sin(np.pi * np.clip(side * 2, 0, 1))
    bottom = eye[2] - 0.135 + 0.05 * side**1.5
    z = top + (bottom - top) * np.linspace(0, 1, 9)[:, None]
    out = np.stack([np.sin(azimuth), -np.cos(azimuth), np.zeros_like(azimuth)], axis=-1)
    out = np.broadcast_to(out, (9, 15, 3))
    away = points - (0.0, centre[1], 0.0)
    place = np.stack([np.arctan2(away[:, 0], -away[:, 1]) * 0.08, away[:, 2]], axis=1)
    query = np.stack([np.broadcast_to(azimuth * 0.08, z.shape), z], axis=-1)
    near = cKDTree(place).query_ball_point(query.reshape(-1, 2), 0.008)
    radius = np.hypot(away[:, 0], away[:, 1])
    reach = np.array([radius[own].max() if own else np.nan for own in near]).reshape(z.shape)
    reach = np.where(np.isnan(reach), np.nanmedian(reach), reach)
    # Cloth spans from the nose to the chin and the cheeks.
    reach = np.maximum(reach, gaussian_filter(reach, (1.0, 1.3), mode="nearest"))
    reach = gaussian_filter(reach, (0.6, 0.6), mode="nearest")
    grid = out * reach[..., None]
    grid[..., 1] += centre[1]
    grid[..., 2] = z
    return grid, out


@lru_cache(maxsize=1)
def under_mask() -> Bool:
    """Which skin faces (F,) a face mask hides."""
    grid, _ = _face_grid()
    centre, _, _ = _head()
    model = BodyFacts.load().model
    away = model.canonical - np.array([0.0, centre[1], 0.0], dtype=np.float32)
    turn = np.arctan2(away[:, 0], -away[:, 1])
    side = np.linspace(-1.25, 1.25, grid.shape[1])
    top, bottom = (np.interp(turn, side, grid[row, :, 2]) for row in (0, -1))
    z = model.canonical[:, 2]
    near = (np.abs(turn) < 1.1) & (z < top - 0.004) & (z > bottom + 0.01)
    return near[model.faces].all(axis=1) & (model.face_parts == HEAD)


def _face_mask(mask: FaceMask) -> list[AttachedLayer]:
    grid, out = _face_grid()
    points = grid + mask.thickness * out
    tucked = points[-1] - 0.02 * out[-1] - (0.0, 0.0, 0.006)
    every = np.concatenate([points.reshape(-1, 3), tucked])
    turn = np.tile(np.linspace(-1.25, 1.25, 15), 10).astype(np.float32) * np.float32(0.08)
    colours = linear(mask.cloth.paint(every[:, 2].astype(np.float32), turn))
    if mask.pleats:
        rows = np.arange(10)[:, None].repeat(15, axis=1).ravel()
        colours = colours * np.where(np.isin(rows, (2, 4, 6)), 0.72, 1.0)[:, None].astype(np.float32)
    layers = [attach("mask", every, grid_faces(10, 15, False), colours)]
    if mask.loops is not None:
        layers.append(_loops(points, mask.loops))
    return layers


def _loops(points: Float64, colour: UInt8) -> AttachedLayer:
    """Bands from the mask's corners to the ears."""
    centre, eye, _ = _head()
    strips, faces = [], []
    for column, side in ((0, -1.0), (14, 1.0)):
        for row in (1, 7):
            start = points[row, column]
            end = np.array([side * 0.082, centre[1] + 0.015, eye[2] - 0.01 - 0.006 * row])
            thick = np.array((0.0, 0.0, 0.0016))
            faces.append(np.array([[0, 1, 3], [0, 3, 2]]) + 4 * len(strips))
            strips.append(np.stack([start - thick, start + thick, end - thick, end + thick]))
    every = np.concatenate(strips)
    return attach("mask", every, np.concatenate(faces), np.tile(linear(colour), (len(every), 1)))


def _roll(roll: Roll) -> AttachedLayer:
    """A tube round the neck, thicker behind."""
    facts = BodyFacts.load()
    marks = facts.landmarks
    half = roll.open / 2
    turn = np.linspace(half, 2 * np.pi - half, 19)
    back = 0.5 - 0.5 * np.cos(turn)
    tube = np.arange(9) * 2 * np.pi / 9
    width = roll.radius + roll.behind * back**2
    height = 0.75 * roll.radius + 0.9 * roll.behind * back**2
    # The neck leans: the ring lies higher behind than in front.
    middle_y, ring = float(marks.throat[1]) + 0.075, 0.072 + 0.5 * width
    level = marks.neck + 0.0 + 0.03 * back - 0.4 * roll.behind * back
    reach = ring[:, None] + width[:, None] * np.cos(tube)
    taper = np.clip(np.minimum(turn - half, 2 * np.pi - half - turn) / 0.35, 0.15, 1.0)[:, None]
    reach = ring[:, None] + (reach - ring[:, None]) * (taper if roll.open > 0 else 1.0)
    z = level[:, None] + height[:, None] * np.sin(tube) * (taper if roll.open > 0 else 1.0)
    x, y = reach * np.sin(turn)[:, None] * 0.95, middle_y - reach * np.cos(turn)[:, None] * 1.05
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    along = np.tile(tube * 0.05, len(turn)).astype(np.float32)
    around = np.repeat(turn * 0.1, len(tube)).astype(np.float32)
    colours = linear(roll.cloth.paint(along, around))
    return attach("roll", points, grid_faces(len(turn), len(tube), True), colours, head=False)


def headgear_layers(worn: Headgear) -> list[AttachedLayer]:
    """The layers of one piece of headgear."""
    if isinstance(worn, Dome):
        return [_dome(worn)]
    if isinstance(worn, FaceMask):
        return _face_mask(worn)
    return [_roll(worn)]
