"""SMPL, SMPL-H and SMPL-X files that a licensed user brings: shape from betas, carried to our template's
sites.

Nothing is unpickled: a .pkl, or an .npz that hides a needed array behind a pickle, is refused with the way
to convert it. The models themselves are not ours to ship; only their published structure is used (Loper et
al. 2015).
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lineament.errors import BadInputError
from lineament.geometry.site_model import SiteModel
from lineament.types import Float64, Int32

_NEEDED = ("v_template", "shapedirs", "J_regressor", "weights", "f", "kintree_table")
_TO_OURS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_BODY_JOINTS = (
    "root",
    "left_thigh",
    "right_thigh",
    "spine_lower",
    "left_calf",
    "right_calf",
    "spine_middle",
    "left_foot",
    "right_foot",
    "spine_upper",
    "left_toes",
    "right_toes",
    "neck",
    "left_clavicle",
    "right_clavicle",
    "head",
    "left_upper_arm",
    "right_upper_arm",
    "left_forearm",
    "right_forearm",
    "left_hand",
    "right_hand",
)
"""SMPL's first 22 joints by our names."""
_FINGER_JOINTS = {24: (22, 23), 52: (25, 40), 55: (28, 43)}
"""By the number of joints (SMPL, SMPL-H, SMPL-X): the left and right joint that moves the fingers."""


@dataclass(frozen=True, slots=True, eq=False)
class SmplModel:
    """v_template (V, 3), shapedirs (V, 3, B), regressor (J, V), weights (V, J): our frame, metres; faces
    (F, 3).
    """

    v_template: Float64
    shapedirs: Float64
    regressor: Float64
    weights: Float64
    faces: Int32

    @classmethod
    def load(cls, path: Path) -> "SmplModel":
        """Read .npz or .safetensors with SMPL's own array names; raises BadInputError."""
        arrays = _read(path)
        vertices, joints = len(arrays["v_template"]), arrays["weights"].shape[-1]
        shapes = {
            "v_template": (vertices, 3),
            "J_regressor": (joints, vertices),
            "weights": (vertices, joints),
            "kintree_table": (2, joints),
        }
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise BadInputError(
                    f"{path.name}: {name} is {arrays[name].shape}, expected {shape}; give an SMPL file"
                )
        if joints not in _FINGER_JOINTS:
            raise BadInputError(f"{path.name} has {joints} joints; SMPL has 24, SMPL-H 52, SMPL-X 55")
        shapedirs, faces = arrays["shapedirs"], arrays["f"]
        if (
            shapedirs.ndim != 3
            or shapedirs.shape[:2] != (vertices, 3)
            or faces.ndim != 2
            or faces.shape[1] != 3
        ):
            raise BadInputError(f"{path.name}: shapedirs must be (V, 3, B) and f (F, 3); give an SMPL file")
        if faces.min() < 0 or faces.max() >= vertices:
            raise BadInputError(f"{path.name}: f names vertices that are not there; give an SMPL file")
        if not all(np.isfinite(arrays[name]).all() for name in ("v_template", "shapedirs", "J_regressor")):
            raise BadInputError(f"{path.name} holds values that are not finite; give an SMPL file")
        return cls(
            arrays["v_template"].astype(np.float64) @ _TO_OURS.T,
            np.einsum("ab,vbk->vak", _TO_OURS, shapedirs.astype(np.float64)),
            arrays["J_regressor"].astype(np.float64),
            arrays["weights"].astype(np.float64),
            faces.astype(np.int32),
        )

    def shaped(self, betas: tuple[float, ...]) -> Float64:
        """T-pose vertices (V, 3) metres of `betas`; raises BadInputError when there are more than the model
        has.
        """
        count = self.shapedirs.shape[2]
        if len(betas) > count:
            raise BadInputError(f"{len(betas)} betas for a model with {count}; give at most {count}")
        return self.v_template + self.shapedirs[:, :, : len(betas)] @ np.asarray(betas, dtype=np.float64)

    def joints(self, vertices: Float64) -> Float64:
        """Our 24 joints (24, 3), in the site model's order, of T-pose `vertices` (V, 3)."""
        return np.asarray(self.regressor @ vertices)[self._order()]

    def site_weights(self) -> Float64:
        """Skinning (V, 24) over our joints; joints of fingers, jaw and eyes count to their nearest one of
        ours.
        """
        table = np.zeros((self.weights.shape[1], 24))
        for ours, theirs in enumerate(self._order()):
            table[theirs, ours] = 1.0
        names = list(SiteModel.load().joint_names)
        nearest = {True: names.index("left_fingers"), False: names.index("right_fingers")}
        at_rest = self.regressor @ self.v_template
        for joint in np.flatnonzero(table.sum(axis=1) == 0):
            is_face = joint in (22, 23, 24) and len(table) == 55
            table[joint, names.index("head") if is_face else nearest[bool(at_rest[joint, 0] > 0)]] = 1.0
        return self.weights @ table

    def _order(self) -> list[int]:
        left, right = _FINGER_JOINTS[self.weights.shape[1]]
        of_name = {name: index for index, name in enumerate(_BODY_JOINTS)}
        of_name |= {"left_fingers": left, "right_fingers": right}
        return [of_name[name] for name in SiteModel.load().joint_names]


def _read(path: Path) -> Mapping[str, np.ndarray]:
    suffix = path.suffix.lower()
    if suffix not in (".npz", ".safetensors"):
        raise BadInputError(
            f"{path.name} is not .npz or .safetensors and is never unpickled; convert it where you trust it: "
            "numpy.savez('model.npz', " + ", ".join(f"{name}=..." for name in _NEEDED) + ")"
        )
    try:
        if suffix == ".safetensors":
            arrays = load_file(path)
        else:
            with np.load(path, allow_pickle=False) as data:
                arrays = {name: data[name] for name in _NEEDED if name in data.files}
    except (OSError, SafetensorError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{path.name} cannot be read ({error}); check the file") from None
    except ValueError:
        raise BadInputError(
            f"{path.name} hides arrays behind a pickle; write them plainly "
            "with numpy.savez (J_regressor: .toarray())"
        ) from None
    missing = [name for name in _NEEDED if name not in arrays]
    if missing:
        raise BadInputError(f"{path.name} lacks {', '.join(missing)}; give an SMPL, SMPL-H or SMPL-X file")
    return arrays
