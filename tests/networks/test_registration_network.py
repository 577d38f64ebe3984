import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lineament.geometry.template import load_template  # noqa: E402
from lineament.networks.image_branch import ImageBranch  # noqa: E402
from lineament.networks.lite0 import BLOCKS, FROZEN_BLOCKS, FixedDepthwise, Lite0, load_imagenet  # noqa: E402
from lineament.networks.points import PointBranch, PrototypeBatch, farthest_sites, interpolation  # noqa: E402
from lineament.networks.registration import TEMPERATURE_RANGE, RegistrationNetwork  # noqa: E402
from lineament.networks.second_look import SecondLook  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    template = load_template()
    return RegistrationNetwork(template.positions, template.parts).eval()


def prototypes(count=2, seed=0):
    template = load_template()
    rng = torch.Generator().manual_seed(seed)
    sites = len(template)
    return PrototypeBatch(
        torch.from_numpy(template.positions) + 0.02 * torch.randn(count, sites, 3, generator=rng),
        torch.from_numpy(template.normals).expand(count, -1, -1),
        torch.rand(count, sites, 3, generator=rng),
        torch.ones(count),
        torch.ones(count, sites),
    )


@pytest.mark.parametrize(("height", "width"), [(192, 128), (32, 96)])
def test_image_branch_gives_unit_features_at_stride_four(network, height, width):
    with torch.no_grad():
        output = network.image(torch.rand(2, 3, height, width) * 255)
    assert output.parts.shape == (2, 15, height // 4, width // 4)
    assert output.canonical.shape == (2, 3, height // 4, width // 4)
    assert output.features.shape == (2, 48, height // 4, width // 4)
    torch.testing.assert_close(output.features.norm(dim=1), torch.ones(2, height // 4, width // 4))


def test_only_stem_and_first_blocks_stay_frozen(network):
    network.image(torch.rand(1, 3, 64, 64) * 255).parts.sum().backward()
    trunk = network.image.trunk
    assert trunk.stem.weight.grad is None
    assert all(p.grad is None for block in trunk.blocks[:FROZEN_BLOCKS] for p in block.parameters())
    for block in trunk.blocks[FROZEN_BLOCKS:]:
        for name, weight in block.named_parameters():
            wide = name == "depthwise.weight" and weight.shape[-1] == 5
            assert (weight.grad is None) == wide, name


def test_fixed_depthwise_has_the_gradients_of_the_convolution():
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(2, 3, 6, 5, dtype=torch.float64, generator=rng, requires_grad=True)
    weight = torch.randn(3, 1, 5, 5, dtype=torch.float64, generator=rng)
    bias = torch.randn(3, dtype=torch.float64, generator=rng, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, bias: FixedDepthwise.apply(x, weight, bias), (x, bias))
    expected = torch.nn.functional.conv2d(x, weight, bias, padding=2, groups=3)
    torch.testing.assert_close(FixedDepthwise.apply(x, weight, bias), expected)


def test_second_look_starts_as_the_first_and_sees_the_other_side_of_the_crop():
    torch.manual_seed(0)
    look = SecondLook(8, 6).eval()
    logits, places = torch.randn(1, 15, 32, 32), torch.randn(1, 3, 32, 32)
    pyramid = torch.zeros(1, 8, 16, 16)
    assert not look(logits, places, pyramid).any()
    torch.nn.init.ones_(look.correct.weight)
    other = logits.clone()
    other[0, :, 2, 2] += torch.arange(15.0)
    moved = (look(other, places, pyramid) - look(logits, places, pyramid)).abs().amax(dim=1)[0]
    assert moved[16, 16] > 0


def test_point_features_have_unit_length_and_follow_chosen_sites(network):
    chosen = torch.tensor([5, 900, 2047])
    with torch.no_grad():
        every = network.points(prototypes())
        some = network.points(prototypes(), chosen)
    torch.testing.assert_close(every.norm(dim=-1), torch.ones(2, len(load_template())))
    torch.testing.assert_close(some, every[:, chosen])


def test_colour_counts_only_where_it_is_known_and_measured(network):
    plain = prototypes()
    other = plain._replace(colours=1.0 - plain.colours)
    with torch.no_grad():
        assert not torch.allclose(network.points(plain), network.points(other), atol=1e-4)
        for hidden in ({"has_colour": torch.zeros(2)}, {"measured": torch.zeros_like(plain.measured)}):
            torch.testing.assert_close(
                network.points(plain._replace(**hidden)), network.points(other._replace(**hidden))
            )


def test_tokens_are_shared_by_both_branches(network):
    assert network.image.tokens is network.points.tokens
    names = [name for name, _ in network.named_parameters()]
    assert sum(name.endswith("tokens") for name in names) == 1


def test_temperature_is_bounded(network):
    with torch.no_grad():
        former = network.log_temperature.clone()
        network.log_temperature.fill_(5.0)
        assert float(network.temperature) == pytest.approx(TEMPERATURE_RANGE[1])
        network.log_temperature.copy_(former)
    assert float(network.temperature) == pytest.approx(0.07, abs=1e-6)


def test_farthest_sites_are_distinct_and_spread():
    positions = np.random.default_rng(0).random((300, 3), dtype=np.float32)
    chosen = farthest_sites(positions, 40)
    assert len(set(chosen.tolist())) == 40
    gaps = np.linalg.norm(positions[chosen][:, None] - positions[chosen][None], axis=2) + np.eye(40)
    to_nearest = np.linalg.norm(positions[:, None] - positions[chosen][None], axis=2).min(axis=1)
    assert to_nearest.max() <= gaps.min() + 1e-6


def test_interpolation_reproduces_a_known_position():
    positions = np.random.default_rng(1).random((50, 3), dtype=np.float32)
    index, weight = interpolation(positions, positions[:5])
    assert (index[:, 0] == np.arange(5)).all()
    assert (weight[:, 0] > 0.95).all()
    np.testing.assert_allclose(weight.sum(axis=1), 1.0, rtol=1e-5)


def test_imagenet_weights_fold_normalisation_exactly(tmp_path):
    """A trunk with random statistics must equal convolution followed by batch normalisation."""
    generator = torch.Generator().manual_seed(3)
    state = {}

    def convolution(name, norm, outputs, inputs, kernel):
        state[f"{name}.weight"] = torch.randn(outputs, inputs, kernel, kernel, generator=generator) * 0.1
        for key in ("weight", "running_var"):
            state[f"{norm}.{key}"] = torch.rand(outputs, generator=generator) + 0.5
        for key in ("bias", "running_mean"):
            state[f"{norm}.{key}"] = torch.randn(outputs, generator=generator)

    convolution("_conv_stem", "_bn0", 32, 3, 3)
    for index, (inputs, outputs, expansion, kernel, _) in enumerate(BLOCKS):
        middle, prefix = inputs * expansion, f"_blocks.{index}."
        if expansion > 1:
            convolution(f"{prefix}_expand_conv", f"{prefix}_bn0", middle, inputs, 1)
        convolution(f"{prefix}_depthwise_conv", f"{prefix}_bn1", middle, 1, kernel)
        convolution(f"{prefix}_project_conv", f"{prefix}_bn2", outputs, middle, 1)
    torch.save(state, tmp_path / "lite0.pth")
    trunk = Lite0()
    load_imagenet(trunk, tmp_path / "lite0.pth")
    image = torch.rand(1, 3, 32, 32, generator=generator) * 255
    padded = torch.nn.functional.pad((image - 127) / 128, (0, 1, 0, 1))
    plain = torch.nn.functional.conv2d(padded, state["_conv_stem.weight"], stride=2)
    expected = torch.nn.functional.batch_norm(
        plain, *(state[f"_bn0.{key}"] for key in ("running_mean", "running_var", "weight", "bias")), eps=1e-3
    )
    with torch.no_grad():
        torch.testing.assert_close(trunk.stem((image - 127) / 128), expected, rtol=1e-4, atol=1e-4)


def test_branches_take_gradients():
    template = load_template()
    tokens = torch.nn.Parameter(torch.randn(15, 48))
    points = PointBranch(template.positions, template.parts, tokens)
    points(prototypes(1), torch.arange(0, 2048, 100))[..., 0].sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in points.parameters())
    image = ImageBranch(tokens)
    image(torch.rand(2, 3, 64, 64) * 255).features[:, 0].sum().backward()
    assert torch.isfinite(tokens.grad).all()
