"""Where the camera stands and what it takes in: whole figures, parts of them, heads, aligned faces."""

from dataclasses import dataclass

import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.distributions import (
    Choice,
    Fixed,
    Given,
    LogUniform,
    Mixture,
    Normal,
    Uniform,
    chance,
)
from lineament.geometry.camera import Camera
from lineament.synth.covariates import Table, draw_alone, number, one_of, yes_or_no
from lineament.types import Float32, Float64


def _parts(*names: str) -> tuple[int, ...]:
    return tuple(index for name, index in PART_INDEX.items() if name.split("_", 1)[-1] in names)


REGION_PARTS: dict[str, tuple[int, ...]] = {
    "body": tuple(range(1, 15)),
    "upper": _parts("head", "torso", "upper_arm", "forearm", "hand"),
    "bust": _parts("head", "torso", "upper_arm"),
    "legs": _parts("thigh", "calf", "foot"),
    "lower": _parts("torso", "thigh", "calf", "foot"),
    "head": _parts("head"),
}
REGIONS = (*REGION_PARTS, "face", "aligned_face")
"""What `Framing.fill` is measured on: the parts above; the face from chin to hairline; or the face laid onto
the five points of a recogniser's template, where fill means nothing.
"""
ALIGNED_FACE = np.array(
    [[0.3419, 0.4616], [0.6565, 0.4598], [0.5002, 0.6405], [0.3710, 0.8247], [0.6315, 0.8232]]
)
"""Eyes, nose tip and mouth corners in an aligned face as shares of the picture's width and height: the
template that ArcFace and SFace are trained with, divided by its 112 pixels.
"""
NOBODY_SHARE = 0.04
SMALL_SHARE = 0.145
_TURNED = Uniform(-np.pi, np.pi)
_SHIFTED = {
    True: Normal(0, 0.2),
    False: Mixture(((0.96, Normal(0, 0.04)), (0.02, Uniform(-0.3, 0)), (0.02, Uniform(0, 0.3)))),
}

FRAMING: Table = {
    "region": one_of(
        Given(
            "pose.kind",
            {"acrobatic": Fixed("body")},
            Choice(
                {
                    "body": 0.6875,
                    "upper": 0.1188,
                    "bust": 0.0875,
                    "legs": 0.0375,
                    "lower": 0.0437,
                    "head": 0.0250,
                    "face": 0.0,
                    "aligned_face": 0.0,
                }
            ),
        ),
        *REGIONS,
    ),
    "turned": yes_or_no(
        Given(
            "pose.kind",
            {"acrobatic": Fixed(True)},
            Given("framing.region", {"body": chance(0.09)}, Fixed(False)),
        )
    ),
    "small": yes_or_no(Given("framing.region", {"body": chance(SMALL_SHARE)}, Fixed(False))),
    "yaw": number(Uniform(-np.pi, np.pi), -np.pi, np.pi, "rad"),
    "elevation": number(
        Mixture(
            (
                (0.12, Uniform(*np.radians((20, 70)))),
                (0.88, Normal(*np.radians((4, 9, -20, 28)))),
            )
        ),
        np.radians(-89),
        np.radians(89),
        "rad",
    ),
    "roll": number(
        Given(
            "framing.turned",
            {
                True: Given(
                    "pose.kind",
                    {"acrobatic": Mixture(((0.5, _TURNED), (0.5, Normal(0, np.radians(20)))))},
                    _TURNED,
                )
            },
            Normal(0, np.radians(4)),
        ),
        -np.pi,
        np.pi,
        "rad",
    ),
    "distance": number(
        Given("framing.region", {"body": LogUniform(2.2, 14)}, LogUniform(1.2, 8)), 0.3, 1000, "m"
    ),
    "fill": number(
        Given(
            "framing.small",
            {True: Mixture(((0.8, Uniform(0.22, 0.45)), (0.2, LogUniform(0.125, 0.22))))},
            Given(
                "framing.region",
                {
                    "body": Mixture(
                        ((0.62, Uniform(0.75, 1.0)), (0.26, Uniform(0.45, 0.75)), (0.12, Uniform(1.0, 1.1)))
                    ),
                    "face": Uniform(0.5, 0.7),
                },
                Uniform(0.7, 1.2),
            ),
        ),
        0.02,
        5,
        "share",
    ),
    "shift_x": number(Given("framing.small", _SHIFTED), -2, 2, "share"),
    "shift_y": number(Given("framing.small", _SHIFTED), -2, 2, "share"),
}
"""Covariates of the camera; see `Framing`."""


