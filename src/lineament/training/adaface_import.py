"""The official AdaFace IR-18 checkpoint as a recogniser: the user brings the file, here it becomes ONNX and
a card.

The authors (Kim, Jain & Liu, CVPR 2022) publish .ckpt files, which are pickled. Nothing is unpickled here:
who trusts such a file converts it once to safetensors, in an environment of their own;
docs/pose-robust-faces.md has the three lines.
"""

import hashlib
import logging
import warnings
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lineament.errors import BadInputError
from lineament.networks.iresnet import EMBEDDING_SIZE, SIZE, IResNet
from lineament.runtime.recogniser_card import CARD, RecogniserCard
from lineament.writing import replacing

MODEL: Final = "model.onnx"
PREFIX: Final = "model."
"""Before the network's names in a checkpoint of the whole training; names without it are taken too."""
HEAD: Final = "head."
OPSET: Final = 18


def import_adaface(checkpoint: Path, out: Path, name: str, licence: str) -> Path:
    """Write OUT/model.onnx (input "crop", output "embedding") and OUT/card.json; returns the former.

    The card records how AdaFace's code feeds the network: 112 pixels on ArcFace's template, BGR,
    (x / 255 - 0.5) / 0.5. Its revision is the beginning of the checkpoint's sha256. Raises BadInputError, one
    line, when the checkpoint does not fit or OUT cannot be written.
    """
    network = read_checkpoint(checkpoint)
    revision = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:8]
    try:
        card = RecogniserCard(
            name=name,
            revision=revision,
            licence=licence,
            size=SIZE,
            colour_order="bgr",
            mean=127.5,
            scale=1 / 127.5,
            border="black",
            embedding_size=EMBEDDING_SIZE,
            input="crop",
            output="embedding",
        )
    except ValueError as error:
        raise BadInputError(f"{name!r} is no name of a model; use one word without '+'") from error
    try:
        out.mkdir(parents=True, exist_ok=True)
        with replacing(out / MODEL) as partial:
            export_recogniser(network, partial)
        card.save(out / CARD)
    except OSError as error:
        raise BadInputError(f"{str(out)!r} cannot be written ({error.strerror}); name another") from error
    return out / MODEL


def read_checkpoint(path: Path) -> IResNet:
    """The network of a safetensors file in AdaFace's layout, in evaluation mode; raises BadInputError."""
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read as safetensors ({error}); a .ckpt must be converted first, see "
            "docs/pose-robust-faces.md"
        ) from error
    network = IResNet()
    weights = _named(state)
    _check(weights, network.state_dict(), path)
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, strict=False)
    return network.eval()


def export_recogniser(network: IResNet, path: Path) -> None:
    """Write `network` as ONNX in single precision: "crop" (B, 3, 112, 112) to "embedding" (B, 512)."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 3, SIZE, SIZE),),
            path,
            input_names=["crop"],
            output_names=["embedding"],
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _named(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The network's tensors by its own names, without the head and without counters of training."""
    named = {name.removeprefix(PREFIX): tensor for name, tensor in state.items() if not name.startswith(HEAD)}
    return {name: tensor for name, tensor in named.items() if not name.endswith("num_batches_tracked")}


def _check(weights: dict[str, Tensor], expected: dict[str, Tensor], path: Path) -> None:
    expected = {name: one for name, one in expected.items() if not name.endswith("num_batches_tracked")}
    hint = "give an IR-18 checkpoint of AdaFace"
    missing, surplus = sorted(expected.keys() - weights), sorted(weights.keys() - expected)
    if missing or surplus:
        told = [f"lacks {missing[0]!r}" if missing else "", f"has {surplus[0]!r} too many" if surplus else ""]
        counts = f"{len(missing)} missing, {len(surplus)} unknown tensors"
        raise BadInputError(f"{path} {' and '.join(one for one in told if one)} ({counts}); {hint}")
    for name, one in expected.items():
        if weights[name].shape != one.shape:
            shapes = f"{tuple(weights[name].shape)} instead of {tuple(one.shape)}"
            raise BadInputError(f"{path}: {name!r} has the shape {shapes}; {hint}")
        if not bool(torch.isfinite(weights[name].float()).all()):
            raise BadInputError(f"{path}: {name!r} holds numbers that are not finite; the file is damaged")
