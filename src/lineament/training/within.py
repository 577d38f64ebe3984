"""How much pictures of one and the same body differ: in poses, clothes, light, places, cameras."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from lineament.errors import BadInputError
from lineament.training.identity_tokens import PictureSet
from lineament.types import Float32, Float64
from lineament.writing import replacing

FILE: Final = "within.safetensors"
LEAST_SPREAD: Final = 1e-3
"""Of a feature, in shares of the largest one."""


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """Covariance within people of what a registration model says of pictures, in two parts.

    model: the registration model. spread: (F,) standard deviations. correlation: (F, F).
    """

    model: str
    spread: Float32
    correlation: Float32

    def __post_init__(self) -> None:
        size = len(self.spread)
        if self.correlation.shape != (size, size) or not (self.spread > 0).all():
            raise ValueError("a covariance within people needs spreads (F,) above 0 and correlations (F, F)")

    @classmethod
    def of(cls, pictures: PictureSet, model: str) -> "Within":
        """Of pictures of many people, several of each. Raises ValueError where nobody is there twice."""
        features = np.concatenate(
            [pictures.tokens.reshape(len(pictures.person), -1), pictures.overall], axis=1
        )
        people, number, count = np.unique(pictures.person, return_inverse=True, return_counts=True)
        freedom = len(number) - len(people)
        if freedom < 1:
            raise ValueError("nobody is there twice")
        mean = np.zeros((len(people), features.shape[1]))
        np.add.at(mean, number, features.astype(np.float64))
        apart = features - (mean / count[:, None])[number]
        spread = np.sqrt(np.square(apart).sum(axis=0) / freedom)
        spread = np.maximum(spread, LEAST_SPREAD * max(float(spread.max()), 1e-9))
        scaled = apart / spread
        return cls(model, spread.astype(np.float32), (scaled.T @ scaled / freedom).astype(np.float32))

    def in_units_of(self, spread: Float64) -> Float64:
        """The covariance (F, F) of features that are divided by `spread` (F,)."""
        scale = self.spread / spread
        return np.asarray(self.correlation * scale[:, None] * scale, dtype=np.float64)

    def write(self, folder: Path) -> None:
        """Put it into `folder`, correlations in half precision."""
        arrays = {"spread": self.spread, "correlation": self.correlation.astype(np.float16)}
        with replacing(folder / FILE) as partial:
            save_file(arrays, partial, metadata={"model": self.model})

    @classmethod
    def read(cls, folder: Path, model: str) -> "Within | None":
        """That of `folder`; None where there is none or it is of another model.

        Raises BadInputError where it is damaged.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            with safe_open(path, framework="numpy") as file:
                if file.metadata()["model"] != model:
                    return None
                correlation = file.get_tensor("correlation").astype(np.float32)
                return cls(model, file.get_tensor("spread"), correlation)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise BadInputError(f"{path} cannot be read ({error}); install again") from error
