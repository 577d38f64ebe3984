"""An adapter for a gallery: learned where renders tell people apart, refused where they do not."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("torch")

from lineament.api import adapter_of
from lineament.cli import specialise as command
from lineament.errors import BadInputError, LineamentError
from lineament.gallery.gallery import ADAPTER, Gallery
from lineament.recognition.specialised import Specialised, against_others
from lineament.training import specialise as workshop
from lineament.training import specialise_rounds
from lineament.training.specialise import LEAST_ROUNDS, learn, specialise
from lineament.training.specialise_fit import fit_logits, fit_ratio
from lineament.training.specialise_rounds import HELD_OUT, Reading, held_out

sys.path.append(str(Path(__file__).parents[1] / "gallery"))
from gallery_people import build_prototype

pytestmark = pytest.mark.train
SIZE, COUNT = 40, 5
PROTOTYPES = [build_prototype(f"p{k}") for k in range(COUNT)]


def reading(number: int, telling: float, strangers: int = 2) -> Reading:
    """Three takes whose features are the person's direction beside a far larger effect of the take."""
    rng = np.random.default_rng(number)
    shapes = np.random.default_rng(99).normal(size=(COUNT, SIZE))
    judging = held_out(number)
    person = np.tile(np.r_[np.arange(COUNT), np.full(strangers if judging else 0, -1)], 3)
    take = np.repeat(np.arange(3), len(person) // 3) + 3 * number
    effect = 3.0 * rng.normal(size=(3, SIZE))[take - 3 * number]
    bodies = np.where(person[:, None] >= 0, shapes[person], rng.normal(size=(len(person), SIZE)))
    features = telling * bodies + effect + 0.6 * rng.normal(size=(len(person), SIZE))
    base = rng.normal(size=(len(person), COUNT if judging else 0))
    return Reading(*(a.astype(t) for a, t in zip((features, base, person, take), "ffii", strict=True)))


def rounds(telling: float, count: int = 48) -> list[Reading]:
    return [reading(number, telling) for number in range(count)]


def outcome_of(telling: float):
    return learn(PROTOTYPES, tuple("abcde"), "m", rounds(telling))


def test_people_whose_renders_tell_are_told_apart_and_the_adapter_is_kept():
    found = outcome_of(1.0)
    assert found.before.value < 0.4 < 0.6 < found.after.value
    assert found.gain.low > 0 and found.adapter is not None
    assert found.adapter.people == ("p0", "p1", "p2", "p3", "p4") and found.adapter.slope > 0
    assert "120 renders" in found.adapter.population and "48 of strangers" in found.adapter.population
    assert found.confusion_after.shape == (COUNT, COUNT + 1)
    assert np.trace(found.confusion_after) == round(found.after.value * found.judged)
    assert found.judged == 120 and found.learned == 40 * 15


def test_renders_that_tell_nothing_keep_nothing():
    found = outcome_of(0.0)
    assert found.adapter is None and found.gain.low <= 0


def test_means_owe_nothing_to_the_takes_that_somebody_was_seen_in():
    rng = np.random.default_rng(0)
    take, person = np.repeat(np.arange(40), 2), np.tile([0, 1], 40)
    features = np.stack([person + 0.01 * rng.normal(size=80), 100.0 * (take < 20)], axis=1)
    seen = ~((person == 1) & (take < 20))
    logits = fit_logits(*(a[seen] for a in (features.astype(np.float32), person, take, take)))
    gap = (logits.weight[1] - logits.weight[0]) / logits.spread
    assert gap[0] > 0 and abs(gap[1] * 100) < 0.05 * gap[0]


def test_who_is_never_seen_cannot_be_learned():
    with pytest.raises(ValueError):
        fit_logits(np.ones((4, 3), np.float32), np.array([0, 0, 2, 2]), np.arange(4), np.arange(4))


def test_a_ratio_is_calibrated_beside_what_is_known_already():
    rng = np.random.default_rng(1)
    person = np.r_[rng.integers(0, 4, 4000), np.full(1000, -1)]
    logits = rng.normal(size=(5000, 4)) + 2.0 * (person[:, None] == np.arange(4))
    silent = np.zeros((5000, 4))
    slope, intercept = fit_ratio(logits, silent, person)
    total = slope * against_others(logits) + intercept
    mated = person[:, None] == np.arange(4)
    odds = (mated.mean() / (1 - mated.mean())) * np.exp(total)
    for low in (-1.0, 0.0, 1.0):
        some = (total > low) & (total < low + 0.5)
        assert (odds / (1 + odds))[some].mean() == pytest.approx(mated[some].mean(), abs=0.06)
    again, _ = fit_ratio(logits, total, person)
    assert again < 0.05 * slope


class Reader:
    """Stands in for drawing; counts what is drawn."""

    drawn: ClassVar[list[int]] = []
    telling = 1.0

    def __init__(self, prototypes, recogniser, seed):
        pass

    def read(self, number):
        self.drawn.append(number)
        return reading(number, self.telling)


class Models:
    """A recogniser of which only the names are asked."""

    calibration = SimpleNamespace(stated="nobody")
    registrar = SimpleNamespace(model="registration-1")
    template = SimpleNamespace(revision="template-1")
    reader = SimpleNamespace(model="sface-1")

    def specialised_to(self, _):
        return self


@pytest.fixture
def gallery(tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "Reader", Reader)
    monkeypatch.setattr(Reader, "drawn", [])
    monkeypatch.setattr(Reader, "telling", 1.0)
    clock = iter(range(10_000_000))
    monkeypatch.setattr(specialise_rounds.time, "monotonic", lambda: float(next(clock)))
    with Gallery.open(tmp_path / "people.db") as opened:
        for one in PROTOTYPES:
            opened.add(one)
        yield opened


def run(gallery, minutes=2.0):
    return specialise(gallery, Models(), minutes, 5, lambda _: None)


def test_what_helps_is_kept_for_exactly_these_people(gallery):
    outcome = run(gallery)
    assert outcome.rounds == len(Reader.drawn) >= LEAST_ROUNDS
    adapter, stale = adapter_of(gallery, "registration-1")
    assert adapter is not None and stale == "" and adapter.after == outcome.after.value
    assert gallery.derived("round-0000") is None
    assert adapter_of(gallery, "registration-2") == (None, adapter_of(gallery, "registration-2")[1])
    gallery.add(build_prototype("new"))
    adapter, stale = adapter_of(gallery, "registration-1")
    assert adapter is None and "other people" in stale and "\n" not in stale
    gallery.remove("new")
    assert gallery.derived(ADAPTER) is None and adapter_of(gallery, "registration-1") == (None, "")


def test_what_does_not_help_is_not_kept_and_takes_the_former_one_out(gallery):
    gallery.set_derived(ADAPTER, b"a former one")
    Reader.telling = 0.0
    assert run(gallery).adapter is None
    assert gallery.derived(ADAPTER) is None and gallery.derived("round-0000") is None


def test_an_interrupted_run_goes_on(gallery, monkeypatch):
    plain = Reader.read

    def read(self, number):
        if number == 6 and 6 not in Reader.drawn:
            Reader.drawn.append(6)
            raise KeyboardInterrupt
        return plain(self, number)

    monkeypatch.setattr(Reader, "read", read)
    with pytest.raises(KeyboardInterrupt):
        run(gallery)
    assert gallery.derived("round-0005") is not None and gallery.derived("round-0006") is None
    Reader.drawn.clear()
    Reader.drawn.append(6)
    first = run(gallery)
    assert Reader.drawn[1] == 6 and first.adapter is not None


def test_too_few_minutes_are_told_and_what_was_drawn_serves_the_next_call(gallery):
    with pytest.raises(BadInputError, match="--minutes"):
        run(gallery, 0.3)
    kept = len(Reader.drawn)
    assert 0 < kept < LEAST_ROUNDS
    run(gallery)
    assert Reader.drawn[kept] == kept


def test_rounds_of_others_are_drawn_again(gallery):
    with pytest.raises(BadInputError):
        run(gallery, 0.3)
    gallery.add(build_prototype("p5"))
    key = specialise_rounds.key_of(gallery, Models(), 5)
    assert Reading.from_bytes(gallery.derived("round-0000"), key) is None


def test_one_person_cannot_be_told_apart(tmp_path):
    with Gallery.open(tmp_path / "one.db") as opened:
        opened.add(PROTOTYPES[0])
        with pytest.raises(BadInputError, match="2 to"):
            run(opened)


def test_readings_survive_the_gallery():
    held = reading(HELD_OUT - 1, 1.0)
    again = Reading.from_bytes(held.to_bytes("k" * 64), "k" * 64)
    assert again is not None
    for name in Reading.__slots__:
        exact = 0.0 if name != "features" else 1e-3
        np.testing.assert_allclose(getattr(again, name), getattr(held, name), rtol=exact, atol=exact)
    assert Reading.from_bytes(held.to_bytes("k" * 64), "j" * 64) is None


@pytest.mark.parametrize("telling", [1.0, 0.0])
def test_the_command_tells_the_matrices_and_fails_where_nothing_is_kept(
    gallery, monkeypatch, capsys, telling
):
    Reader.telling = telling
    monkeypatch.setattr(command, "default_recogniser", Models)
    path = gallery.path
    gallery.close()
    if telling:
        command.specialise(gallery=path, minutes=2.0)
    else:
        with pytest.raises(LineamentError, match="does not help") as refused:
            command.specialise(gallery=path, minutes=2.0)
        assert refused.value.exit_code == 1
    out = capsys.readouterr().out
    assert "confusion before" in out and "confusion after" in out and "rank 1 before" in out
    assert ("kept; its ratio" in out) == bool(telling)
    if telling:
        with Gallery.open(path, readonly=True) as opened:
            assert isinstance(Specialised.from_bytes(opened.derived(ADAPTER) or b""), Specialised)


def test_impossible_minutes_are_refused(tmp_path):
    with pytest.raises(BadInputError, match="--minutes"):
        command.specialise(gallery=tmp_path / "people.db", minutes=0)
