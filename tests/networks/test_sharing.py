import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402

from lineament.anatomy import CLASS_COUNT  # noqa: E402
from lineament.geometry.site_model import SiteModel  # noqa: E402
from lineament.networks.shape import SHAPE_SIZE, likelihood_ratio, shape_loss  # noqa: E402
from lineament.networks.sharing import (  # noqa: E402
    PictureTokens,
    PrototypeTokens,
    SharedParts,
    pair_loss,
)
from lineament.training.export import export_sharing  # noqa: E402
from lineament.training.identity_prototypes import prototype_coefficients, prototype_tokens  # noqa: E402

pytestmark = pytest.mark.train


def some(pictures=2, prototypes=3, seed=0):
    rng = torch.Generator().manual_seed(seed)
    tokens = torch.rand(pictures, CLASS_COUNT, 49, generator=rng)
    return (
        PictureTokens(tokens, torch.randn(pictures, 192, generator=rng)),
        PrototypeTokens(
            torch.randn(prototypes, CLASS_COUNT, 48, generator=rng),
            torch.randn(prototypes, SHAPE_SIZE, generator=rng),
        ),
    )


@pytest.mark.parametrize("sharing", [True, False])
def test_every_pair_is_scored_as_it_is_alone(sharing):
    torch.manual_seed(0)
    network = SharedParts(sharing).eval()
    picture, prototypes = some()
    with torch.no_grad():
        scores = network(picture, prototypes)
        alone = network(
            PictureTokens(*(one[1:] for one in picture)), PrototypeTokens(*(one[2:] for one in prototypes))
        )
    assert scores.shape == (2, 3, CLASS_COUNT)
    torch.testing.assert_close(scores[1:, 2:], alone)


def test_unseen_parts_add_nothing_and_shared_parts_know_of_each_other():
    torch.manual_seed(0)
    network = SharedParts().eval()
    picture, prototypes = some()
    hidden = picture.tokens.clone()
    hidden[:, 5, -1] = 0.0
    other = prototypes.tokens.clone()
    other[:, 9] += 1.0
    with torch.no_grad():
        assert not network(picture._replace(tokens=hidden), prototypes)[..., 5].any()
        before, after = network(picture, prototypes), network(picture, prototypes._replace(tokens=other))
        moved = (before - after).abs().amax(dim=(0, 1))
        alone = SharedParts(sharing=False).eval()
        apart = alone(picture, prototypes) - alone(picture, prototypes._replace(tokens=other))
    assert (moved[1:] > 0).all() and moved[0] == 0
    assert apart[..., 9].abs().min() > 0 and not apart[..., [4, 8, 10]].any()


def test_pair_loss_by_hand():
    scores = torch.log(torch.tensor([[3.0, 1.0], [1.0, 1.0]]))
    person, owner = torch.tensor([7, 8]), torch.tensor([7, 8])
    rows = (-np.log(3 / 4) - np.log(1 / 2)) / 2
    columns = (-np.log(3 / 4) - np.log(1 / 2)) / 2
    singly = np.mean([np.log(4 / 3), np.log(2), np.log(2), np.log(2)])
    assert float(pair_loss(scores, person, owner)) == pytest.approx(rows + columns + 0.5 * singly, rel=1e-5)
    twice = pair_loss(scores, torch.tensor([7, 7]), owner)
    assert torch.isfinite(twice) and twice > pair_loss(scores, person, owner)


def test_shape_loss_prefers_the_truth_with_an_honest_spread():
    truth = torch.full((2, SHAPE_SIZE), 0.5)
    sure = torch.full_like(truth, -2.0)
    assert float(shape_loss(truth, sure, truth)) == pytest.approx(-2.0)
    assert float(shape_loss(truth + 1.0, 0 * sure, truth)) == pytest.approx(0.5)
    assert shape_loss(truth + 1.0, sure, truth) > shape_loss(truth + 1.0, 0 * sure, truth)


def test_likelihood_ratio_by_hand_and_zero_when_nothing_is_told():
    mean, spread = torch.full((1, 2), 1.0), torch.full((1, 2), float(np.log(0.5)))
    z = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    expected = [np.log(2) + 0.5, 0.5 * (np.log(2) - 2.0) + 0.5 * (np.log(2) + 0.5)]
    torch.testing.assert_close(likelihood_ratio(mean, spread, z), torch.tensor([expected]).float())
    assert not likelihood_ratio(torch.zeros(1, 2), torch.zeros(1, 2), z).any()


def test_gradients_reach_everything():
    network = SharedParts()
    picture, prototypes = some(4, 3)
    loss = pair_loss(network(picture, prototypes).sum(dim=-1), torch.tensor([0, 1, 2, 2]), torch.arange(3))
    loss = loss + shape_loss(*network.told_shape(picture), torch.zeros(4, SHAPE_SIZE))
    loss.backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_onnx_agrees(tmp_path):
    torch.manual_seed(3)
    network = SharedParts().eval()
    export_sharing(network, tmp_path / "sharing.onnx")
    for module in network.parameters():
        if module.numel() >= 256:
            module.data = module.data.half().float()
    picture, prototypes = some(1, 5, seed=9)
    with torch.no_grad():
        expected = network(picture, prototypes)[0].numpy()
    feeds = {
        "pooled": picture.tokens,
        "overall": picture.overall,
        "prototype_pooled": prototypes.tokens,
        "prototype_coefficients": prototypes.coefficients,
    }
    opened = onnxruntime.InferenceSession(tmp_path / "sharing.onnx", providers=["CPUExecutionProvider"])
    (got,) = opened.run(["scores"], {name: one.numpy() for name, one in feeds.items()})
    np.testing.assert_allclose(got[0], expected, rtol=1e-3, atol=1e-4)


def test_prototypes_give_back_the_coefficients_they_were_drawn_with():
    model = SiteModel.load()
    drawn = 0.7 * np.random.default_rng(3).normal(size=SHAPE_SIZE)
    points = model.shape(drawn)
    everywhere = np.ones(len(points), dtype=bool)
    np.testing.assert_allclose(prototype_coefficients(points, everywhere), drawn, atol=0.3)
    front = points[:, 1] < 0
    error = model.shape(prototype_coefficients(points, front)) - points
    assert np.sqrt((error[front] ** 2).sum(axis=1)).mean() < 0.002
    assert not prototype_coefficients(model.shape_mean, everywhere).any()


def test_tokens_are_means_over_measured_sites():
    features = np.array([[1.0, 0.0], [3.0, 2.0], [9.0, 9.0]], np.float32)
    tokens = prototype_tokens(features, np.array([2, 2, 5], np.uint8), np.array([True, True, False]))
    np.testing.assert_allclose(tokens[2], [2.0, 1.0])
    assert not tokens[5].any() and tokens.shape == (CLASS_COUNT, 2)
