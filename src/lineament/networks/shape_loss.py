"""The loss of the body's shape: how likely a person's own coefficients are under what is said of a crop."""

import torch
from torch import Tensor, nn

from lineament.geometry.site_model import SiteModel
from lineament.networks.image_branch import SHAPE_SIZE


class Coefficients(nn.Module):
    """Prototypes to the leading coefficients of the site model, by least squares over all sites."""

    def __init__(self, model: SiteModel) -> None:
        super().__init__()
        basis = torch.as_tensor(model.shape_basis[:SHAPE_SIZE], dtype=torch.float64).flatten(1)
        self.register_buffer("solve", torch.linalg.pinv(basis.T).float(), persistent=False)
        self.register_buffer("mean", torch.as_tensor(model.shape_mean).float(), persistent=False)

    def forward(self, points: Tensor) -> Tensor:
        """Rest sites (B, N, 3) metres to coefficients (B, 40), about unit variance over people."""
        return (points - self.mean).flatten(1) @ self.solve.T


def shape_loss(mean: Tensor, spread: Tensor, truth: Tensor, usable: Tensor) -> Tensor:
    """Negative log density of `truth` (B, 40) under independent normals of `mean` and log standard deviation
    `spread` (B, 40), the constant left out, over the pictures that are `usable` (B,) bool.
    """
    loss = 0.5 * ((truth - mean) * torch.exp(-spread)).square() + spread
    return (loss.mean(dim=1) * usable).sum() / usable.sum().clamp(min=1)
