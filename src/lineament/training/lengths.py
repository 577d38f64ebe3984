"""How far lengths that the product measures on photographs lie from the truth, on synthetic people.

Each person is photographed whole from several sides in other poses, clothes and places. What is kept is the
bias of each length and how much larger its errors are than the fit believes: words claim a difference only
beyond that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.explain.length_errors import FILE, LengthErrors
from lineament.explain.measures import LENGTHS, Lengths, measure, shape_of, shares
from lineament.gallery.enrolment.fit import view_of
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.recognition.pixels import person_pixels
from lineament.runtime.registrar import Registrar
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.synth.studio import ShotPlan, Studio
from lineament.types import Float32, Float64

SEED: Final = 9007
PEOPLE: Final = 30
YAWS: Final = (0.0, 0.6, -1.1, 3.0)
"""Radians, of the photographs of each person."""
WITHIN: Final = 0.95
"""Share of the errors that twice the stated uncertainty covers, once it is multiplied by the factor."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Error:
    """One photograph: measured minus true lengths (L,), and what the fit believes of them (L,)."""

    error: Float64
    sigma: Float64


def error_of(found: Lengths, points: Float32, model: SiteModel) -> Error:
    """The errors of lengths measured on somebody whose rest points (N, 3) are known."""
    return Error(found.value - shares(model, shape_of(points, model))[0], found.sigma)


def fit_errors(errors: Sequence[Error], people: int, model: str) -> LengthErrors:
    """Bias: the median error. Factor: what makes twice the stated uncertainty cover WITHIN of the rest.

    Raises ValueError where a length was never measured.
    """
    error = np.stack([one.error for one in errors])
    sigma = np.stack([one.sigma for one in errors])
    known = np.isfinite(sigma)
    if not known.any(axis=0).all():
        raise ValueError("a length was measured on no photograph")
    bias, factor = [], []
    for place in range(len(LENGTHS)):
        seen = known[:, place]
        middle = float(np.median(error[seen, place]))
        size = np.abs(error[seen, place] - middle) / sigma[seen, place]
        bias.append(round(middle, 5))
        factor.append(round(float(np.quantile(size, WITHIN)) / 2.0, 3))
    return LengthErrors(model, tuple(bias), tuple(factor), people, len(errors))


def photographed(seed: int, people: int, registrar: Registrar, say: Say) -> list[Error]:
    """The errors on every photograph in which somebody was found and seen enough."""
    population = People.load(people, refuse_reserved(seed))
    studio, template, model = Studio(seed, population), load_template(), SiteModel.load()
    found = []
    for person in range(people):
        for number, yaw in enumerate(YAWS):
            image = studio.photograph(person, number, ShotPlan("full", yaw)).image
            bodies = registrar.people(image)
            view = view_of(person_pixels(bodies[0], template), image.shape) if bodies else None
            if view is not None:
                points = population.prototype(person).points
                found.append(error_of(measure(view, model), points, model))
        say(f"lengths of person {person + 1} of {people}")
    return found


def make_lengths(out: Path, registrar: Registrar, say: Say, *, people: int = PEOPLE) -> LengthErrors:
    """Measure and write into the folder `out`."""
    made = fit_errors(photographed(SEED, people, registrar, say), people, registrar.model)
    out.mkdir(parents=True, exist_ok=True)
    made.save(out / FILE)
    return made
