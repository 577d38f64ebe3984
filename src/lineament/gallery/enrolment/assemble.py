"""The last step of every enrolment: fitted sites, colours and faces become one prototype."""

from dataclasses import dataclass

import numpy as np

from lineament.errors import BadInputError
from lineament.geometry.template import Template
from lineament.recognition.recogniser import Recogniser
from lineament.types import Bool, FaceTemplates, Float32, Float64, Prototype, Source, UInt8


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person agreed to: a reference to the consent record, and the purpose."""

    reference: str
    purpose: str


def site_normals(points: Float64, template: Template) -> Float32:
    """Area-weighted vertex normals (N, 3) of the sites' triangulation."""
    corners = points[template.triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, template.triangles[:, k], face)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), template.normals).astype(np.float32)


def assemble(
    subject: str,
    *,
    points: Float64,
    colours: UInt8 | None,
    measured: Bool,
    face: FaceTemplates | None,
    source: Source,
    consent: Consent,
    residual: float,
    note: str,
    recogniser: Recogniser,
) -> Prototype:
    """Compute the point branch's features and put everything together.

    points: (N, 3) metres, rest pose. Raises BadInputError when neither a face nor any site was measured.
    """
    if face is None and not measured.any():
        raise BadInputError(
            f"nothing of {subject} could be measured; give a sharper or larger picture or scan"
        )
    template = recogniser.template
    sites = points.astype(np.float32)
    normals = site_normals(points, template)
    # Colours of clothes are appearance, not identity: the point branch sees shape, colours are for display.
    features = recogniser.registrar.prototype_features(sites, normals, None, measured)
    return Prototype(
        subject=subject,
        points=sites,
        normals=normals,
        colours=colours,
        parts=template.parts,
        measured=measured,
        features=features.astype(np.float16),
        face=face,
        source=source,
        template=template.revision,
        model=recogniser.registrar.model,
        consent=consent.reference,
        purpose=consent.purpose,
        residual=residual,
        note=note,
    )
