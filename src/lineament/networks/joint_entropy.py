"""Joint entropy of two attention maps (arXiv 2505.09073), and whether attention has collapsed.

Known: L_JE = -E[log P(a_2D, a_3D)], P from the joint histogram of the two attention maps. The expectation is
over the histogram itself, so that L_JE is its entropy H(A, B).

Ours: one histogram a picture, over all N^2 pairs (query, key) that mean the same in both maps. A hard
histogram has no gradient: each value is shared among the bins by a Gaussian (Parzen) window, normalised over
the bins. Softmax weights lie near 1/N: bins are even in log(a N) / log N, from -1 (a = 1/N^2 and less) over 0
(uniform attention) to 1 (a single key). Since H(A, B) = H(A) + H(B) - I(A; B), constant attention makes it
smallest without any agreement of the domains; the second reading of the same regulariser, -I(A; B), does not
reward that.
"""

from math import log
from typing import Final, Literal, NamedTuple

import torch
from torch import Tensor

BINS: Final = 16
WINDOW: Final = 0.5
"""Standard deviation of the Parzen window, in bins."""
MOST_PAIRS: Final = 4096
"""Of a picture; where there are more (N > 64), so many are drawn."""

Reading = Literal["joint", "information"]

UNIFORM_FROM: Final = 0.99
"""Of the largest entropy of a row. N = 49: products of queries and keys vary by less than about 0.28."""
ONE_KEY_BELOW: Final = 0.05
"""Of the largest entropy of a row. N = 49: the first key has more than about 96 % of the weight."""
CONSTANT_BELOW: Final = 0.02
"""Nats that bins tell of a pair, where log(16) = 2.8 is the most."""


class JointEntropy(NamedTuple):
    """In nats, means over the batch: H(A, B), H(A), H(B) and I(A; B) = H(A) + H(B) - H(A, B), never below 0.

    Of P independent pairs I comes out as up to (bins - 1)^2 / 2P instead of 0: 0.05 for N = 49.
    """

    joint: Tensor
    first: Tensor
    second: Tensor
    information: Tensor

    def loss(self, reading: Reading = "joint") -> Tensor:
        """L_JE: H(A, B) as printed, or -I(A; B): the same without what constant attention would save."""
        return self.joint if reading == "joint" else -self.information


class Collapse(NamedTuple):
    """What is left of an attention map (means over the batch).

    row_entropy: of a query's weights over the keys, as a share of log N: 1 uniform, 0 one key. spread: nats
    that the bins of `joint_entropy` tell of a pair, the marginal's entropy less the window's own: 0 where all
    weights are alike. reasons: of "uniform", "one key" and "constant"; empty where attention is alive.
    """

    row_entropy: float
    spread: float
    reasons: tuple[str, ...]


def joint_entropy(
    first: Tensor, second: Tensor, *, bins: int = BINS, generator: torch.Generator | None = None
) -> JointEntropy:
    """Entropies of attention maps (B, N, N) of the two domains, rows summing to 1; place i means the same in
    both.

    Memory is about B * min(N^2, 4096) * 2 * bins numbers; above N = 64 the same 4,096 pairs are drawn in all
    pictures. Raises ValueError when the shapes do not fit, or `generator` is missing where it is needed.
    """
    if first.shape != second.shape or first.dim() != 3 or first.shape[1] != first.shape[2]:
        raise ValueError(f"attention maps are both (B, N, N), not {first.shape} and {second.shape}")
    pairs = torch.stack([first, second]).flatten(2)
    if pairs.shape[2] > MOST_PAIRS:
        if generator is None:
            raise ValueError(f"N is {first.shape[1]}: pass a generator that draws {MOST_PAIRS} of its pairs")
        drawn = torch.randperm(pairs.shape[2], generator=generator, device=generator.device)[:MOST_PAIRS]
        pairs = pairs[:, :, drawn.to(pairs.device)]
    one, other = _shares(pairs, first.shape[1], bins)
    joint = one.transpose(1, 2) @ other / pairs.shape[2]
    both, alone, beside = (_entropy(p).mean() for p in (joint.flatten(1), joint.sum(2), joint.sum(1)))
    return JointEntropy(both, alone, beside, alone + beside - both)


@torch.no_grad()
def collapsed(attention: Tensor) -> Collapse:
    """Whether attention maps (B, N, N), rows summing to 1, still tell places apart.

    "uniform": row_entropy above 0.99; "one key": below 0.05; "constant": spread below 0.02 nats.
    """
    count = attention.shape[1]
    row_entropy = float(_entropy(attention).mean()) / log(count)
    shares = _shares(attention.flatten(1)[:, :: max(count**2 // MOST_PAIRS, 1)], count, BINS)
    spread = float((_entropy(shares.mean(dim=1)) - _entropy(shares).mean(dim=1)).mean())
    found = {
        "uniform": row_entropy > UNIFORM_FROM,
        "one key": row_entropy < ONE_KEY_BELOW,
        "constant": spread < CONSTANT_BELOW,
    }
    return Collapse(row_entropy, spread, tuple(name for name, true in found.items() if true))


def _shares(weights: Tensor, count: int, bins: int) -> Tensor:
    """What each weight (...) of a row of `count` gives to the bins: (..., bins), summing to 1."""
    place = weights.clamp_min(count**-2).mul(count).log() / log(count)
    centres = torch.linspace(-1.0, 1.0, bins, dtype=weights.dtype, device=weights.device)
    width = 2.0 / (bins - 1) * WINDOW
    return torch.softmax(-0.5 * ((place[..., None] - centres) / width).square(), dim=-1)


def _entropy(probabilities: Tensor) -> Tensor:
    """In nats over the last dimension; empty bins have a finite gradient."""
    return -(probabilities * probabilities.clamp_min(1e-12).log()).sum(dim=-1)
