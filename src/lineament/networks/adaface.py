"""Margin heads over people: AdaFace, and ArcFace and CosFace beside it.

All take embeddings (B, D) that are not normalised and labels (B,), and give logits (B, people) for a cross
entropy. theta is the angle between an embedding and the learned direction of a person; only the logit of the
true person gets a margin.
"""

from abc import ABC, abstractmethod
from math import pi
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALE: Final = 64.0
EDGE: Final = 1e-3
"""Keeps cosines from -1 and 1 and angles from 0 and pi, where the arc cosine has no gradient."""
SMALLEST_NORM: Final = 0.001
LARGEST_NORM: Final = 100.0


class MarginHead(nn.Module, ABC):
    """What the heads share: a learned direction a person, and logits s * cos(theta).

    size: D. people: number of labels. scale: s. Raises ValueError for fewer than two people.
    """

    def __init__(self, size: int, people: int, scale: float = SCALE) -> None:
        super().__init__()
        if people < 2:
            raise ValueError(f"a head tells at least 2 people apart, not {people}")
        self.scale = scale
        self.directions = nn.Parameter(functional.normalize(torch.randn(people, size), dim=1))

    def forward(self, embedding: Tensor, labels: Tensor) -> Tensor:
        """Logits (B, people)."""
        cosines = functional.linear(functional.normalize(embedding), functional.normalize(self.directions))
        cosines = cosines.clamp(EDGE - 1.0, 1.0 - EDGE)
        own = cosines.gather(1, labels[:, None])
        return self.scale * cosines.scatter(1, labels[:, None], self.own_score(own, embedding))

    @abstractmethod
    def own_score(self, cosine: Tensor, embedding: Tensor) -> Tensor:
        """cos(theta) (B, 1) of the true people, less the margin."""


class AdaFace(MarginHead):
    """AdaFace (Kim, Jain & Liu, CVPR 2022): the margin follows the norm, which stands for quality.

    The true person's logit is s * (cos(theta - m k) - (m + m k)), with
    k = clip(h (|z| - mu) / (sigma + eps), -1, 1).
    Known (published form and its authors' code): m = 0.4, h = 0.333, s = 64, eps = 0.001, norms clipped to
    [0.001, 100] and detached; mu and sigma are running means of each batch's mean and deviation with momentum
    0.01 (t_alpha), from 20 and 100. Ours: a batch of one does not move them.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        size: int,
        people: int,
        *,
        margin: float = 0.4,
        h: float = 0.333,
        scale: float = SCALE,
        momentum: float = 0.01,
    ) -> None:
        super().__init__(size, people, scale)
        self.margin, self.h, self.momentum = margin, h, momentum
        self.register_buffer("mean", torch.tensor(20.0))
        self.register_buffer("deviation", torch.tensor(100.0))

    def own_score(self, cosine: Tensor, embedding: Tensor) -> Tensor:
        """cos(theta - m k) - (m + m k); in training the batch's norms first move mu and sigma."""
        norms = embedding.detach().norm(dim=1, keepdim=True).clamp(SMALLEST_NORM, LARGEST_NORM)
        if self.training and len(norms) > 1:
            self.mean.lerp_(norms.mean(), self.momentum)
            self.deviation.lerp_(norms.std(), self.momentum)
        k = (self.h * (norms - self.mean) / (self.deviation + EDGE)).clamp(-1.0, 1.0)
        angle = (cosine.acos() - self.margin * k).clamp(EDGE, pi - EDGE)
        return angle.cos() - (self.margin + self.margin * k)


class ArcFace(MarginHead):
    """ArcFace (Deng et al., CVPR 2019): s * cos(theta + m), m = 0.5; angles end just below pi."""

    def __init__(self, size: int, people: int, *, margin: float = 0.5, scale: float = SCALE) -> None:
        super().__init__(size, people, scale)
        self.margin = margin

    def own_score(self, cosine: Tensor, embedding: Tensor) -> Tensor:
        """cos(theta + m)."""
        return (cosine.acos() + self.margin).clamp(EDGE, pi - EDGE).cos()


class CosFace(MarginHead):
    """CosFace (Wang et al., CVPR 2018): s * (cos(theta) - m), m = 0.35."""

    def __init__(self, size: int, people: int, *, margin: float = 0.35, scale: float = SCALE) -> None:
        super().__init__(size, people, scale)
        self.margin = margin

    def own_score(self, cosine: Tensor, embedding: Tensor) -> Tensor:
        """cos(theta) - m."""
        return cosine - self.margin
