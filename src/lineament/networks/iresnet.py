"""IR-18, the residual network of AdaFace (Kim, Jain & Liu, CVPR 2022) and InsightFace: crops to 512 numbers.

Known (AdaFace's published code): the input layer is convolution, batch normalisation, PReLU; eight units of
normalisation, 3x3 convolution, normalisation, PReLU, 3x3 convolution (stride 2 in the first unit of each of
four widths), normalisation, beside a shortcut; the output layer is normalisation, dropout of 0.4, one dense
layer and normalisation without weights. Layers have the names of its checkpoints, which
`training/adaface_import.py` reads.
"""

from typing import Final

from torch import Tensor, nn

SIZE: Final = 112
EMBEDDING_SIZE: Final = 512
WIDTHS: Final = (64, 128, 256, 512)
STEM: Final = 64


class IResNet(nn.Module):
    """Crops (B, 3, size, size), BGR in -1..1, to embeddings (B, 512), not of unit length.

    size: of the crops, a multiple of 16 pixels.
    """

    def __init__(self, size: int = SIZE) -> None:
        super().__init__()
        self.input_layer = nn.Sequential(_convolution(3, STEM), nn.BatchNorm2d(STEM), nn.PReLU(STEM))
        body: list[nn.Module] = []
        before = STEM
        for width in WIDTHS:
            body += [ResidualUnit(before, width, 2), ResidualUnit(width, width, 1)]
            before = width
        self.body = nn.Sequential(*body)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.Dropout(0.4),
            nn.Flatten(),
            nn.Linear(before * (size // 16) ** 2, EMBEDDING_SIZE),
            nn.BatchNorm1d(EMBEDDING_SIZE, affine=False),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, crop: Tensor) -> Tensor:
        """The map (B, 512, size / 16, size / 16) before the output layer: 7 x 7 of 112 pixels."""
        found: Tensor = self.body(self.input_layer(crop))
        return found

    def embedding(self, features: Tensor) -> Tensor:
        """The output layer."""
        embedded: Tensor = self.output_layer(features)
        return embedded

    def forward(self, crop: Tensor) -> Tensor:
        """The whole network."""
        return self.embedding(self.features(crop))


class ResidualUnit(nn.Module):
    """BasicBlockIR: maps (B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        # Pooling over one pixel only skips pixels.
        self.shortcut_layer: nn.Module = nn.MaxPool2d(1, stride)
        if inputs != outputs:
            layer = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut_layer = nn.Sequential(layer, nn.BatchNorm2d(outputs))
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(inputs),
            _convolution(inputs, outputs),
            nn.BatchNorm2d(outputs),
            nn.PReLU(outputs),
            _convolution(outputs, outputs, stride),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Residual and shortcut."""
        added: Tensor = self.res_layer(maps) + self.shortcut_layer(maps)
        return added


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
