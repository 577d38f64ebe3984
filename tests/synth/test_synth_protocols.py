"""Synthetic protocols: who is shown how, reserved people, folders that go on after an interruption."""

import json
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.train

pytest.importorskip("torch")
pytest.importorskip("anny")
pytest.importorskip("pyarrow")

from lineament.cli.synth_protocol import protocol  # noqa: E402
from lineament.errors import BadInputError  # noqa: E402
from lineament.evaluation.datasets import manifest, people  # noqa: E402
from lineament.evaluation.protocols.identification import by_role  # noqa: E402
from lineament.humans.demography import ANCESTRIES  # noqa: E402
from lineament.synth.dataset import Recipe  # noqa: E402
from lineament.synth.protocol_folder import Asked, begin, write_person  # noqa: E402
from lineament.synth.protocol_groups import AGES, TONES  # noqa: E402
from lineament.synth.protocol_shots import ProtocolMaker  # noqa: E402
from lineament.synth.protocols import (  # noqa: E402
    CONDITIONS,
    HARDSHIPS,
    PAIRS,
    PLAIN,
    PROBES,
    SIDES,
    YAWS,
    ProtocolName,
    takes,
)
from lineament.synth.reserved import RESERVED, population_seed, refuse_reserved  # noqa: E402
from lineament.training.head_pictures import head_pictures  # noqa: E402
from lineament.training.source import SyntheticSource  # noqa: E402


def test_faces_turn_while_everything_else_stays() -> None:
    found = list(takes("synthetic-faces", RESERVED[0], 3))
    assert [take.role for take in found].count("reference") == 1
    turns = [dict(take.swept)["framing.yaw"] for take in found[1 : 1 + len(YAWS)]]
    assert np.degrees(np.abs(turns)) == pytest.approx(YAWS) and len({np.sign(t) for t in turns[1:]}) == 1
    assert len({take.number for take in found[1 : 1 + len(YAWS)]}) == 1
    assert len({take.number for take in found}) == 4 == len({take.clothes for take in found})


def test_people_are_probed_in_every_condition() -> None:
    found = [take for take in takes("synthetic-people", RESERVED[0], 0) if take.role == "probe"]
    assert [take.condition for take in found] == [one for one in CONDITIONS for _ in range(PROBES)]
    assert len({take.number for take in found}) == len(found)
    assert {take.condition for take in found if take.clothes} == {"new clothes"}
    assert {take.condition for take in found if take.new_hair} == {"new hair"}
    covered = [dict(take.swept) for take in found if take.condition == "occluded head"]
    assert all(one["clothing.headwear"] != "none" for one in covered)


def test_reserved_seeds_are_refused_for_learning() -> None:
    assert refuse_reserved(7) == 7 and population_seed(3) == RESERVED[3]
    with pytest.raises(BadInputError, match="kept for evaluation"):
        refuse_reserved(RESERVED[5])
    with pytest.raises(BadInputError, match="kept for evaluation"):
        Recipe(seed=RESERVED[5])
    with pytest.raises(BadInputError, match="kept for evaluation"):
        SyntheticSource(RESERVED[5], 2)()
    with pytest.raises(BadInputError, match="kept for evaluation"):
        head_pictures(1, 1, RESERVED[5])
    for seed in (-1, len(RESERVED)):
        with pytest.raises(BadInputError, match="0 to 999"):
            population_seed(seed)


def test_shots_are_the_same_whoever_else_is_there() -> None:
    few, more = ProtocolMaker("synthetic-people", 1, 1), ProtocolMaker("synthetic-people", 1, 1, 1)
    one, other = next(few.shots(0)), next(more.shots(0))
    assert one.name == other.name == "00000/reference-00"
    assert np.array_equal(one.image, other.image) and one.covariates == other.covariates
    assert one.image.shape == (384, 192, 3) and one.box is not None
    assert one.covariates["height"] == one.box[3] - one.box[1] > 200
    assert all(shot.covariates["role"] == "probe" for shot in more.shots(1))


