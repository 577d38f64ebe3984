"""The correspondence viewer of one person as HTML: photograph and prototype side by side, with controls."""

from typing import Any, Final

import numpy as np

from lineament.anatomy import PART_COLOURS, PART_TITLES
from lineament.explain.pictures import Crop, data_address
from lineament.explain.sections import MATCH_ROWS, safe
from lineament.explain.view3d import strongest_first
from lineament.types import Evidence, Face, Float64, Registration, UInt8

Json = dict[str, Any]
_REST: Final = "Point at a dot, on either side, to see which pixel and which point belong together."
_CAPTIONS: Final = """<div class="captions">
<p class="note">Photograph: every dot is a pixel that was matched; the thin frame is the person, the dashed
one the face that was compared.</p>
<p class="note">Prototype: the enrolled points that those pixels were matched to. Dark grey was not
measured at enrolment and is the fitted model's guess. Faint lines end on the far side.</p></div>"""
_TOOLS: Final = """
<label>Lines <select name="lines"><option value="0">none</option><option value="10">10 strongest</option>
<option value="30" selected>30 strongest</option><option value="100">100 strongest</option></select></label>
<label><input type="checkbox" name="dots" checked> Points</label>
<label>Prototype <select name="surface"><option value="parts">in part colours</option>
<option value="photo">in its own colours</option><option value="plain">plain</option></select></label>
<fieldset><legend>Turn</legend>
<button type="button" data-azimuth="photo">As photographed</button>
<button type="button" data-azimuth="0">Front</button>
<button type="button" data-azimuth="90">Left side</button>
<button type="button" data-azimuth="180">Back</button>
<button type="button" data-azimuth="-90">Right side</button>
<button type="button" data-view="sway" aria-pressed="false">Move</button>
<button type="button" data-zoom="1.25" aria-label="Nearer">+</button>
<button type="button" data-zoom="0.8" aria-label="Farther">−</button></fieldset>
"""


def _colour(part: int) -> str:
    return "#" + "".join(f"{int(v):02x}" for v in PART_COLOURS[part])


def _belongs(place: int) -> str:
    """Attributes of an element that is shown while candidate `place` is chosen."""
    return f'data-candidate="{place}"{" hidden" if place else ""}'


def _dots(registration: Registration | None, crop: Crop, place: int, most: int) -> str:
    if registration is None:
        return f"<g {_belongs(place)}></g>"
    order = strongest_first(registration)[:most]
    pixels = registration.pixels[order].astype(float) @ crop.to_crop[:, :2].T + crop.to_crop[:, 2]
    radius = max(crop.image.shape[:2]) / 260
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_colour(int(part))}"/>'
        for (x, y), part in zip(pixels, registration.parts[order], strict=True)
    )
    return f"<g {_belongs(place)}>{circles}</g>"


def _frame(kind: str, box: Float64, crop: Crop) -> str:
    """A rectangle round x0, y0, x1, y1 of the photograph."""
    (x0, x1), (y0, y1) = (crop.to_crop[:, :2] @ box.reshape(2, 2).T + crop.to_crop[:, 2:]).tolist()
    size = f'width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
    return f'<rect class="{kind}" x="{x0:.1f}" y="{y0:.1f}" {size}/>'


def _legend(registration: Registration | None, place: int) -> str:
    if registration is None or not len(registration.sites):
        return (
            f'<p class="note" {_belongs(place)}>No correspondences between pixels and points were kept '
            "for this candidate; what spoke, if anything, was the face as a whole.</p>"
        )
    present, counts = np.unique(registration.parts, return_counts=True)
    chips = "".join(
        f'<button type="button" data-part="{part}" aria-pressed="false"><span class="swatch p{part}"></span>'
        f'{PART_TITLES[part]}<span class="count">{count}</span></button>'
        for part, count in zip(present.tolist(), counts.tolist(), strict=True)
    )
    return f'<div class="legend" role="group" aria-label="Show one part only" {_belongs(place)}>{chips}</div>'


def _match_row(registration: Registration, i: int, rank: int) -> str:
    part = int(registration.parts[i])
    x, y = registration.pixels[i].tolist()
    return (
        f'<tr data-match="{rank}"><td class="left"><button type="button" aria-label="Show correspondence '
        f'{rank + 1}">{rank + 1}</button></td><th scope="row"><span class="swatch p{part}"></span>'
        f"{PART_TITLES[part]}</th><td>{x:.1f}, {y:.1f}</td><td>{int(registration.sites[i])}</td>"
        f"<td>{float(registration.cosine[i]):.3f}</td><td>{float(registration.confidence[i]):.3f}</td></tr>"
    )


