"""Where a head stands before a camera: three angles, or rotation and translation from its landmarks.

The head's own frame is that of the template: metres, x to the person's left, the face looks to -y, z up.
Cameras are OpenCV's: x right, y down, z forward.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.types import Float32, Float64

STEPS: Final = 8
USUAL_FOCAL: Final = 1.2
"""Of the longer side of a photograph, where nothing is known: a 43 mm lens on 36 mm film."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """rotation: (3, 3) head to camera. translation: (3,) metres, of the head frame's origin. focal: pixels it
    was found with.
    """

    rotation: Float64
    translation: Float64
    focal: float

    def __post_init__(self) -> None:
        if self.rotation.shape != (3, 3) or self.translation.shape != (3,):
            raise ValueError("a pose needs a rotation (3, 3) and a translation (3,)")

    @property
    def angles(self) -> tuple[float, float, float]:
        """Yaw, pitch and roll in radians, as `rotation_of` takes them."""
        return angles_of(self.rotation)


def rotation_of(yaw: float, pitch: float, roll: float = 0.0) -> Float64:
    """Head to camera (3, 3) for a camera that looks straight at the head, as `Camera.looking_at` has it.

    yaw: positive when the person's left cheek is towards the camera. pitch: positive when the camera looks
    down on the head. roll: turns the picture clockwise.
    """
    (ca, ce), (sa, se) = np.cos([yaw, pitch]), np.sin([yaw, pitch])
    forward = np.array([-sa * ce, ca * ce, -se])
    right = np.array([ca, sa, 0.0])
    return rolled(np.stack([right, np.cross(forward, right), forward]), roll)


def angles_of(rotation: Float64) -> tuple[float, float, float]:
    """Yaw, pitch, roll in radians of a head-to-camera rotation (3, 3), the inverse of `rotation_of`."""
    forward = rotation[2]
    yaw, pitch = np.arctan2(-forward[0], forward[1]), np.arcsin(np.clip(-forward[2], -1, 1))
    across = rotation[:2] @ (np.cos(yaw), np.sin(yaw), 0.0)
    return float(yaw), float(pitch), float(np.arctan2(across[1], across[0]))


def rolled(rotation: Float64, roll: float) -> Float64:
    """The same head in a picture turned clockwise by `roll` radians."""
    c, s = np.cos(roll), np.sin(roll)
    return np.asarray(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ rotation)


def nearest_rotation(rows: Float64) -> Float64:
    """The rotation (3, 3) whose first two rows are the orthonormal pair nearest to `rows` (2, 3)."""
    u, _, v = np.linalg.svd(rows, full_matrices=False)
    right, down = u @ v
    return np.stack([right, down, np.cross(right, down)])


def usual_intrinsics(height: int, width: int) -> Float64:
    """Focal length and principal point (3,), pixels, guessed from a photograph's size."""
    return np.array([USUAL_FOCAL * max(height, width), width / 2, height / 2])


def solve_pose(
    head: Float64, landmarks: Float64, weights: Float64, facing: Float64, intrinsics: Float64
) -> HeadPose:
    """The pose in which `head` (K, 3) metres projects nearest to `landmarks` (K, 2), weighted least squares.

    facing: (3, 3), where the head is turned as seen along the ray to it: the start. intrinsics: focal, cx,
    cy in pixels. Gauss-Newton on rotation vector and translation.
    """
    focal, centre = float(intrinsics[0]), intrinsics[1:]
    rays = (landmarks - centre) / focal
    weight = weights / weights.sum()
    middle, aim = weight @ head, weight @ rays
    flat = (head - middle) @ facing[:2].T
    scale = float((weight * (flat * (rays - aim)).sum(axis=1)).sum() / (weight @ (flat * flat).sum(axis=1)))
    depth = 1 / max(scale, 1e-6)
    rotation = _towards(np.array([*aim, 1.0])) @ facing
    translation = depth * np.array([*aim, 1.0]) - rotation @ middle
    for _ in range(STEPS):
        turned = head @ rotation.T
        places = turned + translation
        z = np.maximum(places[:, 2], 1e-6)
        off = rays - places[:, :2] / z[:, None]
        slope = np.zeros((len(head), 2, 3))
        slope[:, 0, 0] = slope[:, 1, 1] = 1 / z
        slope[:, :, 2] = -places[:, :2] / (z * z)[:, None]
        # a small turn w moves a point by w x p
        columns = np.concatenate([slope @ -_crosses(turned), slope], axis=2)
        normal = np.einsum("n,nic,nid->cd", weight, columns, columns)
        wanted = np.einsum("n,nic,ni->c", weight, columns, off)
        step = np.linalg.solve(normal + 1e-9 * np.trace(normal) / 6 * np.eye(6), wanted)
        rotation, translation = _turn(step[:3]) @ rotation, translation + step[3:]
    return HeadPose(rotation, translation, focal)


def _towards(direction: Float64) -> Float64:
    """The smallest rotation (3, 3) that takes the optical axis to `direction` (3,)."""
    axis = direction / np.linalg.norm(direction)
    turn = np.array([-axis[1], axis[0], 0.0])
    sine = np.linalg.norm(turn)
    return _turn(turn / max(sine, 1e-12) * np.arctan2(sine, axis[2]))


def _turn(vector: Float64) -> Float64:
    """Rodrigues' formula."""
    angle = float(np.linalg.norm(vector))
    skew = _crosses(vector[None] / max(angle, 1e-12))[0]
    return np.asarray(np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * (skew @ skew))


def _crosses(points: Float64 | Float32) -> Float64:
    """(N, 3, 3), the matrices that take v to p x v."""
    out = np.zeros((len(points), 3, 3))
    x, y, z = points.T
    out[:, 0, 1], out[:, 0, 2], out[:, 1, 2] = -z, y, -x
    return out - out.transpose(0, 2, 1)
