"""EfficientNet-Lite0 (Tan & Le 2019; the Lite variant without squeeze-and-excitation and with ReLU6), as a
trunk.

Batch normalisation is folded into the convolutions when the ImageNet weights are read: frozen statistics
transfer better from renders to photographs than statistics of renders, and a step costs a third less on a
CPU.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS: tuple[tuple[int, int, int, int, int], ...] = (
    # input channels, output channels, expansion, kernel, stride
    (32, 16, 1, 3, 1),
    (16, 24, 6, 3, 2),
    (24, 24, 6, 3, 1),
    (24, 40, 6, 5, 2),
    (40, 40, 6, 5, 1),
    (40, 80, 6, 3, 2),
    (80, 80, 6, 3, 1),
    (80, 80, 6, 3, 1),
    (80, 112, 6, 5, 1),
    (112, 112, 6, 5, 1),
    (112, 112, 6, 5, 1),
    (112, 192, 6, 5, 2),
    (192, 192, 6, 5, 1),
    (192, 192, 6, 5, 1),
    (192, 192, 6, 5, 1),
)
"""Lite0 without its last block and classifier, which a dense network does not need."""

TAPS: tuple[int, ...] = (2, 4, 10, 14)
"""Blocks whose outputs leave the trunk: strides 4, 8, 16, 32."""

TAP_CHANNELS: tuple[int, ...] = tuple(BLOCKS[index][1] for index in TAPS)
FROZEN_BLOCKS = 3
WIDEST_TRAINED = 3
"""Depthwise kernels wider than this stay as ImageNet, or the start of the run, left them."""
NORM_EPSILON = 1e-3


class SameConv(nn.Conv2d):
    """Convolution with TensorFlow's SAME padding for even inputs: at stride 2 one more pixel at right and
    bottom.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        symmetric = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, symmetric, groups=groups)
        before = (kernel - stride) // 2
        self.uneven = (before, kernel - stride - before) * 2 if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, outputs, H / stride, W / stride)."""
        return super().forward(functional.pad(x, self.uneven) if self.uneven else x)


class FixedDepthwise(torch.autograd.Function):
    """Depthwise convolution at stride 1 whose kernel is not trained.

    Its gradient with respect to the input is the convolution with the turned kernel, which a CPU does ten
    times faster than the general backward pass.
    """

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        """x (B, C, H, W), weight (C, 1, k, k) with odd k, bias (C,) to (B, C, H, W)."""
        ctx.save_for_backward(weight)
        return functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2, groups=len(weight))

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, Tensor]:  # type: ignore[no-untyped-def]
        """Gradients of x and bias."""
        (weight,) = ctx.saved_tensors
        turned = weight.flip(2, 3).to(gradient.dtype)
        back = functional.conv2d(gradient, turned, padding=weight.shape[-1] // 2, groups=len(weight))
        return back, None, gradient.sum(dim=(0, 2, 3), dtype=weight.dtype)


class InvertedBlock(nn.Module):
    """Expand, depthwise, project; with a residual where shape allows."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.expand = SameConv(inputs, middle, 1) if expansion > 1 else None
        self.depthwise = SameConv(middle, middle, kernel, stride, groups=middle)
        self.project = SameConv(middle, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        y = x if self.expand is None else functional.relu6(self.expand(x))
        y = self.project(functional.relu6(self._around(y)))
        return x + y if self.residual else y

    def _around(self, y: Tensor) -> Tensor:
        layer = self.depthwise
        if self.training and layer.stride == (1, 1) and not layer.weight.requires_grad:
            return FixedDepthwise.apply(y, layer.weight, layer.bias)
        return layer(y)


class Lite0(nn.Module):
    """The trunk: stem and 15 blocks; the stem and the first three blocks stay as ImageNet left them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = SameConv(3, 32, 3, 2)
        self.blocks = nn.ModuleList(InvertedBlock(*block) for block in BLOCKS)
        for module in (self.stem, *self.blocks[:FROZEN_BLOCKS]):
            module.requires_grad_(False)
        for block in self.blocks[FROZEN_BLOCKS:]:
            # a CPU spends a third of a step on the gradients of wide depthwise kernels, which are few weights
            wide = block.depthwise.kernel_size[0] > WIDEST_TRAINED
            block.depthwise.weight.requires_grad_(not wide)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Image (B, 3, H, W) RGB 0..255, H and W multiples of 32, to features at strides 4, 8, 16, 32."""
        taps = []
        with torch.no_grad():
            x = functional.relu6(self.stem((image - 127.0) / 128.0))
            for block in self.blocks[:FROZEN_BLOCKS]:
                x = block(x)
        taps.append(x)
        for index, block in enumerate(self.blocks[FROZEN_BLOCKS:], FROZEN_BLOCKS):
            x = block(x)
            if index in TAPS:
                taps.append(x)
        return taps


def load_imagenet(trunk: Lite0, path: Path) -> None:
    """Fill `trunk` from the published checkpoint (Apache-2.0), folding each normalisation into its
    convolution.

    Raises KeyError when the file is not that checkpoint.
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    _fold(trunk.stem, state, "_conv_stem", "_bn0")
    for index, block in enumerate(trunk.blocks):
        prefix = f"_blocks.{index}."
        if block.expand is not None:
            _fold(block.expand, state, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _fold(block.depthwise, state, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _fold(block.project, state, f"{prefix}_project_conv", f"{prefix}_bn2")


@torch.no_grad()
def _fold(conv: nn.Conv2d, state: Mapping[str, Tensor], weight: str, norm: str) -> None:
    scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + NORM_EPSILON).sqrt()
    conv.weight.copy_(state[f"{weight}.weight"] * scale[:, None, None, None])
    conv.bias.copy_(state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale)
