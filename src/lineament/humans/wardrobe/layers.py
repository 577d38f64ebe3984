"""Layers of a look: static topology, texture, parts and canonical places; only vertices follow the pose."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.clearance import Clearance
from lineament.humans.wardrobe.clip import ClippedMesh
from lineament.humans.wardrobe.drape import DrapeMesh
from lineament.humans.wardrobe.facts import CLUSTER_INDEX, BodyFacts
from lineament.humans.wardrobe.mhclo import Proxy
from lineament.humans.wardrobe.posing import NormalField, PosedBody
from lineament.types import Float32, Int32, UInt8


class Layer(Protocol):
    """Anything that draws itself on a posed body; `rest` holds its static arrays."""

    rest: Surface

    def surface(self, body: PosedBody) -> Surface:
        """The layer's mesh at this pose."""


@dataclass(frozen=True, slots=True, eq=False)
class BodyLayer:
    """Faces of the body itself; `rest` is a surface whose vertices are replaced by the posed body's."""

    rest: Surface

    def surface(self, body: PosedBody) -> Surface:
        """The posed skin."""
        return replace(self.rest, vertices=body.vertices, closed=True)


class Binding:
    """A proxy's geometry bound to the body, in metres; made once a proxy and shared by every look.

    faces, uv, parts, canonical as in `Surface`. The offsets of a posed body turn with its limbs; their
    lengths follow the body through the proxy's own reference distances, measured along the limb's axes as in
    MakeHuman.
    """

    def __init__(self, proxy: Proxy, facts: BodyFacts, *, part: int | None = None) -> None:
        self.name = proxy.name
        self.hidden = proxy.hidden
        self.faces, self.uv = proxy.faces, proxy.uv
        self._index, self._weight = proxy.index, proxy.weight[..., None]
        share = np.abs(proxy.weight) / np.maximum(np.abs(proxy.weight).sum(1, keepdims=True), 1e-6)
        self._clusters = (
            (facts.cluster_weights[proxy.index] * share[..., None]).sum(axis=1).astype(np.float32)
        )
        # MakeHuman's x, y (up), z (forward) become x, z, -y here.
        self._offset = (proxy.offset * (1.0, 1.0, -1.0))[:, [0, 2, 1]].astype(np.float32)
        self._references = proxy.scale_vertices[[0, 2, 1]]
        self._lengths = proxy.scale_length[[0, 2, 1]]
        self.fields = facts.fields.take(proxy.index[:, 0])
        self._limb = int(facts.cluster_weights[self._references[0, 0]].argmax())
        source = facts.skin_canonical if part is None else facts.head_canonical
        bounded = np.clip(proxy.weight, 0.0, 1.0)
        bounded /= np.maximum(bounded.sum(axis=1, keepdims=True), 1e-6)
        self.canonical: Float32 = (source[proxy.index] * bounded[..., None]).sum(axis=1).astype(np.float32)
        self.parts = _face_parts(facts.skin_parts[proxy.index[:, 0]][proxy.faces])
        if part is not None:
            self.parts = np.full(len(proxy.faces), part, dtype=np.uint8)

    def vertices(self, body: PosedBody) -> Float32:
        """Fitted vertices (P, 3), metres."""
        spans = body.vertices[self._references[:, 0]] - body.vertices[self._references[:, 1]]
        local = spans @ body.rotations[self._limb]
        scale = np.abs(np.diagonal(local)) / self._lengths
        corners = np.take(body.vertices, self._index, axis=0)
        anchor = np.einsum("pkc,pk->pc", corners, self._weight[..., 0])
        turned = body.blended(self._clusters)
        offset = self._offset * scale.astype(np.float32)
        for axis in range(3):
            anchor += turned[:, :, axis] * offset[:, axis, None]
        return anchor


