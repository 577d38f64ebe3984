"""A picture of the dense products, to look at: parts, joints and which way everybody faces."""

import cv2
import numpy as np

from lineament.anatomy import PART_COLOURS
from lineament.dense.person import DensePerson, DensePhotograph
from lineament.geometry.site_model import SiteModel
from lineament.types import UInt8

STRENGTH = 0.45
LEAST_CONFIDENCE = 0.3


def overlay(image: UInt8, read: DensePhotograph, model: SiteModel) -> UInt8:
    """The photograph (H, W, 3) with parts in colour, joints, and an arrow the way each body faces."""
    colour = PART_COLOURS[read.maps.parts]
    shown = read.maps.parts[..., None] > 0
    picture = np.where(shown, (1 - STRENGTH) * image + STRENGTH * colour, image).astype(np.uint8)
    for person in read.people:
        _skeleton(picture, person, model)
        _arrow(picture, person)
    return picture


def _skeleton(picture: UInt8, person: DensePerson, model: SiteModel) -> None:
    fit = person.fit
    if fit is None:
        return
    width = max(1, round(fit.size / 200))
    sure = fit.joints_confidence >= LEAST_CONFIDENCE
    for joint, parent in enumerate(model.joint_parents):
        if parent >= 0 and sure[joint] and sure[parent]:
            a, b = (_point(fit.joints_pixels[k]) for k in (joint, parent))
            cv2.line(picture, a, b, (255, 255, 255), width, cv2.LINE_AA)


def _arrow(picture: UInt8, person: DensePerson) -> None:
    """From above: down the picture is towards the camera."""
    x0, _, x1, y1 = person.body.box
    size = 0.25 * (x1 - x0)
    middle = np.array([(x0 + x1) / 2, y1])
    # the person's left is on the picture's right when they face the camera
    facing = np.array([-np.sin(person.orientation.azimuth), 0.5 * np.cos(person.orientation.azimuth)])
    tip = middle + size * facing
    cv2.arrowedLine(picture, _point(middle), _point(tip), (255, 221, 0), 2, cv2.LINE_AA, tipLength=0.3)


def _point(xy: np.ndarray) -> tuple[int, int]:
    x, y = np.clip(np.nan_to_num(xy), -10_000, 10_000)
    return round(float(x)), round(float(y))
