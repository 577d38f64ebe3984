"""Read a scan: a mesh or a point cloud of any common format, brought to metres, as dense oriented points."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import trimesh
from scipy.spatial import cKDTree

from lineament.errors import BadInputError
from lineament.types import Float64, UInt8

SCAN_SUFFIXES: Final = (".obj", ".ply", ".glb", ".gltf", ".stl", ".npz", ".off", ".xyz")
Unit = str
"""auto, metre, centimetre, millimetre, inch, or a number: metres for one unit of the file."""
UNITS: Final[dict[str, float]] = {
    "metre": 1.0,
    "m": 1.0,
    "decimetre": 0.1,
    "centimetre": 0.01,
    "cm": 0.01,
    "millimetre": 0.001,
    "mm": 0.001,
    "inch": 0.0254,
}
HEAD_SIZE: Final = (0.15, 0.60)
"""Longest extent of a face, head or bust, metres."""
BODY_SIZE: Final = (1.30, 2.40)
"""Longest extent of a whole adult, arms down or spread, metres."""
BODY_SLENDERNESS: Final = 3.0
"""Largest over smallest spread along the principal axes: heads lie below (2.2), bodies above (3.6)."""
SAMPLES: Final = 250_000
LEAST_POINTS: Final = 500
MOST_BYTES: Final = 1_000_000_000
PLAIN_SKIN: Final = (186, 158, 142)
"""Colour of scans that have none; only the shading of their shape can be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """points: (M, 3) metres in the file's own axes. normals: (M, 3) unit, outwards. colours: (M, 3) sRGB.

    coloured: whether the colours are the scan's own. metres: for one unit of the file.
    """

    name: str
    points: Float64
    normals: Float64
    colours: UInt8
    coloured: bool
    metres: float

    def __post_init__(self) -> None:
        if not len(self.points) == len(self.normals) == len(self.colours):
            raise ValueError("a scan needs one normal and one colour for each point")

    @property
    def is_body(self) -> bool:
        """True for a whole person, False for a head or face."""
        return float(np.ptp(self.points, axis=0).max()) > HEAD_SIZE[1] * 1.5


def load_scan(path: Path, unit: Unit = "auto") -> Scan:
    """Read a scan; raises BadInputError when it is damaged, empty, not finite, or of unknown unit."""
    if not path.exists():
        raise BadInputError(f"{path} does not exist; check the name")
    if path.stat().st_size > MOST_BYTES:
        raise BadInputError(
            f"{path.name} is larger than {MOST_BYTES // 10**6} MB; reduce it (decimate the mesh)"
        )
    try:
        points, normals, colours = _read_npz(path) if path.suffix.lower() == ".npz" else _read_mesh(path)
    except BadInputError:
        raise
    except Exception as problem:  # readers of a dozen formats raise anything on damaged files
        raise BadInputError(
            f"{path.name} cannot be read as a scan ({type(problem).__name__}); save it again as .ply or .glb"
        ) from problem
    if len(points) < LEAST_POINTS:
        raise BadInputError(f"{path.name} holds {len(points)} points; a scan needs at least {LEAST_POINTS}")
    if not np.isfinite(points).all():
        raise BadInputError(f"{path.name} has coordinates that are not numbers; repair the mesh")
    metres = _metres(points, unit, path.name)
    points = points * metres
    if normals is None:
        normals = _estimated_normals(points)
    coloured = colours is not None
    shown = colours if colours is not None else np.broadcast_to(np.array(PLAIN_SKIN, np.uint8), points.shape)
    return Scan(path.name, points, normals, np.ascontiguousarray(shown), coloured, metres)


def _metres(points: Float64, unit: Unit, name: str) -> float:
    extent = np.ptp(points, axis=0)
    if unit != "auto":
        return _given_unit(extent, unit, name)
    longest, body = float(extent.max()), _slenderness(points) > BODY_SLENDERNESS
    sizes = [(scale, longest * scale) for scale in (1.0, 0.01, 0.001)]
    bodies = [scale for scale, size in sizes if BODY_SIZE[0] <= size <= BODY_SIZE[1]]
    heads = [scale for scale, size in sizes if HEAD_SIZE[0] <= size <= HEAD_SIZE[1]]
    # A body in centimetres and a head in millimetres can be of one size; a bust may be as slender as a body.
    fitting = (bodies if body else heads) if bodies and heads else (bodies if body else []) or heads
    if len(fitting) != 1:
        raise BadInputError(
            f"the unit of {name} is unclear (it measures {' x '.join(f'{side:.3g}' for side in extent)}); "
            "give --unit metre, centimetre, millimetre, inch, or the metres of one unit as a number"
        )
    return fitting[0]


def _slenderness(points: Float64) -> float:
    """Largest over smallest spread along the principal axes: however the scan is turned."""
    spread = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(points.T)), 0.0))
    return float(spread[-1] / max(float(spread[0]), 1e-12))


def _given_unit(extent: Float64, unit: Unit, name: str) -> float:
    try:
        scale = UNITS[unit] if unit in UNITS else float(unit)
    except ValueError as problem:
        raise BadInputError(
            f"unknown unit {unit!r}; give one of {', '.join(UNITS)} or a number of metres"
        ) from problem
    longest = float(extent.max()) * scale
    if not 0.1 <= longest <= 3.0:
        raise BadInputError(f"{name} would be {longest:.3g} m large with --unit {unit}; that is not a person")
    return scale


