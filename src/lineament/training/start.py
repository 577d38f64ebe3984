"""Starting a run from the weights of another one."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from lineament.errors import BadInputError
from lineament.networks.registration import RegistrationNetwork


def start_from(network: RegistrationNetwork, checkpoint: Path) -> str:
    """Fill `network` with the averaged weights of another run where names and shapes agree; what was filled,
    in words for the record.

    Raises BadInputError when the file is not a checkpoint or has nothing in common with the network.
    """
    try:
        with safe_open(checkpoint, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            found = {
                name.removeprefix("average."): file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118
                if name.startswith("average.")
            }
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise BadInputError(f"{checkpoint} is not a checkpoint of `train registration`") from error
    own = network.state_dict()
    taken: dict[str, Tensor] = {
        name: tensor for name, tensor in found.items() if name in own and own[name].shape == tensor.shape
    }
    if not taken:
        raise BadInputError(f"{checkpoint} has no weights in common with this network; leave --start out")
    network.load_state_dict(taken, strict=False)
    return (
        f"started from {state['samples']} pictures of {state['data']}: "
        f"{len(taken)} of {len(own)} tensors, the others new"
    )
