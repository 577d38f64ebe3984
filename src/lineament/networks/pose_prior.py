"""The pose prior as it is trained: a small variational autoencoder of the main joints' rotations.

Its role is VPoser's (Pavlakos et al. 2019); `lineament.humans.pose_prior` computes the same in NumPy.
"""

import torch
from torch import nn

SIZE = 108
"""Numbers of a pose: 18 joints, two columns of a rotation matrix each."""


class PosePriorNetwork(nn.Module):
    """Encoder (B, 108) to mean and log variance (B, latent), decoder back to means (B, 108).

    mean, scale (108,): of the training poses, which standardise what goes in and comes out. log_sigma (108,):
    learned noise of each number, in standardised units.
    """

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor, hidden: int = 256, latent: int = 32) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("scale", scale)
        self.log_sigma = nn.Parameter(torch.zeros(SIZE))
        self.encoder = nn.Sequential(
            nn.Linear(SIZE, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(),
            nn.Linear(hidden, 2 * latent),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(),
            nn.Linear(hidden, SIZE),
        )  # fmt: skip

    def forward(self, six: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Negative log-likelihood and divergence (B,) in nats of poses (B, 108), one sample each.

        Their sum is the negative evidence lower bound (Kingma and Welling 2014, eq. 7 and 10).
        """
        standard = (six - self.mean) / self.scale
        middle, log_variance = self.encoder(standard).chunk(2, dim=1)
        noise = torch.randn(middle.shape, generator=generator)
        found = self.decoder(middle + noise * torch.exp(0.5 * log_variance))
        log_sigma = self.log_sigma.clamp(min=-4.0)
        error = (standard - found) / log_sigma.exp()
        misfit = (0.5 * error.square() + log_sigma).sum(dim=1)
        divergence = 0.5 * (middle.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1)
        return misfit, divergence
