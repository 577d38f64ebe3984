"""Enrol a person whose 3D model is known: from body parameters, or from a synthetic population."""

from pathlib import Path

import numpy as np

from lineament.gallery.enrolment.assemble import Consent, assemble
from lineament.gallery.enrolment.photographs import face_templates
from lineament.humans.body import Body, BodyModel
from lineament.humans.parameters import BodyParameters, read_parameters
from lineament.humans.sites import rest_sites
from lineament.humans.wardrobe import IdentityLook
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.faces import FaceReader
from lineament.synth.people import People
from lineament.synth.studio import head_views, undressed
from lineament.types import Face, Prototype

FACE_YAWS = tuple(np.radians((-90.0, -60.0, -30.0, 0.0, 30.0, 60.0, 90.0)).tolist())


def enrol_parameters(
    subject: str, path: Path, consent: str, purpose: str, recogniser: Recogniser
) -> Prototype:
    """A prototype of a body.json: the shape of the whole body; no colours and no face templates, since
    parameters of a body say nothing of a face's look. Raises BadInputError when the file cannot be used.
    """
    parameters = read_parameters(path)
    points = rest_sites(parameters).astype(np.float64)
    about = (
        "shape from Anny's parameters"
        if isinstance(parameters, BodyParameters)
        else "shape from SMPL parameters"
    )
    return assemble(
        subject,
        points=points,
        colours=None,
        measured=np.ones(len(points), bool),
        face=None,
        source="parameters",
        consent=Consent(consent, purpose),
        residual=0.0,
        note=f"{about}; no face look, so that faces are not compared",
        recogniser=recogniser,
    )


def enrol_synthetic(
    subject: str, people: People, person: int, consent: Consent, recogniser: Recogniser
) -> Prototype:
    """A prototype of one synthetic person as a perfect coloured scan would give it: shape, colours, face
    renders.
    """
    held = people.prototype(person)
    faces = rendered_faces(people.model, people.body(person), people.identity_look(person), recogniser.reader)
    return assemble(
        subject,
        points=held.points.astype(np.float64),
        colours=np.clip(np.round(held.colours * 255), 0, 255).astype(np.uint8),
        measured=np.ones(len(held.points), bool),
        face=face_templates(faces, recogniser, rendered=True),
        source="scan",
        consent=consent,
        residual=0.0,
        note="synthetic person",
        recogniser=recogniser,
    )


def rendered_faces(model: BodyModel, body: Body, look: IdentityLook, reader: FaceReader) -> list[Face]:
    """Faces of renders of a known head from all sides."""
    surfaces, middle = undressed(model, body, look)
    found = (reader.best(picture) for picture in head_views(surfaces, middle, FACE_YAWS))
    return [face for face in found if face is not None]
