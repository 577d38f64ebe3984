"""The network of arXiv 2505.09073: faces of pictures and of clouds to embeddings through shared attention.

Known: a 2D branch (IR-18 there) and a 3D branch (PointNet++ and a reshaping block) give maps of one size;
joint attention mapping; then a compression layer and a fully connected layer that both domains share; one
classification head a domain (`lineament.networks.adaface`; they stay outside). The 2D branch alone is
deployed.

Ours, where the texts are silent: compression is a 1x1 convolution with batch normalisation and PReLU, the
embedding a dense layer with batch normalisation without weights, as IR-18 ends. Each domain's map is
normalised channel by channel before the shared Q and K, which otherwise meet two scales. Pictures and clouds
pass the shared layers in one batch, so that their statistics are the same in training as in use. A frozen
recogniser may keep its own embedding, to which what is learned is added.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from lineament.networks.jam import CrossAttention, Domain, JointAttention


class FaceBackbone(Protocol):
    """A module for pictures. features: crops (B, 3, S, S) to maps (B, C, H, W). embedding: the maps to the
    backbone's own embeddings (B, D), which only residual use asks for. IResNet and SFace are such.
    """

    embedding: Callable[[Tensor], Tensor]

    def features(self, crop: Tensor, /) -> Tensor:
        """The last map before the backbone's own embedding."""
        ...


@dataclass(frozen=True, slots=True)
class PoseRobustSettings:
    """channels, height, width: of both domains' maps. compressed: channels after the shared compression.
    embedding_size: D. residual: None where the shared layers give the picture's embedding; a number where the
    backbone's own embedding stays and what the shared layers say is added, times one learned factor for each
    of its D entries that starts at that number. At 0, training starts from the backbone exactly. Raises
    ValueError.
    """

    channels: int
    height: int = 7
    width: int = 7
    compressed: int = 64
    embedding_size: int = 512
    residual: float | None = None

    def __post_init__(self) -> None:
        if min(self.channels, self.height, self.width, self.compressed, self.embedding_size) < 1:
            raise ValueError(f"sizes of the network are above 0, not {self}")


class PoseRobustOutput(NamedTuple):
    """image, cloud: (B, D) embeddings, not of unit length. image_attention, cloud_attention: (B, N, N), or
    None where a domain does not attend.
    """

    image: Tensor
    cloud: Tensor
    image_attention: Tensor | None
    cloud_attention: Tensor | None


class PoseRobustNetwork(nn.Module):
    """Both branches. points and reshaping turn clouds (B, N, 9) into maps (B, C, H, W): `PointNet2` and one
    of `CanonicalReshaping` and `UnorderedReshaping`. attention: `JointAttention`, of all domains or some, or
    `CrossAttention`.
    """

    def __init__(
        self,
        backbone: FaceBackbone,
        attention: JointAttention | CrossAttention,
        points: nn.Module,
        reshaping: nn.Module,
        settings: PoseRobustSettings,
    ) -> None:
        super().__init__()
        self.backbone, self.attention, self.points, self.reshaping = backbone, attention, points, reshaping
        self.levelled = nn.ModuleDict(
            {domain: nn.BatchNorm2d(settings.channels, affine=False) for domain in ("image", "cloud")}
        )
        self.shared = SharedEmbedding(settings)
        self.opening: nn.Parameter | None = None
        if settings.residual is not None:
            self.opening = nn.Parameter(torch.full((settings.embedding_size,), settings.residual))

    def forward(self, crops: Tensor, clouds: Tensor) -> PoseRobustOutput:
        """Embeddings and attention of crops (B, 3, S, S) and clouds (B, N, 9); pair i shows one person where
        the attention maps are compared.
        """
        features = self.backbone.features(crops)
        image = self.levelled["image"](features)
        cloud = self.levelled["cloud"](self.reshaping(self.points(clouds)))
        seen, felt = self.attention(image, cloud)
        both = self.shared(torch.cat([seen.features, felt.features]))
        told, solid = both[: len(crops)], both[len(crops) :]
        return PoseRobustOutput(self._added(features, told), solid, seen.attention, felt.attention)

    def forward_2d(self, crops: Tensor) -> Tensor:
        """Embeddings (B, D) of pictures alone, not of unit length."""
        features = self.backbone.features(crops)
        return self._added(features, self.shared(self._attended(features, "image")))

    def forward_3d(self, clouds: Tensor) -> Tensor:
        """Embeddings (B, D) of clouds alone, not of unit length."""
        embedded: Tensor = self.shared(self._attended(self.reshaping(self.points(clouds)), "cloud"))
        return embedded

    def deployed(self) -> nn.Module:
        """A copy for inference whose forward is `forward_2d`, without the 3D branch."""
        return _Deployed(self).eval()

    def _attended(self, features: Tensor, domain: Domain) -> Tensor:
        return self.attention.attend(self.levelled[domain](features), domain).features

    def _added(self, features: Tensor, told: Tensor) -> Tensor:
        return told if self.opening is None else self.backbone.embedding(features) + self.opening * told


class SharedEmbedding(nn.Module):
    """Maps (B, C, H, W) of either domain to embeddings (B, D) with the same weights."""

    def __init__(self, settings: PoseRobustSettings) -> None:
        super().__init__()
        places = settings.height * settings.width
        self.compression = nn.Sequential(
            nn.Conv2d(settings.channels, settings.compressed, 1, bias=False),
            nn.BatchNorm2d(settings.compressed),
            nn.PReLU(settings.compressed),
        )
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(settings.compressed * places, settings.embedding_size, bias=False),
            nn.BatchNorm1d(settings.embedding_size, affine=False),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Compressed, then embedded."""
        embedded: Tensor = self.dense(self.compression(maps))
        return embedded


class _Deployed(nn.Module):
    def __init__(self, network: PoseRobustNetwork) -> None:
        super().__init__()
        shallow = copy.copy(network)
        shallow._modules = {
            name: module for name, module in network._modules.items() if name not in ("points", "reshaping")
        }
        self.network = copy.deepcopy(shallow)

    def forward(self, crops: Tensor) -> Tensor:
        return self.network.forward_2d(crops)
