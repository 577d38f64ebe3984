"""The Python interface: enrol, identify, verify, explain. One `Recogniser` is made on first use and kept."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from lineament.errors import BadInputError, NothingFoundError
from lineament.explain.report import ReportPaths, write_report
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.gallery.enrolment.scan import enrol_scan
from lineament.gallery.enrolment.scan_file import SCAN_SUFFIXES, Unit, load_scan
from lineament.gallery.gallery import ADAPTER, Gallery
from lineament.recognition.calibration import Calibration
from lineament.recognition.recogniser import DEFAULT_FMR, Recogniser
from lineament.recognition.specialised import Specialised
from lineament.recognition.together import identify_together as decide_together
from lineament.recognition.together import photographed
from lineament.types import Decision, Probe, Prototype

Photograph = str | Path
LOGGER = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def default_recogniser() -> Recogniser:
    """The recogniser with the shipped weights and calibration."""
    return Recogniser.load()


def calibration_of(gallery: Gallery, domain: str = "") -> Calibration | None:
    """The calibration that a gallery keeps for a domain; None where it keeps none and no domain is named.

    Raises BadInputError for a domain that is not there, and for a calibration of another version.
    """
    held = gallery.calibrations()
    stored = held.get(domain)
    command = f"lineament calibrate FOLDER --gallery {gallery.path}" + (
        f" --domain {domain}" if domain else ""
    )
    if stored is None:
        if not domain:
            return None
        known = ", ".join(sorted(name for name in held if name)) or "none"
        raise BadInputError(
            f"{gallery.path} has no calibration for the domain {domain!r} (it has: {known}); `{command}`"
        )
    try:
        return Calibration.model_validate({**stored.values, "revision": stored.revision})
    except ValidationError as error:
        raise BadInputError(
            f"the calibration kept in {gallery.path} is of another version; make it again with `{command}`"
        ) from error


def recogniser_for(gallery: Gallery, recogniser: Recogniser | None = None, *, domain: str = "") -> Recogniser:
    """The recogniser to use with a gallery: its own calibration when it has one, and matching revisions.

    domain: whose calibration decides. Raises BadInputError when the gallery was enrolled or calibrated with
    other models, and for a domain that it does not know.
    """
    chosen = recogniser or default_recogniser()
    own = calibration_of(gallery, domain)
    if own is not None:
        chosen = chosen.calibrated(own)
    gallery.require_revision(chosen.registrar.model, chosen.template.revision, face_model=chosen.reader.model)
    adapter, stale = adapter_of(gallery, chosen.registrar.model)
    if stale:
        LOGGER.warning(stale)
    return chosen.specialised_to(adapter)


def adapter_of(gallery: Gallery, model: str) -> tuple[Specialised | None, str]:
    """The adapter that `lineament specialise` made for exactly the people enrolled, and in one line why the
    one that is kept cannot be used ("" where there is none or it can).
    """
    payload = gallery.derived(ADAPTER)
    if payload is None:
        return None, ""
    again = f"run `lineament specialise --gallery {gallery.path}` again; it is not used"
    try:
        adapter = Specialised.from_bytes(payload)
    except ValueError as error:
        return None, f"the adapter of {gallery.path} cannot be read ({error}): {again}"
    if adapter.model != model:
        return None, f"the adapter of {gallery.path} belongs to {adapter.model}, not to {model}: {again}"
    if not adapter.knows({record.subject: record.sha256 for record in gallery.records()}):
        return None, f"{gallery.path} was specialised to other people than are enrolled now: {again}"
    return adapter, ""


def enrol(
    subject: str,
    sources: Sequence[Photograph] | Photograph,
    *,
    gallery: Gallery | None = None,
    consent: str = "",
    purpose: str = "",
    unit: Unit = "auto",
    replace: bool = False,
    recogniser: Recogniser | None = None,
) -> Prototype:
    """Make one prototype of a person from photographs, or from one scan, and add it to `gallery` when given.

    sources: paths of photographs, or of one mesh or point cloud (.obj .ply .glb .stl .npz). consent:
    reference of the consent record; purpose: what was agreed to. unit: of a scan's coordinates; "auto"
    recognises metres, centimetres and millimetres by the size of a person or a head. Raises BadInputError and
    NothingFoundError.
    """
    paths = [Path(s) for s in ([sources] if isinstance(sources, str | Path) else sources)]
    if not paths:
        raise BadInputError(f"nothing to enrol {subject} from; give photographs or a scan")
    chosen = recogniser or default_recogniser()
    agreed = Consent(consent, purpose)
    scans = [path for path in paths if path.suffix.lower() in SCAN_SUFFIXES]
    if scans:
        if len(paths) > 1:
            raise BadInputError(f"{subject}: give one scan alone, or photographs alone")
        prototype = enrol_scan(subject, load_scan(paths[0], unit), agreed, chosen)
    else:
        prototype = enrol_photographs(subject, [chosen.probe(path) for path in paths], agreed, chosen)
    if gallery is not None:
        gallery.add(prototype, replace=replace)
    return prototype


def identify(
    photograph: Photograph | Probe,
    gallery: Gallery,
    *,
    fmr: float = DEFAULT_FMR,
    domain: str = "",
    recogniser: Recogniser | None = None,
) -> tuple[Probe, list[Decision]]:
    """Decide for every person of a photograph who they are, or why nobody is named.

    fmr: false match rate of one comparison on the calibration's population. domain: which of the gallery's
    calibrations decides. Raises NothingFoundError when the
    photograph shows nobody or the gallery is empty, BadInputError when they cannot be used.
    """
    chosen = recogniser_for(gallery, recogniser, domain=domain)
    prototypes = list(gallery.prototypes())
    if not prototypes:
        raise NothingFoundError(f"the gallery {gallery.path} is empty; enrol people with `lineament enrol`")
    probe = photograph if isinstance(photograph, Probe) else chosen.probe(photograph)
    if not probe.people:
        raise NothingFoundError(f"no person was found in {probe.name}")
    return probe, [chosen.identify(person, prototypes, fmr=fmr) for person in probe.people]


def identify_together(
    photographs: Sequence[Photograph | Probe],
    gallery: Gallery,
    *,
    fmr: float = DEFAULT_FMR,
    domain: str = "",
    recogniser: Recogniser | None = None,
) -> tuple[list[Probe], Decision, int]:
    """Decide who the person is whom all of the photographs show: the most prominent one of each.

    Returns the probes, one decision, and the number of the photograph that speaks most for the best
    candidate. What each brought stands in `Evidence.photographs`. Raises as `identify` does.
    """
    chosen = recogniser_for(gallery, recogniser, domain=domain)
    prototypes = list(gallery.prototypes())
    if not prototypes:
        raise NothingFoundError(f"the gallery {gallery.path} is empty; enrol people with `lineament enrol`")
    probes = [one if isinstance(one, Probe) else chosen.probe(one) for one in photographs]
    decision, leading = decide_together(chosen, [photographed(one) for one in probes], prototypes, fmr=fmr)
    return probes, decision, leading


def verify(
    first: Photograph,
    second: Photograph | Sequence[Photograph],
    *,
    fmr: float = DEFAULT_FMR,
    recogniser: Recogniser | None = None,
) -> tuple[Probe, Prototype, Decision]:
    """Compare the most prominent people of two photographs: the first is enrolled for the moment, the second
    probes.

    The decision names "the person of FIRST" when they match. Several second photographs show one person and
    are pooled; the probe is then the one that speaks most. Raises as `enrol` and `identify` do.
    """
    chosen = recogniser or default_recogniser()
    name = f"the person of {Path(first).name}"
    prototype = enrol_photographs(
        name, [chosen.probe(first)], Consent("", "one comparison, not kept"), chosen
    )
    if not isinstance(second, str | Path):
        probes = [chosen.probe(one) for one in second]
        shown = [photographed(one) for one in probes]
        decision, leading = decide_together(chosen, shown, [prototype], fmr=fmr)
        return probes[leading], prototype, decision
    probe = chosen.probe(second)
    if not probe.people:
        raise NothingFoundError(f"no person was found in {probe.name}")
    return probe, prototype, chosen.identify(probe.people[0], [prototype], fmr=fmr)


def explain(
    photograph: Photograph | Probe,
    subject: str,
    gallery: Gallery,
    report: Path,
    *,
    fmr: float = DEFAULT_FMR,
    domain: str = "",
    recogniser: Recogniser | None = None,
) -> tuple[list[Decision], ReportPaths]:
    """Compare a photograph with one enrolled person only, and write the report of the correspondences.

    Raises NothingFoundError when the subject is not enrolled or nobody is in the photograph.
    """
    chosen = recogniser_for(gallery, recogniser, domain=domain)
    prototype = gallery.get(subject)
    probe = photograph if isinstance(photograph, Probe) else chosen.probe(photograph)
    if not probe.people:
        raise NothingFoundError(f"no person was found in {probe.name}")
    decisions = [chosen.identify(person, [prototype], fmr=fmr) for person in probe.people]
    return decisions, report_of(probe, decisions, [prototype], report)


def report_of(
    probe: Probe,
    decisions: Sequence[Decision],
    prototypes: Sequence[Prototype],
    path: Path,
) -> ReportPaths:
    """Write the HTML, PNG and JSON report of decisions that `identify` made."""
    return write_report(
        path,
        probe,
        decisions,
        {prototype.subject: prototype for prototype in prototypes},
        title=f"Lineament: {probe.name}",
    )