def _face_parts(corners: UInt8) -> UInt8:
    """The part of each triangle (F,) from its corners' (F, 3): two of three, else the first."""
    return np.where(corners[:, 1] == corners[:, 2], corners[:, 1], corners[:, 0]).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class BoundLayer:
    """A bound proxy with a texture; `rest` holds the static arrays."""

    binding: Binding
    rest: Surface

    def surface(self, body: PosedBody) -> Surface:
        """The fitted garment."""
        return replace(self.rest, vertices=self.binding.vertices(body))

    @classmethod
    def textured(
        cls,
        binding: Binding,
        texture: UInt8,
        *,
        name: str | None = None,
        tint: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> "BoundLayer":
        """The binding in this sRGB texture."""
        rest = Surface(
            name or binding.name,
            np.zeros_like(binding.canonical),
            binding.faces,
            binding.parts,
            binding.canonical,
            uv=binding.uv,
            texture=texture,
            tint=tint,
        )
        return cls(binding, rest)


class ShellMesh:
    """A mesh of body or helper vertices that garments are made of by moving it outwards.

    faces: (F, 3) into `used`, the mesh's own vertices; uv: (F, 3, 2). clearance: what keeps it off the legs.
    """

    def __init__(
        self,
        faces: Int32,
        uv: Float32,
        facts: BodyFacts,
        *,
        part: int | None = None,
        clearance: "Clearance | None" = None,
    ) -> None:
        self.normals = NormalField(faces)
        self.used = self.normals.used
        self.faces = np.searchsorted(self.used, faces).astype(np.int32)
        self.uv = uv
        source = facts.skin_canonical if part is None else facts.head_canonical
        self.canonical = source[self.used]
        self.parts = _face_parts(facts.skin_parts[faces])
        if part is not None:
            self.parts = np.full(len(faces), part, dtype=np.uint8)
        self.fields = facts.fields.take(self.used)
        self.clearance = clearance
        self.hang = np.zeros(len(self.used), dtype=np.float32)

    def points(self, body: Float32) -> Float32:
        """Places (U, 3) of the unmoved vertices on body vertices (V, 3), metres."""
        return np.take(body, self.used, axis=0)

    def push(self, points: Float32, normals: Float32, body: Float32) -> Float32 | None:
        """Metres (U,) that the legs push the cloth along its normals, or None where they cannot."""
        return None if self.clearance is None else self.clearance(points, normals, body)


@dataclass(frozen=True, slots=True, eq=False)
class ShellLayer:
    """A garment from a shell mesh: every vertex moved `offset` (U,) metres along the posed normal, then
    cut. thickness: metres of cloth that its cut edges show; above 0 the surface has, after the cut mesh's
    vertices, the cut's own again and the same again `thickness` further in.
    """

    mesh: ShellMesh | DrapeMesh
    offset: Float32
    rest: Surface
    cut: ClippedMesh | None = None
    thickness: float = 0.0

    def surface(self, body: PosedBody) -> Surface:
        """The garment at this pose."""
        points, normals, push = body.follow(self.mesh)
        offset = self.offset if push is None else self.offset + push
        moved = points + normals * offset[:, None]
        if self.cut is None:
            return replace(self.rest, vertices=moved)
        if self.thickness == 0.0:
            return replace(self.rest, vertices=self.cut.extend(moved))
        edge = self.cut.along_cut(moved)
        inner = edge - self.thickness * self.cut.along_cut(normals)
        return replace(self.rest, vertices=np.concatenate([moved, edge, edge, inner]))


@dataclass(frozen=True, slots=True, eq=False)
class PropLayer:
    """A stiff thing carried along with one limb: `local` (N, 3) metres in the canonical frame about a body
    vertex.
    """

    local: Float32
    anchor: int
    cluster: str
    upright: bool
    rest: Surface

    def surface(self, body: PosedBody) -> Surface:
        """The thing where the limb is; an upright thing hangs down whatever the limb does."""
        place = body.vertices[self.anchor]
        if self.upright:
            return replace(self.rest, vertices=self.local + place)
        rotation = body.rotations[CLUSTER_INDEX[self.cluster]]
        return replace(self.rest, vertices=self.local @ rotation.T + place)
