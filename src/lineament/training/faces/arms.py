"""All arms alike: trained on the same crops, judged by the same figures; resumable."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save_file

from lineament.evaluation.metrics import TooFew
from lineament.evaluation.plan import Plan
from lineament.training.faces.closed_form import Coral, MeanShift, plain
from lineament.training.faces.judging import Figures, Protocol, accepted, by_yaw, read, verification
from lineament.training.faces.loop import Blend, Trained, learn
from lineament.training.faces.photographs import Crops, Embedder, Photographs
from lineament.training.faces.recipe import FaceArm, FaceRecipe
from lineament.training.faces.world import World
from lineament.writing import replacing

SHARES: Final = (0.25, 0.5, 0.75, 1.0)
"""Of the learned change, one of which is chosen on synthetic people who only choose."""
SYNTHETIC: Final = "unseen renders"
WEIGHTS: Final = "weights.safetensors"
RESULT: Final = "result.json"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ArmResult:
    """figures: by protocol, then by name. share: of the learned change that is judged, as chosen on `choice`:
    TAR at 1 % FAR of the choosing people by share. failure: in words, "" for none. log: of the training.
    minutes: by the clock.
    """

    arm: str
    figures: dict[str, dict[str, dict[str, Any]]]
    share: float = 1.0
    choice: dict[str, float] = field(default_factory=dict)
    failure: str = ""
    log: list[dict[str, Any]] = field(default_factory=list)
    minutes: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Photographs that were read once. by: covariate whose bins are reported."""

    name: str
    plan: Plan
    crops: dict[int, Crops]
    by: str

    @classmethod
    def read(cls, protocol: Protocol, photographs: Photographs, say: Say) -> "Judge":
        """Read them."""
        return cls(protocol.name, *read(protocol, photographs, say), protocol.by)

    def figures(self, embedder: Embedder) -> Figures:
        """What an arm reaches."""
        return verification(self.plan, self.crops, embedder, self.by)


def run_arm(
    arm: FaceArm, recipe: FaceRecipe, world: World, judges: Sequence[Judge], folder: Path, say: Say
) -> ArmResult:
    """Train and judge one arm; what `folder` holds of the same arm and recipe is taken as it is."""
    path = folder / RESULT
    settings = {"arm": asdict(arm), "recipe": asdict(recipe)}
    if path.is_file():
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.pop("settings") == json.loads(json.dumps(settings)):
            say(f"{arm.name}: taken from {folder.name}")
            return ArmResult(**held)
    folder.mkdir(parents=True, exist_ok=True)
    trained = learn(arm, recipe, world.learned, world.cast, say) if arm.kind == "learned" else None
    if trained is not None:
        save_file(trained.network.state_dict(), folder / WEIGHTS)
    share, choice = (1.0, {}) if trained is None else choose(trained, world)
    embedder = closed_form(arm, world) if trained is None else trained.embedder(share)
    say(f"{arm.name}: judging with {share:.0%} of the change")
    figures = {SYNTHETIC: told(by_yaw(world.judged, embedder))}
    figures |= {judge.name: told(judge.figures(embedder)) for judge in judges}
    if trained is None:
        result = ArmResult(arm.name, figures)
    else:
        result = ArmResult(arm.name, figures, share, choice, trained.failure, trained.log, trained.minutes)
    with replacing(path) as partial:
        partial.write_text(json.dumps({"settings": settings, **asdict(result)}, indent=1), encoding="utf-8")
    return result


def closed_form(arm: FaceArm, world: World) -> Embedder:
    """An arm without gradients."""
    if arm.kind == "mean shift":
        return MeanShift.fit(world.learned)
    return Coral.fit(world.learned) if arm.kind == "correlation" else plain


def choose(trained: Trained, world: World) -> tuple[float, dict[str, float]]:
    """The share of the learned change with the highest TAR at 1 % FAR on the people who choose, and all."""
    found: dict[str, float] = {}
    for share in SHARES:
        found[f"{share:g}"] = accepted(world.choosing, Blend(trained.network, share))
    best = max(SHARES, key=lambda share: (found[f"{share:g}"], -share))
    return best, {name: round(value, 4) for name, value in found.items()}


def told(figures: Figures) -> dict[str, dict[str, Any]]:
    """Figures as JSON holds them."""
    rows: dict[str, dict[str, Any]] = {}
    for name, one in figures.items():
        if isinstance(one, TooFew):
            rows[name] = {"too few": str(one)}
        else:
            numbers = {key: round(getattr(one, key), 4) for key in ("value", "low", "high")}
            rows[name] = {**numbers, "cases": one.cases, "people": one.people}
    return rows