def _read_npz(path: Path) -> tuple[Float64, Float64 | None, UInt8 | None]:
    with np.load(path, allow_pickle=False) as held:
        names = set(held.files)
        key = next((name for name in ("points", "xyz", "vertices") if name in names), None)
        if key is None:
            raise BadInputError(f"{path.name} holds {sorted(names)}; a point cloud needs `points` (M, 3)")
        points = np.asarray(held[key], dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3:
            raise BadInputError(f"{path.name}: `{key}` has shape {points.shape}, expected (M, 3)")
        normals = np.asarray(held["normals"], dtype=np.float64) if "normals" in names else None
        colour_key = next((name for name in ("colours", "colors", "rgb") if name in names), None)
        colours = _to_bytes(held[colour_key]) if colour_key else None
    for what, array in (("normals", normals), ("colours", colours)):
        if array is not None and array.shape != points.shape:
            raise BadInputError(f"{path.name}: {what} have shape {array.shape}, expected {points.shape}")
    if normals is not None:
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return _thinned(points, normals, colours)


def _read_mesh(path: Path) -> tuple[Float64, Float64 | None, UInt8 | None]:
    loaded: Any = trimesh.load(path, process=False, allow_remote=False)
    shape = loaded.to_geometry() if isinstance(loaded, trimesh.Scene) and len(loaded.geometry) else loaded
    if isinstance(shape, trimesh.PointCloud):
        colours = np.asarray(shape.colors) if len(shape.colors) == len(shape.vertices) else None
        return _thinned(
            np.asarray(shape.vertices, dtype=np.float64),
            None,
            None if colours is None else _to_bytes(colours[:, :3]),
        )
    if not isinstance(shape, trimesh.Trimesh) or len(shape.faces) == 0:
        raise BadInputError(f"{path.name} holds no mesh and no points; export the surface again")
    if not np.isfinite(shape.vertices).all():
        raise BadInputError(f"{path.name} has vertices that are not numbers; repair the mesh")
    if float(shape.area) <= 0:
        raise BadInputError(f"{path.name} is a mesh without surface; export it again")
    coloured = getattr(shape.visual, "kind", None) == "vertex" or _has_picture(shape)
    visual: Any = shape.visual
    if coloured and visual.kind == "texture" and hasattr(visual.material, "to_simple"):
        visual.material = visual.material.to_simple()  # trimesh cannot sample a glTF material
    sampled = trimesh.sample.sample_surface(shape, SAMPLES, sample_color=coloured, seed=0)
    points, face = np.asarray(sampled[0], dtype=np.float64), np.asarray(sampled[1])
    colours = _to_bytes(np.asarray(sampled[2])[:, :3]) if coloured else None
    return points, _smooth_normals(shape, points, face), colours


def _smooth_normals(mesh: Any, points: Float64, face: np.ndarray) -> Float64:
    """Vertex normals interpolated at `points` (M, 3) on the triangles `face` (M,)."""
    corners = mesh.triangles[face]
    weights = np.asarray(trimesh.triangles.points_to_barycentric(corners, points))  # type: ignore[no-untyped-call]
    normals: Float64 = (np.asarray(mesh.vertex_normals)[mesh.faces[face]] * weights[..., None]).sum(axis=1)
    flat: Float64 = np.asarray(mesh.face_normals, dtype=np.float64)[face]
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(np.where(length > 0.1, normals / np.maximum(length, 1e-12), flat))


def _has_picture(shape: Any) -> bool:
    """Whether the mesh has a texture picture of its own, not only a material's single colour."""
    material = getattr(shape.visual, "material", None)
    picture = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    return shape.visual.kind == "texture" and picture is not None and min(picture.size) > 4


def _thinned(
    points: Float64, normals: Float64 | None, colours: UInt8 | None
) -> tuple[Float64, Float64 | None, UInt8 | None]:
    """At most SAMPLES points, chosen evenly in file order."""
    if len(points) <= SAMPLES:
        return points, normals, colours
    kept = np.linspace(0, len(points) - 1, SAMPLES).astype(int)
    return (
        points[kept],
        None if normals is None else normals[kept],
        None if colours is None else colours[kept],
    )


def _to_bytes(colours: np.ndarray) -> UInt8:
    values = np.asarray(colours, dtype=np.float64)[:, :3]
    if colours.dtype.kind == "f" and values.size and values.max() <= 1.0:
        values = values * 255.0
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _estimated_normals(points: Float64, neighbours: int = 16) -> Float64:
    """Normals from the neighbourhood's principal axes, turned away from the local middle of the cloud."""
    tree = cKDTree(points)
    near = points[tree.query(points, k=neighbours, workers=2)[1]]
    centred = near - near.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.einsum("nka,nkb->nab", centred, centred))
    normals = axes[:, :, 0]
    thin = points[np.linspace(0, len(points) - 1, min(3000, len(points))).astype(int)]
    sparse = cKDTree(thin)
    middles = thin[sparse.query(thin, k=min(400, len(thin)))[1]].mean(axis=1)
    inside = middles[sparse.query(points)[1]]
    flip = ((points - inside) * normals).sum(axis=1) < 0
    normals[flip] *= -1
    return np.asarray(normals)
