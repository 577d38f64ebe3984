"""The network of both domains: shapes, what is shared, where residual use starts, ONNX of the 2D branch."""

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
from torch import nn  # noqa: E402

from lineament.networks.jam import CrossAttention, JointAttention  # noqa: E402
from lineament.networks.joint_entropy import joint_entropy  # noqa: E402
from lineament.networks.pointnet2 import Level, PointNet2  # noqa: E402
from lineament.networks.pose_robust import PoseRobustNetwork, PoseRobustSettings  # noqa: E402
from lineament.networks.reshaping import CanonicalReshaping  # noqa: E402

pytestmark = pytest.mark.train

CHANNELS, SIZE = 16, 12


class Backbone(nn.Module):
    """Two layers for pictures of 8 pixels; a map of 2 x 2."""

    def __init__(self):
        super().__init__()
        self.map = nn.Sequential(nn.Conv2d(3, CHANNELS, 4, 4), nn.PReLU(CHANNELS))
        self.embedding = nn.Sequential(nn.Flatten(), nn.Linear(4 * CHANNELS, SIZE))

    def features(self, crop):
        return self.map(crop)

    def forward(self, crop):
        return self.embedding(self.features(crop))


def network(attention=None, residual=None):
    torch.manual_seed(0)
    settings = PoseRobustSettings(CHANNELS, 2, 2, compressed=6, embedding_size=SIZE, residual=residual)
    points = PointNet2((Level(10, 1.0, 4, (8,)), Level(4, 2.0, 4, (8,))))
    reshaping = CanonicalReshaping(8, CHANNELS, torch.rand(30, 2) * 2 - 1, height=2, width=2)
    made = JointAttention(CHANNELS) if attention is None else attention
    return PoseRobustNetwork(Backbone(), made, points, reshaping, settings)


def some(batch=4, seed=1):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(batch, 3, 8, 8, generator=rng), torch.randn(batch, 30, 9, generator=rng)


def test_shapes_and_alone_as_together():
    both = network()
    crops, clouds = some()
    both.train()(crops, clouds)
    out = both.eval()(crops, clouds[:3])
    assert out.image.shape == (4, SIZE) and out.cloud.shape == (3, SIZE)
    assert out.image_attention.shape == (4, 4, 4) and out.cloud_attention.shape == (3, 4, 4)
    torch.testing.assert_close(both.forward_2d(crops), out.image)
    torch.testing.assert_close(both.forward_3d(clouds[:3]), out.cloud)
    with pytest.raises(ValueError, match="above 0"):
        PoseRobustSettings(0)


def test_shared_weights_learn_from_either_domain():
    """In use, not in training, where both domains also meet in the shared statistics."""
    shared = ("attention.query", "attention.key", "shared.")
    for index, own, foreign in ((0, "backbone.map", "points."), (1, "points.", "backbone.map")):
        both = network().eval()
        both(*some())[index].square()[:, 0].sum().backward()
        moved = {name for name, p in both.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
        assert {name for name, _ in both.named_parameters() if name.startswith(shared)} <= moved
        assert any(name.startswith(own) for name in moved)
        assert not any(name.startswith(foreign) for name in moved)


def test_joint_entropy_reaches_both_branches():
    both = network().train()
    out = both(*some())
    joint_entropy(out.image_attention, out.cloud_attention).loss("information").backward()
    for part in (both.backbone.map, both.points, both.attention.query):
        assert all(
            torch.isfinite(p.grad).all() and p.grad.abs().sum() > 0 for p in part.parameters() if p.dim() > 1
        )


def test_residual_use_starts_from_the_backbone_exactly():
    both = network(residual=0.0)
    crops, clouds = some()
    out = both.train()(crops, clouds)
    assert torch.equal(out.image, both.backbone(crops))
    out.image.square().sum().backward()
    assert both.opening.grad.abs().min() > 0
    torch.optim.SGD(both.parameters(), 0.1).step()
    moved = both(crops, clouds).image - both.backbone(crops)
    assert moved.abs().max() > 1e-3
    half = network(residual=0.5).eval()
    told = 2 * (half.forward_2d(crops) - half.backbone(crops))
    torch.testing.assert_close(told, network().eval().forward_2d(crops), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("attention", "attends"),
    [
        (JointAttention(CHANNELS, domains=()), (False, False)),
        (JointAttention(CHANNELS, domains=("image",)), (True, False)),
        (CrossAttention(CHANNELS), (True, True)),
    ],
)
def test_ablations(attention, attends):
    both = network(attention).eval()
    crops, clouds = some()
    out = both(crops, clouds)
    assert tuple(one is not None for one in out[2:]) == attends
    other = both(crops, clouds.flip(0)).image
    assert torch.equal(out.image, other) != isinstance(attention, CrossAttention)
    assert both.forward_2d(crops).shape == out.image.shape


def test_onnx_of_the_deployed_branch_agrees(tmp_path):
    both = network(residual=0.3)
    crops, clouds = some()
    both.train()(crops, clouds)
    deployed = both.eval().deployed()
    assert not any("points" in name or "reshaping" in name for name in deployed.state_dict())
    assert deployed.network.backbone is not both.backbone and hasattr(both, "points")
    path = tmp_path / "image.onnx"
    torch.onnx.export(
        deployed,
        (crops,),
        path,
        input_names=["crop"],
        output_names=["embedding"],
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"crop": crops[:3].numpy()})
    with torch.no_grad():
        expected = both.forward_2d(crops[:3])
    np.testing.assert_allclose(got, expected.numpy(), rtol=1e-4, atol=1e-5)
