"""Checkpoints: one safetensors file, its state as JSON in the header, replaced atomically."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from lineament.errors import BadInputError


@dataclass(slots=True)
class RunState:
    """Where a run stands: finished steps, seconds trained, pictures seen by all ranks, losses by step, what
    it was made of, the smoothed losses of now, and its pieces (`record.piece`), one a start or resumption.

    A new field needs a default: checkpoints of earlier releases stay readable.
    """

    step: int = 0
    seconds: float = 0.0
    samples: int = 0
    recipe: dict[str, object] = field(default_factory=dict)
    data: str = ""
    losses: list[dict[str, float]] = field(default_factory=list)
    smooth: dict[str, float] = field(default_factory=dict)
    pieces: list[dict[str, object]] = field(default_factory=list)


def save_checkpoint(
    path: Path,
    network: nn.Module,
    average: Mapping[str, Tensor],
    optimiser: torch.optim.Optimizer,
    state: RunState,
) -> None:
    """Write everything needed to go on; a crash or a lack of power leaves the former file."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in average.items()}
    for index, values in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in values.items()}
    # tokens belong to both branches: safetensors wants every tensor once, and plain memory order
    owned = {
        name: tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }
    header = {name: getattr(state, name) for name in RunState.__slots__}
    temporary = path.with_suffix(".partial")
    save_file(owned, temporary, metadata={"state": json.dumps(header)})
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.replace(path)


def load_checkpoint(
    path: Path, network: nn.Module, average: dict[str, Tensor], optimiser: torch.optim.Optimizer | None
) -> RunState:
    """Fill network, average and optimiser from `path`; each stays on its device.

    Without an optimiser, to release a run, what the network no longer has is left out. Raises BadInputError
    when the file is not a checkpoint of this network.
    """
    try:
        with safe_open(path, framework="pt") as file:
            state = RunState(**json.loads(file.metadata()["state"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        own = network.state_dict()
        kept, averaged = _under("network.", tensors), _under("average.", tensors)
        if optimiser is None:
            kept, averaged = ({n: one[n] for n in one if n in own} for one in (kept, averaged))
        network.load_state_dict(kept)
        if optimiser is not None:
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": _optimiser_state(tensors), "param_groups": groups})
            _match_layout(optimiser)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise BadInputError(
            f"{path} is not a checkpoint of this network; train anew with --no-resume"
        ) from error
    for name, tensor in averaged.items():
        average[name] = average[name].copy_(tensor) if name in average else tensor
    return state


def _match_layout(optimiser: torch.optim.Optimizer) -> None:
    """Give the moments the memory order of their parameters: fused AdamW walks both by address."""
    for parameter, values in optimiser.state.items():
        for name, value in values.items():
            if value.shape == parameter.shape:
                values[name] = torch.empty_like(parameter, requires_grad=False).copy_(value)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _optimiser_state(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _under("optimiser.", tensors).items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = tensor
    return state
