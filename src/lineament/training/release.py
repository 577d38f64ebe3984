"""The released folder of a registration model: networks, config, card, licence, record."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch

from lineament.anatomy import PART_NAMES
from lineament.networks.image_branch import FEATURE_SIZE, STRIDE
from lineament.networks.losses import CLASS_WEIGHTS
from lineament.networks.registration import RegistrationNetwork
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH
from lineament.training.checkpoint import RunState
from lineament.training.export import export_image_branch, export_point_branch
from lineament.training.record import pieces_told

REVISION = "registration-2"
"""Changes whenever released weights change: features of different revisions must not be compared."""

CARD = """# {revision}: 2D-3D registration of people

For every pixel of a person: one of 14 body parts, its place on the template (metres on the average body in
rest pose) and a 48-dimensional embedding; for every site of a 3D prototype an embedding to compare it with.

- Networks: EfficientNet-Lite0 trunk with a feature pyramid to stride 4 (image.onnx, trained at {size});
  PointNet++-like branch over the template's 2,048 sites (points.onnx). Part tokens are shared. Weights are
  stored in half precision and computed in single.
- Training data: synthetic people only ({data}), {samples:,} pictures in {steps:,} steps,
  {minutes:.0f} minutes, seed {seed}. No photograph of a person was used to train or
  to pick thresholds; some were looked at to follow the run.
- Starting weights: EfficientNet-Lite0 trained on ImageNet (Apache-2.0). **Those have seen real photographs**;
  stem and first three blocks are unchanged.
- Smoothed losses at the end: {losses}.
- Intended use: registering people in photographs to enrolled prototypes, with the decision left to a
  calibrated comparison. Not for surveillance without a legal basis.
- Known limits: upside-down people, divers, crowds, heavy occlusion, very loose clothes; adults only.

Licence: Apache-2.0. The run is recorded in record.json; `lineament train registration` repeats it.
"""


def release(network: RegistrationNetwork, state: RunState, template: str, folder: Path) -> None:
    """Write everything that the product needs of `network` (already holding the averaged weights) to
    `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network.eval()
    export_image_branch(network, folder / "image.onnx")
    export_point_branch(network, folder / "points.onnx")
    with torch.no_grad():
        background = torch.nn.functional.normalize(network.tokens[0], dim=0).numpy()
        temperature = float(network.temperature)
    config = {
        "revision": REVISION,
        "template": template,
        "classes": list(PART_NAMES),
        "class_weights": list(CLASS_WEIGHTS),
        "height": CROP_HEIGHT,
        "width": CROP_WIDTH,
        "stride": STRIDE,
        "feature_size": FEATURE_SIZE,
        "temperature": round(temperature, 5),
        "background_feature": [round(float(value), 5) for value in np.asarray(background)],
    }
    _write_json(folder / "config.json", config)
    _write_json(folder / "record.json", run_record(state))
    last = state.losses[-1] if state.losses else {}
    card = CARD.format(
        revision=REVISION,
        size=f"{CROP_WIDTH}x{CROP_HEIGHT}",
        data=state.data,
        samples=state.samples,
        steps=state.step,
        minutes=state.seconds / 60,
        seed=state.recipe["seed"],
        losses=", ".join(f"{name} {value:.3f}" for name, value in last.items() if name != "step")
        or "none recorded",
    )
    (folder / "CARD.md").write_text(card, encoding="utf-8")
    licence = files("lineament.training").joinpath("LICENSE.weights").read_text(encoding="utf-8")
    (folder / "LICENSE").write_text(licence, encoding="utf-8")


def run_record(state: RunState) -> dict[str, object]:
    """What is kept of a run: data, recipe, length, losses."""
    return {
        "revision": REVISION,
        "data": state.data,
        "recipe": state.recipe,
        "steps": state.step,
        "samples": state.samples,
        "minutes": round(state.seconds / 60, 2),
        "torch": torch.__version__,
        "pieces": pieces_told(state),
        "losses": state.losses,
    }


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
