"""A fixed population: identities built once from seeds, kept on disk, mapped into every worker."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lineament.assets.store import cache_folder
from lineament.geometry.template import load_template
from lineament.humans.body import Body, BodyModel
from lineament.humans.parameters import BodyParameters
from lineament.humans.wardrobe import IdentityLook, Wardrobe
from lineament.synth.seeds import generator
from lineament.types import Float16, Float32, Int32

REVISION = "people-1"
"""Raise it whenever the same seed makes other people than before."""


@dataclass(frozen=True, slots=True, eq=False)
class SitePrototype:
    """One identity at the template's sites: rest points (N, 3) metres, unit normals (N, 3), colours (N, 3)
    0..1 sRGB.

    The colours are those of the bare skin and of the hair that covers the site.
    """

    points: Float32
    normals: Float32
    colours: Float32


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """`count` identities. Arrays are memory-mapped; index them by person.

    offsets: (P, V, 3) float16 metres from the canonical body. heads, tails: (P, J, 3) bones. points,
    normals, colours: (P, N, 3) of the prototypes. parameters: of each person.
    """

    seed: int
    model: BodyModel
    offsets: Float16
    heads: Float32
    tails: Float32
    points: Float32
    normals: Float16
    colours: Float16
    parameters: tuple[BodyParameters, ...]

    def __len__(self) -> int:
        return len(self.parameters)

    def body(self, person: int) -> Body:
        """The rest body of one person."""
        vertices = self.model.canonical + self.offsets[person].astype(np.float32)
        return Body(
            vertices, np.array(self.heads[person]), np.array(self.tails[person]), self.parameters[person]
        )

    def identity_look(self, person: int) -> IdentityLook:
        """Skin, eyes, brows and hair of one person, always the same."""
        return _identity_look(self.seed, person, self.parameters[person])

    def prototype(self, person: int) -> SitePrototype:
        """What enrolment in 3D would keep of one person."""
        return SitePrototype(
            np.array(self.points[person]),
            self.normals[person].astype(np.float32),
            self.colours[person].astype(np.float32),
        )

    @classmethod
    def load(
        cls, count: int, seed: int, progress: Callable[[int, int], None] = lambda done, of: None
    ) -> "People":
        """The population of `seed`, built at the first call (about 30 ms a person) and then read from the
        cache.
        """
        model = BodyModel.load()
        folder = cache_folder() / "people" / f"{REVISION}-{_setting(model, seed)}-{seed}-{count}"
        if not folder.is_dir():
            _build(folder, model, count, seed, progress)
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in ("offsets", "heads", "tails", "points", "normals", "colours")
        }
        entries = json.loads((folder / "parameters.json").read_text())
        parameters = tuple(
            BodyParameters(e["phenotypes"], e["local_changes"], np.array(e["head"], dtype=np.float32))
            for e in entries
        )
        return cls(seed, model, parameters=parameters, **arrays)


def _identity_look(seed: int, person: int, parameters: BodyParameters) -> IdentityLook:
    values = parameters.phenotypes
    return Wardrobe.load().sample_identity_look(
        generator(seed, "look", person),
        gender=values["gender"],
        age=values["age"],
        ancestry=(values["african"], values["asian"], values["caucasian"]),
    )


def _setting(model: BodyModel, seed: int) -> str:
    """Short name of what people are made of, by a first person: other assets or code make others."""
    parameters = model.sample(generator(seed, "person", 0))
    digest = hashlib.sha256(model.build(parameters).vertices.tobytes())
    digest.update(load_template().anny_vertex.tobytes())
    digest.update(_identity_look(seed, 0, parameters).skin_texture.tobytes())
    return digest.hexdigest()[:10]


def _build(
    folder: Path, model: BodyModel, count: int, seed: int, progress: Callable[[int, int], None]
) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Several workers may start at once: each writes its own folder, the first to finish gives it its name.
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        _write(work, model, count, seed, progress)
        try:
            work.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(work: Path, model: BodyModel, count: int, seed: int, progress: Callable[[int, int], None]) -> None:
    sites = load_template().anny_vertex
    bones = len(model.bone_names)
    shapes = {
        "offsets": ((count, *model.canonical.shape), np.float16),
        "heads": ((count, bones, 3), np.float32),
        "tails": ((count, bones, 3), np.float32),
        "points": ((count, len(sites), 3), np.float32),
        "normals": ((count, len(sites), 3), np.float16),
        "colours": ((count, len(sites), 3), np.float16),
    }
    arrays = {
        name: np.lib.format.open_memmap(work / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)
        for name, (shape, dtype) in shapes.items()
    }
    entries = []
    for person in range(count):
        parameters = model.sample(generator(seed, "person", person))
        body = model.build(parameters)
        look = _identity_look(seed, person, parameters)
        arrays["offsets"][person] = body.vertices - model.canonical
        arrays["heads"][person], arrays["tails"][person] = body.bone_heads, body.bone_tails
        arrays["points"][person] = body.vertices[sites]
        arrays["normals"][person] = vertex_normals(body.vertices, model.faces)[sites]
        arrays["colours"][person] = look.site_colours(sites) / 255.0
        entries.append({**asdict(parameters), "head": [round(float(x), 5) for x in parameters.head]})
        progress(person + 1, count)
    for array in arrays.values():
        array.flush()
    (work / "parameters.json").write_text(json.dumps(entries))


def vertex_normals(vertices: Float32, faces: Int32) -> Float32:
    """Area-weighted unit normals (V, 3); vertices without faces get zeros."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    face_normals = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for axis in range(3):
        for corner in range(3):
            total[:, axis] += np.bincount(faces[:, corner], face_normals[:, axis], minlength=len(vertices))
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