def test_a_face_that_turns_is_one_person_in_one_place() -> None:
    shots = list(ProtocolMaker("synthetic-faces", 2, 1).shots(0))
    assert [shot.covariates["yaw"] for shot in shots[1:4]] in ([0, 15, 30], [0, -15, -30])
    kept = ("light", "worn", "pitch", "distance", "expression", "clothes")
    assert len({tuple(shot.covariates[name] for name in kept) for shot in shots[1 : 1 + len(YAWS)]}) == 1
    assert shots[0].covariates["expression"] == "neutral" and shots[0].box is None
    assert len({shot.image.tobytes() for shot in shots}) == len(shots)


def test_the_command_writes_what_the_plain_loader_reads(tmp_path: Path) -> None:
    out = tmp_path / "protocol"
    asked = Asked("synthetic-people", 0, 1, 1)
    assert begin(out, asked) == [0, 1]
    assert write_person(out, asked, 1) == len(CONDITIONS) * PROBES
    assert begin(out, asked) == [0]
    with pytest.raises(BadInputError, match="half-made"):
        people.open(out)
    stamp = (out / "00001" / "probe-04.png").stat().st_mtime_ns
    protocol("synthetic-people", out=out, people=1, unknown=1, workers=1)
    assert (out / "00001" / "probe-04.png").stat().st_mtime_ns == stamp
    data = people.open(out)
    assert data.name == "synthetic-people" and data.may_show and len(data) == 4 + 32
    plan = by_role(data)
    assert set(data.subjects[plan.references]) == {"00000"}
    assert set(data.subjects[plan.probes]) == {"00000", "00001"}
    assert not list(out.rglob("*.partial*")) and (out / manifest.NAME).is_file()
    with pytest.raises(BadInputError, match="another protocol"):
        protocol("synthetic-people", out=out, people=2, workers=1)


def test_other_folders_and_damage_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(BadInputError, match="not empty"):
        begin(tmp_path, Asked("synthetic-faces", 0, 1))
    out = tmp_path / "protocol"
    begin(out, Asked("synthetic-faces", 0, 1))
    assert json.loads((out / "protocol.json").read_text())["known"] == 1
    (out / "protocol.json").write_text("{")
    with pytest.raises(BadInputError, match="damaged"):
        begin(out, Asked("synthetic-faces", 0, 1))
    with pytest.raises(BadInputError, match="at least 1 known"):
        begin(tmp_path / "none", Asked("synthetic-faces", 0, 0))


@pytest.mark.parametrize(("name", "hard"), HARDSHIPS.items())
def test_hard_probes_come_with_a_plain_counterpart(name: ProtocolName, hard: str) -> None:
    found = [take for take in takes(name, RESERVED[0], 0) if take.role == "probe"]
    pairs = list(zip(found[::2], found[1::2], strict=True))
    assert len(pairs) == PAIRS
    for plain, other in pairs:
        assert (plain.condition, other.condition) == (PLAIN, hard)
        assert (plain.number, plain.clothes) == (other.number, other.clothes)
        assert (plain.swept, plain.new_hair) != (other.swept, other.new_hair)
        assert not plain.new_hair
    assert len({plain.number for plain, _ in pairs}) == PAIRS


def test_a_hard_probe_differs_in_its_hardship_alone() -> None:
    shots = list(ProtocolMaker("hard-head", 1, 1).shots(0))
    plain, hard = shots[len(SIDES) : len(SIDES) + 2]
    same = ("scene", "clothes", "hair", "light", "pose", "pitch", "distance", "orientation", "sex")
    assert all(plain.covariates[name] == hard.covariates[name] for name in same)
    assert plain.covariates["condition"] == PLAIN and hard.covariates["condition"] == "occluded head"
    # Exposure and framing follow the person, so that all pixels move a little and those of the head a lot.
    moved = np.abs(plain.image.astype(int) - hard.image).max(axis=2) > 40
    assert 0.005 < moved.mean() < 0.1


def test_groups_of_a_synthetic_person_are_told_with_every_picture() -> None:
    shot = next(ProtocolMaker("synthetic-people", 1, 1).shots(0))
    assert shot.covariates["sex"] in ("female", "male")
    assert shot.covariates["age group"] in {name for _, name in AGES}
    assert shot.covariates["skin tone"] in {name for _, name in TONES}
    assert shot.covariates["ancestry"] in (*ANCESTRIES, "mixed")
