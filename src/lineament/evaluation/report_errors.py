"""The failures of a run: what could not be read, the least alike mated pairs, the most alike strangers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.bins import mated_of
from lineament.evaluation.comparisons import PairScores
from lineament.evaluation.report_text import number
from lineament.evaluation.run import Run
from lineament.evaluation.score import Results
from lineament.explain.pictures import data_address, shrunk
from lineament.runtime.photograph import load_photograph

SHOWN: Final = 8
THUMBNAIL: Final = 160
_BLOCK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Pair:
    """Two samples by name, their subjects, and their score."""

    probe: str
    reference: str
    subjects: tuple[str, str]
    score: float


def errors_section(run: Run, results: Results) -> str:
    """HTML of what went wrong; pictures only where the terms allow."""
    rows = "".join(
        f"<tr><td>{count:,}</td><td>{escape(why)}</td></tr>" for why, count in results.failed.items()
    )
    table = f"<table><thead><tr><th>samples</th><th>why</th></tr></thead><tbody>{rows}</tbody></table>"
    failed = f"<h2>Failures</h2>{table if rows else '<p>Every picture gave a template.</p>'}"
    allowed = results.record.may_show
    terms = "" if allowed else f'<p class="note">No pictures: {escape(results.record.terms)}.</p>'
    return (
        f'<section class="card">{failed}</section><section class="card"><h2>Least alike, the same person</h2>'
        f'{terms}{_shots(run, least_mated(run), allowed)}</section><section class="card">'
        f"<h2>Most alike, two people</h2>{terms}{_shots(run, most_non_mated(run), allowed)}</section>"
    )


def least_mated(run: Run) -> list[Pair]:
    """Mated comparisons with the lowest scores that were made at all."""
    probe, reference, score = mated_of(run.scores)
    made = np.flatnonzero(np.isfinite(score))
    first = made[np.argsort(score[made], kind="stable")[: 2 * SHOWN]]
    return _distinct(_pair(run, int(probe[i]), int(reference[i]), float(score[i])) for i in first)


def most_non_mated(run: Run) -> list[Pair]:
    """Non-mated comparisons with the highest scores, in bounded memory."""
    scores = run.scores
    if isinstance(scores, PairScores):
        kept = np.flatnonzero(~scores.mated & np.isfinite(scores.score))
        first = kept[np.argsort(-scores.score[kept], kind="stable")[: 2 * SHOWN]]
        return _distinct(
            _pair(run, int(scores.probe[i]), int(scores.reference[i]), float(scores.score[i])) for i in first
        )
    found: list[tuple[float, int, int]] = []
    size = max(1, _BLOCK // max(1, len(scores.references)))
    for start in range(0, len(scores.probes), size):
        block = np.array(scores.score[start : start + size])
        same = scores.probes.subject[start : start + size, None] == scores.references.subject
        block[same | ~np.isfinite(block)] = -np.inf
        flat = block.ravel()
        best = np.argpartition(flat, -min(2 * SHOWN, flat.size))[-2 * SHOWN :]
        found += [(float(flat[i]), start + int(i) // block.shape[1], int(i) % block.shape[1]) for i in best]
        found = sorted(found, reverse=True)[: 4 * SHOWN]
    return _distinct(_pair(run, p, r, score) for score, p, r in found if np.isfinite(score))


def _distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """The first SHOWN, two samples once however they were compared."""
    seen: dict[frozenset[str], Pair] = {}
    for pair in pairs:
        seen.setdefault(frozenset((pair.probe, pair.reference)), pair)
    return list(seen.values())[:SHOWN]


def _pair(run: Run, probe: int, reference: int, score: float) -> Pair:
    ours, theirs = run.scores.probes, run.scores.references
    subjects = (str(ours.subject[probe]), str(theirs.subject[reference]))
    return Pair(str(ours.name[probe]), str(theirs.name[reference]), subjects, score)


def _shots(run: Run, pairs: Sequence[Pair], allowed: bool) -> str:
    if not pairs:
        return "<p>None.</p>"
    if not allowed:
        rows = "".join(
            f"<tr><td>{number(one.score)}</td><td>{escape(one.probe)}</td><td>{escape(one.reference)}</td></tr>"
            for one in pairs
        )
        heads = "<tr><th>score</th><th>probe</th><th>reference</th></tr>"
        return f'<div class="wide"><table><thead>{heads}</thead><tbody>{rows}</tbody></table></div>'
    shots = []
    for one in pairs:
        images = "".join(_thumbnail(run, name) for name in (one.probe, one.reference))
        shots.append(
            f'<figure><div class="pair">{images}</div><figcaption>{number(one.score)}: {escape(one.probe)}, '
            f"{escape(one.reference)}</figcaption></figure>"
        )
    return f'<div class="shots">{"".join(shots)}</div>'


def _thumbnail(run: Run, name: str) -> str:
    """An image element, nothing where the picture is not there any more."""
    try:
        image = load_photograph(Path(run.record.folder) / run.pictures[name])
    except (BadInputError, KeyError):
        return ""
    return f'<img src="{data_address(shrunk(image, THUMBNAIL), 80)}" alt="{escape(name)}">'
