"""Identification (1:N): galleries and probes drawn from a seed, or as the data set divides them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.datasets.dataset import DataSet
from lineament.evaluation.plan import Plan
from lineament.evaluation.protocols.seeds import generator
from lineament.evaluation.protocols.selection import Among, Condition, chosen, people_needed
from lineament.types import Int32


@dataclass(frozen=True, slots=True)
class Draw:
    """How a gallery is drawn. per_subject: references of a person. reference, probe: conditions on them."""

    seed: int = 0
    per_subject: int = 1
    reference: tuple[Condition, ...] = ()
    probe: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if self.per_subject < 1:
            raise BadInputError(f"a person has at least 1 reference, not {self.per_subject}")


def closed(data_set: DataSet, draw: Draw | None = None) -> Plan:
    """Everybody with enough references is enrolled; every other record of theirs that may probe does.

    Enrolled people without a probe stay in the gallery. Whoever cannot be enrolled takes no part: their
    probes belong to an open set. Raises BadInputError where nobody can be enrolled and searched for.
    """
    draw = draw or Draw()
    candidates = _candidates(data_set, draw)
    names = list(candidates)
    references, rest = _enrolled(data_set, candidates, names, draw)
    if not len(rest):
        raise BadInputError(
            f"{data_set.name} has nobody with {draw.per_subject} references and a probe; "
            "loosen the conditions or take fewer references"
        )
    return Plan(f"closed set, {len(names)} enrolled, seed {draw.seed}", data_set, rest, references)


def open_set(
    data_set: DataSet, draw: Draw | None = None, *, enrolled: int | None = None, share: float = 0.5
) -> Plan:
    """A drawn part of the people is enrolled; all others are unknown to the gallery and probe only.

    enrolled: how many, otherwise `share` of those who can be. Subjects of mated and non-mated probes are
    disjoint. Raises BadInputError where too few people can be enrolled, or nobody is left unknown.
    """
    draw = draw or Draw()
    candidates = _candidates(data_set, draw)
    wanted = round(share * len(candidates)) if enrolled is None else enrolled
    if not 1 <= wanted <= len(candidates):
        raise BadInputError(
            f"{len(candidates)} people of {data_set.name} can be enrolled, so not {wanted}; choose fewer"
        )
    order = generator(draw.seed, "who is enrolled").permutation(sorted(candidates))
    names = sorted(str(name) for name in order[:wanted])
    references, mated = _enrolled(data_set, candidates, names, draw)
    able = chosen(data_set, draw.probe)
    strangers = able[~np.isin(data_set.subjects[able], names)]
    if not len(strangers):
        raise BadInputError(f"nobody of {data_set.name} is left to be unknown; enrol fewer people")
    probes = np.sort(np.concatenate([mated, strangers])).astype(np.int32)
    return Plan(f"open set, {wanted} enrolled, seed {draw.seed}", data_set, probes, references)


def by_role(
    data_set: DataSet, *, probe: Sequence[Condition] = (), reference: Sequence[Condition] = ()
) -> Plan:
    """Galleries and probes as the data set's own "role" divides them; raises BadInputError without one."""
    people_needed(data_set)
    if "role" not in data_set.covariates:
        raise BadInputError(f"{data_set.name} does not say what probes; draw a closed or an open set")
    probes, references = (
        chosen(data_set, (*where, Among("role", (role,))))
        for role, where in (("probe", probe), ("reference", reference))
    )
    if not len(probes) or not len(references):
        raise BadInputError(f"{data_set.name} has no probes or no references that fulfil the conditions")
    return Plan("roles of the data set", data_set, probes, references)


def _candidates(data_set: DataSet, draw: Draw) -> dict[str, Int32]:
    """Who can be enrolled, by the records that could be their references, sorted by name."""
    people_needed(data_set)
    able = chosen(data_set, draw.reference)
    subjects = data_set.subjects[able]
    order = np.argsort(subjects, kind="stable")
    names, starts = np.unique(subjects[order], return_index=True)
    groups = np.split(able[order], starts[1:])
    return {
        str(name): group for name, group in zip(names, groups, strict=True) if len(group) >= draw.per_subject
    }


def _enrolled(
    data_set: DataSet, candidates: dict[str, Int32], names: Sequence[str], draw: Draw
) -> tuple[Int32, Int32]:
    """References of `names`, and the probes that show them.

    What a person is enrolled by depends on the seed and their name alone, not on who else is there.
    """
    references = [
        generator(draw.seed, f"references of {name}").choice(
            candidates[name], size=draw.per_subject, replace=False
        )
        for name in names
    ]
    taken = np.sort(np.concatenate(references)).astype(np.int32) if references else np.zeros(0, np.int32)
    able = chosen(data_set, draw.probe)
    mated = able[np.isin(data_set.subjects[able], list(names)) & ~np.isin(able, taken)]
    return taken, mated
