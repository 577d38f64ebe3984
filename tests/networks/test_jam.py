"""Joint attention: by hand on a 2x2 grid, gradients, and what is shared."""

from math import log

import pytest

torch = pytest.importorskip("torch")
from lineament.networks.jam import CrossAttention, JointAttention  # noqa: E402

pytestmark = pytest.mark.train


def filled(block, query, key, image, cloud):
    """One channel, so that every convolution is one number."""
    for layer, number in (
        (block.query, query),
        (block.key, key),
        (block.value["image"], image),
        (block.value["cloud"], cloud),
    ):
        torch.nn.init.constant_(layer.weight, number)
    return block


def test_two_by_two_by_hand():
    """z = (0, 1, 0, 1); Q = z, K = log(3) z, so that the products of queries 0 and 1 with all keys are
    (0, 0, 0, 0) and (0, log 3, 0, log 3): weights (1, 1, 1, 1) / 4 and (1, 3, 1, 3) / 8.
    V_2D = 2 z = (0, 2, 0, 2): means 4/4 = 1 and 12/8 = 1.5; with gamma 0.5, J_2D = 0.5 * (1, 1.5) + (0, 1).
    V_3D = -4 z = (0, -4, 0, -4): means -2 and -3; J_3D = 0.5 * (-2, -3) + (0, 1).
    """
    block = filled(JointAttention(1, gamma=0.5), 1.0, log(3.0), 2.0, -4.0)
    z = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])
    image, cloud = block(z, z)
    even, drawn = [0.25] * 4, [0.125, 0.375, 0.125, 0.375]
    torch.testing.assert_close(image.attention, torch.tensor([[even, drawn, even, drawn]]))
    torch.testing.assert_close(image.features, torch.tensor([[[[0.5, 1.75], [0.5, 1.75]]]]))
    torch.testing.assert_close(cloud.features, torch.tensor([[[[-1.0, -0.5], [-1.0, -0.5]]]]))


def test_two_by_two_across_by_hand():
    """The picture (0, 1) asks the cloud (1, 0), each row twice: query 1 meets keys (log 3, 0), weights
    (3, 1) / 8, values -4 (1, 0): -4 * 6 / 8 = -3; query 0 weighs evenly: -2. The cloud asks the picture: its
    query 1 meets keys (0, log 3) and values 2 (0, 1): 1.5.
    """
    block = filled(CrossAttention(1, gamma=0.5), 1.0, log(3.0), 2.0, -4.0)
    z = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])
    image, cloud = block(z, z.flip(3))
    torch.testing.assert_close(image.features, torch.tensor([[[[-1.0, -0.5], [-1.0, -0.5]]]]))
    torch.testing.assert_close(cloud.features, torch.tensor([[[[1.75, 0.5], [1.75, 0.5]]]]))
    alone = block.attend(z, "image")
    assert alone.features is z and alone.attention is None


@pytest.mark.parametrize("kind", [JointAttention, CrossAttention])
def test_gradients(kind):
    torch.manual_seed(0)
    block = kind(8).double()
    maps = [torch.randn(1, 8, 1, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]

    def run(image, cloud, *_):
        both = block(image, cloud)
        return tuple(one for attended in both for one in attended)

    assert torch.autograd.gradcheck(run, (*maps, *block.parameters()))


def test_query_and_key_are_shared_and_values_are_not():
    torch.manual_seed(0)
    block = JointAttention(16)
    maps = torch.randn(2, 16, 3, 3)
    image, cloud = block(maps, maps)
    torch.testing.assert_close(image.attention, cloud.attention, rtol=0, atol=0)
    assert not torch.allclose(image.features, cloud.features)
    block(maps, torch.zeros_like(maps))[0].features.square().sum().backward()
    assert block.query.weight.grad.abs().sum() > 0 and block.value["image"].weight.grad.abs().sum() > 0
    block.zero_grad()
    block(torch.zeros_like(maps), maps)[1].features.square().sum().backward()
    assert block.query.weight.grad.abs().sum() > 0 and block.value["image"].weight.grad is None
    assert block.gamma["cloud"].grad.abs() > 0


def test_shapes_and_the_start():
    torch.manual_seed(0)
    block = JointAttention(512, gamma=0.0)
    maps = torch.randn(4, 512, 7, 7)
    image, _ = block(maps, maps)
    assert image.features.shape == maps.shape and image.attention.shape == (4, 49, 49)
    assert block.query.weight.shape == (64, 512, 1, 1)
    torch.testing.assert_close(image.features, maps)
    torch.testing.assert_close(image.attention.sum(dim=2), torch.ones(4, 49))
    products = torch.einsum("bdhw,bdij->bhwij", block.query(maps), block.key(maps)) / 64**0.5
    assert 0.7 < products.std().item() < 1.4
    torch.testing.assert_close(image.attention, products.flatten(3).flatten(1, 2).softmax(-1))


def test_the_image_alone_leaves_the_cloud():
    block = JointAttention(8, domains=("image",))
    image, cloud = block(torch.randn(1, 8, 2, 2), maps := torch.randn(1, 8, 2, 2))
    assert cloud.features is maps and cloud.attention is None and image.attention is not None
    assert set(block.value) == set(block.gamma) == {"image"}


def test_places_may_be_reordered():
    torch.manual_seed(0)
    block = JointAttention(8)
    maps = torch.randn(1, 8, 1, 6)
    order = torch.randperm(6)
    before, after = block.attend(maps, "image"), block.attend(maps[..., order], "image")
    torch.testing.assert_close(after.features, before.features[..., order])
    torch.testing.assert_close(after.attention, before.attention[:, order][:, :, order])
