"""Enrol from photographs: register each, fit one shape to all, take colours and faces from them."""

from collections.abc import Sequence

import numpy as np

from lineament.errors import NothingFoundError
from lineament.gallery.enrolment.assemble import Consent, assemble
from lineament.gallery.enrolment.fit import fit_photographs, view_of
from lineament.gallery.enrolment.posed import SHAPE_COEFFICIENTS
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import Template
from lineament.recognition.face_pooling import LEAST, pooled_embedding
from lineament.recognition.pixels import PersonPixels
from lineament.recognition.recogniser import Recogniser
from lineament.types import Bool, Face, FaceTemplates, Probe, ProbePerson, Prototype, UInt8

WORST_RESIDUAL = 0.06
"""A fit whose median error exceeds this share of the person's height shows another shape than the
photograph's.
"""
LEAST_PARTS = 3


def enrol_photographs(
    subject: str, photographs: Sequence[Probe], consent: Consent, recogniser: Recogniser
) -> Prototype:
    """One prototype of the most prominent person of each photograph.

    Photographs with nobody in them are skipped and named in the note; raises NothingFoundError when all are.
    A body fit that is too bad to trust is left out, with its reason in the note, when a face remains;
    otherwise it raises NothingFoundError.
    """
    shown = [(probe, probe.people[0]) for probe in photographs if probe.people]
    notes = [f"{probe.name}: nobody found" for probe in photographs if not probe.people]
    if not shown:
        raise NothingFoundError(
            f"no person was found in {len(photographs)} photograph(s) of {subject}; try others"
        )
    template, model = recogniser.template, SiteModel.load()
    face = face_templates([person.face for _, person in shown if person.face is not None], recogniser)
    coefficients, residual = np.zeros(SHAPE_COEFFICIENTS), 0.0
    seen = [(probe, pixels) for probe, person in shown if (pixels := _body(person, recogniser)) is not None]
    views = [(view, pixels, probe) for probe, pixels in seen if (view := view_of(pixels, probe.image.shape))]
    measured, colours = np.zeros(len(template), bool), None
    about = "too little of the body is visible to fit it"
    if views:
        fit = fit_photographs([view for view, *_ in views], model)
        error = f"median error {fit.residual * 100:.1f} cm, {fit.residual_share:.1%} of the height"
        if fit.residual_share <= WORST_RESIDUAL:
            coefficients, residual = fit.coefficients, fit.residual
            colours, measured = site_colours([(pixels, probe.image) for _, pixels, probe in views], template)
            about = f"body fitted to {len(views)} photograph(s), {error}"
        else:
            about = f"the body model does not fit ({error}; {WORST_RESIDUAL:.0%} allowed)"
    if face is None and not measured.any():
        raise NothingFoundError(
            f"{subject} cannot be enrolled: no face, and {about}; give photographs that show more"
        )
    if not measured.any():
        about += ": only the face is enrolled"
    return assemble(
        subject,
        points=model.shape(coefficients),
        colours=colours,
        measured=measured,
        face=face,
        source="photographs",
        consent=consent,
        residual=residual,
        note="; ".join([about, *notes]),
        recogniser=recogniser,
    )


def _body(person: ProbePerson, recogniser: Recogniser) -> PersonPixels | None:
    pixels = recogniser.pixels(person)
    return pixels if pixels is not None and len(np.unique(pixels.parts)) >= LEAST_PARTS else None


def face_templates(
    faces: Sequence[Face], recogniser: Recogniser, rendered: bool = False
) -> FaceTemplates | None:
    """The faces' embeddings as templates, None without a face.

    Of several photographs their mean, weighted by quality, is one more view, the last; its yaw is their mean.
    """
    if not faces:
        return None
    embeddings = np.stack([face.embedding for face in faces]).astype(np.float32)
    yaws = np.array([face.yaw for face in faces], dtype=np.float32)
    if len(faces) > 1 and not rendered:
        quality = np.maximum([face.quality for face in faces], LEAST)
        embeddings = np.vstack([embeddings, pooled_embedding(embeddings, quality)])
        yaws = np.append(yaws, np.float32(np.average(yaws, weights=quality)))
    return FaceTemplates(embeddings, yaws, np.full(len(yaws), rendered), recogniser.reader.model)


def site_colours(
    seen: Sequence[tuple[PersonPixels, UInt8]], template: Template, enough: float = 0.3
) -> tuple[UInt8, Bool]:
    """Each site's mean colour over the pixels that lie on it, (N, 3) sRGB, and which sites were seen, (N,).

    Sites that no photograph shows take the colour of their part's mean, for display only.
    """
    total = np.zeros((len(template), 3))
    weight = np.zeros(len(template))
    for pixels, image in seen:
        column, row = np.clip(np.floor(pixels.xy).astype(int), 0, [image.shape[1] - 1, image.shape[0] - 1]).T
        colour = image[row, column].astype(np.float64)
        for k in range(pixels.sites.shape[1]):
            share = pixels.weights[:, k] * pixels.part_probability
            np.add.at(total, pixels.sites[:, k], colour * share[:, None])
            np.add.at(weight, pixels.sites[:, k], share)
    seen_sites = weight >= enough
    mean = total / np.maximum(weight, 1e-9)[:, None]
    overall = mean[seen_sites].mean(axis=0) if seen_sites.any() else np.full(3, 128.0)
    for part in np.unique(template.parts):
        mine = template.parts == part
        known = mine & seen_sites
        mean[mine & ~seen_sites] = mean[known].mean(axis=0) if known.any() else overall
    return np.clip(np.round(mean), 0, 255).astype(np.uint8), seen_sites