def _match_table(registration: Registration | None, subject: str, place: int) -> str:
    if registration is None or not len(registration.sites):
        return ""
    strongest = strongest_first(registration)[:MATCH_ROWS].tolist()
    rows = "".join(_match_row(registration, i, rank) for rank, i in enumerate(strongest))
    return (
        f"<details {_belongs(place)}><summary>The {len(strongest)} strongest correspondences as a "
        f"table</summary>"
        f'<div class="scroll"><table class="pairs"><caption>Photograph to {safe(subject)}, strongest of '
        f"each part "
        'in turn</caption><thead><tr><th scope="col">No.</th><th scope="col" class="left">Part</th>'
        '<th scope="col">Pixel x, y</th><th scope="col">Point</th><th scope="col">Cosine</th>'
        f'<th scope="col">Confidence</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _choice(number: int, candidates: tuple[Evidence, ...]) -> str:
    roles = ("best", "runner-up")
    radios = "".join(
        f'<label><input type="radio" name="candidate-{number}" value="{i}"{" checked" if i == 0 else ""}> '
        f"{safe(one.subject)} ({roles[i]})</label>"
        for i, one in enumerate(candidates)
    )
    return f"<fieldset><legend>Compare with</legend>{radios}</fieldset>" if candidates else ""


def _aligned(face: Face | None) -> str:
    """The face as the comparison saw it."""
    if face is None:
        return ""
    degrees = abs(float(np.degrees(face.yaw)))
    lowered = f" ({safe('; '.join(face.reasons))})" if face.reasons else ""
    return (
        f'<figure class="aligned"><img src="{data_address(face.crop, 92)}" width="112" height="112" '
        'alt="The face, turned upright and cut out."><figcaption>The face as it was compared: turned '
        f"{degrees:.0f} degrees from the camera, quality {face.quality:.2f} of 1{lowered}."
        "</figcaption></figure>"
    )


def _still(still: UInt8 | None, candidates: tuple[Evidence, ...]) -> str:
    if still is None or not candidates:
        return '<p class="note still">No prototype to show.</p>'
    return (
        f'<img class="still" src="{data_address(still)}" alt="The prototype of '
        f"{safe(candidates[0].subject)}, seen "
        'from the side that the photograph shows, matched points in part colours.">'
    )


def viewer(
    number: int,
    candidates: tuple[Evidence, ...],
    crop: Crop,
    still: UInt8 | None,
    *,
    box: list[float] | None,
    face: Face | None,
    most: int,
) -> str:
    """Photograph and prototype of person `number`, for the one or two leading `candidates`.

    still: (h, w, 3) picture of the best candidate's prototype, shown where WebGL or scripts are missing.
    box: of the person in photograph pixels.
    most: matches drawn of each candidate.
    """
    height, width = crop.image.shape[:2]
    regs = [one.registration for one in candidates]
    frames = _frame("personbox", np.asarray(box, dtype=np.float64), crop) if box is not None else ""
    frames += _frame("facebox", face.box.astype(np.float64), crop) if face is not None else ""
    dots = "".join(_dots(one, crop, i, most) for i, one in enumerate(regs))
    tables = "".join(_match_table(one.registration, one.subject, i) for i, one in enumerate(candidates))
    legends = "".join(_legend(one, i) for i, one in enumerate(regs))
    capped = any(one is not None and len(one.sites) > most for one in regs)
    note = f'<p class="note">The {most:,} strongest matches are drawn; the JSON file has all.</p>'
    hidden = "" if candidates else " hidden"
    tools = f'<div class="toolbar"{hidden}>{_choice(number, candidates)}{_TOOLS}</div>'
    return (
        f'<div class="card viewer"><h3>What was matched</h3>{tools}'
        '<div class="pair"><figure class="photo"><div class="stage">'
        f'<img src="{data_address(crop.image)}" width="{width}" height="{height}" alt="Person {number} of '
        'the photograph; each matched pixel is a dot in the colour of its part.">'
        f'<svg class="dots" viewBox="0 0 {width} {height}" aria-hidden="true">{frames}{dots}</svg>'
        '</div></figure><div class="canvasbox" tabindex="0" role="application" aria-label="Prototype in 3D; '
        f'drag or use the arrow keys to turn it.">{_still(still, candidates)}</div>'
        f'<svg class="links" aria-hidden="true"></svg></div>{_CAPTIONS}'
        f"{note if capped else ''}{legends}{_aligned(face)}"
        f'<p class="readout" role="status" data-rest="{_REST}">{_REST}</p>'
        '<p class="note no-webgl" hidden>This browser offers no WebGL; the prototype is a still picture.</p>'
        f"{tables}</div>"
    )
