"""MakeHuman's proxies (.mhclo with its .obj and .mhmat): parsing, and fitting to any posed body."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.errors import BadInputError
from lineament.types import Float32, Int32

SCALE_KEYS = ("x_scale", "y_scale", "z_scale")


@dataclass(frozen=True, slots=True, eq=False)
class Proxy:
    """One garment, hair style or eye as published, in MakeHuman's frame (decimetres, y up, facing +z).

    vertices: (P, 3) of the .obj. faces: (F, 3). uv: (F, 3, 2). index: (P, 3) base vertices, weight: (P, 3)
    barycentric, offset: (P, 3). scale_vertices: (3, 2) base vertices and scale_length: (3,) decimetres that
    the x, y and z offsets are relative to. hidden: base vertices that the proxy covers. texture: colour
    picture or None.
    """

    name: str
    vertices: Float32
    faces: Int32
    uv: Float32
    index: Int32
    weight: Float32
    offset: Float32
    scale_vertices: Int32
    scale_length: Float32
    hidden: Int32
    texture: Path | None
    tags: frozenset[str]

    def __post_init__(self) -> None:
        if self.index.shape != self.vertices.shape or self.offset.shape != self.vertices.shape:
            raise ValueError(
                f"proxy {self.name}: {len(self.index)} bindings for {len(self.vertices)} vertices"
            )


def read_obj(path: Path, group: str | None = None) -> tuple[Float32, Int32, Float32]:
    """Vertices (V, 3), triangles (F, 3) and texture coordinates (F, 3, 2) of an .obj; polygons become fans.

    With `group`, only the faces of that `g` are kept. Faces without coordinates get zeros.
    """
    vertices: list[list[float]] = []
    coordinates: list[list[float]] = [[0.0, 0.0]]
    faces: list[tuple[int, int, int]] = []
    uv_faces: list[tuple[int, int, int]] = []
    current = None
    for line in path.read_text().splitlines():
        kind, *fields = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in fields[:3]])
        elif kind == "vt":
            coordinates.append([float(x) for x in fields[:2]])
        elif kind == "g":
            current = fields[0] if fields else None
        elif kind == "f" and group in (None, current):
            corners = [([*corner.split("/"), ""])[:2] for corner in fields]
            v = [int(corner[0]) - 1 for corner in corners]
            t = [int(corner[1] or 0) for corner in corners]
            for k in range(1, len(v) - 1):
                faces.append((v[0], v[k], v[k + 1]))
                uv_faces.append((t[0], t[k], t[k + 1]))
    uv = np.array(coordinates, np.float32)[np.array(uv_faces, np.int64).reshape(-1, 3)]
    return np.array(vertices, np.float32), np.array(faces, np.int32).reshape(-1, 3), uv


def _diffuse_texture(material: Path) -> Path | None:
    if not material.is_file():
        return None
    for line in material.read_text().splitlines():
        fields = line.split()
        if len(fields) == 2 and fields[0] == "diffuseTexture":
            picture = material.parent / fields[1]
            return picture if picture.is_file() else None
    return None


def _ranges(tokens: list[str]) -> list[int]:
    """Expand "3 5 - 7" to [3, 5, 6, 7]."""
    found: list[int] = []
    upto = False
    for token in tokens:
        if token == "-":
            upto = True
        elif upto:
            found.extend(range(found[-1] + 1, int(token) + 1))
            upto = False
        else:
            found.append(int(token))
    return found


def read_proxy(path: Path) -> Proxy:
    """Parse a .mhclo and what it points to; raises BadInputError when it is not a proxy of the base mesh
    hm08.
    """
    scalars: dict[str, list[str]] = {}
    tags: set[str] = set()
    rows: list[list[float]] = []
    hidden: list[str] = []
    section = ""
    for line in path.read_text().splitlines():
        tokens = line.split()
        if not tokens or tokens[0].startswith("#"):
            continue
        if tokens[0] in ("verts", "delete_verts"):
            section = tokens[0]
        elif section == "verts" and tokens[0].isdigit():
            rows.append([float(t) for t in tokens])
        elif section == "delete_verts":
            hidden.extend(tokens)
        elif tokens[0] == "tag":
            tags.add(" ".join(tokens[1:]).lower())
        else:
            scalars[tokens[0]] = tokens[1:]
    if scalars.get("basemesh", ["hm08"]) != ["hm08"] or "obj_file" not in scalars or not rows:
        raise BadInputError(
            f"{path.name} is not a MakeHuman proxy of the base mesh hm08; choose another file"
        )
    vertices, faces, uv = read_obj(path.parent / scalars["obj_file"][0])
    rows = rows[: len(vertices)]
    single = [len(row) == 1 for row in rows]
    bound = np.array(
        [[r[0]] * 3 + [1, 0, 0, 0, 0, 0] if s else r[:9] for r, s in zip(rows, single, strict=True)]
    )
    scales = [scalars[key] for key in SCALE_KEYS]
    return Proxy(
        name=path.stem,
        vertices=vertices,
        faces=faces,
        uv=uv,
        index=bound[:, :3].astype(np.int32),
        weight=bound[:, 3:6].astype(np.float32),
        offset=bound[:, 6:9].astype(np.float32),
        scale_vertices=np.array([[int(s[0]), int(s[1])] for s in scales], np.int32),
        scale_length=np.array([float(s[2]) for s in scales], np.float32),
        hidden=np.array(_ranges(hidden), np.int32),
        texture=_diffuse_texture(path.parent / scalars.get("material", ["none"])[0]),
        tags=frozenset(tags),
    )
