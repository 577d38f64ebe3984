"""The protocols by the names that the command line takes, and what is done with scores before judgement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.datasets.dataset import DataSet
from lineament.evaluation.plan import Plan
from lineament.evaluation.protocols.exclusions import once, without_shared
from lineament.evaluation.protocols.identification import Draw, by_role, closed, open_set
from lineament.evaluation.protocols.selection import Condition
from lineament.evaluation.protocols.sets import fused, fused_pairs
from lineament.evaluation.protocols.verification import full, listed

ProtocolName = Literal["pairs", "full", "closed", "open", "roles"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a protocol may be told.

    seed: of every choice. probe, reference: conditions on the two sides. per_subject: references of a person
    (closed, open). enrolled, share: how many people, or which part of them, an open set enrols. sets: a
    listed pair stands for its sets (pairs). most: draw this many listed pairs (pairs).
    """

    seed: int = 0
    probe: tuple[Condition, ...] = ()
    reference: tuple[Condition, ...] = ()
    per_subject: int = 1
    enrolled: int | None = None
    share: float = 0.5
    sets: bool = False
    most: int | None = None

    @property
    def draw(self) -> Draw:
        """How a gallery is drawn."""
        return Draw(self.seed, self.per_subject, self.reference, self.probe)


_PLANS: Final[Mapping[ProtocolName, Callable[[DataSet, Options], Plan]]] = {
    "pairs": lambda data, o: listed(data, sets=o.sets, most=o.most, seed=o.seed),
    "full": lambda data, o: full(data, probe=o.probe, reference=o.reference),
    "closed": lambda data, o: closed(data, o.draw),
    "open": lambda data, o: open_set(data, o.draw, enrolled=o.enrolled, share=o.share),
    "roles": lambda data, o: by_role(data, probe=o.probe, reference=o.reference),
}
ABOUT: Final[Mapping[ProtocolName, str]] = {
    "pairs": "verification of the pairs that the data set lists",
    "full": "verification of everything against everything",
    "closed": "identification of people who are all enrolled",
    "open": "identification where a part of the people is unknown",
    "roles": "galleries and probes as the data set divides them",
}


def make_plan(name: ProtocolName, data_set: DataSet, options: Options | None = None) -> Plan:
    """What to compare; raises BadInputError where the data set does not fit the protocol."""
    return _PLANS[name](data_set, options or Options())


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done with scores before they are judged, in this order.

    sets: fuse the scores of sets (the covariate "set"). unshared: mated comparisons that share one of these
    covariates do not count. once: of two samples that are both probe and reference, one comparison counts.
    """

    sets: bool = False
    unshared: tuple[str, ...] = ()
    once: bool = False

    def applied(self, scores: PairScores | ScoreMatrix) -> PairScores | ScoreMatrix:
        """The scores that are judged. `unshared` and `once` are for matrices: listed pairs are as listed."""
        if isinstance(scores, PairScores):
            return fused_pairs(scores) if self.sets else scores
        scores = fused(scores) if self.sets else scores
        scores = without_shared(scores, self.unshared) if self.unshared else scores
        return once(scores) if self.once else scores
