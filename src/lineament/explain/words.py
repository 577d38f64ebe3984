"""The decision in sentences. Each carries JSON pointers to the numbers that it was made of (see facts.py)."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from lineament.explain.groups import (
    FACE,
    GROUPS,
    NOT_COMPARED,
    NOT_ENROLLED,
    NOT_VISIBLE,
    GroupEvidence,
    group_absence,
    group_evidence,
)
from lineament.explain.photographs import photograph_sentences
from lineament.explain.scale import Band, band, join_words, printable, rate_words, ratio_words, support_words
from lineament.types import Decision, Evidence

Topic = Literal["decision", "measured", "hardship"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence and the JSON pointers, below the person's record, of the numbers behind it. topic: the
    decision, what was measured on the body and the face, or what makes the comparison hard.
    """

    text: str
    sources: tuple[str, ...]
    topic: Topic = "decision"


def _numbers(one: GroupEvidence) -> str:
    if one.group.name == FACE or not one.possible:
        return f"(similarity {one.similarity:.2f})"
    return f"(similarity {one.similarity:.2f}, {one.matched:,} of {one.possible:,} points)"


def _step(one: GroupEvidence, limit: float) -> Band | None:
    return band(max(-limit, min(limit, one.contribution)))


def _followers(groups: list[GroupEvidence], form: str, limit: float) -> list[str]:
    """The groups after the first, those of one strength together: "the torso and the legs weakly"."""
    together: dict[str, list[str]] = {}
    for one in groups:
        step = _step(one, limit)
        together.setdefault(step.adverb if step else "", []).append(f"the {one.group.name}")
    return [form.format(names=join_words(names), adverb=adverb) for adverb, names in together.items()]


def _leading(groups: list[GroupEvidence], verb: str, after: str, form: str, limit: float) -> str:
    """Groups of one direction, strongest first; the first with its numbers."""
    ranked = sorted(groups, key=lambda g: -abs(g.contribution))
    first, step = ranked[0], _step(ranked[0], limit)
    inflected = verb if first.group.plural else f"{verb}s"
    lead = f"the {first.group.name} {inflected} {step.adverb if step else ''}{after} {_numbers(first)}"
    return ", ".join([lead, *_followers(ranked[1:], form, limit)])


def _silent(groups: list[GroupEvidence]) -> str:
    many = len(groups) > 1 or groups[0].group.plural
    return (
        f"{join_words([f'the {g.group.name}' for g in groups])} {'say' if many else 'says'} little either way"
    )


def parts_clause(evidence: Evidence, enrolled: Collection[str] | None = None, limit: float = math.inf) -> str:
    """What each group of parts says, e.g. "the head agrees strongly (similarity 0.83, 412 of 530 points), the
    legs weakly; hands not visible".

    enrolled: regions that the prototype holds. None: not known. limit: largest log-likelihood ratio that
    words may claim.
    """
    why = {group.name: group_absence(group, evidence, enrolled) for group in GROUPS}
    seen = [one for one in group_evidence(evidence) if why[one.group.name] is None]
    agreeing = [g for g in seen if g.contribution > 0 and band(g.contribution)]
    opposing = [g for g in seen if g.contribution < 0 and band(g.contribution)]
    silent = [g for g in seen if band(g.contribution) is None]
    clauses = [
        _leading(agreeing, "agree", "", "{names} {adverb}", limit) if agreeing else "",
        _leading(opposing, "speak", " against", "{names} {adverb} against", limit) if opposing else "",
        _silent(silent) if silent else "",
    ]
    for reason in (NOT_VISIBLE, NOT_COMPARED, NOT_ENROLLED):
        names = [name for name, found in why.items() if found == reason]
        clauses.append(f"{join_words(names)} {reason}" if names else "")
    return "; ".join(filter(None, clauses))


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _part_sources(evidence: Evidence, place: int) -> tuple[str, ...]:
    regions = range(len(evidence.parts))
    fields = ("visible", "matched", "possible", "similarity", "contribution")
    return tuple(f"/candidates/{place}/parts/{i}/{name}" for i in regions for name in fields)


def headline(decision: Decision, enrolled: Collection[str] | None = None) -> Statement:
    """The decision in one sentence, with what each part says of the accepted or nearest candidate."""
    best = decision.candidates[0] if decision.candidates else None
    if decision.subject is not None:
        text = f"{printable(decision.subject)}, at a false match rate of {rate_words(decision.fmr)}"
        sources: tuple[str, ...] = ("/decision/subject", "/decision/fmr")
        if best is not None:
            text = f"{text}: {parts_clause(best, enrolled, decision.support_limit)}"
            sources += _part_sources(best, 0)
        return Statement(_sentence(text), sources)
    return Statement(_sentence(f"Nobody is named: {printable(decision.reason)}"), ("/decision/reason",))


