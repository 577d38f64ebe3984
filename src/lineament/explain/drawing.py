"""The same facts as one picture (PNG): photograph and prototype with joined matches, verdict, parts,
limits."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lineament.anatomy import PART_COLOURS, PART_INDEX
from lineament.explain.groups import FACE, REGIONS
from lineament.explain.pictures import Crop, person_crop
from lineament.explain.scale import printable
from lineament.explain.sections import region_title
from lineament.explain.still import Still, draw_dots, draw_still
from lineament.explain.view3d import strongest_first
from lineament.types import Decision, Evidence, Prototype, Registration, UInt8

Json = dict[str, Any]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]

WIDTH: Final = 1680
_EDGE: Final = 36
_PICTURE: Final = (500, 700)
_STILL: Final = (400, 700)
_LINES: Final = 30
_COLUMNS: Final = (0.42, 0.60, 0.73)
_BAR: Final = (0.81, 0.07)
_TOTALS: Final = (
    ("sum of contributions", "sum_of_contributions"),
    ("offset (calibration)", "offset"),
    ("score", "score"),
)
_INK: Final = (27, 33, 38)
_SOFT: Final = (85, 96, 106)
_FOR: Final = (11, 122, 89)
_AGAINST: Final = (180, 71, 42)
_HELD: Final = (138, 83, 0)
_PLAIN: Final = str.maketrans(
    {"−": "-", "–": "-", "×": "x", "·": "-", **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))}
)
_FONTS: Final = {False: ("DejaVuSans.ttf", "Arial.ttf"), True: ("DejaVuSans-Bold.ttf", "Arial_Bold.ttf")}


@cache
def _font(size: int, bold: bool = False) -> tuple[Font, bool]:
    """A font and whether it knows more than plain Latin letters; Pillow's own where the system has none."""
    for name in _FONTS[bold]:
        try:
            return ImageFont.truetype(name, size), True
        except OSError:
            continue
    return ImageFont.load_default(size), False


class _Page:
    """A sheet that text and pictures are put on; coordinates in pixels from the upper left."""

    def __init__(self, width: int, height: int) -> None:
        self.sheet = Image.new("RGB", (width, height), (255, 255, 255))
        self.pen = ImageDraw.Draw(self.sheet)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 17,
        *,
        colour: Colour = _INK,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        font, rich = _font(size, bold)
        text = printable(text) if rich else printable(text).translate(_PLAIN)
        self.pen.text((x, y), text, fill=colour, font=font, anchor="ra" if right else "la")

    def paragraph(self, x: float, y: float, width: float, text: str, size: int = 17, **style: Any) -> float:
        """Text broken at `width`; returns the y below it."""
        font, _ = _font(size, bool(style.get("bold", False)))
        line = ""
        for word in printable(text).split():
            longer = f"{line} {word}".strip()
            if line and self.pen.textlength(longer, font=font) > width:
                self.text(x, y, line, size, **style)
                y += size * 1.42
                line = word
            else:
                line = longer
        self.text(x, y, line, size, **style)
        return y + size * 1.42

    def picture(self, x: int, y: int, image: UInt8) -> None:
        self.sheet.paste(Image.fromarray(image), (x, y))


def _part_row(page: _Page, x: int, y: float, width: int, part: Json, largest: float) -> None:
    value, region = part["contribution"] or 0.0, part["region"]
    matched = "-" if region == FACE else f"{part['matched']:,}/{part['possible']:,}"
    shown = (f"{100 * (part['visible'] or 0):.0f} %", matched, f"{part['similarity'] or 0:.2f}")
    for place, text in zip(_COLUMNS, shown, strict=True):
        page.text(x + width * place, y, text, 15, right=True)
    middle = x + width * _BAR[0]
    left, right = sorted((middle, middle + value / largest * width * _BAR[1]))
    page.pen.rectangle((left, y + 4, right, y + 15), fill=_FOR if value >= 0 else _AGAINST)
    page.pen.line((middle, y, middle, y + 20), fill=_SOFT)
    page.text(x + width, y, f"{value:+.2f}" if abs(value) >= 0.005 else "0.00", 15, right=True)


def _table(page: _Page, x: int, y: float, width: int, candidate: Json) -> float:
    """Parts with bars, then sum, offset and score; returns the y below."""
    for place, name in zip(_COLUMNS, ("visible", "matched", "similarity"), strict=True):
        page.text(x + width * place, y, name, 14, colour=_SOFT, right=True)
    page.text(x + width, y, "contribution", 14, colour=_SOFT, right=True)
    y += 24
    parts, silent = {part["region"]: part for part in candidate["parts"]}, candidate["silent"]
    largest = max((abs(part["contribution"] or 0.0) for part in parts.values()), default=0.0) or 1.0
    for region in REGIONS:
        if region != FACE:
            colour = tuple(PART_COLOURS[PART_INDEX[region]].tolist())
            page.pen.ellipse((x, y + 3, x + 13, y + 16), fill=colour, outline=_INK)
        page.text(x + 22, y, region_title(region), 15, colour=_SOFT if region in silent else _INK)
        if region in silent:
            page.text(x + width * _COLUMNS[0], y, silent[region], 15, colour=_SOFT, right=True)
        elif region in parts:
            _part_row(page, x, y, width, parts[region], largest)
        y += 23
    page.pen.line((x, y + 3, x + width, y + 3), fill=_SOFT)
    y += 9
    for name, key in _TOTALS:
        page.text(x, y, name, 15, bold=key == "score")
        page.text(x + width, y, f"{candidate[key] or 0.0:+.2f}", 15, bold=key == "score", right=True)
        y += 23
    return y


