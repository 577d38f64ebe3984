"""Where a run trains: a CPU, a GPU, or several of them as one process each."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor, distributed

from lineament.errors import BadInputError

Precision = Literal["fp32", "bf16"]
DeviceChoice = Literal["auto", "cpu", "cuda"]
PrecisionChoice = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class Machine:
    """The part of a run that this process has: its device, and its rank among `ranks` equal processes.

    precision: "bf16" computes the image branch in bfloat16 and keeps weights, losses and the rest in float32.
    local: rank among the processes of this computer.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    precision: Precision = "fp32"
    rank: int = 0
    ranks: int = 1
    local: int = 0

    def __post_init__(self) -> None:
        if self.precision not in get_args(Precision):
            raise ValueError(f"precision is fp32 or bf16, not {self.precision!r}")
        if not 0 <= self.rank < self.ranks:
            raise ValueError(f"rank {self.rank} is not one of {self.ranks}")

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def drawing(self, render: str) -> str:
        """The device that draws for this process: its own GPU when CUDA is to draw."""
        return f"cuda:{self.local}" if render == "cuda" else "cpu"

    def autocast(self) -> torch.autocast:
        """A context in which the network computes in this precision."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace float tensors by their means over all ranks, in place."""
        if self.ranks > 1:
            flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
            distributed.all_reduce(flat)
            parts = (flat / self.ranks).split([tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def largest(self, value: float) -> float:
        """The largest of all ranks' values, for what they must agree on."""
        if self.ranks == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.all_reduce(shared, distributed.ReduceOp.MAX)
        return float(shared)


def find_machine(
    device: DeviceChoice = "auto",
    precision: PrecisionChoice = "auto",
    environment: Mapping[str, str] = os.environ,
) -> Machine:
    """This process's part, by what torchrun says in the `environment`; alone where it says nothing.

    device "auto": CUDA where it is. precision "auto": bfloat16 on CUDA, float32 on a CPU (where bfloat16 is
    slower). Raises BadInputError for a device that is not there.
    """
    local = int(environment.get("LOCAL_RANK", "0"))
    if device == "cuda" and not torch.cuda.is_available():
        raise BadInputError("no CUDA device can be used here; train with --device cpu")
    chosen = torch.device("cpu")
    if device == "cuda" or (device == "auto" and torch.cuda.is_available()):
        if local >= torch.cuda.device_count():
            raise BadInputError(
                f"there are {torch.cuda.device_count()} CUDA devices; start no more processes than that"
            )
        chosen = torch.device("cuda", local)
    if precision == "auto":
        precision = "bf16" if chosen.type == "cuda" else "fp32"
    rank, ranks = int(environment.get("RANK", "0")), int(environment.get("WORLD_SIZE", "1"))
    return Machine(chosen, precision, rank, ranks, local)


@contextmanager
def joined(machine: Machine) -> Iterator[None]:
    """Within this block the ranks of a run can speak with each other; nothing happens for one alone."""
    if machine.device.type == "cuda":
        torch.cuda.set_device(machine.device)
    if machine.ranks == 1:
        yield
        return
    distributed.init_process_group("nccl" if machine.device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()
