"""Joint entropy: by hand for 2x2 maps, gradients, bounds, and collapse in both directions."""

from math import log

import pytest

torch = pytest.importorskip("torch")
from lineament.networks.joint_entropy import collapsed, joint_entropy  # noqa: E402

pytestmark = pytest.mark.train


def some(count=7, spread=1.5, seed=0, batch=2):
    rng = torch.Generator().manual_seed(seed)
    return torch.softmax(spread * torch.randn(batch, count, count, generator=rng), dim=-1)


def test_two_by_two_by_hand():
    """Two bins at -1 and 1, window 1 (half their distance). Weight 1 of N = 2 lies at log(2) / log(2) = 1,
    weight 0 is held at 1/4: at -1. A value at a bin gives it 1 / (1 + exp(-2)) = 0.8808, the other 0.1192.
    Both maps [[1, 0], [0, 1]]: pairs (1, 1) and (-1, -1), twice each. Joint: on the diagonal
    (0.8808^2 + 0.1192^2) / 2 = 0.39501, beside it 0.8808 * 0.1192 = 0.10499; marginals 0.5.
    H(A, B) = -2 * 0.39501 * ln 0.39501 - 2 * 0.10499 * ln 0.10499 = 0.73381 + 0.47328 = 1.20709,
    H(A) = H(B) = ln 2 = 0.69315, I = 1.38629 - 1.20709 = 0.17920.
    """
    one_key = torch.eye(2, dtype=torch.float64)[None]
    told = joint_entropy(one_key, one_key, bins=2)
    assert [float(x) for x in told] == pytest.approx([1.20709, 0.69315, 0.69315, 0.17920], abs=2e-5)
    assert told.loss() is told.joint and float(told.loss("information")) == -float(told.information)


def test_two_by_two_of_which_one_is_constant():
    """Weight 1/2 lies at 0, in the middle: half to either bin. Nothing is told: I = 0, H(A, B) = 2 ln 2."""
    one_key, even = torch.eye(2, dtype=torch.float64)[None], torch.full((1, 2, 2), 0.5, dtype=torch.float64)
    told = joint_entropy(one_key, even, bins=2)
    assert [float(x) for x in told] == pytest.approx([2 * log(2), log(2), log(2), 0.0], abs=1e-9)


def test_constant_attention_has_the_smallest_joint_entropy_but_no_information():
    even, map_ = torch.full((2, 7, 7), 1 / 7), some()
    constant, same, other = (
        joint_entropy(*two) for two in ((even, even), (map_, map_), (map_, some(seed=1)))
    )
    assert constant.joint < same.joint < other.joint
    assert float(constant.information) == pytest.approx(0.0, abs=1e-5)
    assert same.information > other.information > -1e-6
    assert same.loss("information") < other.loss("information") < constant.loss("information") + 1e-5


def test_gradients():
    rng = torch.Generator().manual_seed(2)
    logits = [torch.randn(1, 3, 3, generator=rng, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(
        lambda a, b: tuple(joint_entropy(a.softmax(-1), b.softmax(-1), bins=5)), tuple(logits)
    )


def test_gradients_stay_finite_at_the_ends():
    hot = (40 * torch.eye(7))[None].requires_grad_()
    joint_entropy(hot.softmax(-1), some(batch=1)).joint.backward()
    assert torch.isfinite(hot.grad).all()


def test_a_step_down_brings_agreement():
    logits = torch.randn(1, 7, 7, generator=torch.Generator().manual_seed(3)).requires_grad_()
    other = some(batch=1)
    before = joint_entropy(logits.softmax(-1), other)
    before.loss("information").backward()
    with torch.no_grad():
        after = joint_entropy((logits - 0.5 * logits.grad / logits.grad.norm()).softmax(-1), other)
    assert after.information > before.information


def test_pairs_of_large_maps_are_drawn():
    first, second = some(80, seed=4), some(80, seed=5)
    with pytest.raises(ValueError, match="generator"):
        joint_entropy(first, second)
    told = [joint_entropy(first, second, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert told[0].joint == told[1].joint != told[2].joint
    assert float(told[0].joint) == pytest.approx(float(told[2].joint), abs=0.1)
    with pytest.raises(ValueError, match="both"):
        joint_entropy(first, second[:, :5])


def test_reordered_places_change_nothing_when_both_are():
    order = torch.randperm(7, generator=torch.Generator().manual_seed(6))
    first, second = some(), some(seed=1)
    moved = (one[:, order][:, :, order] for one in (first, second))
    torch.testing.assert_close(joint_entropy(*moved), joint_entropy(first, second))


def test_collapse_is_found_in_both_directions():
    alive = collapsed(some(49))
    assert alive.reasons == () and 0.5 < alive.row_entropy < 0.95 and alive.spread > 0.5
    even = collapsed(torch.full((2, 49, 49), 1 / 49))
    assert even.reasons == ("uniform", "constant")
    assert even.row_entropy == pytest.approx(1.0, abs=1e-4) and even.spread == pytest.approx(0.0, abs=1e-4)
    assert collapsed(some(49, spread=0.1)).reasons[0] == "uniform"
    assert collapsed(some(49, spread=0.5)).reasons == ()
    single = collapsed(torch.eye(49)[None])
    assert single.reasons == ("one key",) and single.row_entropy == pytest.approx(0.0, abs=1e-6)
    same_key = torch.zeros(1, 49, 49)
    same_key[:, :, 3] = 1.0
    assert "one key" in collapsed(same_key).reasons
    assert collapsed(some(200)).reasons == ()
