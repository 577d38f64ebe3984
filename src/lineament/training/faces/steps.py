"""One step of learning an arm: who is looked at, and what each term of its loss says."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.networks.adaface import AdaFace, ArcFace, CosFace, MarginHead
from lineament.networks.joint_entropy import joint_entropy
from lineament.networks.sface import EMBEDDING_SIZE
from lineament.synth.seeds import generator
from lineament.training.faces.features import FaceSet
from lineament.training.faces.network import Learned, network_of, packed
from lineament.training.faces.people import Cast, Crowds
from lineament.training.faces.photographs import unit
from lineament.training.faces.recipe import FaceArm, FaceRecipe

FRONTAL: Final = np.radians(20.0)
TEMPERATURE: Final = 0.07
MOMENTUM: Final = 0.1
"""Of AdaFace's running norms, which start at 20 and 100: SFace's are about 5, and runs are short."""
_HEADS: Final[dict[str, Callable[[int, int], MarginHead]]] = {
    "adaface": partial(AdaFace, momentum=MOMENTUM),
    "arcface": ArcFace,
    "cosface": CosFace,
}


class Steps:
    """One arm's networks, and what a step says of them."""

    def __init__(self, arm: FaceArm, recipe: FaceRecipe, faces: FaceSet, cast: Cast) -> None:
        torch.manual_seed(recipe.seed)
        self.arm, self.recipe, self.faces, self.cast = arm, recipe, faces, cast
        self.person = cast.places(faces)
        views = recipe.views
        channels = faces.features.shape[1]
        self.network = network_of(arm, channels, cast.layout, recipe.gamma, views).train()
        self.heads = nn.ModuleDict({"image": self._head()})
        if arm.cloud_identity:
            self.heads["cloud"] = self._head()
        self.crowds = Crowds(cast, self.person, recipe.crowd, views, recipe.hard)
        self.logit_scale = nn.Parameter(torch.tensor(1 / TEMPERATURE).log())

    def _head(self) -> MarginHead:
        """People's directions start at the mean of what the frozen recogniser says of them."""
        head = _HEADS[self.arm.identity](EMBEDDING_SIZE, len(self.cast))
        total = np.zeros((len(self.cast), EMBEDDING_SIZE), np.float32)
        np.add.at(total, self.person, unit(self.faces.base))
        head.directions.data = torch.from_numpy(unit(total))
        return head

    def losses(self, step: int) -> tuple[dict[str, Tensor], Learned]:
        """The terms of a step's loss, already weighted, and what the network said."""
        arm, recipe = self.arm, self.recipe
        rng = generator(recipe.seed, "face step", step)
        people, crops = self.crowds.draw(rng)
        faces, yaw = packed(self.faces.faces(crops)), torch.from_numpy(self.faces.yaw[crops])
        clouds = self.cast.scanned(people, rng) if arm.cloud else None
        said = self.network.learn(faces, yaw, clouds)
        owners, labels = torch.from_numpy(people), torch.from_numpy(self.person[crops]).long()
        terms = {"identity": functional.cross_entropy(self.heads["image"](said.image, labels), labels)}
        base = faces[:, :EMBEDDING_SIZE]
        frontal = yaw.abs() < FRONTAL
        apart = 1 - functional.cosine_similarity(said.image, base)
        terms["anchor"] = recipe.anchor * (apart * frontal).sum() / frontal.sum().clamp(min=1)
        if said.cloud is not None:
            head = self.heads["cloud" if arm.cloud_identity else "image"]
            told = functional.cross_entropy(head(said.cloud, owners), owners)
            terms["cloud identity"] = recipe.cloud_weight * told
        if arm.entropy is not None:
            warm = min(1.0, (step + 1) / (recipe.warm_up * recipe.steps))
            both = joint_entropy(said.image_attention, said.cloud_attention)
            terms["joint entropy"] = recipe.entropy_weight * warm * both.loss(arm.entropy)
        if arm.contrast and said.cloud is not None:
            scale = self.logit_scale.exp().clamp(max=100)
            terms["contrast"] = recipe.contrast_weight * pair_contrast(
                said.image, said.cloud, labels, owners, scale
            )
        return terms, said


def pair_contrast(image: Tensor, cloud: Tensor, person: Tensor, owner: Tensor, scale: Tensor) -> Tensor:
    """`contrast` of embeddings (B, D) of pictures and (K, D) of clouds by their cosines times `scale`."""
    logits = scale * functional.normalize(image) @ functional.normalize(cloud).t()
    return contrast(logits, person, owner)


def contrast(logits: Tensor, person: Tensor, owner: Tensor) -> Tensor:
    """Symmetric InfoNCE of logits (B, K) of pictures with clouds.

    person (B,) and owner (K,) tell who is who; all pictures of a person share the weight of its cloud.
    """
    same = (person[:, None] == owner[None]).to(logits.dtype)
    rows = -(same / same.sum(dim=1, keepdim=True).clamp(min=1) * logits.log_softmax(dim=1)).sum(dim=1)
    columns = -(same / same.sum(dim=0, keepdim=True).clamp(min=1) * logits.log_softmax(dim=0)).sum(dim=0)
    return (rows.mean() + columns.mean()) / 2
