"""Protocols by name: a data set, and how its records are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from lineament.errors import BadInputError
from lineament.evaluation.datasets import cfp
from lineament.evaluation.datasets.catalogue import DATA_SETS, open_data_set
from lineament.evaluation.datasets.dataset import DataSet
from lineament.evaluation.datasets.sizes import measured
from lineament.evaluation.plan import Plan
from lineament.evaluation.protocols.identification import Draw, by_role, closed, open_set
from lineament.evaluation.protocols.selection import conditions
from lineament.evaluation.protocols.verification import full, listed

Way = Literal["listed", "full", "closed", "open", "roles"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)


@dataclass(frozen=True, slots=True)
class Asked:
    """A protocol as the command line names it.

    protocol: DATASET or DATASET:WAY; without a way, "listed" where the data set lists pairs, "roles" where it
    divides probes from references, else "full". cfp-ff and cfp-fp are the two halves of cfp. probe and
    reference: conditions. enrolled: how many people of an open set. per_subject: references of each person.
    most: how many of the listed pairs are drawn.
    """

    protocol: str
    folder: Path
    probe: Sequence[str] = ()
    reference: Sequence[str] = ()
    per_subject: int = 1
    enrolled: int | None = None
    seed: int = 0
    sets: bool = False
    most: int | None = None

    def plan(self) -> Plan:
        """Open the data set and say what is compared; raises BadInputError, one line."""
        name, _, way = self.protocol.partition(":")
        data_set = measured(_opened(name, self.folder))
        if not way:
            way = "listed" if data_set.pairs else "roles" if "role" in data_set.covariates else "full"
        if way not in WAYS:
            raise BadInputError(f"{way!r} is no way to compare; choose DATASET:{' or :'.join(WAYS)}")
        made = self._plan(data_set, way)
        return Plan(f"{self.protocol}, {made.name}", made.dataset, made.probes, made.references, made.pairs)

    def _plan(self, data_set: DataSet, way: str) -> Plan:
        probe, reference = conditions(self.probe), conditions(self.reference)
        if self.most is not None and (way != "listed" or self.most < 1):
            raise BadInputError("--most draws at least one of listed pairs; leave it out, or compare :listed")
        if way == "listed":
            if probe or reference:
                raise BadInputError("listed pairs take no --probe and --reference; compare by :full")
            return listed(data_set, sets=self.sets, most=self.most, seed=self.seed)
        if way == "full":
            return full(data_set, probe=probe, reference=reference)
        if way == "roles":
            return by_role(data_set, probe=probe, reference=reference)
        draw = Draw(self.seed, self.per_subject, reference, probe)
        if way == "closed":
            return closed(data_set, draw)
        return open_set(data_set, draw, enrolled=self.enrolled)


def _opened(name: str, folder: Path) -> DataSet:
    if name in ("cfp-ff", "cfp-fp"):
        return cfp.open(folder, "FF" if name == "cfp-ff" else "FP")
    if name not in DATA_SETS:
        raise BadInputError(
            f"there is no data set {name!r}; choose {', '.join(('cfp-ff', 'cfp-fp', *DATA_SETS))}"
        )
    return open_data_set(name, folder)
