"""Everything that is measured on one person of a photograph, beside what the comparison says."""

from dataclasses import dataclass

from lineament.explain.agreement import Agreements, agreements
from lineament.explain.hardships import Hardships, hardships
from lineament.explain.length_errors import LengthErrors
from lineament.explain.measures import Lengths, measure
from lineament.gallery.enrolment.fit import view_of
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.recognition.covering import Covering, head_look, without_head
from lineament.recognition.pixels import person_pixels
from lineament.types import Float32, ProbePerson, Prototype


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """lengths: None where too little of the body is seen. visible: (15,) share of each part. errors: of the
    registration model that saw the person.
    """

    hardships: Hardships
    lengths: Lengths | None
    visible: Float32 | None
    errors: LengthErrors | None

    def against(self, prototype: Prototype) -> Agreements | None:
        """The lengths against those of a prototype of this template; None where either has none."""
        template = load_template()
        if self.lengths is None or self.visible is None or self.errors is None:
            return None
        if prototype.template != template.revision or len(prototype.points) != len(template):
            return None
        return agreements(self.lengths, self.visible, prototype, self.errors, SiteModel.load())


def measured(person: ProbePerson, shape: tuple[int, ...]) -> Measured:
    """Measure a person of a photograph of `shape` (height, width, ...); one to two seconds."""
    template, covering = load_template(), Covering.load()
    if person.body is None:
        head = head_look(None, person.face, template, covering)
        return Measured(hardships(head, None), None, None, None)
    pixels = person_pixels(person.body, template)
    head = head_look(pixels, person.face, template, covering)
    if head.covered:
        pixels = person_pixels(without_head(person.body), template)
    view = view_of(pixels, shape)
    lengths = measure(view, SiteModel.load()) if view is not None else None
    errors = LengthErrors.load(person.body.model)
    return Measured(hardships(head, lengths), lengths, pixels.visible(template), errors)
