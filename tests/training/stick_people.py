"""Samples that need no renderer: people of rectangles on noise, with exact labels."""

import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.geometry.template import load_template
from lineament.synth.seeds import generator
from lineament.synth.site_prototype import SitePrototype
from lineament.training.augment import TrainingSample

BOXES = {  # left, top, right, bottom in a unit figure seen from the front: the person's left is at the right
    "head": (0.42, 0.0, 0.58, 0.14),
    "torso": (0.36, 0.15, 0.64, 0.5),
    "left_upper_arm": (0.65, 0.16, 0.75, 0.33),
    "right_upper_arm": (0.25, 0.16, 0.35, 0.33),
    "left_forearm": (0.65, 0.34, 0.75, 0.47),
    "right_forearm": (0.25, 0.34, 0.35, 0.47),
    "left_hand": (0.65, 0.48, 0.75, 0.54),
    "right_hand": (0.25, 0.48, 0.35, 0.54),
    "left_thigh": (0.51, 0.51, 0.63, 0.74),
    "right_thigh": (0.37, 0.51, 0.49, 0.74),
    "left_calf": (0.51, 0.75, 0.62, 0.94),
    "right_calf": (0.38, 0.75, 0.49, 0.94),
    "left_foot": (0.51, 0.95, 0.65, 1.0),
    "right_foot": (0.35, 0.95, 0.49, 1.0),
}


class StickSource:
    """Picklable stand-in for the synthetic stream: 192x128 pictures of `people` figures."""

    name = "stick people"

    def __init__(self, people: int = 6, height: int = 192, width: int = 128) -> None:
        self.people, self.height, self.width = people, height, width

    def __call__(self):
        return self.sample

    def sample(self, number: int) -> TrainingSample:
        rng = generator(7, "stick", number)
        template = load_template()
        person = number % self.people
        look = generator(8, "look", person)
        image = rng.integers(0, 256, (self.height // 8, self.width // 8, 3), dtype=np.uint8)
        image = image.repeat(8, 0).repeat(8, 1)
        part = np.zeros((self.height, self.width), np.uint8)
        canonical = np.zeros((self.height, self.width, 3), np.float16)
        tall = self.height * rng.uniform(0.7, 0.95)
        left, top = rng.uniform(0.1, 0.2) * self.width - 10, rng.uniform(0.0, 0.05) * self.height
        for name, (x0, y0, x1, y1) in BOXES.items():
            rows = slice(int(top + y0 * tall), int(top + y1 * tall))
            columns = slice(max(int(left + x0 * self.width), 0), int(left + x1 * self.width))
            image[rows, columns] = look.integers(0, 256, 3)
            part[rows, columns] = PART_INDEX[name]
        rows, columns = np.nonzero(part)
        x = (columns - left) / self.width - 0.5
        canonical[rows, columns] = np.stack([x * 1.5, 0 * x, 1.7 * (1 - (rows - top) / tall)], axis=-1)
        count = len(template)
        rival = (person + 1) % self.people
        other = generator(8, "look", rival)
        return TrainingSample(
            image=image,
            part=part,
            canonical=canonical,
            main=(part > 0).astype(np.uint8),
            carried=np.zeros_like(part),
            person=person,
            points=template.positions * np.float32(look.uniform(0.9, 1.1)),
            normals=template.normals,
            colours=np.tile(look.random(3, dtype=np.float32), (count, 1)),
            has_colour=True,
            measured=np.ones(count, dtype=np.float32),
            rival=SitePrototype(
                template.positions * np.float32(other.uniform(0.9, 1.1)),
                template.normals,
                np.tile(other.random(3, dtype=np.float32), (count, 1)),
            ),
            rival_person=rival,
        )
