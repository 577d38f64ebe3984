import pytest

torch = pytest.importorskip("torch")

from lineament.networks.face_alignment import (  # noqa: E402
    SMALLEST_SPREAD,
    TRUNK_CHANNELS,
    VIEW,
    AlignmentHead,
    Alignments,
    AlignmentTrunk,
    FaceAlignment,
    alignment_loss,
)

pytestmark = pytest.mark.train


def made_up(landmarks=3):
    """Outputs and goals that lie off the kinks of the absolute values."""
    generator = torch.Generator().manual_seed(1)

    def random(*shape):
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    outputs = (10 * random(2, landmarks, 2), 1 + random(2, landmarks), random(2, landmarks), random(2, 2, 3))
    goals = (20 + random(2, landmarks, 2), (random(2, landmarks) > 0.5).double(), random(2, 2, 3))
    return outputs, goals


def test_gradients_of_the_losses():
    outputs, goals = made_up()
    for one in outputs:
        one.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda *values: tuple(alignment_loss(Alignments(*values), *goals).values()), outputs
    )


def test_losses_by_hand():
    out = Alignments(
        torch.tensor([[[3.0, 4.0], [0.0, 0.0]]]),
        torch.tensor([[2.0, 1.0]]),
        torch.tensor([[0.5, 0.5]]),
        torch.zeros(1, 2, 3),
    )
    losses = alignment_loss(out, torch.zeros(1, 2, 2), torch.tensor([[1.0, 0.0]]), torch.ones(1, 2, 3))
    # (1 x (7 / 2 + 2 log 2) + 0.5 x 0) / 1.5; log 2; six ones
    assert float(losses["landmarks"]) == pytest.approx((3.5 + 2 * 0.6931472) / 1.5)
    assert float(losses["visible"]) == pytest.approx(0.6931472)
    assert float(losses["rotation"]) == pytest.approx(6.0)


def test_spread_of_least_loss_is_half_the_distance():
    """Of a Laplace likelihood in two coordinates: the mean absolute error of one of them."""
    spread = torch.linspace(0.5, 8, 76).reshape(-1, 1)
    count = len(spread)
    out = Alignments(
        torch.tensor([6.0, 0.0]).expand(count, 1, 2),
        spread,
        torch.full((count, 1), 0.5),
        torch.zeros(count, 2, 3),
    )
    each = [
        alignment_loss(
            Alignments(*(part[i : i + 1] for part in out)),
            torch.zeros(1, 1, 2),
            torch.ones(1, 1),
            torch.zeros(1, 2, 3),
        )["landmarks"]
        for i in range(count)
    ]
    assert float(spread[int(torch.stack(each).argmin())]) == pytest.approx(3.0, abs=0.06)


def test_outputs_have_their_shapes_and_bounds():
    network = FaceAlignment(AlignmentTrunk(), AlignmentHead(5)).eval()
    view = 255 * torch.rand(2, 3, VIEW, VIEW)
    with torch.no_grad():
        assert network.trunk(view).shape == (2, TRUNK_CHANNELS, VIEW // 16, VIEW // 16)
        out = network(view)
    assert [tuple(one.shape) for one in out] == [(2, 5, 2), (2, 5), (2, 5), (2, 2, 3)]
    assert out.spread.min() > SMALLEST_SPREAD and 0 <= out.visible.min() <= out.visible.max() <= 1


def test_first_blocks_stay_as_they_came():
    network = FaceAlignment(AlignmentTrunk(), AlignmentHead(5)).train()
    before = [weight.clone() for weight in network.trunk.blocks[0].parameters()]
    out = network(255 * torch.rand(2, 3, VIEW, VIEW))
    sum(one.sum() for one in out).backward()
    torch.optim.SGD([w for w in network.parameters() if w.requires_grad], 0.1).step()
    assert all(torch.equal(a, b) for a, b in zip(before, network.trunk.blocks[0].parameters(), strict=True))
    assert network.trunk.blocks[8].expand.weight.grad.abs().sum() > 0
