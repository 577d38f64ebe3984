"""What the tests of the command line need: a calibration of nobody real, photographs of every kind.

Run as a program it is `lineament` with that calibration.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lineament.geometry.template import load_template
from lineament.recognition.calibration import Calibration, FaceLine, Tail
from lineament.recognition.comparison import GROUPS, World
from lineament.recognition.confidence import Confidence
from lineament.recognition.face_score import unit_rows
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.faces import FaceReader
from lineament.runtime.registrar import Registrar

Run = Callable[..., tuple[int, str, str]]
"""Words of a command line -> exit code, standard output, standard error."""


def small_recogniser() -> Recogniser:
    """The shipped networks with a calibration made up here: for the way through the program, not for its
    figures.
    """
    registrar, reader, template = Registrar.load(threads=1), FaceReader.load(1), load_template()
    line = FaceLine(slope=1.0, intercept=-6.0, mated=100, non_mated=9900)
    scores = tuple(np.linspace(5.0, 1.0, 1000).round(3).tolist())
    calibration = Calibration(
        revision="test",
        population="nobody real",
        model=registrar.model,
        face_model=reader.model,
        temperature=0.07,
        face_weight=1.0,
        face_lines={
            f"{k}-{s}": line for k in ("photograph", "render") for s in ("frontal", "oblique", "profile")
        },
        group_weights=dict.fromkeys(GROUPS, 1.0),
        body_weight={"face": 0.5, "body": 1.0},
        offset={"face": 0.0, "body": -2.0},
        tails={mode: Tail(comparisons=5000, people=50, scores=scores) for mode in ("face", "body")},
        margin=1.0,
        support_limit=9.0,
    )
    cohort = unit_rows(np.random.default_rng(0).normal(size=(200, 128)).astype(np.float32))
    world = World(np.zeros((len(template), 48), np.float32), cohort)
    confidence = Confidence.plain(registrar.model, 0.25)
    return Recogniser(registrar, reader, template, calibration, world, confidence)


def saved_as(picture: Image.Image, kind: str, folder: Path) -> Path:
    """The photograph as a file of one of the kinds that people bring."""
    path = folder / {"cmyk": "c.jpg", "grey16": "g.png", "turned": "t.jpg", "animated": "a.gif"}.get(
        kind, f"{kind}.png"
    )
    if kind == "cmyk":
        picture.convert("CMYK").save(path, quality=95)
    elif kind == "grey16":
        grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
        Image.fromarray(grey).save(path)
    elif kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned a quarter clockwise
        picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    elif kind == "animated":
        picture.save(path, save_all=True, append_images=[Image.new("RGB", picture.size)], duration=100)
    elif kind == "grey":
        picture.convert("L").save(path)
    elif kind == "alpha":
        layer = picture.copy()
        layer.putalpha(Image.linear_gradient("L").resize(picture.size).point(lambda v: max(v, 250)))
        layer.save(path)
    return path


if __name__ == "__main__":
    from lineament.cli.main import main

    Recogniser.load = classmethod(lambda cls, calibration=None: small_recogniser())  # type: ignore[assignment]
    main()
