"""What a GPU would ask of a step, as far as a processor can tell."""

import pytest

torch = pytest.importorskip("torch")

from stick_people import StickSource  # noqa: E402

from lineament.geometry.template import load_template  # noqa: E402
from lineament.networks.registration import RegistrationNetwork  # noqa: E402
from lineament.training.data import BatchPlan, BatchStream  # noqa: E402
from lineament.training.machine import Machine  # noqa: E402
from lineament.training.objective import Objective  # noqa: E402
from lineament.training.recipe import Recipe  # noqa: E402

pytestmark = pytest.mark.train
RECIPE = Recipe(steps=1, batch=2, seed=3)


@pytest.fixture(scope="module")
def batch():
    source = StickSource(height=64, width=32)
    return BatchStream(source, load_template(), BatchPlan(RECIPE.seed, RECIPE.batch)).batch(source(), 0)


def gradients(batch, precision):
    template = load_template()
    torch.manual_seed(RECIPE.seed)
    network = RegistrationNetwork(template.positions, template.parts).train()
    total, losses = Objective(network, RECIPE, Machine(precision=precision))(batch)
    total.backward()
    found = {name: one.grad for name, one in network.named_parameters() if one.grad is not None}
    return {name: float(one.detach()) for name, one in losses.items()}, found


def test_bf16_learns_the_same_and_keeps_gradients_in_single_precision(batch):
    losses, exact = gradients(batch, "fp32")
    rough_losses, rough = gradients(batch, "bf16")
    assert rough_losses == pytest.approx(losses, rel=0.05)
    assert all(one.dtype == torch.float32 and torch.isfinite(one).all() for one in rough.values())
    one, other = (torch.cat([values[name].flatten() for name in exact]) for values in (exact, rough))
    assert float(torch.cosine_similarity(one, other, dim=0)) > 0.9
    assert not torch.equal(one, other)


def test_a_step_makes_every_tensor_on_the_device_of_its_batch(batch):
    """A tensor that is made without saying where lies on a device of its own here, and meets no other."""
    template = load_template()
    objective = Objective(RegistrationNetwork(template.positions, template.parts), RECIPE, Machine())
    with torch.device("meta"):
        total, _ = objective(batch)
        total.backward()
    assert torch.isfinite(total)


def test_a_batch_moves_as_a_whole(batch):
    moved = batch.to(torch.device("meta"))
    assert {one.device.type for one in (*moved[:-2], *moved.prototypes, *moved.rivals)} == {"meta"}
    assert [one.shape for one in moved.prototypes] == [one.shape for one in batch.prototypes]
    assert type(moved) is type(batch)
