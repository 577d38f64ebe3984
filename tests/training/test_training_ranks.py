"""Several processes train as one; here two of them on one processor, which speak by gloo."""

import hashlib
import multiprocessing
import os
import signal
import socket

import pytest

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402
from stick_people import StickSource  # noqa: E402

from lineament.geometry.template import load_template  # noqa: E402
from lineament.networks.registration import RegistrationNetwork  # noqa: E402
from lineament.training.data import BatchPlan, BatchStream, loader  # noqa: E402
from lineament.training.loop import Trainer  # noqa: E402
from lineament.training.machine import Machine, joined  # noqa: E402
from lineament.training.objective import Objective  # noqa: E402
from lineament.training.progress import ProgressLine  # noqa: E402
from lineament.training.recipe import Recipe  # noqa: E402

pytestmark = pytest.mark.train
SOURCE = StickSource(height=64, width=64)
RECIPE = Recipe(steps=2, batch=4, seed=3, workers=0, gradient_limit=1e9)
RANKS = 2


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_see_together_what_one_process_sees_with_a_larger_batch(ranks):
    shared, whole = BatchPlan(0, 4, 2, ranks=ranks), BatchPlan(0, 4 * ranks, 2)
    for step in (0, 5, 8, 31):
        seen = [number for rank in range(ranks) for number in shared.numbers(step * ranks + rank)]
        assert sorted(seen) == sorted(whole.numbers(step))


@pytest.mark.parametrize("workers", [0, 2])
def test_every_rank_takes_its_own_batches_of_the_one_stream(workers):
    small, template = StickSource(height=32, width=32), load_template()
    plan = BatchPlan(seed=5, batch=2, ranks=RANKS)
    alone = BatchStream(small, template, plan)
    for rank in range(RANKS):
        stream = loader(BatchStream(small, template, plan, start=6, rank=rank), workers)
        for step in range(3):
            expected = alone.batch(small(), 6 + RANKS * step + rank)
            assert torch.equal(next(stream).image, expected.image)


def new_network():
    template = load_template()
    torch.manual_seed(RECIPE.seed)
    return RegistrationNetwork(template.positions, template.parts)


def stream(rank, ranks, start=0):
    plan = BatchPlan(RECIPE.seed, RECIPE.batch, RECIPE.uses, RECIPE.mosaics, ranks)
    return BatchStream(SOURCE, load_template(), plan, start, rank)


def digest(tensors):
    content = b"".join(tensor.detach().numpy().tobytes() for tensor in tensors.values())
    return hashlib.sha256(content).hexdigest()


class Impatient(ProgressLine):
    """Interrupts its own process, once, after a step."""

    def __init__(self, step):
        super().__init__(quiet=True)
        self.step = step

    def show(self, state, fraction, losses):
        if state.step == self.step:
            os.kill(os.getpid(), signal.SIGINT)


def train_as(rank, port, folder, interrupted, answers):
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("RANK", rank), ("WORLD_SIZE", RANKS), ("MASTER_PORT", port)):
            patch.setenv(name, str(value))
        patch.setenv("MASTER_ADDR", "127.0.0.1")
        machine = Machine(rank=rank, ranks=RANKS, local=rank)
        with joined(machine):
            trainer = Trainer(new_network(), RECIPE, "sticks", folder / f"{rank}.safetensors", machine)
            progress = Impatient(interrupted.get(rank))
            trainer.run(lambda start: iter(loader(stream(rank, RANKS, start), 0)), progress)
    state = trainer.state
    weights = digest(trainer.network.state_dict()), digest(trainer.average)
    answers.put((rank, weights, state.step, state.samples, state.smooth))


def run_ranks(folder, interrupted):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    ranks = [
        context.Process(target=train_as, args=(rank, port, folder, interrupted, answers))
        for rank in range(RANKS)
    ]
    for one in ranks:
        one.start()
    for one in ranks:
        one.join(300)
    assert [one.exitcode for one in ranks] == [0] * RANKS
    return sorted(answers.get() for _ in ranks)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks")
    return folder, run_ranks(folder, {})


def test_an_interruption_of_one_rank_stops_all_after_the_same_step(tmp_path):
    first, second = run_ranks(tmp_path, {1: 1})
    assert first[1:] == second[1:]
    assert first[2] == 1


def test_all_ranks_end_with_the_same_weights_statistics_averages_and_losses(trained):
    _, (first, second) = trained
    assert first[1:] == second[1:]
    assert first[2:4] == (RECIPE.steps, RECIPE.steps * RECIPE.batch * RANKS)


def test_the_first_rank_alone_writes(trained):
    assert [path.name for path in trained[0].iterdir()] == ["0.safetensors"]


def test_gradient_statistics_and_losses_are_the_means_of_the_ranks(trained, tmp_path):
    """After two steps the optimiser's first moment holds both mean gradients; one process repeats them."""
    folder, (first, _) = trained
    trainer = Trainer(new_network(), RECIPE, "sticks", tmp_path / "alone")
    smooth: dict[str, float] = {}
    for step in range(RECIPE.steps):
        before = {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}
        gradients, statistics, losses = [], [], []
        for rank in range(RANKS):
            trainer.network.load_state_dict(before)
            got = pass_of(trainer.network, step * RANKS + rank)
            for kept, new in zip((gradients, statistics, losses), got, strict=True):
                kept.append(new)
        trainer.network.load_state_dict(before | mean(statistics))
        averaged = mean(gradients)
        for name, parameter in trainer.network.named_parameters():
            parameter.grad = averaged.get(name)
        rate = trainer_rate(step)
        for group in trainer.optimiser.param_groups:
            group["lr"] = group["peak"] * rate
        trainer.optimiser.step()
        for name, value in mean(losses).items():
            smooth[name] = 0.98 * smooth.get(name, float(value)) + 0.02 * float(value)
    assert first[4] == pytest.approx(smooth, rel=1e-4)
    moments = [values["exp_avg"] for values in trainer.optimiser.state_dict()["state"].values()]
    with safe_open(folder / "0.safetensors", framework="pt") as file:
        stored = [
            file.get_tensor(f"optimiser.{index}.exp_avg") for index in trainer.optimiser.state_dict()["state"]
        ]
        for name, tensor in mean(statistics).items():
            torch.testing.assert_close(file.get_tensor(f"network.{name}"), tensor, rtol=1e-4, atol=1e-5)
    for one, other in zip(stored, moments, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3 * float(other.abs().max()))


def trainer_rate(step):
    from lineament.training.loop import _schedule

    return _schedule(step / RECIPE.steps, RECIPE.warm_up)


def pass_of(network, number):
    """Gradients, statistics of normalisation and losses of one batch."""
    batch = stream(0, RANKS).batch(SOURCE(), number)
    torch.manual_seed(RECIPE.seed * 1_000_003 + number)
    network.zero_grad(set_to_none=True)
    total, losses = Objective(network.train(), RECIPE, Machine())(batch)
    total.backward()
    gradients = {name: one.grad.clone() for name, one in network.named_parameters() if one.grad is not None}
    statistics = {name: one.clone() for name, one in network.named_buffers() if ".running_" in name}
    return gradients, statistics, {name: value.detach() for name, value in losses.items()}


def mean(each):
    return {name: sum(one[name] for one in each) / len(each) for name in each[0]}
