"""Where training samples come from: the synthetic stream, with each person's prototype beside the picture."""

from dataclasses import dataclass

import numpy as np

from lineament.render.rasteriser import Rasteriser
from lineament.synth.options import read_options
from lineament.synth.people import REVISION, People
from lineament.synth.reserved import refuse_reserved
from lineament.synth.seeds import generator
from lineament.synth.stream import Generator
from lineament.training.augment import UNKNOWN_PERSON, TrainingSample
from lineament.training.carried import carried
from lineament.training.data import Source
from lineament.training.rivals import Rivals, attributes


@dataclass(frozen=True, slots=True)
class SyntheticSource:
    """The stream of `seed` over `people` identities; call it in the process that will use it.

    options: of the plan, as `synth.options.options_text` writes them. device: that draws, "cpu" or a CUDA
    device (the same pictures up to rounding).
    """

    seed: int
    people: int
    options: str = ""
    device: str = "cpu"

    @property
    def name(self) -> str:
        """Names the data in records: the same name means the same samples."""
        plan = read_options(self.options)
        data = f"synth {REVISION} seed {self.seed} people {self.people} plan {plan.digest}"
        return f"{data} {self.options}".strip()

    def __call__(self) -> Source:
        """Open the population and return its samples by number.

        Raises BadInputError for a device that is not there.
        """
        renderer = None if self.device == "cpu" else Rasteriser(self.device)
        people = People.load(self.people, refuse_reserved(self.seed))
        stream = Generator(self.seed, people, read_options(self.options), renderer)
        rivals = Rivals.among(people)

        def sample(number: int) -> TrainingSample:
            drawn = stream.sample(number)
            shown = drawn.covariates.people
            person = shown[0].person if shown else 0
            prototype = people.prototype(person)
            rival = rivals.of(person, attributes(people, person), generator(self.seed, "rival", number))
            return TrainingSample(
                image=drawn.image,
                part=drawn.part,
                canonical=drawn.canonical,
                main=(drawn.subject == 1).astype(np.uint8),
                carried=carried(drawn.surfaces, drawn.geometry.surface, drawn.covariates.occlusion),
                person=shown[0].person if shown else UNKNOWN_PERSON,
                points=prototype.points,
                normals=prototype.normals,
                colours=prototype.colours,
                has_colour=True,
                measured=np.ones(len(prototype.points), dtype=np.float32),
                rival=people.prototype(rival),
                rival_person=rival,
            )

        return sample
