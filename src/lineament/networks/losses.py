"""Losses of registration: parts, sides, places on the template, and pixels against points.

All maps are at stride 4. The contrast is symmetric InfoNCE on cosines over a temperature with soft positives
(ours, where arXiv 2403.06658 only says that the loss works on the cosine matrix with a temperature and the
parts).
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from lineament.anatomy import BACKGROUND, CLASS_COUNT, MIRROR
from lineament.networks.image_branch import STRIDE

CLASS_WEIGHTS = (1.0, 1.2, 1.0, 1.3, 1.3, 1.7, 1.7, 2.5, 2.5, 1.0, 1.0, 1.2, 1.2, 2.0, 2.0)
"""Mild: hands and feet are small but matter."""

MIN_CELLS = 24
"""Of the main person, for the direction from which it is seen to be worth learning."""


class DenseTargets(NamedTuple):
    """shares: (B, 15, h, w) area of each class within the cell. parts: (B, h, w) class at the cell's middle.
    canonical: (B, 3, h, w) metres there. main: (B, h, w) bool, the middle shows the person of the prototype.
    facing: (B, 3, h, w) the template's unit normal there, zero off people. carried: (B, 1, h, w) share of the
    cell that shows a thing somebody carries.
    """

    shares: Tensor
    parts: Tensor
    canonical: Tensor
    main: Tensor
    facing: Tensor
    carried: Tensor


def dense_targets(
    part: Tensor, canonical: Tensor, main: Tensor, facing: Tensor, carried: Tensor
) -> DenseTargets:
    """Labels (B, H, W) int64, (B, 3, H, W) metres and twice (B, H, W) at full resolution to the network's
    grid; facing (B, 3, h, w) is on the grid already.
    """
    batch, height, width = part.shape
    cells = part.reshape(batch, height // STRIDE, STRIDE, width // STRIDE, STRIDE).permute(0, 2, 4, 1, 3)
    cells = cells.reshape(batch, STRIDE * STRIDE, height // STRIDE, width // STRIDE)
    shares = torch.zeros(batch, CLASS_COUNT, *cells.shape[2:], device=part.device)
    shares.scatter_add_(1, cells, torch.full_like(cells, 1.0 / STRIDE**2, dtype=torch.float32))
    middle = slice(STRIDE // 2, None, STRIDE)
    return DenseTargets(
        shares,
        part[:, middle, middle],
        canonical[:, :, middle, middle],
        main[:, middle, middle] > 0,
        facing,
        functional.avg_pool2d(carried[:, None].float(), STRIDE),
    )


def part_loss(logits: Tensor, targets: DenseTargets) -> Tensor:
    """Cross-entropy against the classes' shares of each cell, weighted by class."""
    weights = torch.tensor(CLASS_WEIGHTS, device=logits.device).view(1, -1, 1, 1)
    weighted = targets.shares * weights
    return -(weighted * logits.log_softmax(dim=1)).sum() / weighted.sum()


def side_loss(logits: Tensor, targets: DenseTargets) -> Tensor:
    """Supervision of left and right of its own: log-loss of a limb's class against its mirror class alone."""
    mirror = torch.tensor(MIRROR, device=logits.device)
    sided = mirror[targets.parts] != targets.parts
    own = logits.gather(1, targets.parts[:, None])[:, 0]
    other = logits.gather(1, mirror[targets.parts][:, None])[:, 0]
    loss = functional.softplus(other - own) * sided
    return loss.sum() / sided.sum().clamp(min=1)


def canonical_loss(canonical: Tensor, targets: DenseTargets) -> Tensor:
    """Mean over the person's cells of the L1 distance in metres."""
    person = (targets.parts != BACKGROUND)[:, None]
    return ((canonical - targets.canonical).abs() * person).sum() / person.sum().clamp(min=1)


def facing_loss(facing: Tensor, targets: DenseTargets) -> Tensor:
    """Mean over the person's cells of the squared distance to the template's normal."""
    person = (targets.parts != BACKGROUND)[:, None]
    return ((facing - targets.facing).square() * person).sum() / person.sum().clamp(min=1)


def carried_loss(logits: Tensor, targets: DenseTargets) -> Tensor:
    """Cross-entropy of things carried."""
    return functional.binary_cross_entropy_with_logits(logits, targets.carried)


def view_loss(view: Tensor, targets: DenseTargets) -> Tensor:
    """Squared distance of `view` (B, 3) to the mean normal of the main person, where one is well in view.

    What is seen of a body faces the camera, so its mean normal on the template points to the camera.
    """
    main = (targets.main & (targets.parts != BACKGROUND))[:, None]
    mean = functional.normalize((targets.facing * main).sum(dim=(2, 3)), dim=1)
    usable = main.sum(dim=(1, 2, 3)) >= MIN_CELLS
    return ((view - mean).square().sum(dim=1) * usable).sum() / usable.sum().clamp(min=1)


