"""Learning whether a picture and a prototype are one person, from what the released branches say of both."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lineament.networks.shape import shape_loss
from lineament.networks.sharing import PictureTokens, PrototypeTokens, SharedParts, pair_loss
from lineament.runtime.registrar import Registrar
from lineament.synth.people import People
from lineament.synth.seeds import generator
from lineament.training.identity_pictures import draw_pictures
from lineament.training.identity_tokens import PictureSet, PrototypeSet, read_pictures, read_prototypes
from lineament.training.memory import keep_freed_memory

TOLD_BY = 8
"""Leading coefficients in which hard negatives resemble each other: stature, sex, weight, age."""


@dataclass(frozen=True, slots=True)
class IdentityRecipe:
    """pictures of `people` drawn from `seed`; the last `held_out` share of the people only judge. Each step
    compares `crowd` people, of whom `hard` are nearest neighbours in build, each with `views` pictures.
    """

    seed: int = 51
    people: int = 2500
    pictures: int = 12480
    held_out: float = 0.15
    steps: int = 1500
    crowd: int = 48
    views: int = 2
    hard: float = 0.5
    rate: float = 2e-3
    weight_decay: float = 0.05
    shape_weight: float = 2.0
    sharing: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """Rank-1 rates among 20 people drawn at random, and among 20 of like build; the first by the build alone;
    and the number of probes.
    """

    random_rank1: float
    alike_rank1: float
    build_rank1: float
    probes: int


def train_identity(
    recipe: IdentityRecipe, registrar: Registrar, out: Path, say: Callable[[str], None]
) -> tuple[SharedParts, Judged]:
    """Draw and read pictures into `out` where that is not done, train, judge on people held out, and write
    identity.json with the record.
    """
    keep_freed_memory()
    shards = draw_pictures(out / "pictures", recipe.seed, recipe.people, recipe.pictures, say)
    pictures = read_pictures(shards, out / "tokens", registrar, say)
    shown, person = np.unique(pictures.person, return_inverse=True)
    prototypes = read_prototypes(People.load(recipe.people, recipe.seed), shown.tolist(), registrar)
    first_held = int(len(shown) * (1 - recipe.held_out))
    begun = time.monotonic()
    network, losses = fit_sharing(recipe, pictures, person, prototypes, first_held, say)
    judged = judge(network, pictures, person, prototypes, first_held, recipe.seed)
    record = {
        "recipe": asdict(recipe),
        "model": registrar.model,
        "people": len(shown),
        "held_out_people": len(shown) - first_held,
        "pictures": len(person),
        "minutes": round((time.monotonic() - begun) / 60, 2),
        "losses": losses,
        "judged": asdict(judged),
    }
    name = "identity.json" if recipe.sharing else "identity-without-sharing.json"
    (out / name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return network, judged


def fit_sharing(
    recipe: IdentityRecipe,
    pictures: PictureSet,
    person: np.ndarray,
    prototypes: PrototypeSet,
    first_held: int,
    say: Callable[[str], None],
) -> tuple[SharedParts, list[float]]:
    """The network after `recipe.steps` on the people before `first_held`, and its losses by hundreds."""
    torch.manual_seed(recipe.seed)
    network = SharedParts(recipe.sharing).train()
    known = torch.from_numpy(prototypes.coefficients[:first_held])
    network.population_mean.copy_(known.mean(dim=0))
    network.population_spread.copy_(known.std(dim=0))
    optimiser = torch.optim.AdamW(network.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps, pct_start=0.05)
    crowds = Crowds(recipe, person, prototypes, first_held)
    smooth, losses = 0.0, []
    for step in range(recipe.steps):
        owners, chosen = crowds.draw(generator(recipe.seed, "crowd", step))
        shown, known = picture_tokens(pictures, chosen), prototype_tokens_of(prototypes, owners)
        whose = torch.from_numpy(person[chosen])
        loss = pair_loss(network(shown, known).sum(dim=-1), whose, torch.from_numpy(owners))
        truth = network.standardised(torch.from_numpy(prototypes.coefficients[person[chosen]]))
        loss = loss + recipe.shape_weight * shape_loss(*network.told_shape(shown), truth)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        smooth = float(loss.detach()) if step == 0 else 0.98 * smooth + 0.02 * float(loss.detach())
        if (step + 1) % 100 == 0:
            losses.append(round(smooth, 4))
            say(f"step {step + 1} of {recipe.steps}, loss {smooth:.3f}")
    return network.eval(), losses


class Crowds:
    """Who is compared in a step: people at random, and neighbours in build of some of them."""

    def __init__(
        self, recipe: IdentityRecipe, person: np.ndarray, prototypes: PrototypeSet, first_held: int
    ) -> None:
        self.recipe, self.count = recipe, first_held
        self.pictures = [np.flatnonzero(person == one) for one in range(first_held)]
        self.build = prototypes.coefficients[:first_held, :TOLD_BY]

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """People (K,) and pictures (K * views,) of them."""
        recipe = self.recipe
        alike = int(recipe.crowd * recipe.hard)
        middle = self.build[rng.integers(self.count)]
        near = np.argsort(((self.build - middle) ** 2).sum(axis=1))[: 2 * alike]
        people = rng.permutation(near)[:alike]
        others = rng.permutation(np.setdiff1d(np.arange(self.count), people))[: recipe.crowd - len(people)]
        people = np.concatenate([people, others])
        chosen = [rng.choice(self.pictures[one], recipe.views) for one in people]
        return people, np.concatenate(chosen)


def picture_tokens(pictures: PictureSet, chosen: np.ndarray) -> PictureTokens:
    """The `chosen` pictures as tensors."""
    return PictureTokens(
        *(
            torch.from_numpy(np.asarray(one[chosen], dtype=np.float32))
            for one in (pictures.tokens, pictures.overall)
        )
    )


def prototype_tokens_of(prototypes: PrototypeSet, chosen: np.ndarray) -> PrototypeTokens:
    """The `chosen` prototypes as tensors."""
    return PrototypeTokens(
        torch.from_numpy(prototypes.tokens[chosen]), torch.from_numpy(prototypes.coefficients[chosen])
    )


@torch.no_grad()
def judge(
    network: SharedParts,
    pictures: PictureSet,
    person: np.ndarray,
    prototypes: PrototypeSet,
    first_held: int,
    seed: int,
    galleries: int = 40,
) -> Judged:
    """Identification among 20 of the people held out, one picture a probe."""
    rng = generator(seed, "judge")
    held = np.arange(first_held, len(prototypes.tokens))
    crowd = min(20, len(held))
    build = prototypes.coefficients[:, :TOLD_BY]
    hits = {"random": 0, "alike": 0, "build": 0}
    probes = 0
    for _ in range(galleries):
        at_random = rng.permutation(held)[:crowd]
        near = np.argsort(((build[held] - build[rng.choice(held)]) ** 2).sum(axis=1))[:crowd]
        for name, people in (("random", at_random), ("alike", held[near])):
            chosen = np.array([rng.choice(np.flatnonzero(person == one)) for one in people])
            scores = network(picture_tokens(pictures, chosen), prototype_tokens_of(prototypes, people))
            own = torch.arange(crowd)
            hits[name] += int((scores.sum(dim=-1).argmax(dim=1) == own).sum())
            if name == "random":
                probes += crowd
                hits["build"] += int((_build(scores).argmax(dim=1) == own).sum())
    return Judged(hits["random"] / probes, hits["alike"] / probes, hits["build"] / probes, probes)


def _build(scores: Tensor) -> Tensor:
    return scores[..., 0]
