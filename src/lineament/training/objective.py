"""What registration minimises: the losses of one batch and their weighted sum."""

import torch
from torch import Tensor, nn

from lineament.networks.image_branch import Answers, Maps
from lineament.networks.losses import (
    DenseTargets,
    PixelSample,
    Places,
    canonical_loss,
    carried_loss,
    contrast_loss,
    dense_targets,
    facing_loss,
    first_of_each,
    part_loss,
    sample_cells,
    side_loss,
    view_loss,
)
from lineament.networks.points import PrototypeBatch
from lineament.networks.registration import RegistrationNetwork
from lineament.training.data import Batch
from lineament.training.machine import Machine
from lineament.training.recipe import Recipe


class Objective(nn.Module):
    """The network with its losses: one module, so that several processes can share its gradient.

    The image branch computes in the machine's precision; points, cosines and losses in float32, where
    millimetres count and a step spends little.
    """

    def __init__(self, network: RegistrationNetwork, recipe: Recipe, machine: Machine) -> None:
        super().__init__()
        self.network = network
        self._recipe = recipe
        self._machine = machine

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum to minimise, and the losses by name, all scalars."""
        image = self.network.image
        with self._machine.autocast():
            maps = _single(image.maps(batch.image.permute(0, 3, 1, 2).float()))
        targets = dense_targets(
            batch.part.long(),
            batch.canonical.permute(0, 3, 1, 2),
            batch.main,
            batch.facing.permute(0, 3, 1, 2),
            batch.carried,
        )
        first = self._answer_losses(maps.first, targets)
        losses = self._answer_losses(maps.second, targets)
        losses["view"] = view_loss(image.view(maps.coarse.mean(dim=(2, 3))), targets)
        losses["contrast"] = self._contrast(maps, targets, batch)
        weights = self._recipe.weights()
        nothing = torch.zeros((), device=batch.image.device)
        total = sum((weights[name] * loss for name, loss in losses.items()), nothing)
        total = total + self._recipe.first_look * sum(weights[name] * loss for name, loss in first.items())
        return total, losses

    def _answer_losses(self, answers: Answers, targets: DenseTargets) -> dict[str, Tensor]:
        return {
            "parts": part_loss(answers.parts, targets),
            "sides": side_loss(answers.parts, targets),
            "canonical": canonical_loss(answers.canonical + self.network.image.centre, targets),
            "facing": facing_loss(answers.facing, targets),
            "carried": carried_loss(answers.carried, targets),
        }

    def _contrast(self, maps: Maps, targets: DenseTargets, batch: Batch) -> Tensor:
        image, settings = self.network.image, self._recipe.contrast
        some = slice(settings.pictures)
        owner = batch.owner[some]
        first = first_of_each(owner)
        if not settings.several:
            only = torch.full_like(owner, -1)
            only[first] = owner[first]
            owner = only
        compared = DenseTargets(*(field[some] for field in targets))
        cells = sample_cells(compared, settings)
        pixels = PixelSample(
            owner[cells.image],
            image.embed(cells.of(maps.fine), cells.of(maps.second.parts)),
            cells.of(compared.parts[:, None])[:, 0],
            cells.of(compared.canonical),
        )
        background = nn.functional.normalize(self.network.tokens[0], dim=0)
        places = self._places(batch, some)
        return contrast_loss(
            pixels, places, background, self.network.temperature, settings.spread, settings.both
        )

    def _places(self, batch: Batch, some: slice) -> Places:
        """Sites of each person among `some` pictures, and of their rivals who are not in them."""
        points, settings = self.network.points, self._recipe.contrast
        owner = batch.owner[some]
        shown = [field[some] for field in batch.prototypes]
        if settings.rivals:
            owner = torch.cat([owner, torch.where(owner >= 0, batch.rival[some], -1)])
            shown = [torch.cat([a, b[some]]) for a, b in zip(shown, batch.rivals, strict=True)]
        first = first_of_each(owner)
        sites = torch.randperm(len(points.positions), device=owner.device)[: settings.sites]
        prototypes = PrototypeBatch(*(field[first] for field in shown))
        return Places(
            owner[first],
            points(prototypes, sites),
            points.positions[sites],
            points.onehot[sites].argmax(dim=1),
        )


def _single(maps: Maps) -> Maps:
    """The maps in float32."""
    return Maps(
        maps.coarse.float(),
        maps.fine.float(),
        Answers(*(one.float() for one in maps.first)),
        Answers(*(one.float() for one in maps.second)),
    )
