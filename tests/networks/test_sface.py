import numpy as np
import pytest

from lineament.assets import find
from lineament.runtime.session import open_session

torch = pytest.importorskip("torch")

from lineament.networks.sface import SFace  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def path():
    found = find("sface")
    if found is None:
        pytest.skip("needs the asset sface; run: lineament assets fetch sface")
    return found


@pytest.fixture(scope="module")
def network(path):
    torch.set_num_threads(1)
    return SFace.load(path)


def test_it_says_what_the_file_says(path, network):
    crops = np.random.default_rng(0).uniform(0, 255, (2, 3, 112, 112)).astype(np.float32)
    session = open_session(path, 1)
    expected = np.concatenate([session.run(None, {"data": crop[None]})[0] for crop in crops])
    with torch.no_grad():
        got = network(torch.from_numpy(crops)).numpy()
    assert got.shape == (2, 128) and np.abs(expected).max() > 0.3
    np.testing.assert_allclose(got, expected, atol=2e-4 * np.abs(expected).max(), rtol=1e-3)


def test_stages_follow_each_other(network):
    crops = torch.rand(2, 3, 112, 112) * 255
    with torch.no_grad():
        features = network.features(crops)
        torch.testing.assert_close(network.embedding(features), network(crops))
    assert features.shape == (2, 1024, 7, 7)


def test_gradients_reach_the_crop_and_nothing_learns(network):
    crop = (torch.rand(1, 3, 112, 112) * 255).requires_grad_()
    network(crop).square().sum().backward()
    assert crop.grad is not None and crop.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in network.parameters())