@dataclass(frozen=True, slots=True)
class Framing:
    """One view of one person.

    region: one of REGIONS. turned: whether any roll may occur. small: whether the person is small in the
    picture. yaw, elevation and roll: of the camera, radians, as in `Camera.looking_at` (yaw is its azimuth, 0
    in front of the person, for faces in front of the face). distance: metres from the region's middle. fill:
    the region's larger side over the picture's. shift_x, shift_y: of the region's middle from the picture's,
    in picture widths and heights.
    """

    region: str
    turned: bool
    small: bool
    yaw: float
    elevation: float
    roll: float
    distance: float
    fill: float
    shift_x: float
    shift_y: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "Framing":
        """A view of an ordinary pose by the table FRAMING."""
        return draw_alone(cls, "framing", FRAMING, rng)

    def camera(
        self, region: Float32, reach: Float32, width: int, height: int, heading: float = 0.0
    ) -> Camera:
        """The camera for the points (N, 3) of the region, metres; `reach` (M, 3) must all lie before it.
        heading: which way the region faces, radians; yaw counts from there.

        The middle of the picture need not be the optical axis: probes are crops of larger photographs. For
        "aligned_face" the region holds the five points, in the template's order.
        """
        # Rows of x, y and z: numpy takes the least of three long rows far faster than of three columns.
        points = np.ascontiguousarray(region.T, dtype=np.float64)
        target = (points.min(axis=1) + points.max(axis=1)) / 2
        # Nearer than this the perspective is no photograph's, and limbs pass behind the camera.
        off = np.ascontiguousarray(reach.T, dtype=np.float64) - target[:, None]
        far = float(np.sqrt((off * off).sum(axis=0).max()))
        distance = max(self.distance, 1.4 * far if self.region == "body" else 0.45 + far * 0.9)
        view = Camera.looking_at(
            target,
            azimuth=self.yaw + heading,
            elevation=self.elevation,
            distance=distance,
            focal=1.0,
            width=width,
            height=height,
            roll=self.roll,
        )
        local = view.R @ points + view.t[:, None]
        pixels = local[:2] / np.maximum(local[2], 1e-9)
        if self.region == "aligned_face":
            return _aligned(view, pixels.T)
        low, high = pixels.min(axis=1), pixels.max(axis=1)
        focal = self.fill / max((high[0] - low[0]) / width, (high[1] - low[1]) / height)
        shift = np.array((self.shift_x, self.shift_y))
        centre = (0.5 + shift) * (width, height) - focal * (low + high) / 2
        K = np.array([[focal, 0.0, centre[0]], [0.0, focal, centre[1]], [0.0, 0.0, 1.0]])
        return Camera(K, view.R, view.t, width, height)


def _aligned(view: Camera, pixels: Float64) -> Camera:
    """The camera turned about its axis, zoomed and shifted so that five points come nearest to the template.

    pixels: (5, 2) about the optical axis at focal length 1. Least squares over similarities of the plane.
    """
    wanted = ALIGNED_FACE * (view.width, view.height)
    middle, place = pixels.mean(axis=0), wanted.mean(axis=0)
    source = (pixels - middle) @ (1, 1j)
    ratio = np.vdot(source, (wanted - place) @ (1, 1j)) / np.vdot(source, source).real
    focal, c, s = abs(ratio), ratio.real / abs(ratio), ratio.imag / abs(ratio)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    centre = place - focal * turn[:2, :2] @ middle
    K = np.array([[focal, 0.0, centre[0]], [0.0, focal, centre[1]], [0.0, 0.0, 1.0]])
    return Camera(K, turn @ view.R, turn @ view.t, view.width, view.height)
