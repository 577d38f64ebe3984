"""A fixed population: identities determined by a seed, each built when first needed and kept on disk.

The arrays are mapped into every process, so that workers share what any of them has built.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lineament.assets.store import cache_folder
from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.humans.anny_data import PHENOTYPES
from lineament.humans.body import Body, BodyModel
from lineament.humans.demography import Demography
from lineament.humans.parameters import BodyParameters
from lineament.humans.wardrobe import IdentityLook, Wardrobe
from lineament.synth.seeds import generator
from lineament.synth.site_prototype import SitePrototype
from lineament.synth.turns import Recent
from lineament.types import Float32, Float64, Int32

REVISION = "people-3"
"""Raise it whenever what is kept of a person changes."""


class People:
    """`len(people)` identities of a seed, by number. Open them with `People.load`."""

    def __init__(self, folder: Path, model: BodyModel, count: int, seed: int, demography: Demography) -> None:
        self.model = model
        self.seed = seed
        self.demography = demography
        self._count = count
        self._kept = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r+", allow_pickle=False)
            for name in _shapes(model, count)
        }
        self._parameters: Recent[BodyParameters] = Recent(self._read, 256)
        self._painted: tuple[int, IdentityLook] | None = None

    @classmethod
    def load(
        cls,
        count: int,
        seed: int,
        progress: Callable[[int, int], None] | None = None,
        demography: Demography | None = None,
    ) -> "People":
        """`count` people of `seed`, drawn from `demography`. With `progress` (done, of) all are built at
        once, about 80 ms each.
        """
        model, demography = BodyModel.load(), demography or Demography()
        setting = f"{_setting(model, seed)}-{demography.key}"
        folder = cache_folder() / "people" / f"{REVISION}-{setting}-{seed}-{count}"
        if not folder.is_dir():
            _create(folder, model, count)
        people = cls(folder, model, count, seed, demography)
        if progress is not None:
            for person in range(count):
                people._ensure(person)
                progress(person + 1, count)
        return people

    def __len__(self) -> int:
        return self._count

    def parameters(self, person: int) -> BodyParameters:
        """What the body model was given for one person."""
        return self._parameters(person)

    def body(self, person: int) -> Body:
        """The rest body of one person."""
        self._ensure(person)
        # Half precision of the difference from the average body is good to 0.15 mm.
        vertices = self.model.canonical + self._kept["offsets"][person].astype(np.float32)
        heads, tails = (np.array(self._kept[name][person]) for name in ("heads", "tails"))
        return Body(vertices, heads, tails, self.parameters(person))

    def identity_look(self, person: int) -> IdentityLook:
        """Skin, eyes, brows and hair of one person, always the same."""
        parameters = self.parameters(person)
        if self._painted is None or self._painted[0] != person:
            self._painted = person, _identity_look(self.seed, person, parameters)
        return self._painted[1]

    def prototype(self, person: int) -> SitePrototype:
        """What enrolment in 3D would keep of one person."""
        self._ensure(person)
        return SitePrototype(
            np.array(self._kept["points"][person]),
            self._kept["normals"][person].astype(np.float32),
            self._kept["colours"][person].astype(np.float32) / 255.0,
        )

    def _read(self, person: int) -> BodyParameters:
        self._ensure(person)
        return _unpack(np.array(self._kept["parameters"][person]), self.model)

    def _ensure(self, person: int) -> None:
        if not 0 <= person < self._count:
            raise IndexError(f"person {person} of {self._count}")
        kept = self._kept
        if kept["done"][person]:
            return
        sites = load_template().anny_vertex
        parameters = self.model.sample(generator(self.seed, "person", person), self.demography)
        body = self.model.build(parameters)
        kept["parameters"][person] = _pack(parameters, self.model)
        kept["offsets"][person] = body.vertices - self.model.canonical
        kept["heads"][person], kept["tails"][person] = body.bone_heads, body.bone_tails
        kept["points"][person] = body.vertices[sites]
        kept["normals"][person] = vertex_normals(body.vertices, self.model.faces)[sites]
        look = _identity_look(self.seed, person, parameters)
        self._painted = person, look
        kept["colours"][person] = look.site_colours(sites)
        # Last, and idempotent: two workers that build the same person write the same bytes.
        kept["done"][person] = 1


def _pack(parameters: BodyParameters, model: BodyModel) -> Float64:
    """All numbers of a person, (11 + L + modes,): sampling costs ten times as much as reading."""
    changes = [parameters.local_changes.get(name, 0.0) for name in model.local_names]
    return np.concatenate([[parameters.phenotypes[name] for name in PHENOTYPES], changes, parameters.head])


def _unpack(numbers: Float64, model: BodyModel) -> BodyParameters:
    first, names = len(PHENOTYPES), model.local_names
    changes = numbers[first : first + len(names)]
    return BodyParameters(
        dict(zip(PHENOTYPES, numbers[:first].tolist(), strict=True)),
        {name: value for name, value in zip(names, changes.tolist(), strict=True) if value},
        numbers[first + len(names) :].astype(np.float32),
    )


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


def _shapes(model: BodyModel, count: int) -> dict[str, tuple[tuple[int, ...], type]]:
    sites, bones = len(load_template()), len(model.bone_names)
    modes = model.head.mode_count if model.head is not None else 0
    return {
        "parameters": ((count, len(PHENOTYPES) + len(model.local_names) + modes), np.float64),
        "offsets": ((count, *model.canonical.shape), np.float16),
        "heads": ((count, bones, 3), np.float32),
        "tails": ((count, bones, 3), np.float32),
        "points": ((count, sites, 3), np.float32),
        "normals": ((count, sites, 3), np.float16),
        "colours": ((count, sites, 3), np.uint8),
        "done": ((count,), np.uint8),
    }


def _create(folder: Path, model: BodyModel, count: int) -> None:
    """Empty arrays under their final name; of several processes that start at once the first one wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for name, (shape, dtype) in _shapes(model, count).items():
            np.lib.format.open_memmap(work / f"{name}.npy", mode="w+", dtype=dtype, shape=shape).flush()
        try:
            work.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    except (OSError, OverflowError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise BadInputError(
            f"cannot keep {count} people in {folder.parent} ({told}): make room or take fewer --people"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def vertex_normals(vertices: Float32, faces: Int32) -> Float32:
    """Area-weighted unit normals (V, 3); vertices without faces get zeros."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    face_normals = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for axis in range(3):
        for corner in range(3):
            total[:, axis] += np.bincount(faces[:, corner], face_normals[:, axis], minlength=len(vertices))
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
