"""From a seed to released face alignment weights: render, train, judge, write the folder.

`lineament train faces --out FOLDER` repeats the shipped ones.
"""

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import AlignmentTemplate, FaceAligner
from lineament.synth.head_places import mean_places
from lineament.synth.landmarks import LANDMARKS
from lineament.training.alignment_template import TemplateShape, alignment_template
from lineament.training.alignment_validation import (
    FRONTAL,
    PROFILE,
    placement_errors,
    placements,
    true_placements,
)
from lineament.training.face_alignment import AlignmentRecipe, export, train_head
from lineament.training.head_pictures import HeadPictures, head_pictures, rough_points

REVISION: Final = "face-alignment-1"
"""Changes whenever released weights change: embeddings of differently aligned faces must not be compared."""
VALIDATION_PEOPLE: Final = 150
VALIDATION_PICTURES: Final = 900

CARD: Final = """# {revision}: 2D-3D refinement of face crops

From a rough crop of a face to the projections of {marks} 3D landmarks (hidden ones too), how sure each is,
and the yaw; the face is then cut out again, aligned to where an average head's landmarks lie at that yaw.
Two passes.

- Network: SFace's layers up to the depthwise layer of block 13 (frozen), then one 1x1 convolution and two
  dense layers of our own, on a 112-pixel view {context} crops wide. Half precision on disk, single in use.
- Training data: {pictures:,} renders of {people:,} synthetic heads (Anny bodies with ICT-FaceKit
  identities, MakeHuman CC0 skins and hair), {views:,} augmented views, {minutes:.0f} minutes on a share of
  a core, seed {seed}. No photograph was used to train it or to choose anything about it.
- Starting weights: SFace (Apache-2.0), which **has seen real photographs of faces from the web**.
- Judged on renders of {validation_people} people never trained on, in pixels of a 112-pixel crop:
{figures}
- Limits: adults; synthetic hair and beards are plainer than real ones; heads turned more than about 100
  degrees are not meant; strong pitch is not part of the template.

Licence: Apache-2.0. `record.json` holds recipe and figures;
`lineament train faces --out FOLDER` repeats the run.
"""

LICENCE: Final = """The weights in this folder are licensed under the Apache License, Version 2.0
(https://www.apache.org/licenses/LICENSE-2.0).

Copyright 2026 The Lineament founders

model.onnx contains layers of SFace (face_recognition_sface_2021dec.onnx of the OpenCV model zoo), Copyright
Yaoyao Zhong and Weihong Deng, Apache License, Version 2.0, unchanged but for batch normalisations folded into
convolutions and storage in half precision.
"""


def release(
    out: Path,
    pictures: int = 6000,
    people: int = 1200,
    seed: int = 11,
    recipe: AlignmentRecipe | None = None,
    shape: TemplateShape | None = None,
    threads: int = 1,
) -> Path:
    """Render `pictures` heads of `people` identities, train the refiner and write its folder to `out`.

    Validation people come from seed + 1 and share nobody with the training people.
    """
    recipe, shape = recipe or AlignmentRecipe(), shape or TemplateShape()
    heads = _named(head_pictures(pictures, people, seed))
    template = average_template(shape)
    begun = time.monotonic()
    network, losses = train_head(heads, rough_points(heads), template, recipe, threads)
    minutes = (time.monotonic() - begun) / 60
    out.mkdir(parents=True, exist_ok=True)
    export(network, ["landmarks", "spread", "direction"], out / "model.onnx")
    write_config(template, out)
    figures = judge(_named(head_pictures(VALIDATION_PICTURES, VALIDATION_PEOPLE, seed + 1)), out, threads)
    record = {
        "revision": REVISION,
        "command": "lineament train faces",
        "pictures": pictures,
        "people": people,
        "seed": seed,
        "recipe": asdict(recipe),
        "shape": asdict(shape),
        "minutes": round(minutes, 1),
        "torch": torch.__version__,
        "validation": figures,
        "losses": losses,
    }
    write_words(record, out)
    return out


def _named(heads: HeadPictures) -> HeadPictures:
    """With the named landmarks alone, which the refiner learns."""
    count = len(LANDMARKS)
    return replace(heads, landmarks=heads.landmarks[:, :count], visible=heads.visible[:, :count])


def average_template(shape: TemplateShape) -> AlignmentTemplate:
    """The template of the average adult."""
    return alignment_template(mean_places()[: len(LANDMARKS)], shape, REVISION)


def write_config(template: AlignmentTemplate, out: Path) -> None:
    """Write config.json, all that the product needs to know beside the network."""
    config = {
        "revision": template.revision,
        "input": "crop (B, 3, 112, 112) float32 RGB 0..255",
        "outputs": [
            "landmarks (B, L, 2) view pixels",
            "spread (B, L)",
            "direction (B, 2) sine, cosine of the yaw",
        ],
        "landmark_names": list(LANDMARKS),
        "context": template.context,
        "five": list(template.five),
        "yaws": np.round(template.yaws, 5).tolist(),
        "landmarks": np.round(template.landmarks, 2).tolist(),
        "weights": template.weights.tolist(),
        "head": np.round(template.head, 5).tolist(),
    }
    (out / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


def judge(heads: HeadPictures, folder: Path, threads: int = 1) -> dict[str, float]:
    """Median errors on validation renders, beside those of five-point alignment alone."""
    detector, aligner = FaceDetector.load(threads), FaceAligner.load(threads, folder)
    turned = np.abs(heads.angles[:, 0])
    figures: dict[str, float] = {}
    for name, used in (("five_points", None), ("refined", aligner)):
        got = placements(heads, detector, used)
        true = true_placements(heads, aligner.template if used else None)
        errors = placement_errors(got, true)
        for where, chosen in (("frontal", turned < FRONTAL), ("profile", turned > PROFILE)):
            seen = got.found & chosen
            figures[f"{name}_{where}_error_px"] = round(float(np.median(errors[seen])), 2)
            figures[f"{name}_{where}_found"] = round(float(got.found[chosen].mean()), 3)
        if used is not None:
            off = np.abs(np.degrees(got.yaws - true.yaws))[got.found]
            figures["yaw_error_degrees"] = round(float(np.median(off)), 2)
    return figures


def write_words(record: dict[str, object], out: Path) -> None:
    """Write record.json, CARD.md and LICENSE."""
    (out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    recipe, shape, validation = record["recipe"], record["shape"], record["validation"]
    card = CARD.format(
        revision=record["revision"],
        marks=len(LANDMARKS),
        context=shape["context"],
        pictures=record["pictures"],
        people=record["people"],
        views=recipe["views"],
        minutes=record["minutes"],
        seed=record["seed"],
        validation_people=VALIDATION_PEOPLE,
        figures="\n".join(f"  - {name.replace('_', ' ')}: {value}" for name, value in validation.items()),
    )
    (out / "CARD.md").write_text(card, encoding="utf-8")
    (out / "LICENSE").write_text(LICENCE, encoding="utf-8")
