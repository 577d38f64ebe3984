"""A run that is killed while it writes leaves a checkpoint to go on from."""

import multiprocessing
import os
import signal
import time

import pytest

torch = pytest.importorskip("torch")

from lineament.training import checkpoint  # noqa: E402
from lineament.training.checkpoint import RunState, load_checkpoint, save_checkpoint  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.fault]
SIDE = 800


def filled(step):
    """A network all of whose weights are the number of the step."""
    network = torch.nn.Linear(SIDE, SIDE)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(step)
    return network


def save(path, step):
    network = filled(step)
    optimiser = torch.optim.AdamW(network.parameters())
    average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    save_checkpoint(path, network, average, optimiser, RunState(step=step))


def loaded_step(path):
    network, average = filled(0), {}
    state = load_checkpoint(path, network, average, None)
    for tensor in [*network.state_dict().values(), *average.values()]:
        assert (tensor == state.step).all()
    return state.step


def save_for_ever(path, first):
    torch.set_num_threads(1)
    for step in range(first, 1_000_000):
        save(path, step)


def test_kill_9_at_any_moment_leaves_a_whole_checkpoint(tmp_path):
    path, step = tmp_path / "checkpoint.safetensors", 1
    save(path, step)
    for wait in (0.31, 0.17, 0.23, 0.41):
        writer = multiprocessing.get_context("fork").Process(target=save_for_ever, args=(path, step + 1))
        writer.start()
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        now = loaded_step(path)
        assert now >= step
        step = now
    assert step > 1


def half_written_and_killed(path):
    torch.set_num_threads(1)
    whole = checkpoint.save_file

    def half(tensors, file, metadata):
        whole(tensors, file, metadata=metadata)
        os.truncate(file, file.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)

    checkpoint.save_file = half
    save(path, 2)


def test_kill_9_in_the_middle_of_writing_leaves_the_former_checkpoint(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    save(path, 1)
    writer = multiprocessing.get_context("fork").Process(target=half_written_and_killed, args=(path,))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    assert loaded_step(path) == 1
    save(path, 3)
    assert loaded_step(path) == 3 and [one.name for one in tmp_path.iterdir()] == [path.name]
