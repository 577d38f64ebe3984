"""The body model against Anny's own forward pass."""

import numpy as np
import pytest

from lineament.humans.anny_data import PHENOTYPES
from lineament.humans.body import BodyModel

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def anny_model():
    import anny

    return anny.Anny(
        rig="makehuman", topology="anny-full", local_changes="default", phenotypes="all", facial_actions="all"
    )


def _random_rotations(rng: np.random.Generator, spread: float) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(rng.normal(0.0, spread, (163, 3))).as_matrix()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shape_and_skinning_agree_with_anny(anny_model, seed: int) -> None:
    import torch

    model = BodyModel.load()
    rng = np.random.default_rng(seed)
    parameters = model.sample(rng)
    object.__setattr__(parameters, "head", np.zeros(0, dtype=np.float32))
    expression = {"jawOpen": 0.7, "mouthSmileLeft": 1.0}
    rotations = _random_rotations(rng, 0.2)
    rotations[0] = np.eye(3)
    delta = np.tile(np.eye(4), (1, 163, 1, 1))
    delta[0, :, :3, :3] = rotations
    with torch.no_grad():
        theirs = anny_model(
            torch.as_tensor(delta),
            {name: parameters.phenotypes.get(name, 0.5) for name in PHENOTYPES},
            parameters.local_changes,
            expression,
        )
    body = model.build(parameters, expression)
    rest = theirs["rest_vertices"][0].numpy()
    ours = body.vertices - body.vertices.mean(0)
    assert np.abs(ours - (rest - rest.mean(0))).max() < 5e-4
    posed = model.pose(body, rotations)
    expected = theirs["vertices"][0].numpy() + body.bone_heads[0]
    assert np.linalg.norm(posed - expected, axis=1)[np.unique(model.faces)].max() < 5e-4
