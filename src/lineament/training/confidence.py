"""Correspondences of synthetic people whose truth is known, and the map of confidences that is fitted to
them.

The pictures have the covariates that the registration networks are trained on (poses, company, occlusion,
cameras), but other people, and are larger than the networks' crop, so that people are found and cut out as in
a photograph. Everybody found is compared with their own prototype and with a stranger's: where a pixel lies
does not depend on whose points it is compared with.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from lineament.geometry.template import Template, load_template
from lineament.recognition.confidence import FILE, Confidence
from lineament.recognition.confidence_fitting import Labelled, fit_confidence
from lineament.runtime.registrar import Registrar
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH
from lineament.synth.people import People
from lineament.synth.plan import Plan
from lineament.synth.reserved import refuse_reserved
from lineament.synth.stream import Generator
from lineament.training.labelled import joined, labelled_picture
from lineament.types import Float16, Prototype

FIT_SEED: Final = 9003
"""People of the fit; those that judge it come from another seed, and training uses others again."""
JUDGE_SEED: Final = 9004
PEOPLE: Final = 24
PICTURES: Final = 120
ENLARGED: Final = 2.0
"""Sides of a picture in sides of the networks' crop."""
Say = Callable[[str], None]


def picture_size() -> tuple[int, int]:
    """Height and width of the pictures."""
    return int(CROP_HEIGHT * ENLARGED), int(CROP_WIDTH * ENLARGED)


def labelled_correspondences(
    seed: int, pictures: int, people: int, registrar: Registrar, say: Say = lambda line: None
) -> Labelled:
    """The samples of everybody found in `pictures` pictures of the population `seed`, and the truth."""
    population = People.load(people, refuse_reserved(seed))
    height, width = picture_size()
    generator, template = Generator(seed, population, Plan(height=height, width=width)), load_template()

    @cache
    def prototype(person: int) -> Prototype:
        return _prototype(population, person, registrar, template)

    rows: list[Labelled] = []
    for number in range(pictures):
        sample = generator.sample(number)
        found = registrar.people(sample.image)
        rows.append(labelled_picture(sample, found, prototype, people, template, registrar.temperature))
        if (number + 1) % 25 == 0 or number + 1 == pictures:
            say(f"picture {number + 1} of {pictures}")
    return joined(rows)


def make_confidence(
    out: Path, registrar: Registrar, say: Say, *, seed: int = FIT_SEED, pictures: int = PICTURES
) -> Confidence:
    """Fit the map and write it into the folder `out`."""
    seen = labelled_correspondences(seed, pictures, PEOPLE, registrar, say)
    fitted = fit_confidence(
        seen,
        population=f"{pictures} pictures of {PEOPLE} synthetic validation people",
        model=registrar.model,
        seed=seed,
    )
    out.mkdir(parents=True, exist_ok=True)
    fitted.save(out / FILE)
    return fitted


def _prototype(population: People, person: int, registrar: Registrar, template: Template) -> Prototype:
    """The points of a synthetic person, without face and colours."""
    held = population.prototype(person)
    everywhere = np.ones(len(held.points), bool)
    features: Float16 = registrar.prototype_features(held.points, held.normals, None, everywhere).astype(
        np.float16
    )
    return Prototype(
        subject=f"validation {person}",
        points=held.points,
        normals=held.normals,
        colours=None,
        parts=template.parts,
        measured=everywhere,
        features=features,
        face=None,
        source="parameters",
        template=template.revision,
        model=registrar.model,
        consent="synthetic",
        purpose="calibration",
        residual=0.0,
    )
