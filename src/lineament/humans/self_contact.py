"""Whether a pose drives limbs into the body, by capsules round the bones; and pushing them out.

Trunk, head, thighs and so on are capsules as thick as the rest body; arms and legs are tested against what
they do not hang from, hands too. Depth is how far two capsules overlap, in metres. Soft skin touches:
`ALLOWED` is what may remain.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from lineament.humans.body import Body, BodyModel
from lineament.humans.rig import SIDES, cross, turn
from lineament.humans.skinning import depth_levels
from lineament.types import Float64, Int32

ALLOWED: Final = 0.012
"""Metres that capsules may overlap; skin is thicker than they are here and there, and goes in up to 2 cm."""
STEPS: Final = 6
"""Pushes before a pose is given up."""
_THICKNESS: Final = 0.6
"""Quantile of the distance of a bone's skin from its axis that is the capsule's radius."""

# Name: bone whose transform moves it, from bone head, to bone head, bones whose skin gives the radius.
_LIMBS: Final = {
    "upperarm": ("upperarm02", "upperarm02", "lowerarm01", ("upperarm02",)),
    "lowerarm": ("lowerarm02", "lowerarm01", "wrist", ("lowerarm01", "lowerarm02")),
    "hand": ("wrist", "wrist", "finger3-3", ("wrist", "metacarpal")),
    "thumb": ("wrist", "finger1-1", "finger1-3", ("finger1-2",)),
    "edge": ("wrist", "finger5-1", "finger5-3", ("finger5-1",)),
    "hip": ("upperleg01", "upperleg01", "upperleg02", ("upperleg01",)),
    "upperleg": ("upperleg02", "upperleg02", "lowerleg01", ("upperleg02",)),
    "lowerleg": ("lowerleg02", "lowerleg01", "foot", ("lowerleg01", "lowerleg02")),
    "foot": ("foot", "foot", "toe3-1", ("foot",)),
}
_ARM: Final = ("upperarm", "lowerarm", "hand", "thumb", "edge")
_AGAINST: Final = {
    "upperarm": ("belly", "flank"),
    "lowerarm": ("belly", "flank", "chest", "head", "neck", "hip", "upperleg", "lowerarm"),
    "hand": ("belly", "flank", "chest", "head", "neck", "hip", "upperleg", "lowerarm", "hand", "lowerleg"),
    "thumb": ("belly", "flank", "chest", "head", "hip", "upperleg"),
    "edge": ("belly", "flank", "chest", "head", "hip", "upperleg"),
    "upperleg": ("flank", "chest"),
    "lowerleg": ("belly", "flank", "chest", "head", "upperleg", "lowerleg"),
    "foot": ("belly", "flank", "chest", "head", "lowerleg", "foot", "upperleg"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Capsules:
    """Capsules (C,) in the rest pose: moved by `bone` (C,), from start to end (C, 3), radius (C,), metres.

    root (C,) is the bone that pushes it away, -1 for the trunk. pairs (P, 2) may not overlap.
    """

    bone: Int32
    start: Float64
    end: Float64
    radius: Float64
    root: Int32
    pairs: Int32


def body_capsules(model: BodyModel, body: Body) -> Capsules:
    """The capsules of a rest body; takes some ten milliseconds, keep them."""
    owner = np.asarray(model.weights.argmax(axis=1)).ravel()
    skin = np.unique(model.faces)
    points, owner = body.vertices[skin].astype(np.float64), owner[skin]
    heads, bone = body.bone_heads.astype(np.float64), model.bone
    rows: list[tuple[str, int, Float64, Float64, float, int]] = []
    for side in SIDES:
        for name, (mover, start, end, skins) in _LIMBS.items():
            one, other = heads[bone(f"{start}.{side}")], heads[bone(f"{end}.{side}")]
            mine = np.isin(owner, [i for i, n in enumerate(model.bone_names) if _is(n, skins, side)])
            radius = float(np.quantile(_distance(points[mine], one, other), _THICKNESS))
            limb = "upperarm01" if name in _ARM else "upperleg01"
            rows.append(
                (f"{name}.{side}", bone(f"{mover}.{side}"), one, other, radius, bone(f"{limb}.{side}"))
            )
    rows += _trunk(model, points, owner, heads)
    names = [row[0] for row in rows]
    pairs = [
        (a, b) for a, one in enumerate(names) for b, other in enumerate(names) if _meet(one, other, a, b)
    ]
    columns = list(zip(*(row[1:] for row in rows), strict=True))
    mover, start, end, radius, root = (np.array(column) for column in columns)
    return Capsules(mover.astype(np.int32), start, end, radius, root.astype(np.int32), np.array(pairs))


def _trunk(
    model: BodyModel, points: Float64, owner: Int32, heads: Float64
) -> list[tuple[str, int, Float64, Float64, float, int]]:
    """Level capsules across chest, flank and belly, one along neck, one along head."""
    rows = []
    bone = model.bone
    for name, mover, low, high in (
        ("chest", "spine02", "spine02", "clavicle.L"),
        ("flank", "spine04", "spine04", "spine02"),
        ("belly", "root", "upperleg01.L", "spine04"),
    ):
        bottom, top = heads[bone(low)][2], heads[bone(high)][2]
        trunk = np.isin(model.bone_parts[owner], [2]) & (points[:, 2] > bottom) & (points[:, 2] < top)
        mine = points[trunk]
        back, front = np.quantile(mine[:, 1], (0.03, 0.97))
        radius = 0.5 * (front - back)
        half = max(float(np.quantile(np.abs(mine[:, 0]), 0.95)) - radius, 0.01)
        for part, level in enumerate((0.3, 0.75)):
            height = bottom + level * (top - bottom)
            middle = np.array([0.0, 0.5 * (front + back), height])
            side = np.array([half, 0.0, 0.0])
            rows.append((f"{name}.{part}", bone(mover), middle - side, middle + side, radius, -1))
    head = points[np.isin(owner, [bone("head"), bone("jaw")]) | (points[:, 2] > heads[bone("head")][2])]
    centre = 0.5 * (head.min(0) + head.max(0))
    radius = 0.46 * float(np.ptp(head[:, 0]))
    lift = np.array([0.0, 0.0, 0.5 * float(np.ptp(head[:, 2])) - radius])
    rows.append(("head", bone("head"), centre - lift, centre + lift, radius, -1))
    rows.append(("neck", bone("neck02"), heads[bone("neck01")], heads[bone("head")], 0.05, -1))
    return rows


def _is(name: str, prefixes: tuple[str, ...], side: str) -> bool:
    return name.endswith(f".{side}") and name.startswith(prefixes)


def _meet(one: str, other: str, a: int, b: int) -> bool:
    """Whether the first, a limb, is tested against the second; each pair once, no limb against its own."""
    name, _, side = one.partition(".")
    target, _, place = other.partition(".")
    if target not in _AGAINST.get(name, ()):
        return False
    if place not in SIDES:
        return True
    mutual = name in _AGAINST.get(target, ())
    if side == place and (name in _ARM) == (target in _ARM):
        return False
    return not mutual or a < b


def _distance(points: Float64, start: Float64, end: Float64) -> Float64:
    """Distances (N,) of points (N, 3) from a segment."""
    along = np.clip((points - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    return np.linalg.norm(points - start - along[:, None] * (end - start), axis=1)


class SelfContact:
    """Tests and mends poses of one body; make one by `SelfContact(model, body)` and keep it."""

    def __init__(self, model: BodyModel, body: Body) -> None:
        self._capsules = body_capsules(model, body)
        self._roots = {int(one) for one in self._capsules.root if one >= 0}
        wanted = {int(one) for one in self._capsules.bone}
        for one in list(wanted):
            while (one := int(model.bone_parents[one])) >= 0:
                wanted.add(one)
        self._heads = body.bone_heads.astype(np.float64)
        self._parents = model.bone_parents
        self._levels = [
            mine
            for level in depth_levels(model.bone_parents)[1:]
            if len(mine := level[np.isin(level, list(wanted))])
        ]
        self._offsets = [
            (self._heads[level] - self._heads[self._parents[level]])[..., None] for level in self._levels
        ]

    @cached_property
    def _ends(self) -> Float64:
        shape = self._capsules
        return np.stack([shape.start, shape.end], axis=-1) - self._heads[shape.bone][..., None]

    def depth(self, pose: Float64) -> float:
        """Metres of the deepest overlap of rotations (163, 3, 3); 0 when nothing touches."""
        return max(float(self._overlaps(*self._posed(pose))[0].max()), 0.0)

    def resolved(self, pose: Float64, allowed: float = ALLOWED) -> tuple[Float64, float]:
        """The pose (163, 3, 3) with limbs turned out of each other, and what depth is left.

        They turn at shoulders and hips; a pose without overlaps is returned itself. Each of at most STEPS
        pushes takes every limb out of its deepest overlap; arms give way to trunk and legs, two arms or two
        legs share it.
        """
        result = pose
        for _ in range(STEPS):
            turned, places = self._posed(result)
            depths, normals, contacts = self._overlaps(turned, places)
            deepest = float(depths.max())
            if deepest <= allowed:
                return result, max(deepest, 0.0)
            result = np.array(result) if result is pose else result
            self._push(result, turned, places, depths, normals, contacts, allowed)
        return result, self.depth(result)

    def _push(
        self,
        pose: Float64,
        turned: Float64,
        places: Float64,
        depths: Float64,
        normals: Float64,
        contacts: Float64,
        allowed: float,
    ) -> None:
        pushed: set[int] = set()
        for number in np.argsort(-depths):
            if depths[number] <= allowed:
                return
            roots = [int(one) for one in self._capsules.root[self._capsules.pairs[number]]]
            movers = [(root, sign) for root, sign in zip(roots, (1.0, -1.0), strict=True) if root >= 0]
            if len(movers) == 2 and roots[0] == roots[1]:
                movers = movers[:1]
            for root, sign in movers:
                if root in pushed:
                    continue
                pushed.add(root)
                arm = contacts[number] - places[root]
                axis = cross(arm, sign * normals[number])
                size, length = float(np.linalg.norm(axis)), float(np.linalg.norm(arm))
                if size < 1e-6:
                    continue
                share = (depths[number] - 0.5 * allowed) / len(movers)
                angle = min(share / max(size / length, 0.3) / length, 0.5)
                above = turned[self._parents[root]]
                pose[root] = above.T @ turn(axis, angle) @ above @ pose[root]

    def _posed(self, pose: Float64) -> tuple[Float64, Float64]:
        """World rotations (163, 3, 3) and heads (163, 3) of the bones that matter."""
        turned, places = np.array(pose), np.array(self._heads)
        for level, offset in zip(self._levels, self._offsets, strict=True):
            above = turned[self._parents[level]]
            turned[level] = above @ pose[level]
            places[level] = places[self._parents[level]] + (above @ offset)[..., 0]
        return turned, places

    def _overlaps(self, turned: Float64, places: Float64) -> tuple[Float64, Float64, Float64]:
        """Depth (P,), unit direction (P, 3) away from the second, place (P, 3) of contact of each pair."""
        shape = self._capsules
        ends = turned[shape.bone] @ self._ends + places[shape.bone][..., None]
        one, other = shape.pairs.T
        start, end = ends[one], ends[other]
        first, second = _closest(start[..., 0], start[..., 1], end[..., 0], end[..., 1])
        gap = first - second
        distance = np.linalg.norm(gap, axis=1)
        normal = gap / np.maximum(distance, 1e-9)[:, None]
        return shape.radius[one] + shape.radius[other] - distance, normal, 0.5 * (first + second)


def _closest(a: Float64, b: Float64, c: Float64, d: Float64) -> tuple[Float64, Float64]:
    """Closest points (P, 3) of the segments a-b and c-d.

    Ericson 2005, Real-Time Collision Detection, 5.1.9.
    """
    along, across, gap = b - a, d - c, a - c
    aa, ee = (along * along).sum(1), (across * across).sum(1)
    f, cc, bb = (across * gap).sum(1), (along * gap).sum(1), (along * across).sum(1)
    denominator = np.maximum(aa * ee - bb * bb, 1e-12)
    s = np.clip((bb * f - cc * ee) / denominator, 0, 1)
    t = np.clip((bb * s + f) / ee, 0, 1)
    s = np.clip((bb * t - cc) / aa, 0, 1)
    return a + s[:, None] * along, c + t[:, None] * across
