"""What is learned on top of the frozen recogniser: the method's network on kept features, and a yaw-gated
residual.
"""

from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from lineament.networks.jam import DOMAINS, CrossAttention, JointAttention
from lineament.networks.pointnet2 import FACE_LEVELS, PointFeatures, PointNet2
from lineament.networks.pose_robust import PoseRobustNetwork, PoseRobustSettings
from lineament.networks.reshaping import CanonicalReshaping, UnorderedReshaping
from lineament.networks.sface import EMBEDDING_SIZE
from lineament.training.faces.deep import GRID, Faces
from lineament.training.faces.recipe import FaceArm
from lineament.types import Float32

COMPRESSED: Final = 64
HIDDEN: Final = 256
TURNED: Final = (np.radians(20.0), np.radians(60.0))
"""Yaws between which the gate of the residual opens."""


class Learned(NamedTuple):
    """What a step of training looks at. image: (B, 128) of pictures. cloud: (K, 128) of clouds, None without
    them. image_attention, cloud_attention: (K, 49, 49) of each person's first picture and of its cloud, or
    None; of all pictures where there are no clouds.
    """

    image: Tensor
    cloud: Tensor | None = None
    image_attention: Tensor | None = None
    cloud_attention: Tensor | None = None


class KeptFaces(nn.Module):
    """A frozen backbone whose features were kept: stands where pictures would go in, and takes what `packed`
    makes of them.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self._base: Tensor | None = None

    def features(self, crop: Tensor, /) -> Tensor:
        """The kept maps (B, C, 7, 7)."""
        self._base = crop[:, :EMBEDDING_SIZE]
        return crop[:, EMBEDDING_SIZE:].unflatten(1, (self.channels, GRID, GRID))

    def embedding(self, maps: Tensor) -> Tensor:
        """The kept embeddings (B, 128) of the last crops."""
        if self._base is None or len(self._base) != len(maps):
            raise ValueError("ask for the features of these faces first")
        return self._base


def packed(faces: Faces) -> Tensor:
    """(B, 128 + C * 49): base and features of each crop in one row."""
    maps = torch.from_numpy(faces.features.astype(np.float32)).flatten(1)
    return torch.cat([torch.from_numpy(faces.base), maps], dim=1)


class FaceMethod(nn.Module):
    """Embeddings of packed faces; what is learned is added to the frozen embedding and starts at 0.

    layout: (1024, 2) of the clouds' places. views: crops of each person that follow each other in a batch.
    """

    def __init__(self, arm: FaceArm, channels: int, layout: Float32, gamma: float, views: int) -> None:
        super().__init__()
        self.arm, self.views = arm, views
        settings = PoseRobustSettings(channels, GRID, GRID, COMPRESSED, EMBEDDING_SIZE, residual=0.0)
        attention: JointAttention | CrossAttention
        if arm.attention == "cross":
            attention = CrossAttention(channels, gamma=gamma)
        else:
            domains = {"none": (), "image": DOMAINS[:1], "joint": DOMAINS}[arm.attention]
            attention = JointAttention(channels, gamma=gamma, domains=domains)
        points, size = PointNet2(), FACE_LEVELS[-1].widths[-1]
        if arm.canonical:
            reshaping: nn.Module = CanonicalReshaping(size, channels, torch.from_numpy(layout))
        else:
            reshaping = UnorderedReshaping(size, channels)
        self.network = PoseRobustNetwork(KeptFaces(channels), attention, points, reshaping, settings)
        if arm.attention == "cross":
            self.network.points = _Repeated(points, views)

    def learn(self, faces: Tensor, _yaw: Tensor, clouds: Tensor | None) -> Learned:
        """A step's look at faces (B, ...), `views` of each person in turn, and at their clouds (B / views,
        1024, 9).
        """
        if clouds is None:
            return self._alone(faces)
        crossed = self.arm.attention == "cross"
        said = self.network(faces, clouds.repeat_interleave(self.views, dim=0) if crossed else clouds)
        first = slice(None, None, self.views)
        cloud, felt = said.cloud, said.cloud_attention
        if crossed:
            cloud, felt = cloud[first], felt[first]
        seen = said.image_attention
        return Learned(said.image, cloud, None if seen is None else seen[first], felt)

    def forward(self, faces: Tensor, _yaw: Tensor) -> Tensor:
        """As deployed: pictures alone."""
        embedded: Tensor = self.network.forward_2d(faces)
        return embedded

    def clouds(self, clouds: Tensor) -> Tensor:
        """Embeddings (K, 128) of clouds (K, 1024, 9) alone."""
        embedded: Tensor = self.network.forward_3d(clouds)
        return embedded

    def gammas(self) -> dict[str, float]:
        """The learned weights of the attention by domain."""
        return {name: round(float(one.detach()), 4) for name, one in self.network.attention.gamma.items()}

    def _alone(self, faces: Tensor) -> Learned:
        if self.arm.attention != "image":
            return Learned(self.network.forward_2d(faces))
        network = self.network
        features = network.backbone.features(faces)
        seen = network.attention.attend(network.levelled["image"](features), "image")
        told = network.shared(seen.features)
        return Learned(network._added(features, told), None, seen.attention)


class _Repeated(nn.Module):
    """Clouds that come `views` times each in a row are looked at once."""

    def __init__(self, points: nn.Module, views: int) -> None:
        super().__init__()
        self.points, self.views = points, views

    def forward(self, clouds: Tensor) -> PointFeatures:
        if not self.training:
            return self.points(clouds)
        found = self.points(clouds[:: self.views])
        return PointFeatures(*(one.repeat_interleave(self.views, dim=0) for one in found))


class YawResidual(nn.Module):
    """An embedding's residual by a small network, let through as the face turns away.

    After DREAM (Cao et al., CVPR 2018), which gates by a sigmoid of the yaw; here the gate is closed below 20
    degrees and open above 60.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(EMBEDDING_SIZE, HIDDEN), nn.PReLU(HIDDEN), nn.Linear(HIDDEN, EMBEDDING_SIZE)
        )
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, faces: Tensor, yaw: Tensor) -> Tensor:
        """(B, 128) of packed faces."""
        base = faces[:, :EMBEDDING_SIZE]
        size = base.norm(dim=1, keepdim=True)
        gate = ((yaw.abs() - TURNED[0]) / (TURNED[1] - TURNED[0])).clamp(0, 1)
        added: Tensor = base + size * gate[:, None] * self.layers(base / size)
        return added

    def learn(self, faces: Tensor, yaw: Tensor, _clouds: Tensor | None) -> Learned:
        """The same."""
        return Learned(self(faces, yaw))

    def gammas(self) -> dict[str, float]:
        """It has no attention."""
        return {}


def network_of(arm: FaceArm, channels: int, layout: Float32, gamma: float, views: int) -> nn.Module:
    """The network of a learned arm."""
    return YawResidual() if arm.yaw_gated else FaceMethod(arm, channels, layout, gamma, views)
