import pytest

torch = pytest.importorskip("torch")

from lineament.errors import BadInputError  # noqa: E402
from lineament.training.machine import Machine, find_machine, joined  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_without_a_gpu_a_run_is_one_process_in_single_precision(no_gpu):
    assert find_machine(environment={}) == Machine(torch.device("cpu"), "fp32", 0, 1)
    with pytest.raises(BadInputError, match="--device cpu"):
        find_machine("cuda", environment={})


def test_a_gpu_is_taken_where_it_is_with_mixed_precision(two_gpus):
    assert find_machine(environment={}) == Machine(torch.device("cuda", 0), "bf16")
    assert find_machine("cuda", "fp32", {}) == Machine(torch.device("cuda", 0), "fp32")
    assert find_machine("cpu", environment={}).device.type == "cpu"


def test_torchrun_gives_every_process_its_gpu(two_gpus):
    said = {"LOCAL_RANK": "1", "RANK": "5", "WORLD_SIZE": "8"}
    assert find_machine(environment=said) == Machine(torch.device("cuda", 1), "bf16", 5, 8, 1)
    with pytest.raises(BadInputError, match="2 CUDA devices"):
        find_machine(environment=said | {"LOCAL_RANK": "2"})
    assert not find_machine(environment=said).leads


@pytest.mark.parametrize("wrong", [{"precision": "fp8"}, {"rank": 2, "ranks": 2}])
def test_an_impossible_machine_is_refused(wrong):
    with pytest.raises(ValueError):
        Machine(**wrong)


@pytest.mark.parametrize("precision, kind", [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_precision_is_that_of_products_inside_the_context_alone(precision, kind):
    one = torch.rand(4, 4)
    with Machine(precision=precision).autocast():
        assert (one @ one).dtype == kind
    assert (one @ one).dtype == torch.float32


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_mixed_precision_is_chosen_for_the_device_that_trains():
    context = Machine(torch.device("cuda", 0), "bf16").autocast()
    assert (context.device, context.fast_dtype) == ("cuda", torch.bfloat16)


def test_one_process_agrees_with_itself_and_joins_nobody():
    machine, values = Machine(), torch.tensor([1.0, 2.0])
    with joined(machine):
        assert not torch.distributed.is_initialized()
        machine.average([values])
        assert machine.largest(3.5) == 3.5
    assert values.tolist() == [1.0, 2.0]
