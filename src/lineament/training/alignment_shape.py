"""Choose how an aligned crop changes from frontal to profile, by what the recogniser makes of validation
renders.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import onnxruntime

from lineament.runtime.face_crops import similarity, warp
from lineament.training.alignment_template import COUNTED, TemplateShape, alignment_template
from lineament.training.alignment_validation import FRONTAL, PROFILE
from lineament.training.head_pictures import HeadPictures
from lineament.types import Float32, Float64, Int32

FALSE_MATCH_RATE: Final = 0.01
SEEN: Final = {"frontal": 0.5, "profile": 0.2}
"""Share of the landmarks that must be visible; hair and obstacles hide some faces altogether."""


def compare_shapes(
    heads: HeadPictures,
    head: Float64,
    shapes: Sequence[TemplateShape],
    recogniser: onnxruntime.InferenceSession,
) -> list[dict[str, float]]:
    """For each shape, how far mated frontal-profile pairs stand from others when cropped by the exact
    landmarks.

    head: (L, 3) landmarks of the average head. separation: difference of the means over the root mean
    variance. rate: true match rate at a false match rate of 1 %.
    """
    yaws, seen = np.abs(heads.angles[:, 0]), heads.visible[:, : len(COUNTED)][:, COUNTED].mean(axis=1)
    front = np.flatnonzero((yaws < FRONTAL) & (seen > SEEN["frontal"]))
    side = np.flatnonzero((yaws > PROFILE) & (seen > SEEN["profile"]))
    mated = heads.people[front][:, None] == heads.people[side][None]
    results = []
    for shape in shapes:
        first, second = (_embeddings(heads, which, head, shape, recogniser) for which in (front, side))
        scores = first @ second.T
        ours, others = scores[mated], scores[~mated]
        threshold = np.sort(others)[::-1][int(FALSE_MATCH_RATE * len(others))]
        separation = (ours.mean() - others.mean()) / np.sqrt((ours.var() + others.var()) / 2)
        rate = float((ours > threshold).mean())
        results.append(
            {"scale": shape.scale, "shift": shape.shift, "separation": float(separation), "rate": rate}
        )
    return results


def _embeddings(
    heads: HeadPictures,
    chosen: Int32,
    head: Float64,
    shape: TemplateShape,
    recogniser: onnxruntime.InferenceSession,
) -> Float32:
    template = alignment_template(head, shape, "trial")
    vectors = []
    for index in chosen:
        landmarks = heads.landmarks[index, : len(COUNTED)].astype(np.float64)
        matrix = similarity(landmarks, *template.at(float(heads.angles[index, 0])))
        crop = warp(np.array(heads.images[index]), matrix).transpose(2, 0, 1)[None]
        vector = recogniser.run(None, {"data": np.ascontiguousarray(crop, dtype=np.float32)})[0][0]
        vectors.append(vector / np.linalg.norm(vector))
    return np.stack(vectors)
