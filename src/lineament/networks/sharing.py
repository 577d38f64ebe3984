"""Feature sharing between the parts of a picture and of a prototype, and a score for each part.

What a part looks like in the picture is read in the light of the whole prototype, and the other way round:
one cross-attention whose weights serve both directions (arXiv 2403.06658 only says that the branches share
features, so that knowledge of parts passes between image and mesh; the form is ours). Tokens are so few that
one picture is compared with a thousand prototypes in less than a tenth of a second.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.anatomy import CLASS_COUNT
from lineament.networks.image_branch import FEATURE_SIZE
from lineament.networks.lite0 import TAP_CHANNELS
from lineament.networks.shape import SHAPE_SIZE, ShapeHead, likelihood_ratio

WIDTH = 32
SHARE = -1
"""The last entry of a picture's token is the square root of the share of the crop that the part fills."""
FAR = 4.0
"""Standard deviations beyond which an input tells no more."""
SEEN_SHARE = 0.03
"""Square root of the smallest share of a part that counts as seen."""


class PictureTokens(NamedTuple):
    """What the image branch says of B crops. tokens: (B, 15, 49) features of each part, their last entry its
    share. overall: (B, 192) features of the crop.
    """

    tokens: Tensor
    overall: Tensor


class PrototypeTokens(NamedTuple):
    """K prototypes. tokens: (K, 15, 48) mean site features of each part, zero where nothing is measured.
    coefficients: (K, 40) of the site model.
    """

    tokens: Tensor
    coefficients: Tensor


class SharedParts(nn.Module):
    """Scores (B, K, 15) of every picture with every prototype: what each part, and the whole build (in place
    of the background), adds to the logit that both show one person.

    sharing: False leaves the cross-attention out, for comparison.
    """

    def __init__(self, sharing: bool = True) -> None:
        super().__init__()
        self.sharing = sharing
        token, parts = FEATURE_SIZE + 1, CLASS_COUNT - 1
        self.tokens, self.overall = _standard(parts * token), _standard(TAP_CHANNELS[-1])
        self.prototype_tokens = _standard(parts * FEATURE_SIZE)
        self.shape = ShapeHead(TAP_CHANNELS[-1] + parts * token)
        self.register_buffer("population_mean", torch.zeros(SHAPE_SIZE))
        self.register_buffer("population_spread", torch.ones(SHAPE_SIZE))
        self.name = nn.Parameter(0.02 * torch.randn(parts, WIDTH))
        self.picture = _reader(token + SHAPE_SIZE)
        self.prototype = _reader(FEATURE_SIZE + SHAPE_SIZE)
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.compared = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
        self.build = nn.Parameter(torch.tensor([3.0, 0.0]))

    def standardised(self, coefficients: Tensor) -> Tensor:
        """Coefficients (K, 40) with mean 0 and spread 1 in the population that was trained on."""
        return (coefficients - self.population_mean) / self.population_spread

    def told_shape(self, picture: PictureTokens) -> tuple[Tensor, Tensor]:
        """Mean and log standard deviation (B, 40) of the standardised coefficients."""
        mean, spread = self.shape(self._described(picture))
        return mean, spread

    def _described(self, picture: PictureTokens) -> Tensor:
        """(B, 14 * 49 + 192) standardised, the parts first."""
        tokens = self.tokens(picture.tokens[:, 1:].flatten(1)).clamp(-FAR, FAR)
        return torch.cat([tokens, self.overall(picture.overall).clamp(-FAR, FAR)], dim=1)

    def forward(self, picture: PictureTokens, prototypes: PrototypeTokens) -> Tensor:
        """(B, K, 15): entry 0 the build, the others the parts; 0 for parts that are not seen."""
        described = self._described(picture)
        mean, spread = self.shape(described)
        z = self.standardised(prototypes.coefficients)
        own = described[:, : -TAP_CHANNELS[-1]].unflatten(1, (CLASS_COUNT - 1, -1))
        theirs = self.prototype_tokens(prototypes.tokens[:, 1:].flatten(1)).clamp(-FAR, FAR)
        x = self._read(self.picture, own, mean)
        y = self._read(self.prototype, theirs.unflatten(1, (CLASS_COUNT - 1, -1)), z)
        if self.sharing:
            from_prototype, from_picture = self._shared(x, y)
            x, y = x[:, None] + from_prototype, y[None] + from_picture
        else:
            x, y = x[:, None], y[None]
        scores = self.compared(torch.cat([x * y, (x - y).abs()], dim=-1))[..., 0]
        seen = (picture.tokens[:, 1:, SHARE] > SEEN_SHARE)[:, None].to(scores.dtype)
        whole = self.build[0] * likelihood_ratio(mean, spread, z) + self.build[1]
        return torch.cat([whole[..., None], scores * seen], dim=-1)

    def _read(self, layers: nn.Module, tokens: Tensor, whole: Tensor) -> Tensor:
        every = whole[:, None].expand(-1, tokens.shape[1], -1)
        read: Tensor = layers(torch.cat([tokens, every], dim=-1))
        return read + self.name

    def _shared(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """What the parts of each picture (B, 14, d) take from each prototype (K, 14, d), and those of the
        prototype from the picture, both (B, K, 14, d).
        """
        scale = 1.0 / math.sqrt(WIDTH)
        towards = torch.einsum("bid,kjd->bkij", self.query(x) * scale, self.key(y))
        back = torch.einsum("kjd,bid->bkji", self.query(y) * scale, self.key(x))
        taken = torch.einsum("bkij,kjd->bkid", towards.softmax(dim=-1), self.value(y))
        given = torch.einsum("bkji,bid->bkjd", back.softmax(dim=-1), self.value(x))
        return taken, given


def _reader(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(0.2), nn.Linear(inputs, WIDTH))


def _standard(inputs: int) -> nn.BatchNorm1d:
    """Mean 0 and spread 1 of each input over pictures or prototypes."""
    return nn.BatchNorm1d(inputs, affine=False, momentum=0.02)


def pair_loss(scores: Tensor, person: Tensor, owner: Tensor) -> Tensor:
    """Symmetric cross-entropy of `scores` (B, K) against who is who, person (B,) and owner (K,), and for each
    pair alone; several pictures of a person share the weight of its prototype.
    """
    same = (person[:, None] == owner[None]).to(scores.dtype)
    rows = -(same / same.sum(dim=1, keepdim=True).clamp(min=1) * scores.log_softmax(dim=1)).sum(dim=1)
    shown = same.sum(dim=0) > 0
    columns = -(same / same.sum(dim=0, keepdim=True).clamp(min=1) * scores.log_softmax(dim=0)).sum(dim=0)
    separate = functional.binary_cross_entropy_with_logits(
        scores, same, pos_weight=((1 - same).sum() / same.sum().clamp(min=1))
    )
    return rows.mean() + columns[shown].mean() + 0.5 * separate
