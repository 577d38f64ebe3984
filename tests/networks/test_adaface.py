"""Margin heads: logits by hand, detached norms, running statistics, gradients."""

from math import acos, cos

import pytest

torch = pytest.importorskip("torch")
from torch.nn import functional  # noqa: E402

from lineament.networks.adaface import AdaFace, ArcFace, CosFace  # noqa: E402

pytestmark = pytest.mark.train


def two_people(head):
    """Directions along the axes; the embedding (6, 8) has norm 10 and cosines 0.6 and 0.8."""
    head.directions.data = 2.0 * torch.eye(2)
    return head.eval(), torch.tensor([[6.0, 8.0]]), torch.tensor([0])


@pytest.mark.parametrize(
    ("head", "own"),
    [(ArcFace(2, 2), cos(acos(0.6) + 0.5)), (CosFace(2, 2), 0.6 - 0.35)],
)
def test_fixed_margins_by_hand(head, own):
    head, embedding, labels = two_people(head)
    torch.testing.assert_close(head(embedding, labels), torch.tensor([[64 * own, 64 * 0.8]]))


@pytest.mark.parametrize(
    ("mean", "deviation", "k"),
    [(10.0, 2.0, 0.0), (7.0, 1.999, 0.333 * 1.5), (1.0, 0.5, 1.0), (99.0, 0.5, -1.0)],
)
def test_adaface_by_hand(mean, deviation, k):
    """(10 - 7) / (1.999 + 0.001) = 1.5; far norms are clipped at k = 1 and -1."""
    head, embedding, labels = two_people(AdaFace(2, 2))
    head.mean.fill_(mean)
    head.deviation.fill_(deviation)
    own = cos(acos(0.6) - 0.4 * k) - (0.4 + 0.4 * k)
    torch.testing.assert_close(head(embedding, labels), torch.tensor([[64 * own, 64 * 0.8]]))


def test_statistics_run_in_training_only():
    head = AdaFace(2, 2)
    embedding, labels = torch.tensor([[3.0, 4.0], [300.0, 400.0]]), torch.tensor([0, 1])
    head.eval()(embedding, labels)
    assert (float(head.mean), float(head.deviation)) == (20.0, 100.0)
    head.train()(embedding[:1], labels[:1])
    assert (float(head.mean), float(head.deviation)) == (20.0, 100.0)
    head(embedding, labels)
    # Norms 5 and 500, held at 100: mean 52.5, deviation 67.1751.
    assert float(head.mean) == pytest.approx(0.99 * 20 + 0.01 * 52.5)
    assert float(head.deviation) == pytest.approx(0.99 * 100 + 0.01 * 67.1751, rel=1e-6)
    assert set(head.state_dict()) == {"directions", "mean", "deviation"}


def test_norms_are_detached():
    """The loss does not change along the embedding, so that its gradient is at right angles to it."""
    head = AdaFace(5, 4).eval()
    embedding = torch.randn(3, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    functional.cross_entropy(head(embedding, torch.tensor([0, 1, 3])), torch.tensor([0, 1, 3])).backward()
    along = (embedding.grad * embedding).sum(dim=1) / embedding.grad.norm(dim=1)
    assert embedding.grad.norm() > 0 and along.abs().max() < 1e-4


@pytest.mark.parametrize("kind", [AdaFace, ArcFace, CosFace])
def test_gradients(kind):
    """Of unit embeddings, whose norm differences cannot see."""
    rng = torch.Generator().manual_seed(2)
    torch.manual_seed(2)
    head = kind(4, 3, scale=2.0).double().eval()
    if kind is AdaFace:
        head.mean.fill_(0.7)
        head.deviation.fill_(0.5)
    embedding = torch.randn(2, 4, generator=rng, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([2, 0])

    def run(free, *_):
        return head(functional.normalize(free), labels)

    assert torch.autograd.gradcheck(run, (embedding, head.directions))


def test_a_perfect_match_has_a_finite_gradient():
    for head in (AdaFace(2, 2), ArcFace(2, 2), CosFace(2, 2)):
        head.directions.data = torch.eye(2)
        embedding = torch.tensor([[1.0, 0.0], [0.0, -1.0]], requires_grad=True)
        head(embedding, torch.tensor([0, 1])).sum().backward()
        assert torch.isfinite(embedding.grad).all() and torch.isfinite(head.directions.grad).all()


def test_one_person_is_too_few():
    with pytest.raises(ValueError, match="2 people"):
        AdaFace(8, 1)
