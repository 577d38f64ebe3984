"""Every number of a registration training run."""

from dataclasses import asdict, dataclass, field

from lineament.networks.losses import ContrastSettings


@dataclass(frozen=True, slots=True)
class Recipe:
    """minutes or steps end the run (steps, when given, make it reproducible; minutes follow the clock).

    batch: pictures a step. uses: how often each generated picture is seen. trunk_rate and rate: peak learning
    rates of AdamW for the pretrained trunk and the rest. The weights of the losses are ours (docs/methods.md
    lists the losses); first_look: of the answers before the second look, relative to those after it.
    """

    minutes: float = 20.0
    steps: int | None = None
    seed: int = 0
    batch: int = 32
    uses: int = 2
    mosaics: float = 0.06
    workers: int = 1
    threads: int = 1
    trunk_rate: float = 5e-4
    rate: float = 2e-3
    weight_decay: float = 0.02
    warm_up: float = 0.03
    average_decay: float = 0.997
    gradient_limit: float = 2.0
    canonical_weight: float = 2.0
    side_weight: float = 0.3
    facing_weight: float = 0.5
    view_weight: float = 0.3
    carried_weight: float = 0.3
    contrast_weight: float = 0.15
    first_look: float = 0.4
    contrast: ContrastSettings = field(default_factory=ContrastSettings)
    checkpoint_seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.minutes <= 0 or (self.steps is not None and self.steps < 1):
            raise ValueError("a run needs a positive number of minutes or steps")

    def weights(self) -> dict[str, float]:
        """Loss -> weight in the sum."""
        return {
            "parts": 1.0,
            "sides": self.side_weight,
            "canonical": self.canonical_weight,
            "facing": self.facing_weight,
            "view": self.view_weight,
            "carried": self.carried_weight,
            "contrast": self.contrast_weight,
        }

    def reproducible_part(self) -> dict[str, object]:
        """What must not change when a run is resumed: everything but its length and the machine's use."""
        loose = {"minutes", "steps", "workers", "threads", "checkpoint_seconds"}
        return {name: value for name, value in asdict(self).items() if name not in loose}
