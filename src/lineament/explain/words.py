"""The decision in sentences. Each carries JSON pointers to the numbers that it was made of (see facts.py)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lineament.anatomy import PART_NAMES
from lineament.explain.scale import band, join_words, printable, rate_words, ratio_words, support_words
from lineament.types import Decision, Evidence, PartEvidence

FACE: Final = "face"
REGIONS: Final[tuple[str, ...]] = (FACE, *PART_NAMES[1:])
VISIBLE_AT_LEAST: Final = 0.05
"""A group of which less than this share is seen, and where nothing matched, counts as not visible."""


@dataclass(frozen=True, slots=True)
class Group:
    """Regions that are spoken of together."""

    name: str
    plural: bool
    regions: tuple[str, ...]


def _sides(*names: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for name in names for side in ("left", "right"))


GROUPS: Final[tuple[Group, ...]] = (
    Group(FACE, False, (FACE,)),
    Group("head", False, ("head",)),
    Group("torso", False, ("torso",)),
    Group("arms", True, _sides("upper_arm", "forearm")),
    Group("hands", True, _sides("hand")),
    Group("legs", True, _sides("thigh", "calf")),
    Group("feet", True, _sides("foot")),
)


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """The parts of one group taken together; fields as in `PartEvidence`.

    similarity: mean over the matches. possible: points that could have matched. visible: of the best seen
    part. sources: JSON pointers, below the candidate, of the parts summed.
    """

    group: Group
    visible: float
    matched: int
    possible: int
    similarity: float
    contribution: float
    sources: tuple[str, ...]

    @property
    def seen(self) -> bool:
        """Whether the photograph shows enough of the group to speak of it."""
        return self.matched > 0 or self.visible >= VISIBLE_AT_LEAST


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence and the JSON pointers, below the person's record, of the numbers behind it."""

    text: str
    sources: tuple[str, ...]


def possible_points(part: PartEvidence) -> int:
    """Points that could have matched: `rate` is matched over possible."""
    return round(part.matched / part.rate) if part.rate > 0.0 else 0


def group_evidence(evidence: Evidence) -> tuple[GroupEvidence, ...]:
    """The evidence by group, in the order of `GROUPS`; groups of which nothing was measured are left out."""
    indexed = list(enumerate(evidence.parts))
    found = []
    for group in GROUPS:
        members = [(i, part) for i, part in indexed if part.region in group.regions]
        if not members:
            continue
        parts = [part for _, part in members]
        matched = sum(part.matched for part in parts)
        weights = [part.matched or (0 if matched else 1) for part in parts]
        found.append(
            GroupEvidence(
                group=group,
                visible=max(part.visible for part in parts),
                matched=matched,
                possible=sum(possible_points(part) for part in parts),
                similarity=sum(w * p.similarity for w, p in zip(weights, parts, strict=True)) / sum(weights),
                contribution=sum(part.contribution for part in parts),
                sources=tuple(f"/parts/{i}" for i, _ in members),
            )
        )
    return tuple(found)


def _numbers(one: GroupEvidence) -> str:
    if one.group.name == FACE or not one.possible:
        return f"(similarity {one.similarity:.2f})"
    return f"(similarity {one.similarity:.2f}, {one.matched:,} of {one.possible:,} points)"


def _followers(groups: list[GroupEvidence], form: str) -> list[str]:
    """The groups after the first, those of one strength together: "the torso and the legs weakly"."""
    together: dict[str, list[str]] = {}
    for one in groups:
        step = band(one.contribution)
        together.setdefault(step.adverb if step else "", []).append(f"the {one.group.name}")
    return [form.format(names=join_words(names), adverb=adverb) for adverb, names in together.items()]


def _leading(groups: list[GroupEvidence], verb: str, after: str, form: str) -> str:
    """Groups of one direction, strongest first; the first with its numbers."""
    ranked = sorted(groups, key=lambda g: -abs(g.contribution))
    first, step = ranked[0], band(ranked[0].contribution)
    inflected = verb if first.group.plural else f"{verb}s"
    lead = f"the {first.group.name} {inflected} {step.adverb if step else ''}{after} {_numbers(first)}"
    return ", ".join([lead, *_followers(ranked[1:], form)])


def _silent(groups: list[GroupEvidence]) -> str:
    many = len(groups) > 1 or groups[0].group.plural
    return (
        f"{join_words([f'the {g.group.name}' for g in groups])} {'say' if many else 'says'} little either way"
    )


