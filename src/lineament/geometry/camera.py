"""Pinhole cameras in the OpenCV convention: x right, y down, z forward; pixel centres at +0.5."""

from dataclasses import dataclass

import numpy as np

from lineament.types import Float64


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Intrinsics K (3, 3) in pixels; world-to-camera rotation R (3, 3) and translation t (3,) in metres."""

    K: Float64
    R: Float64
    t: Float64
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.K.shape != (3, 3) or self.R.shape != (3, 3) or self.t.shape != (3,):
            raise ValueError("a camera needs K (3, 3), R (3, 3) and t (3,)")
        if self.width < 1 or self.height < 1:
            raise ValueError("a camera needs a positive picture size")

    @property
    def centre(self) -> Float64:
        """Position of the camera in the world, (3,) metres."""
        return np.asarray(-self.R.T @ self.t)

    def to_camera(self, points: Float64) -> Float64:
        """World points (N, 3) to camera coordinates (N, 3), metres."""
        return np.asarray(points @ self.R.T + self.t)

    def project(self, points: Float64) -> tuple[Float64, Float64]:
        """World points (N, 3) to pixels (N, 2) and depths (N,); depth <= 0 lies behind the camera."""
        local = self.to_camera(np.asarray(points, dtype=np.float64))
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        pixels = local[:, :2] / safe[:, None] * (self.K[0, 0], self.K[1, 1]) + self.K[:2, 2]
        return pixels, depth

    @classmethod
    def looking_at(
        cls,
        target: Float64,
        *,
        azimuth: float,
        elevation: float,
        distance: float,
        focal: float,
        width: int,
        height: int,
        roll: float = 0.0,
    ) -> "Camera":
        """A camera on a sphere round `target` (3,) metres; angles in radians, `focal` in pixels.

        azimuth 0 looks at the front of a person in rest pose (the camera stands on the -y side); positive
        azimuth moves the camera towards the person's left (+x). elevation > 0 looks down from above. roll
        turns the picture clockwise.
        """
        ca, sa, ce, se = np.cos(azimuth), np.sin(azimuth), np.cos(elevation), np.sin(elevation)
        forward = -np.array([sa * ce, -ca * ce, se])
        right = np.array([ca, sa, 0.0])
        down = np.cross(forward, right)
        cr, sr = np.cos(roll), np.sin(roll)
        R = np.stack([cr * right - sr * down, sr * right + cr * down, forward])
        centre = np.asarray(target, dtype=np.float64) - distance * forward
        K = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
        return cls(K, R, -R @ centre, width, height)
