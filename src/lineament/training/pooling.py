"""Several photographs of one validation person: how much they repeat each other, judged on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.recognition.calibration import Calibration, Mode
from lineament.recognition.comparison import Comparison
from lineament.recognition.decision import pooled_threshold
from lineament.recognition.dependence import Sums, cost, fit_dependence, sums_of
from lineament.recognition.pooling import Look, pool
from lineament.synth.seeds import generator
from lineament.training.validation_people import ValidationPerson
from lineament.types import Bool, Float64, Int32

JUDGED_RATE: Final = 1e-2
MOST_STRANGERS: Final = 12_000
"""Non-mated groups that are looked at; further ones say little more."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Photographs of one person before one reference. looks: of g groups. people: (g, 2) numbers of the
    person shown and of the one enrolled.
    """

    looks: Sequence[Sequence[Look]]
    people: Int32

    @property
    def mated(self) -> Bool:
        """(g,)."""
        return np.asarray(self.people[:, 0] == self.people[:, 1])

    def among(self, chosen: Int32) -> "Groups":
        """Only the groups whose two people are both of `chosen`."""
        kept = np.flatnonzero(np.isin(self.people, chosen).all(axis=1))
        return Groups([self.looks[int(i)] for i in kept], self.people[kept])


def groups_of(
    met: Sequence[ValidationPerson], comparisons: Sequence[Comparison], places: Int32, seed: int
) -> Groups:
    """Two, three, ... of a person's photographs, in a shuffled order, before everybody's references; whole
    and without their faces.

    places: (n, 4) of the comparisons: number of the person shown, of the photograph, of the reference (over
    all people), and 1 where the face was left out.
    """
    quality = {
        (one.person, number): probe[1].quality
        for one in met
        for number, probe in enumerate(one.probes)
        if probe is not None and probe[1] is not None
    }
    owner = [one.person for one in met for _ in one.references]
    found: dict[tuple[int, int, int], dict[int, Look]] = {}
    for comparison, (person, number, reference, faceless) in zip(comparisons, places.tolist(), strict=True):
        look = Look(comparison, quality.get((person, number), 0.0))
        found.setdefault((person, reference, faceless), {})[number] = look
        if faceless and (person, number) not in quality:
            # A photograph without a face belongs to both kinds of group.
            found.setdefault((person, reference, 0), {})[number] = look
    rng = generator(seed, "pooled photographs")
    looks: list[Sequence[Look]] = []
    people: list[tuple[int, int]] = []
    strangers = sum(owner[reference] != person for person, reference, _ in found)
    chance = min(1.0, MOST_STRANGERS / max(1, 3 * strangers))
    for (person, reference, _), shown in found.items():
        if owner[reference] != person and rng.random() > chance:
            continue
        order = [shown[n] for n in rng.permutation(sorted(shown))]
        for count in range(2, len(order) + 1):
            looks.append(order[:count])
            people.append((person, owner[reference]))
    return Groups(looks, np.array(people, dtype=np.int32).reshape(-1, 2))


def fitted(groups: Groups, calibration: Calibration) -> dict[Mode, float]:
    """The dependence of photographs of faces and of bodies."""
    return fit_dependence(sums_of(groups.looks, groups.mated, calibration))


def judged(groups: Groups, calibration: Calibration, seed: int) -> dict[str, dict[str, float]]:
    """Each half of the people judged with the dependence of the other half: Cllr (bits) of the best single
    photograph, the mean, the plain sum and the pooled ratio, and how many non-mated groups pass the pooled
    threshold at a false match rate of JUDGED_RATE; by mode and number of photographs.
    """
    everybody = np.unique(groups.people)
    halves = np.array_split(generator(seed, "halves").permutation(everybody).astype(np.int32), 2)
    parts = [groups.among(half) for half in halves]
    sums = [sums_of(one.looks, one.mated, calibration) for one in parts]
    rows: dict[str, list[tuple[Float64, Bool, float]]] = {}
    for mine, other in ((0, 1), (1, 0)):
        dependence = fit_dependence(sums[other])
        found = _scores(parts[mine], sums[mine], dependence, calibration)
        for key, chosen in _kinds(parts[mine], sums[mine]).items():
            mode: Mode = "face" if key.startswith("face") else "body"
            held = found[:, chosen], sums[mine].mated[chosen], _threshold(calibration, mode)
            rows.setdefault(key, []).append(held)
    return {
        key: _row(held)
        for key, held in sorted(rows.items())
        if all(0 < one[1].sum() < len(one[1]) for one in held)
    }


def _threshold(calibration: Calibration, mode: Mode) -> float:
    """Of pooled ratios; what bounds any calibrated ratio where too few single comparisons are known."""
    try:
        return pooled_threshold(calibration, JUDGED_RATE, mode, 2)
    except BadInputError:
        return float(-np.log(JUDGED_RATE))


def _scores(groups: Groups, sums: Sums, dependence: dict[Mode, float], calibration: Calibration) -> Float64:
    """(4, g): best single photograph, mean, plain sum, pooled."""
    single = []
    for looks in groups.looks:
        best = max(looks, key=lambda look: (look.comparison.face_score is not None, look.quality))
        alone = pool([best], calibration)
        single.append(0.0 if alone is None else alone.score)
    mean, plain = ({"face": rho, "body": rho} for rho in (1.0, 0.0))
    return np.stack([np.array(single), sums.scores(mean), sums.scores(plain), sums.scores(dependence)])


def _kinds(groups: Groups, sums: Sums) -> dict[str, Bool]:
    """Which groups are of a mode and a number of photographs."""
    count = np.array([len(looks) for looks in groups.looks])
    mode = np.array(sums.mode)
    return {
        f"{kind}, {number} photographs": (mode == kind) & (count == number)
        for kind in ("face", "body")
        for number in np.unique(count).tolist()
    }


def _row(held: Sequence[tuple[Float64, Bool, float]]) -> dict[str, float]:
    scores = np.concatenate([one[0] for one in held], axis=1)
    mated = np.concatenate([one[1] for one in held])
    names = ("best single", "mean", "plain sum", "pooled")
    row: dict[str, float] = {
        f"Cllr {name}": round(cost(values, mated), 4) for name, values in zip(names, scores, strict=True)
    }
    passed = sum(int((one[0][3][~one[1]] > one[2]).sum()) for one in held)
    accepted = sum(int((one[0][3][one[1]] > one[2]).sum()) for one in held)
    return row | {
        "mated groups": int(mated.sum()),
        "non-mated groups": int((~mated).sum()),
        f"false matches at {JUDGED_RATE:g}": passed,
        f"accepted at {JUDGED_RATE:g}": accepted,
    }