def _join(
    page: _Page, crop: Crop, still: Still, registration: Registration, corners: tuple[int, int, int, int]
) -> None:
    """Lines between the strongest matches; corners: x, y of the photograph, then of the prototype."""
    x0, y0, x1, y1 = corners
    order = [i for i in strongest_first(registration).tolist() if still.facing[registration.sites[i]]][
        :_LINES
    ]
    sheet = np.array(page.sheet)
    for i in order:
        pixel = crop.to_crop[:, :2] @ registration.pixels[i].astype(float) + crop.to_crop[:, 2]
        site = still.pixels[registration.sites[i]]
        start, end = (x0 + pixel[0], y0 + pixel[1]), (x1 + site[0], y1 + site[1])
        ends = [(round(16 * x - 8), round(16 * y - 8)) for x, y in (start, end)]
        cv2.line(sheet, ends[0], ends[1], PART_COLOURS[registration.parts[i]].tolist(), 1, cv2.LINE_AA, 4)
    page.picture(0, 0, sheet)


def _pictures(page: _Page, y: int, crop: Crop, best: Evidence | None, still: Still | None) -> None:
    """Photograph and prototype side by side."""
    registration = best.registration if best is not None else None
    image = crop.image.copy()
    height, width = image.shape[:2]
    if registration is not None:
        pixels = registration.pixels.astype(float) @ crop.to_crop[:, :2].T + crop.to_crop[:, 2]
        draw_dots(
            image, pixels.astype(np.float32), registration.parts, radius=max(2.2, max(image.shape[:2]) / 280)
        )
    x0, y0 = _EDGE + (_PICTURE[0] - width) // 2, y + (_PICTURE[1] - height) // 2
    page.picture(x0, y0, image)
    if still is None:
        return
    x1 = _EDGE + _PICTURE[0] + 24
    page.picture(x1, y, still.image)
    if registration is not None:
        _join(page, crop, still, registration, (x0, y0, x1, y))


def _verdict(page: _Page, x: int, y: float, width: int, person: Json) -> float:
    decision = person["decision"]
    named = not decision["abstained"]
    label = f"Person {person['number']} · {'identity named' if named else 'abstention'}"
    page.text(x, y, label, 16, colour=_FOR if named else _HELD, bold=True)
    y = page.paragraph(x, y + 26, width, decision["subject"] if named else "Nobody is named", 32, bold=True)
    y += 6
    for place, one in enumerate(one for one in person["words"] if one["topic"] == "decision"):
        y = page.paragraph(x, y, width, one["text"], 18 if place == 0 else 16) + 8
    return y


def _crop(image: UInt8, box: list[float] | None) -> Crop:
    """The person's crop, small enough for its place on the sheet."""
    crop = person_crop(image, box, _PICTURE[1])
    if crop.image.shape[1] <= _PICTURE[0]:
        return crop
    return person_crop(image, box, round(max(crop.image.shape[:2]) * _PICTURE[0] / crop.image.shape[1]))


def _block(
    person: Json, image: UInt8, decision: Decision, prototypes: Mapping[str, Prototype]
) -> Image.Image:
    """Everything about one person, as high as it needs to be."""
    page = _Page(WIDTH, 1600)
    best = decision.candidates[0] if decision.candidates else None
    held = prototypes.get(best.subject) if best is not None else None
    registration = best.registration if best is not None else None
    still = draw_still(held, registration, size=_STILL) if held is not None else None
    _pictures(page, 10, _crop(image, person["box"]), best, still)
    x = _EDGE + _PICTURE[0] + _STILL[0] + 60
    width = WIDTH - _EDGE - x
    y = _verdict(page, x, 10, width, person) + 8
    if best is not None:
        y = _table(page, x, y, width, person["candidates"][0])
    return page.sheet.crop((0, 0, WIDTH, int(max(y, 10 + _PICTURE[1])) + 30))


def draw_report(
    record: Json, image: UInt8, decisions: tuple[Decision, ...], prototypes: Mapping[str, Prototype]
) -> Image.Image:
    """The report as one picture, people one below the other; `record` as made by facts.py."""
    head = _Page(WIDTH, 120)
    y = head.paragraph(_EDGE, 28, WIDTH - 2 * _EDGE, record["title"][:110], 28, bold=True)
    photograph = record["photograph"]
    head.text(
        _EDGE,
        y + 2,
        f"{photograph['name'][:80]} · {photograph['width']} × {photograph['height']} pixels · "
        f"{record['software']} · {record['written']}",
        15,
        colour=_SOFT,
    )
    blocks = [
        _block(person, image, decision, prototypes)
        for person, decision in zip(record["people"], decisions, strict=True)
    ]
    foot = _Page(WIDTH, 400)
    y = 10.0
    for text in (
        record["people"][0]["limits"] if record["people"] else ["No person was found in the photograph."]
    ):
        y = foot.paragraph(_EDGE, y, WIDTH - 2 * _EDGE, text, 14, colour=_SOFT) + 3
    parts = [head.sheet, *blocks, foot.sheet.crop((0, 0, WIDTH, int(y) + 20))]
    sheet = Image.new("RGB", (WIDTH, sum(part.height for part in parts)), (255, 255, 255))
    top = 0
    for part in parts:
        sheet.paste(part, (0, top))
        top += part.height
    return sheet
