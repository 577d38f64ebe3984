"""A source of small made-up samples: shards are tested without people, and in no time."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.distributions import Value
from lineament.synth.shards import Arrays, Source


@dataclass(frozen=True, slots=True)
class MadeUp:
    """wait: seconds a sample takes. fail: sample that raises. die: file that, once there, ends the process.
    other: what other code would change. large: a sample of sixteen times the size.
    """

    wait: float = 0.0
    fail: int = -1
    die: Path | None = None
    other: int = 0
    large: int = -1

    def __call__(self) -> Source:
        return self.sample

    def sample(self, index: int) -> tuple[Arrays, dict[str, Value]]:
        time.sleep(self.wait)
        if index == self.fail:
            raise ArithmeticError(f"sample {index}\nis impossible")
        if self.die is not None and index > 5 and not self.die.exists():
            self.die.touch()
            os.abort()
        rng = np.random.default_rng([index, self.other])
        side = 64 if index == self.large else 16
        image = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        depth = rng.random((side, side), dtype=np.float32)
        covariates: dict[str, Value] = {"light.kind": "sunny", "framing.yaw": 0.5 + index}
        covariates["night"] = index % 3 == 0
        if index % 4 == 1:
            covariates["second.person"] = index
        return {"image": image, "depth": depth, "index": np.int64(index)}, covariates