@dataclass(frozen=True, slots=True)
class ContrastSettings:
    """How many pictures of a batch, pixels of each and sites enter the cosine matrix, and how near counts as
    the same place (metres).

    rivals: somebody of the same sex, of like age and skin is a negative beside every person. several: all
    pictures of a person are positives of the prototype, not only the one that it came with. both: sites look
    for pixels, too.
    """

    pictures: int = 12
    pixels: int = 32
    background_pixels: int = 6
    sites: int = 160
    spread: float = 0.05
    rivals: bool = True
    several: bool = True
    both: bool = True


class Cells(NamedTuple):
    """Cells drawn from maps. image: (M,) index in the batch. place: (M,) index in the flattened map."""

    image: Tensor
    place: Tensor

    def of(self, maps: Tensor) -> Tensor:
        """Their values (M, C) in (B, C, h, w)."""
        return maps.flatten(2)[self.image, :, self.place]


class PixelSample(NamedTuple):
    """Sampled cells. owner: (M,) person in the picture, -1 where unknown (not compared). features: (M, 48).
    parts: (M,). canonical: (M, 3) metres.
    """

    owner: Tensor
    features: Tensor
    parts: Tensor
    canonical: Tensor


def sample_cells(targets: DenseTargets, settings: ContrastSettings) -> Cells:
    """Draw cells of each main person, small parts more often than by area (square root), and of the
    background.
    """
    batch = len(targets.parts)
    parts = targets.parts.reshape(batch, -1)
    counts = torch.zeros(batch, CLASS_COUNT, device=parts.device)
    counts.scatter_add_(1, parts, torch.ones_like(parts, dtype=torch.float32))
    weight = counts.clamp(min=1).rsqrt().gather(1, parts)
    main = targets.main.reshape(batch, -1) & (parts != BACKGROUND)
    background = parts == BACKGROUND
    chosen = torch.multinomial(weight * main + 1e-12, settings.pixels, replacement=True)
    if settings.background_pixels:
        beside = torch.multinomial(background + 1e-12, settings.background_pixels, replacement=True)
        chosen = torch.cat([chosen, beside], dim=1)
    usable = (main | background).gather(1, chosen).reshape(-1)
    image = torch.arange(batch, device=parts.device).repeat_interleave(chosen.shape[1])
    return Cells(image[usable], chosen.reshape(-1)[usable])


class Places(NamedTuple):
    """The sampled sites of K people. owner: (K,) who they are, all different. features: (K, S, 48).
    positions: (S, 3) on the template. parts: (S,).
    """

    owner: Tensor
    features: Tensor
    positions: Tensor
    parts: Tensor


def first_of_each(owner: Tensor) -> Tensor:
    """Where in `owner` (N,) each person stands first, unknown ones (-1) left out; sorted by person."""
    people, place = torch.unique(owner, return_inverse=True)
    first = torch.full((len(people),), len(owner), device=owner.device)
    first = first.scatter_reduce(0, place, torch.arange(len(owner), device=owner.device), "amin")
    return first[people >= 0]


def contrast_loss(
    pixels: PixelSample,
    places: Places,
    background: Tensor,
    temperature: Tensor,
    spread: float,
    both: bool = True,
) -> Tensor:
    """InfoNCE between pixels (M) and the sites of all people at hand, plus one background column; symmetric
    with `both`.

    background: (48,) unit vector. Positives of a pixel: sites of its own person and part, weighted by a
    Gaussian of the distance on the template. Negatives: everything else, so also the same place on other
    people. Positives of a site: the pixels of all pictures of its person that show it.
    """
    count = places.features.shape[1]
    pixels = PixelSample(*(field[pixels.owner >= 0] for field in pixels))
    if not len(pixels.owner):
        return pixels.features.sum() * 0.0
    cosines = (
        pixels.features @ torch.cat([places.features.reshape(-1, len(background)), background[None]]).t()
    )
    logits = cosines / temperature
    own = (pixels.owner[:, None] == places.owner[None]).float()
    weights = _positives(pixels, places, spread)
    owned = functional.pad(
        (own[:, :, None] * weights[:, None]).reshape(-1, len(places.owner) * count), (0, 1)
    )
    owned[:, -1] = (pixels.parts == BACKGROUND).float()
    mass = owned.sum(dim=1, keepdim=True)
    found = mass[:, 0] > 0
    rows = -(owned / mass.clamp(min=1e-6) * logits.log_softmax(dim=1)).sum(dim=1)[found].mean()
    if not both:
        return rows
    shown_by = owned[:, :-1].sum(dim=0)
    shown = shown_by > 0
    by_site = logits[:, :-1][:, shown]
    shares = owned[:, :-1][:, shown] / shown_by[shown]
    down = -(shares * by_site.log_softmax(dim=0)).sum(dim=0)
    return 0.5 * (rows + (down.mean() if shown.any() else down.sum()))


def _positives(pixels: PixelSample, places: Places, spread: float) -> Tensor:
    """Weight (M, S) of each site for each pixel: 0 for another part, relative to the pixel's nearest site."""
    squared = torch.cdist(pixels.canonical, places.positions).square()
    squared = squared.masked_fill(pixels.parts[:, None] != places.parts[None], 1e3)
    nearest = squared.amin(dim=1, keepdim=True)
    return torch.exp((nearest - squared) / (2 * spread**2)) * (nearest < (4 * spread) ** 2)
