"""What a face recogniser wants to be fed and who made it: a card, JSON beside the network."""

import json
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineament.errors import BadInputError
from lineament.writing import replacing

Border = Literal["black", "reflect", "replicate"]
"""What lies outside the photograph: nothing, its mirror image, or its last pixel."""
Look = tuple[float, bool]
Positive = Annotated[float, Field(gt=0)]


class RecogniserCard(BaseModel):
    """How a network wants its faces: (value - mean) * scale of values 0..255, in its order of colours.

    name and revision: of the weights; embeddings of another name or revision are never compared. licence: of
    the weights. size: side of the square crop, pixels. mean, scale: one number, or one for each colour in the
    network's order. border: what lies outside the photograph. embedding_size: length of its answer. input,
    output: names of the network's tensors, where it has several. offset: pixels of the crop, right and down,
    by which faces lie off ArcFace's template; zoom: how much larger than there. looks: the crops whose
    embeddings are averaged, each with its shift sideways in pixels of the crop and whether it is mirrored.
    Raises ValueError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    name: str = Field(min_length=1, pattern=r"^[^+\s]+$")
    revision: str = Field(default="", pattern=r"^[^+\s]*$")
    licence: str = "not stated"
    size: int = Field(default=112, ge=16, le=1024)
    colour_order: Literal["rgb", "bgr"] = "rgb"
    mean: float | tuple[float, float, float] = 127.5
    scale: Positive | tuple[Positive, Positive, Positive] = 1 / 127.5
    border: Border = "black"
    embedding_size: int | None = Field(default=None, ge=2, le=65_536)
    input: str | None = None
    output: str | None = None
    offset: tuple[float, float] = (0.0, 0.0)
    zoom: float = Field(default=1.0, ge=0.2, le=5.0)
    looks: tuple[Look, ...] = Field(default=((0.0, False),), min_length=1, max_length=20)

    @classmethod
    def load(cls, path: Path) -> "RecogniserCard":
        """Read a card; raises BadInputError, one line, that says what of it is wrong."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            first = error.errors()[0]
            what = ".".join(str(place) for place in first["loc"]) or "card"
            raise BadInputError(f"{path} is no card of a recogniser: {what}: {first['msg']}") from error
        except (OSError, ValueError) as error:
            raise BadInputError(f"{path} cannot be read as JSON ({error}); write it again") from error

    @classmethod
    def beside(cls, model: Path) -> "RecogniserCard":
        """The card in the network's folder: MODEL.card.json, MODEL.json or card.json, whichever comes first.

        Raises BadInputError, with an example, where there is none.
        """
        places = [model.with_name(name) for name in (f"{model.stem}.card.json", f"{model.stem}.json", CARD)]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            name = re.sub(r"[+\s]+", "-", model.stem)
            example = json.dumps(cls(name=name).model_dump(exclude_none=True))
            raise BadInputError(f"{places[0]} is missing; write it, such as {example}")
        return cls.load(found)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        with replacing(path) as partial:
            partial.write_text(self.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")


CARD: Final = "card.json"
SFACE: Final = RecogniserCard(
    name="sface",
    revision="2021dec",
    licence="Apache-2.0",
    mean=0.0,
    scale=1.0,
    embedding_size=128,
    input="data",
    output="fc1",
)
"""Of face_recognition_sface_2021dec.onnx (OpenCV's zoo), as OpenCV feeds it."""