def parts_clause(evidence: Evidence, enrolled: Collection[str] | None = None) -> str:
    """What each group of parts says, e.g. "the head agrees strongly (similarity 0.83, 412 of 530 points), the
    legs weakly; hands not visible".

    enrolled: regions that the prototype holds; groups outside it are called not enrolled. None: not known.
    """
    groups = group_evidence(evidence)
    held = [g for g in groups if enrolled is None or any(r in enrolled for r in g.group.regions)]
    seen = [g for g in held if g.seen]
    agreeing = [g for g in seen if g.contribution > 0 and band(g.contribution)]
    opposing = [g for g in seen if g.contribution < 0 and band(g.contribution)]
    silent = [g for g in seen if band(g.contribution) is None]
    hidden = [g.group.name for g in held if not g.seen]
    missing = [g.group.name for g in groups if g not in held]
    clauses = [
        _leading(agreeing, "agree", "", "{names} {adverb}") if agreeing else "",
        _leading(opposing, "speak", " against", "{names} {adverb} against") if opposing else "",
        _silent(silent) if silent else "",
        f"{join_words(hidden)} not visible" if hidden else "",
        f"{join_words(missing)} not enrolled" if missing else "",
    ]
    return "; ".join(filter(None, clauses)) or "no part could be compared"


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
            text = f"{text}: {parts_clause(best, enrolled)}"
            sources += _part_sources(best, 0)
        return Statement(_sentence(text), sources)
    return Statement(_sentence(f"Nobody is named: {printable(decision.reason)}"), ("/decision/reason",))


def _weight(decision: Decision, best: Evidence) -> Statement:
    """How much more probable the findings are under one proposition than under the other."""
    name, ratio = printable(best.subject), ratio_words(best.score)
    if best.score >= 0:
        first, second = f"it shows {name}", "it shows another person"
    else:
        first, second = "it shows another person", f"it shows {name}"
    text = (
        f"The findings in the photograph are about {ratio} times more probable if {first} than if {second}: "
        f"{support_words(best.score)}."
    )
    return Statement(text, ("/candidates/0/score", "/candidates/0/likelihood_ratio_log10"))


def _against_threshold(decision: Decision, best: Evidence) -> Statement:
    side = "reaches" if best.score >= decision.threshold else "stays below"
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
    text = (
        f"The runner-up is {printable(second.subject)} with a score of {second.score:.2f}: the findings are "
        f"about {ratio_words(margin)} times more probable if the photograph shows {printable(best.subject)} "
        f"than if it shows {printable(second.subject)} (margin {margin:.2f})."
    )
    return Statement(text, ("/candidates/1/subject", "/candidates/1/score", "/decision/margin"))


def decision_statements(decision: Decision, enrolled: Collection[str] | None = None) -> tuple[Statement, ...]:
    """The decision in words: headline, weight, threshold, runner-up; for an abstention the nearest candidate
    too.

    enrolled: regions that the best candidate's prototype holds (see `parts_clause`).
    """
    statements = [headline(decision, enrolled)]
    if not decision.candidates:
        return tuple(statements)
    best = decision.candidates[0]
    if decision.abstained:
        nearest = f"The nearest candidate is {printable(best.subject)}: {parts_clause(best, enrolled)}."
        statements.append(Statement(nearest, ("/candidates/0/subject", *_part_sources(best, 0))))
    statements += [_weight(decision, best), _against_threshold(decision, best), _runner_up(decision)]
    return tuple(statements)


def limits(decision: Decision) -> tuple[str, ...]:
    """What the report does not say, in sentences that belong beside every decision."""
    rate, population = rate_words(decision.fmr), printable(decision.population)
    return (
        f"False match rate: of comparisons between two different people, {rate} is expected to reach the "
        "threshold. It counts single comparisons: a search through N enrolled people makes N of them.",
        f"The threshold and the likelihood ratio were calibrated on {population}. Other people, cameras and "
        "scenes may behave differently; a calibration on one's own people replaces these figures.",
        "Likelihood ratios far above the inverse of the false match rate are extrapolations. They weigh "
        "the findings; they are not the probability that two records show the same person, which also "
        "depends on everything else that is known.",
        "The comparison is one of shape and appearance between a photograph and an enrolled prototype. "
        "Nothing here is a statement about sex, age, origin, health or any other attribute of a person.",
        "The result is evidence for a person to weigh, not a decision about someone. Loose clothing, hair "
        "that changes the outline and covered faces are known causes of error.",
    )
