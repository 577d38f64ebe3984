"""Arms of the experiment: what is learned on top of the frozen recogniser, and what all arms share."""

from dataclasses import dataclass
from typing import Final, Literal

from lineament.networks.joint_entropy import Reading

Kind = Literal["backbone", "mean shift", "correlation", "learned"]
Identity = Literal["adaface", "arcface", "cosface"]
Attention = Literal["none", "image", "joint", "cross"]


@dataclass(frozen=True, slots=True)
class FaceArm:
    """One arm. kind: how it comes about; the rest counts for learned ones alone. identity: loss of the
    picture's identity. yaw_gated: the change is a residual of the embedding, let through as the face turns
    (DREAM's idea). attention: JAM on the pictures alone, shared with the clouds, or cross-attention. cloud:
    whether clouds are learned from: by the pictures' head, or where `cloud_identity` by one of their own.
    entropy: by which reading of joint entropy the attention of both is made alike, None for not at all.
    canonical: whether the cloud's grid has the template's order.
    contrast: symmetric InfoNCE between embeddings of pictures and clouds.
    """

    name: str
    kind: Kind = "learned"
    identity: Identity = "adaface"
    yaw_gated: bool = False
    attention: Attention = "none"
    cloud: bool = False
    cloud_identity: bool = False
    entropy: Reading | None = None
    canonical: bool = True
    contrast: bool = False

    def __post_init__(self) -> None:
        if self.entropy is not None and not (self.cloud and self.attention in ("joint", "cross")):
            raise ValueError(f"{self.name}: joint entropy needs the attention of pictures and clouds")
        if (self.cloud_identity or self.contrast) and not self.cloud:
            raise ValueError(f"{self.name}: a loss of clouds needs clouds")
        if self.attention in ("joint", "cross") and not self.cloud:
            raise ValueError(f"{self.name}: attention of both domains needs clouds")


@dataclass(frozen=True, slots=True)
class FaceRecipe:
    """What all arms share.

    Of `pictures` of `people` of `seed`, the first `each` of the first `learn_people` are learned from, each
    with `looks` appearances; validation people are of `judge_seed`, the first `judge_each` of each judge.
    Each step sees `crowd` people, a share `hard` of them of like age, sex and skin, with `views` crops each.
    anchor: weight of staying with the frozen recogniser on frontal faces; keep: of the moving average of the
    weights, which is what is judged.
    """

    seed: int = 1611
    people: int = 6000
    pictures: int = 60_000
    learn_people: int = 6000
    each: int = 10
    looks: int = 1
    judge_seed: int = 1612
    judge_people: int = 300
    judge_pictures: int = 3000
    judge_each: int = 10
    steps: int = 400
    crowd: int = 32
    views: int = 4
    hard: float = 0.5
    rate: float = 2e-3
    weight_decay: float = 0.02
    anchor: float = 2.0
    cloud_weight: float = 1.0
    entropy_weight: float = 0.1
    warm_up: float = 0.3
    contrast_weight: float = 1.0
    gamma: float = 0.1
    keep: float = 0.98
    channels: int = 256

    def __post_init__(self) -> None:
        counts = (self.people, self.pictures, self.judge_people, self.judge_pictures, self.steps, self.looks)
        if min(counts) < 1 or self.crowd < 2 or self.views < 1:
            raise ValueError("a recipe needs people, pictures, steps, and two people a step")
        if self.seed == self.judge_seed:
            raise ValueError("validation people need a seed of their own")


ARMS: Final = (
    FaceArm("backbone", "backbone"),
    FaceArm("mean-pose shift", "mean shift"),
    FaceArm("correlation alignment", "correlation"),
    FaceArm("yaw-gated residual", yaw_gated=True),
    FaceArm("2D AdaFace"),
    FaceArm("2D ArcFace", identity="arcface"),
    FaceArm("2D CosFace", identity="cosface"),
    FaceArm("JAM in 2D", attention="image"),
    FaceArm("JAM shared", attention="joint", cloud=True),
    FaceArm("JAM shared + 3D identity", attention="joint", cloud=True, cloud_identity=True),
    FaceArm(
        "the method", attention="joint", cloud=True, cloud_identity=True, entropy="joint"
    ),
    FaceArm(
        "the method by information", attention="joint", cloud=True, cloud_identity=True, entropy="information"
    ),
    FaceArm("cross-attention", attention="cross", cloud=True, cloud_identity=True, entropy="joint"),
    FaceArm(
        "without canonical order",
        attention="joint",
        cloud=True,
        cloud_identity=True,
        entropy="joint",
        canonical=False,
    ),
)  # fmt: skip
"""In the order of the table: each of the later ones adds one thing to, or changes one thing of, another."""


def arm_named(name: str) -> FaceArm:
    """Raises ValueError that lists the arms for an unknown name."""
    found = next((arm for arm in ARMS if arm.name == name), None)
    if found is None:
        raise ValueError(f"there is no arm {name!r}; choose {'; '.join(arm.name for arm in ARMS)}")
    return found
