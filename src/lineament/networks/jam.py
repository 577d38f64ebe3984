"""Joint attention mapping (JAM) of image and point features (arXiv 2505.09073).

Known: J_d = gamma * softmax(Q(z_d) K(z_d)^T) V_d(z_d) + z_d for d in {2D, 3D}. Q and K are 1x1 convolutions
whose weights both domains share, V has its own weights in each. It is the self-attention block of SAGAN
(Zhang et al. 2019), in which Q and K have C/8 channels, gamma is learned and starts at 0, and nothing divides
the products.

Ours: one gamma a domain, starting above 0 (at 0 the attention of the image branch stayed shut in trials).
The products are divided by sqrt(C/8), the width of Q and K. Their weights could hold that factor, so that the
block can say the same; but steps of Adam do not shrink with the weights: undivided, with products as small at
the start, attention of clouds fell to one key within 18 steps. Q and K start so that features of unit
variance give products of unit variance. No convolution has a bias: a key's would cancel in the softmax, which
runs over keys.
"""

from collections.abc import Collection
from math import sqrt
from typing import Final, Literal, NamedTuple

import torch
from torch import Tensor, nn

Domain = Literal["image", "cloud"]
DOMAINS: Final[tuple[Domain, Domain]] = ("image", "cloud")
REDUCTION: Final = 8
GAMMA: Final = 0.1


class Attended(NamedTuple):
    """features: (B, C, H, W). attention: (B, N, N) of N = H * W places, row-major; each row (a query) sums to
    1 over its keys. None where nothing was attended to.
    """

    features: Tensor
    attention: Tensor | None


class JointAttention(nn.Module):
    """JAM; the same weights find what belongs together in pictures and in clouds.

    channels: C of the features. gamma: where the learned weight of attention starts. domains: who attends;
    the other's features pass unchanged ("image" alone is the ablation of JAM in 2D only, none at all the one
    without attention).
    """

    def __init__(self, channels: int, *, gamma: float = GAMMA, domains: Collection[Domain] = DOMAINS) -> None:
        super().__init__()
        self.query, self.key = _matching(channels), _matching(channels)
        self.value = nn.ModuleDict({domain: _pointwise(channels, channels) for domain in domains})
        self.gamma = nn.ParameterDict({domain: nn.Parameter(torch.tensor(gamma)) for domain in domains})

    def attend(self, features: Tensor, domain: Domain) -> Attended:
        """J_d and its attention map of features (B, C, H, W) in one domain."""
        if domain not in self.value:
            return Attended(features, None)
        attention = attention_map(self.query(features), self.key(features))
        told = _gathered(attention, self.value[domain](features))
        return Attended(self.gamma[domain] * told + features, attention)

    def forward(self, image: Tensor, cloud: Tensor) -> tuple[Attended, Attended]:
        """Both domains, each by itself."""
        return self.attend(image, "image"), self.attend(cloud, "cloud")


class CrossAttention(nn.Module):
    """The ablation in place of JAM: each domain asks the other (ours).

    J_2D = gamma_2D * softmax(Q(z_2D) K(z_3D)^T) V_3D(z_3D) + z_2D, and the same with the domains exchanged.
    Alone, a picture has nobody to ask: its features pass unchanged, which is how it is deployed.
    """

    def __init__(self, channels: int, *, gamma: float = GAMMA) -> None:
        super().__init__()
        self.query, self.key = _matching(channels), _matching(channels)
        self.value = nn.ModuleDict({domain: _pointwise(channels, channels) for domain in DOMAINS})
        self.gamma = nn.ParameterDict({domain: nn.Parameter(torch.tensor(gamma)) for domain in DOMAINS})

    def attend(self, features: Tensor, domain: Domain) -> Attended:
        """`features` as they are: the other domain is missing."""
        return Attended(features, None)

    def forward(self, image: Tensor, cloud: Tensor) -> tuple[Attended, Attended]:
        """Both domains' features (B, C, H, W), each with what the other told it."""
        return self._asked(image, cloud, "image", "cloud"), self._asked(cloud, image, "cloud", "image")

    def _asked(self, asking: Tensor, asked: Tensor, domain: Domain, other: Domain) -> Attended:
        attention = attention_map(self.query(asking), self.key(asked))
        told = _gathered(attention, self.value[other](asked))
        return Attended(self.gamma[domain] * told + asking, attention)


def attention_map(query: Tensor, key: Tensor) -> Tensor:
    """softmax(Q K^T / sqrt(D)) over keys: (B, N, N) from maps (B, D, H, W) of N = H * W places."""
    products = query.flatten(2).transpose(1, 2) @ key.flatten(2)
    return torch.softmax(products / sqrt(query.shape[1]), dim=-1)


def _gathered(attention: Tensor, value: Tensor) -> Tensor:
    """Values (B, C, H, W) of the keys, averaged for each query."""
    return (value.flatten(2) @ attention.transpose(1, 2)).reshape(value.shape)


def _pointwise(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 1, bias=False)


def _matching(channels: int) -> nn.Conv2d:
    """Query or key: entries of variance 1 at the start, for unit features."""
    layer = _pointwise(channels, max(channels // REDUCTION, 1))
    nn.init.normal_(layer.weight, std=channels**-0.5)
    return layer
