"""Everybody of a photograph with their dense products: set up once, ask many times."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.dense.fit import BodyFit, fit_body
from lineament.dense.joints import SeenJoints, joints_seen
from lineament.dense.orientation import Orientation, orientation
from lineament.dense.visibility import site_states
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template, load_template
from lineament.recognition.pixels import PersonPixels, person_pixels
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import body_box
from lineament.runtime.photograph import load_photograph
from lineament.runtime.photograph_maps import PhotographMaps
from lineament.runtime.registrar import Registrar
from lineament.types import DenseRegistration, Float32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class DensePerson:
    """body: the registration. orientation: of the body to the camera. joints: as the pixels show them, of
    the site model's joints. sites: (N,) state of each template site, an index of `visibility.STATES`. fit:
    the fitted body, None where too little is seen or no fit was asked for.
    """

    body: DenseRegistration
    orientation: Orientation
    joints: SeenJoints
    sites: UInt8
    fit: BodyFit | None


@dataclass(frozen=True, slots=True, eq=False)
class DensePhotograph:
    """maps: at the photograph's size. people: in the order of `maps.boxes`. size: height and width."""

    maps: PhotographMaps
    people: tuple[DensePerson, ...]
    size: tuple[int, int]
    model: str
    template: str
    joint_names: tuple[str, ...]


class DenseReader:
    """Reads photographs densely. Make one with `DenseReader.load()`."""

    def __init__(
        self, registrar: Registrar, reader: FaceReader, template: Template, model: SiteModel
    ) -> None:
        self.registrar, self.reader, self.template, self.model = registrar, reader, template, model

    @classmethod
    def load(cls, folder: Path | None = None) -> "DenseReader":
        """With the released registration model or that of `folder`; raises BadInputError without one."""
        return cls(Registrar.load(folder), FaceReader.load(), load_template(), SiteModel.load())

    def find(self, image: UInt8) -> list[DenseRegistration]:
        """The people of a photograph (H, W, 3) uint8 sRGB, largest first."""
        hints = [body_box(face, image.shape) for face in self.reader.faces(image)]
        return self.registrar.people(image, hints=hints)

    def at(self, image: UInt8, box: Float32) -> DenseRegistration | None:
        """The person in and round a box x0, y0, x1, y1; None when the network sees nobody there."""
        return self.registrar.register(image, box)

    def read(self, photograph: Path | str | UInt8, *, fit: bool = True) -> DensePhotograph:
        """A photograph (a path, or (H, W, 3) uint8 sRGB, upright) with everybody in it.

        fit: whether bodies are fitted, which takes most of the time. Raises BadInputError for a photograph
        that cannot be read.
        """
        image = photograph if isinstance(photograph, np.ndarray) else load_photograph(photograph)
        found = [(body, person_pixels(body, self.template)) for body in self.find(image)]
        found = [(body, pixels) for body, pixels in found if len(pixels.parts)]
        return DensePhotograph(
            maps=self.registrar.full_resolution(image, [body for body, _ in found]),
            people=tuple(self._person(image, body, pixels, fit) for body, pixels in found),
            size=(image.shape[0], image.shape[1]),
            model=self.registrar.model,
            template=self.template.revision,
            joint_names=self.model.joint_names,
        )

    def orientation(self, image: UInt8, body: DenseRegistration) -> Orientation | None:
        """Of one registered person; None where no pixel of them is sure."""
        pixels = person_pixels(body, self.template)
        return self._orientation(image, body, pixels) if len(pixels.parts) else None

    def _orientation(self, image: UInt8, body: DenseRegistration, pixels: PersonPixels) -> Orientation:
        told = self.registrar.camera_direction(image, body)
        return orientation(pixels, self.template, body.to_photo, told)

    def _person(
        self, image: UInt8, body: DenseRegistration, pixels: PersonPixels, wanted: bool
    ) -> DensePerson:
        faced = self._orientation(image, body, pixels)
        fit = None
        if wanted:
            fit = fit_body(pixels, (image.shape[0], image.shape[1]), starts_of(faced), self.model)
        sites = site_states(body, pixels, fit, self.template, self.model)
        return DensePerson(body, faced, joints_seen(pixels, self.model), sites, fit)


def starts_of(faced: Orientation) -> Sequence[np.ndarray]:
    """Rotations to start a fit from: the likeliest azimuth and, where it is in doubt, the opposite one."""
    starts = [faced.rotation()]
    if faced.azimuth_sigma > np.pi / 4:
        starts.append(faced.rotation(faced.azimuth + np.pi))
    return starts
