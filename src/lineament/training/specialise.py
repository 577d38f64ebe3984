"""Tune an adapter for exactly the people of a gallery, from renders of their prototypes alone, and judge it
on renders held out: other outfits, skins, hair, poses, places and cameras.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.api import calibration_of
from lineament.errors import BadInputError
from lineament.evaluation.metrics import Figure, TooFew, person_mean, share
from lineament.gallery.gallery import ADAPTER, Gallery
from lineament.recognition.recogniser import Recogniser
from lineament.recognition.specialised import Specialised, against_others
from lineament.synth.reserved import refuse_reserved
from lineament.training.specialise_fit import Logits, fit_logits, fit_ratio
from lineament.training.specialise_rounds import (
    HELD_OUT,
    Reader,
    Reading,
    drop_rounds,
    held_out,
    key_of,
    read_rounds,
)
from lineament.types import Float64, Int32, Prototype

LEAST_ROUNDS: Final = 4 * HELD_OUT
MOST_PEOPLE: Final = 200
DRAWING: Final = 0.95
"""Share of the minutes for drawing and reading; learning takes seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """people: names. before, after: rank-1 shares of the pictures held out without and with the adapter, gain
    their difference; outfits are resampled. confusion_before, confusion_after: (K, K + 1) pictures by who is
    shown and who is named, the last column nobody. rounds: outfits drawn. learned, judged: pictures. adapter:
    what was kept, None where it does not help.
    """

    people: tuple[str, ...]
    before: Figure
    after: Figure
    gain: Figure
    confusion_before: Int32
    confusion_after: Int32
    rounds: int
    learned: int
    judged: int
    adapter: Specialised | None


def specialise(
    gallery: Gallery, recogniser: Recogniser, minutes: float, seed: int, say: Callable[[str], None]
) -> Outcome:
    """Draw, learn and judge; the adapter is kept in the gallery where it helps, else what was kept before is
    taken out.

    Raises BadInputError for a gallery of less than two or too many people, minutes that are too few for so
    many, a model that tells nothing of the whole person, and people who changed meanwhile; KeyboardInterrupt
    when stopped, after which the same call goes on.
    """
    refuse_reserved(seed)
    own = calibration_of(gallery)
    chosen = (recogniser if own is None else recogniser.calibrated(own)).specialised_to(None)
    gallery.require_revision(chosen.registrar.model, chosen.template.revision, face_model=chosen.reader.model)
    prototypes = list(gallery.prototypes())
    if not 2 <= len(prototypes) <= MOST_PEOPLE:
        raise BadInputError(
            f"an adapter is for 2 to {MOST_PEOPLE} people, {gallery.path} has {len(prototypes)}: "
            + ("enrol more with `lineament enrol`" if len(prototypes) < 2 else "split the gallery")
        )
    key = key_of(gallery, chosen, seed)
    reader = Reader(prototypes, chosen, seed)
    rounds = read_rounds(gallery, reader, key, DRAWING * 60 * minutes, say)
    if len(rounds) < LEAST_ROUNDS:
        raise BadInputError(
            f"{len(rounds)} outfits of {len(prototypes)} people were drawn, {LEAST_ROUNDS} are needed; "
            "they are kept: give more --minutes to go on"
        )
    digests = tuple(record.sha256 for record in gallery.records())
    outcome = learn(prototypes, digests, chosen.registrar.model, rounds)
    if key_of(gallery, chosen, seed) != key:
        raise BadInputError(f"{gallery.path} changed meanwhile: run the command again")
    gallery.set_derived(ADAPTER, None if outcome.adapter is None else outcome.adapter.to_bytes())
    drop_rounds(gallery)
    return outcome


def learn(
    prototypes: Sequence[Prototype], digests: tuple[str, ...], model: str, rounds: Sequence[Reading]
) -> Outcome:
    """The adapter of `rounds`, judged on those held out, each half of them by a ratio fixed on the other."""
    count = len(prototypes)
    group = np.concatenate([np.full(len(one.person), k, np.int32) for k, one in enumerate(rounds)])
    judging = np.array([held_out(k) for k in range(len(rounds))])[group]
    features, person, take = (
        np.concatenate([getattr(one, name) for one in rounds]) for name in ("features", "person", "take")
    )
    known = ~judging
    logits = fit_logits(features[known], person[known], take[known], group[known])
    probes, whose, outfit = features[judging], person[judging], group[judging]
    base = np.concatenate([one.base for k, one in enumerate(rounds) if held_out(k)]).astype(np.float64)
    told = logits.of(np.nan_to_num(probes))
    after = np.empty_like(base)
    halves = np.unique(outfit, return_inverse=True)[1] % 2
    for half in (0, 1):
        slope, intercept = fit_ratio(told[halves != half], base[halves != half], whose[halves != half])
        after[halves == half] = base[halves == half] + _ratio(told[halves == half], slope, intercept)
    shown = whose >= 0
    confusions = [_confusion(scores[shown], whose[shown], count) for scores in (base, after)]
    hits = [_named(scores[shown]) == whose[shown] for scores in (base, after)]
    gain = person_mean(hits[1].astype(float) - hits[0], outfit[shown])
    before, reached = (_share(one, outfit[shown]) for one in hits)
    kept = None
    if gain.low > 0:
        slope, intercept = fit_ratio(told, base, whose)
        strangers = int((~shown).sum())
        population = f"{int(shown.sum())} renders of the {count} people enrolled and {strangers} of strangers"
        names = tuple(one.subject for one in prototypes)
        kept = _adapter(logits, names, digests, model, slope, intercept, population, before, reached)
    return Outcome(
        people=tuple(one.subject for one in prototypes),
        before=before,
        after=reached,
        gain=gain,
        confusion_before=confusions[0],
        confusion_after=confusions[1],
        rounds=len(rounds),
        learned=int(known.sum()),
        judged=int(shown.sum()),
        adapter=kept,
    )


def _adapter(
    logits: Logits,
    people: tuple[str, ...],
    digests: tuple[str, ...],
    model: str,
    slope: float,
    intercept: float,
    population: str,
    before: Figure,
    after: Figure,
) -> Specialised:
    return Specialised(
        people=people,
        digests=digests,
        model=model,
        centre=logits.centre,
        spread=logits.spread,
        weight=logits.weight,
        bias=logits.bias,
        slope=slope,
        intercept=intercept,
        population=population,
        before=before.value,
        after=after.value,
    )


def _ratio(logits: Float64, slope: float, intercept: float) -> Float64:
    return slope * against_others(logits) + intercept


def _named(scores: Float64) -> Int32:
    """(n,) who has the highest score of each row; the number of people where nobody could be compared."""
    known = np.where(np.isfinite(scores), scores, -np.inf)
    nobody = ~np.isfinite(scores).any(axis=1)
    return np.where(nobody, scores.shape[1], known.argmax(axis=1)).astype(np.int32)


def _confusion(scores: Float64, whose: Int32, count: int) -> Int32:
    found = np.zeros((count, count + 1), np.int32)
    np.add.at(found, (whose, _named(scores)), 1)
    return found


def _share(hits: np.ndarray, outfit: Int32) -> Figure:
    found = share(hits, outfit, what="renders")
    if isinstance(found, TooFew):
        raise BadInputError("no render that was held out shows anybody; give more --minutes")
    return found
