"""What is done to a generated sample each time it is used: flips, small similarities, mosaics, colour,
prototypes.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from lineament.anatomy import MIRROR
from lineament.synth.site_prototype import SitePrototype
from lineament.types import Float32, Int32, UInt8

UNKNOWN_PERSON = -1
_MIRROR = np.array(MIRROR, dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSample:
    """One picture with its labels and the prototype of the person in it.

    image: (H, W, 3) uint8 sRGB. part: (H, W). canonical: (H, W, 3) float metres. main: (H, W) uint8, 1 on the
    person of the prototype, 0 on others and nobody. person: its number, UNKNOWN_PERSON where it cannot be
    compared. points, normals: (N, 3) at the template's sites, rest pose metres. colours: (N, 3) float32 sRGB
    0..1. has_colour: whether they count. measured: (N,) float32 0 or 1. rival: somebody like the person, of
    whom as much is known, and rival_person that one's number.
    """

    image: UInt8
    part: UInt8
    canonical: Float32
    main: UInt8
    carried: UInt8
    person: int
    points: Float32
    normals: Float32
    colours: Float32
    has_colour: bool
    measured: Float32
    rival: SitePrototype
    rival_person: int


def augmented(sample: TrainingSample, rng: np.random.Generator, mirror_sites: Int32) -> TrainingSample:
    """A variant of `sample` with mirror, similarity, colours and prototype drawn from `rng`; same shapes."""
    flipped = rng.random() < 0.5
    if sample.person != UNKNOWN_PERSON:
        # a mirrored person is another person: asymmetries and the side of every site differ
        sample = replace(
            sample, person=2 * sample.person + flipped, rival_person=2 * sample.rival_person + flipped
        )
    if flipped:
        sample = mirrored(sample, mirror_sites)
    if rng.random() < 0.7:
        sample = _moved(sample, rng)
    return _prototype_dropped(replace(sample, image=recoloured(sample.image, rng)), rng)


def mirrored(sample: TrainingSample, mirror_sites: Int32) -> TrainingSample:
    """The mirrored picture of the mirrored person: sides, places and sites change hands. Its own inverse."""
    flip = np.array([-1, 1, 1], dtype=np.float32)
    return replace(
        sample,
        image=np.ascontiguousarray(sample.image[:, ::-1]),
        part=_MIRROR[sample.part[:, ::-1]],
        main=sample.main[:, ::-1],
        carried=sample.carried[:, ::-1],
        canonical=sample.canonical[:, ::-1] * flip.astype(sample.canonical.dtype),
        points=sample.points[mirror_sites] * flip,
        normals=sample.normals[mirror_sites] * flip,
        colours=sample.colours[mirror_sites],
        measured=sample.measured[mirror_sites],
        rival=SitePrototype(
            sample.rival.points[mirror_sites] * flip,
            sample.rival.normals[mirror_sites] * flip,
            sample.rival.colours[mirror_sites],
        ),
    )


def mosaic(samples: list[TrainingSample]) -> TrainingSample:
    """Four samples at half size in one picture, so that the network also finds small and several people."""
    height, width = samples[0].part.shape
    half = (width // 2, height // 2)

    def tile(arrays: list[np.ndarray]) -> np.ndarray:
        return np.vstack([np.hstack(arrays[:2]), np.hstack(arrays[2:])])

    return replace(
        samples[0],
        image=tile([cv2.resize(s.image, half, interpolation=cv2.INTER_AREA) for s in samples]),
        part=tile([s.part[1::2, 1::2] for s in samples]),
        main=np.zeros_like(samples[0].main),
        carried=tile([s.carried[1::2, 1::2] for s in samples]),
        canonical=tile([s.canonical[1::2, 1::2] for s in samples]),
        person=UNKNOWN_PERSON,
    )


def _moved(sample: TrainingSample, rng: np.random.Generator) -> TrainingSample:
    height, width = sample.part.shape
    turn = float(np.clip(rng.normal(0.0, 12.0), -40, 40))
    scale = float(np.exp(rng.uniform(np.log(0.7), np.log(1.3))))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    matrix[:, 2] += rng.uniform(-0.08, 0.08, 2) * (width, height)
    size = (width, height)
    border = tuple(int(v) for v in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (0, 0, 0)
    return replace(
        sample,
        image=cv2.warpAffine(sample.image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=border),
        part=cv2.warpAffine(sample.part, matrix, size, flags=cv2.INTER_NEAREST),
        main=cv2.warpAffine(sample.main, matrix, size, flags=cv2.INTER_NEAREST),
        carried=cv2.warpAffine(sample.carried, matrix, size, flags=cv2.INTER_NEAREST),
        canonical=cv2.warpAffine(sample.canonical.astype(np.float32), matrix, size, flags=cv2.INTER_NEAREST),
    )


def recoloured(image: UInt8, rng: np.random.Generator) -> UInt8:
    """Another exposure, white balance and contrast by one table a channel; now and then grey, soft or
    noisy.
    """
    gains = np.exp(rng.normal(0.0, 0.15) + rng.normal(0.0, 0.07, 3))
    gamma = float(np.exp(rng.normal(0.0, 0.15)))
    ramp = np.linspace(0.0, 1.0, 256)[:, None] ** gamma * gains
    table = np.clip((ramp - 0.5) * np.exp(rng.normal(0.0, 0.15)) + 0.5, 0.0, 1.0)
    picture = cv2.LUT(image, (table * 255 + 0.5).astype(np.uint8)[:, None])
    if rng.random() < 0.05:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if rng.random() < 0.05:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.4)))
    if rng.random() < 0.05:
        grain = rng.normal(0.0, rng.uniform(2.0, 9.0), picture.shape)
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return picture


def _prototype_dropped(sample: TrainingSample, rng: np.random.Generator) -> TrainingSample:
    """Half of the prototypes without colour, a third measured only in part, all with a scanner's small
    errors.
    """
    count = len(sample.points)
    measured = np.ones(count, dtype=np.float32)
    if rng.random() < 1 / 3:
        direction = rng.normal(size=3)
        measured = (sample.normals @ direction > -0.2).astype(np.float32)
        if rng.random() < 0.5:
            measured = (sample.points[:, 2] > rng.uniform(0.1, 1.5)).astype(np.float32)
    own = _scanned(SitePrototype(sample.points, sample.normals, sample.colours), rng)
    return replace(
        sample,
        points=own.points,
        colours=own.colours,
        has_colour=sample.has_colour and bool(rng.random() < 0.5),
        measured=measured,
        rival=_scanned(sample.rival, rng),
    )


def _scanned(prototype: SitePrototype, rng: np.random.Generator) -> SitePrototype:
    """With a scanner's small errors, each prototype its own."""
    gains = np.exp(rng.normal(0.0, 0.1) + rng.normal(0.0, 0.06, 3)).astype(np.float32)
    noise = rng.normal(0.0, rng.uniform(0.0, 0.004), prototype.points.shape).astype(np.float32)
    return SitePrototype(
        prototype.points + noise, prototype.normals, np.clip(prototype.colours * gains, 0.0, 1.0)
    )
