"""The body's shape as a picture tells it: coefficients of the site model, each with its own uncertainty."""

import torch
from torch import Tensor, nn

SHAPE_SIZE = 40
"""Leading coefficients of the site model that are compared."""


class ShapeHead(nn.Module):
    """inputs: numbers that describe a picture. The body is a guess within its spread: clothes hide it."""

    def __init__(self, inputs: int, hidden: int = 96) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(inputs, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 2 * SHAPE_SIZE),
        )
        nn.init.normal_(self.layers[-1].weight, std=1e-3)

    def forward(self, described: Tensor) -> tuple[Tensor, Tensor]:
        """(B, inputs) to mean and log standard deviation, (B, 40) each."""
        mean, spread = self.layers(described).chunk(2, dim=1)
        return mean, spread.clamp(-3.0, 1.0)


def shape_loss(mean: Tensor, spread: Tensor, truth: Tensor) -> Tensor:
    """Negative log density of `truth` (B, 40) under independent normals of `mean` and log standard deviation
    `spread` (B, 40), the constant left out.
    """
    return (0.5 * ((truth - mean) * torch.exp(-spread)).square() + spread).mean()


def likelihood_ratio(mean: Tensor, spread: Tensor, truth: Tensor) -> Tensor:
    """(B, K) mean over the coefficients of log N(z; mean, spread) - log N(z; 0, 1), for what B pictures say,
    (B, 40) each, and K prototypes `truth` (K, 40): how much better a shape fits than anybody's.
    """
    z = truth[None]
    own = -0.5 * ((z - mean[:, None]) * torch.exp(-spread)[:, None]).square() - spread[:, None]
    return (own + 0.5 * z.square()).mean(dim=-1)
