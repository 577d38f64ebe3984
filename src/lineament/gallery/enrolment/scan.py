"""Enrol from a scan: a head or a whole body, coloured or not, brought onto the template."""

import numpy as np

from lineament.gallery.enrolment.assemble import Consent, assemble
from lineament.gallery.enrolment.photographs import face_templates
from lineament.gallery.enrolment.scan_body import fit_body
from lineament.gallery.enrolment.scan_file import Scan
from lineament.gallery.enrolment.scan_head import HeadFit, fit_head
from lineament.gallery.enrolment.scan_shape import MIDDLE, ShapeReader
from lineament.gallery.enrolment.scan_views import FACE_YAWS, look
from lineament.geometry.site_model import SiteModel
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.detector import FaceDetector
from lineament.types import Face, FaceTemplates, Float64, Prototype, UInt8

HEAD_EXTENT = 0.42


def enrol_scan(subject: str, scan: Scan, consent: Consent, recogniser: Recogniser) -> Prototype:
    """A prototype of what the scan shows: a head scan enrols the head, a body scan the body and its head.

    The face is read from renders of the scan at many yaws, which is how a scan meets a photograph's face;
    that of a head scan without colours is one vector of its shape (`scan_shape`).
    Raises NothingFoundError and BadInputError as `fit_head` and `fit_body` do.
    """
    template, model = recogniser.template, SiteModel.load()
    if scan.is_body:
        body = fit_body(scan, recogniser, model)
        points, measured, nearest, residual = body.points, body.measured, body.nearest, body.residual
        faces = face_templates(
            read_faces(scan, body.head_rotation, body.head_middle, recogniser), recogniser, rendered=True
        )
        about = f"body scan fitted with a median distance of {residual * 1000:.1f} mm"
    else:
        head = fit_head(scan, FaceDetector.load(), model, template)
        points, measured, nearest, residual = head.points, head.measured, head.nearest, head.residual
        faces = _head_faces(scan, head, recogniser)
        about = (
            f"head scan fitted with a median distance of {residual * 1000:.1f} mm; the body is not enrolled"
        )
    colours = _colours(scan, nearest, measured) if scan.coloured else None
    notes = [about, f"{scan.metres:g} m for one unit of {scan.name}", _told(scan, faces)]
    return assemble(
        subject,
        points=points,
        colours=colours,
        measured=measured,
        face=faces,
        source="scan",
        consent=consent,
        residual=residual,
        note="; ".join(notes),
        recogniser=recogniser,
    )


def _head_faces(scan: Scan, head: HeadFit, recogniser: Recogniser) -> FaceTemplates | None:
    """Of a head scan: renders of a coloured one, and of one without colours what its shape alone says."""
    if scan.coloured:
        faces = read_faces(scan, head.rotation, MIDDLE - head.translation, recogniser)
        return face_templates(faces, recogniser, rendered=True)
    shapes = ShapeReader.load(recogniser.reader, recogniser.template, recogniser.world.faces)
    return shapes.templates(scan, head)


def _told(scan: Scan, faces: FaceTemplates | None) -> str:
    if scan.coloured or scan.is_body:
        views = f"{0 if faces is None else len(faces.embeddings)} views of its face"
        return views if scan.coloured else f"{views}, without colours: read from shading alone"
    return "the scan has no colours: its face is compared by what its shape adds to an average face"


def read_faces(scan: Scan, rotation: Float64, middle: Float64, recogniser: Recogniser) -> list[Face]:
    """Faces of renders from all sides; views without a face that is found are left out.

    rotation: (3, 3) from the scan to an upright person facing -y; middle: (3,) of the head after it.
    """
    faces = []
    for azimuth in FACE_YAWS:
        view = look(scan, rotation, azimuth=float(azimuth), centre=middle, extent=HEAD_EXTENT)
        face = recogniser.reader.best(view.drawn.image)
        if face is not None:
            faces.append(face)
    return faces


def _colours(scan: Scan, nearest: np.ndarray, measured: np.ndarray) -> UInt8:
    colours: UInt8 = scan.colours[nearest].copy()
    if measured.any():
        colours[~measured] = np.median(scan.colours[nearest[measured]], axis=0).astype(np.uint8)
    return colours
