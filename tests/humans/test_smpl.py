"""SMPL-like files: a stand-in of the same structure, made from Anny, comes back as Anny's own sites."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.spatial import cKDTree

from lineament.errors import BadInputError
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.humans.body import BodyModel
from lineament.humans.parameters import SmplParameters
from lineament.humans.procedural import Poser
from lineament.humans.rig import Rig
from lineament.humans.site_model import SKELETON, reduced_bones
from lineament.humans.sites import rest_sites
from lineament.humans.smpl import SmplModel

pytestmark = pytest.mark.train

_WORDS = (
    "root left_thigh right_thigh spine_lower left_calf right_calf spine_middle left_foot right_foot",
    "spine_upper left_toes right_toes neck left_clavicle right_clavicle head left_upper_arm",
    "right_upper_arm left_forearm right_forearm left_hand right_hand left_fingers right_fingers",
)
SMPL_ORDER = [name for line in _WORDS for name in line.split()]
TO_Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    """Anny's average body in a T-pose as SMPL writes one: y up, 24 joints; the first beta enlarges it."""
    model = BodyModel.load()
    poser, body = Poser(Rig(model)), model.build(model.average())
    pose = poser.rig.rest()
    for side in "LR":
        poser.arm(pose, side, np.array([1.0, 0.0, 0.0]), 0.0, 0.05)
    bones = [model.bone(SKELETON[name]) for name in SMPL_ORDER]
    posed, transforms = (
        model.pose(body, pose).astype(float),
        model.bone_transforms(body, pose[None])[0][bones],
    )
    joints = np.einsum("jab,jb->ja", transforms[:, :, :3], body.bone_heads[bones]) + transforms[:, :, 3]
    used = np.unique(model.faces)
    again = np.full(len(posed), -1)
    again[used] = np.arange(len(used))
    regressor = np.zeros((24, len(used)))
    for row, joint in enumerate(joints):
        near = cKDTree(posed[used]).query(joint, k=60)[1]
        system = np.concatenate([posed[used][near].T, np.ones((1, 60))])
        regressor[row, near] = np.linalg.lstsq(system, np.append(joint, 1.0), rcond=None)[0]
    names, (of_bone, _) = list(SKELETON), reduced_bones(model)
    gather = np.zeros((163, 24))
    gather[np.arange(163), [SMPL_ORDER.index(names[joint]) for joint in of_bone]] = 1.0
    template = posed[used] @ TO_Y_UP.T
    return {
        "v_template": template,
        "shapedirs": np.stack([0.05 * template, 0.0 * template], axis=-1),
        "J_regressor": regressor,
        "weights": np.asarray(model.weights[used] @ gather),
        "f": again[model.faces].astype(np.uint32),
        "kintree_table": np.zeros((2, 24), dtype=np.int64),
    }


@pytest.fixture(scope="module")
def file(arrays: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("smpl") / "model.npz"
    np.savez(path, **arrays)
    return path


def test_sites_of_the_neutral_shape_lie_on_the_body(file: Path) -> None:
    model, template = BodyModel.load(), load_template()
    found = rest_sites(SmplParameters(file))
    truth = model.build(model.average()).vertices[template.anny_vertex]
    error = np.linalg.norm(found - truth - np.median(found - truth, axis=0), axis=1)
    assert np.median(error) < 0.006
    assert np.percentile(error, 95) < 0.025
    assert found[:, 2].min() == pytest.approx(0.0, abs=1e-6)


def test_betas_change_the_shape(file: Path) -> None:
    neutral, large = rest_sites(SmplParameters(file)), rest_sites(SmplParameters(file, (1.0,)))
    assert np.ptp(large[:, 2]) / np.ptp(neutral[:, 2]) == pytest.approx(1.05, abs=0.005)


def test_safetensors_reads_the_same(arrays: dict[str, np.ndarray], file: Path, tmp_path: Path) -> None:
    save_file(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()}, tmp_path / "m.safetensors"
    )
    assert np.array_equal(
        SmplModel.load(tmp_path / "m.safetensors").v_template, SmplModel.load(file).v_template
    )


def test_joint_names_of_the_site_model_are_smpls() -> None:
    assert set(SMPL_ORDER) == set(SiteModel.load().joint_names)


def test_bad_files_are_refused(arrays: dict[str, np.ndarray], tmp_path: Path) -> None:
    def refused(name: str, content: dict[str, np.ndarray], says: str) -> None:
        path = tmp_path / name
        np.savez(path, **content)
        with pytest.raises(BadInputError, match=says):
            SmplModel.load(path)

    without = {name: array for name, array in arrays.items() if name != "shapedirs"}
    refused("lacking.npz", without, "lacks shapedirs")
    refused("object.npz", {**arrays, "J_regressor": np.array([{}], dtype=object)}, "pickle")
    refused("joints.npz", {**arrays, "weights": arrays["weights"][:, :7]}, "J_regressor|weights")
    refused("faces.npz", {**arrays, "f": arrays["f"] + 10**6}, "not there")
    refused("nan.npz", {**arrays, "v_template": arrays["v_template"] * np.nan}, "finite")
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"v_template": 1}))
    with pytest.raises(BadInputError, match=r"numpy\.savez"):
        SmplModel.load(tmp_path / "model.pkl")
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(BadInputError):
        SmplModel.load(tmp_path / "torn.npz")
    with pytest.raises(BadInputError, match="cannot be read"):
        SmplModel.load(tmp_path / "absent.npz")


def test_too_many_betas(file: Path) -> None:
    with pytest.raises(BadInputError, match="3 betas for a model with 2"):
        rest_sites(SmplParameters(file, (0.0, 0.0, 1.0)))