def ratio_claim(log_ratio: float, limit: float) -> str:
    """ "about 2,300", or "more than 10,000" where the calibration's people cannot support more."""
    if abs(log_ratio) > limit:
        return f"more than {ratio_words(limit)}"
    return f"about {ratio_words(log_ratio)}"


def _weight(decision: Decision, best: Evidence) -> Statement:
    """How much more probable the findings are under one proposition than under the other."""
    name, limit = printable(best.subject), decision.support_limit
    first, second = f"it shows {name}", "it shows another person"
    if best.score < 0:
        first, second = second, first
    text = (
        f"The findings in the photograph are {ratio_claim(best.score, limit)} times more probable if {first} "
        f"than if {second}: {support_words(best.score, limit)}."
    )
    sources = ("/candidates/0/score", "/candidates/0/likelihood_ratio_log10", "/decision/support_limit")
    return Statement(text, sources)


def _against_threshold(decision: Decision, best: Evidence) -> Statement:
    side = "exceeds" if best.score > decision.threshold else "does not exceed"
    text = (
        f"The score of {best.score:.2f} {side} the threshold of {decision.threshold:.2f}, which lets through "
        f"{rate_words(decision.fmr)} comparisons of different people among {printable(decision.population)}."
    )
    return Statement(
        text, ("/candidates/0/score", "/decision/threshold", "/decision/fmr", "/decision/population")
    )


def _runner_up(decision: Decision) -> Statement:
    if len(decision.candidates) < 2:
        return Statement(
            "No other candidate was compared, so there is no margin to a runner-up.", ("/candidates",)
        )
    best, second = decision.candidates[:2]
    margin = best.score - second.score
    name, other = printable(best.subject), printable(second.subject)
    claim = ratio_claim(margin, decision.support_limit)
    text = (
        f"The runner-up is {other} with a score of {second.score:.2f}: the findings are {claim} times more "
        f"probable if the photograph shows {name} than if it shows {other} (margin {margin:.2f})."
    )
    return Statement(text, ("/candidates/1/subject", "/candidates/1/score", "/decision/margin"))


def decision_statements(decision: Decision, enrolled: Collection[str] | None = None) -> tuple[Statement, ...]:
    """The decision in words: headline, weight, threshold, runner-up, reason; the nearest one when abstaining.

    enrolled: regions that the best candidate's prototype holds (see `parts_clause`).
    """
    statements = [headline(decision, enrolled)]
    if not decision.candidates:
        return tuple(statements)
    best = decision.candidates[0]
    if decision.abstained:
        clause = parts_clause(best, enrolled, decision.support_limit)
        nearest = f"The nearest candidate is {printable(best.subject)}: {clause}."
        statements.append(Statement(nearest, ("/candidates/0/subject", *_part_sources(best, 0))))
    statements += [_weight(decision, best), _against_threshold(decision, best), _runner_up(decision)]
    statements += [Statement(*one) for one in photograph_sentences(best)]
    if not decision.abstained:
        statements.append(
            Statement(_sentence(f"Reason: {printable(decision.reason)}"), ("/decision/reason",))
        )
    return tuple(statements)


def _support_limit(decision: Decision) -> str:
    if math.isinf(decision.support_limit):
        return "Likelihood ratios far above the inverse of the false match rate are extrapolations."
    ratio = ratio_words(decision.support_limit)
    return f"Likelihood ratios above {ratio} are not claimed: the calibration holds too few comparisons."


def limits(decision: Decision) -> tuple[str, ...]:
    """What the report does not say, in sentences that belong beside every decision."""
    count = len(decision.candidates)
    made = "makes N of them" if count < 2 else f"makes N of them, this one made {count:,}"
    rate, population = rate_words(decision.fmr), printable(decision.population)
    return (
        f"False match rate: of comparisons between two different people, {rate} is expected to exceed the "
        f"threshold. It counts single comparisons: a search through N enrolled people {made}.",
        f"The threshold and the likelihood ratio were calibrated on {population}. Other people, cameras and "
        "scenes may behave differently; a calibration on one's own people replaces these figures.",
        f"{_support_limit(decision)} They weigh "
        "the findings; they are not the probability that two records show the same person, which also "
        "depends on everything else that is known.",
        "The comparison is one of shape and appearance between a photograph and an enrolled prototype. "
        "Nothing here is a statement about sex, age, origin, health or any other attribute of a person.",
        "The result is evidence for a person to weigh, not a decision about someone. Loose clothing, hair "
        "that changes the outline and covered faces are known causes of error.",
    )
