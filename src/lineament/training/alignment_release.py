"""From a seed to released face alignment weights: render, train, judge, write the folder.

`lineament train faces --out FOLDER` repeats the shipped ones.
"""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch

from lineament.assets import find
from lineament.runtime.detector import FaceDetector
from lineament.runtime.face_alignment import VIEW_SIZE, AlignmentTemplate, FaceAligner
from lineament.runtime.face_crops import FIVE_POINTS, similarity
from lineament.runtime.session import open_session
from lineament.synth.head_places import MIRROR, NAMED
from lineament.synth.landmarks import LANDMARKS
from lineament.training.alignment_detector import DetectorErrors
from lineament.training.alignment_template import average_template
from lineament.training.alignment_validation import alignments, bands, errors, separation, true_matrices
from lineament.training.alignment_views import alignment_views
from lineament.training.alignment_words import card, licence
from lineament.training.face_alignment import AlignmentRecipe, export, train_aligner
from lineament.training.head_pictures import HeadPictures, head_pictures

REVISION: Final = "face-alignment-2"
"""Changes whenever released weights change: embeddings of differently aligned faces must not be compared."""
VALIDATION_PEOPLE: Final = 300
VALIDATION_PICTURES: Final = 3000
DISBELIEF: Final = 99.0
"""Of validation faces, in per cent, the spread of these many lies below the threshold of disbelief."""


def release(
    out: Path,
    pictures: int = 60_000,
    people: int = 6_000,
    seed: int = 1611,
    recipe: AlignmentRecipe | None = None,
    threads: int = 1,
) -> Path:
    """Render `pictures` heads of `people` identities, train the aligner and write its folder to `out`.

    Validation people come from seed + 1 and share nobody with the training people.
    """
    recipe = recipe or AlignmentRecipe()
    heads = head_pictures(pictures, people, seed)
    template = average_template(REVISION)
    detector = DetectorErrors.measured(heads)
    draw = partial(_views, heads, detector, template)
    network, losses = train_aligner(
        len(heads), heads.landmarks.shape[1], draw, recipe, out / "rounds", threads
    )
    seconds = sum(
        max(one["seconds"] for one in losses if one["round"] == k) for k in range(len(recipe.rounds))
    )
    out.mkdir(parents=True, exist_ok=True)
    export(network, out / "model.onnx")
    write_config(template, out)
    figures = judge(head_pictures(VALIDATION_PICTURES, VALIDATION_PEOPLE, seed + 1), out, threads)
    record = {
        "revision": REVISION,
        "command": "lineament train faces",
        "pictures": pictures,
        "people": people,
        "seed": seed,
        "validation_people": VALIDATION_PEOPLE,
        "landmarks": len(template.head),
        "context": template.context,
        "recipe": asdict(recipe),
        "minutes": round(seconds / 60, 1),
        "torch": torch.__version__,
        "validation": figures,
        "losses": losses,
    }
    (out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (out / "CARD.md").write_text(card(record), encoding="utf-8")
    (out / "LICENSE").write_text(licence(), encoding="utf-8")
    return out


def _views(heads, detector, template, chosen, rng):  # type: ignore[no-untyped-def]
    return alignment_views(heads, chosen, detector, template, MIRROR.tolist(), rng)


def write_config(template: AlignmentTemplate, out: Path) -> None:
    """Write config.json, all that the product needs to know beside the network."""
    config = {
        "revision": template.revision,
        "input": f"view (B, 3, {VIEW_SIZE}, {VIEW_SIZE}) float32 RGB 0..255",
        "outputs": [
            "landmarks (B, K, 2) view pixels",
            "spread (B, K) view pixels",
            "visible (B, K) probability",
            "rotation (B, 2, 3) first rows of head to camera",
        ],
        "landmark_names": [*LANDMARKS, *(f"dense_{n}" for n in range(len(template.head) - NAMED))],
        "context": template.context,
        "five": list(template.five),
        "head": np.round(template.head, 5).tolist(),
        "weights": template.weights.tolist(),
    }
    (out / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")


def judge(heads: HeadPictures, folder: Path, threads: int = 1) -> dict[str, float]:
    """Median errors on validation renders by yaw, and what a recogniser makes of frontal-profile pairs,
    beside five-point and exact alignment, where the asset sface is here.
    """
    detector, aligner = FaceDetector.load(threads), FaceAligner.load(threads, folder)
    found = alignments(heads, detector, aligner)
    off = errors(heads, found, aligner.template)
    seen = np.array([one is not None for one in found])
    figures: dict[str, float] = {}
    for where, chosen in bands(heads.angles[:, 0], heads.visible).items():
        figures[f"{where}_found"] = round(float(seen[chosen].mean()), 3)
        for name, values in off.items():
            figures[f"{where}_{name}"] = round(float(np.median(values[chosen & seen])), 2)
    figures["disbelieved_above"] = round(float(np.percentile(off["spread"][seen], DISBELIEF)), 2)
    if (path := find("sface")) is not None:
        recogniser = open_session(path, threads)
        true = true_matrices(heads, aligner.template)
        ways = {"five_points": true.copy(), "aligned": true.copy(), "exact": true}
        for index, one in enumerate(found):
            if one is not None:
                ways["five_points"][index] = similarity(one[0], FIVE_POINTS)
                ways["aligned"][index] = one[1].matrix
        for name, matrices in ways.items():
            for what, value in separation(heads, matrices, seen, recogniser).items():
                figures[f"{name}_{what}"] = round(value, 4)
    return figures
