"""Fitting quality to made-up readings whose truth is known; drawing and reading that go on where stopped."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="lineament[train] is not installed")

from lineament.runtime.face_quality import FEATURES, FaceMeasures, QualityModel
from lineament.runtime.faces import LOOKS, TURNED, TURNED_LOOKS
from lineament.training.crop_averages import averages_table
from lineament.training.face_quality import fit_quality, judged, trials_of
from lineament.training.face_readings import (
    ALL_LOOKS,
    PRODUCT,
    FaceReadings,
    averaged,
    features_of,
    worsened,
)

RNG = np.random.default_rng(12)
PEOPLE, SHOTS, SIZE = 24, 20, 64


def made_up() -> FaceReadings:
    """People whose pictures lose their identity with the yaw and with nothing else; crops agree by chance."""
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(PEOPLE), SHOTS)
    centre = rng.normal(size=(PEOPLE, SIZE))[who]
    yaws = rng.uniform(-1.7, 1.7, len(who))
    yaws[np.arange(len(who)) % SHOTS < 2] = 0.05
    measures = tuple(
        FaceMeasures(
            eyes=float(rng.uniform(10, 60)), yaw=float(yaw), spread=1.5, detail=0.02, brightness=110.0,
            contrast=40.0, uneven=0.0, score=0.8,
        )
        for yaw in yaws
    )  # fmt: skip
    lost = (np.abs(yaws) / 1.7)[:, None, None]
    crops = (1 - lost) * centre[:, None] + (0.2 + 1.6 * lost) * rng.normal(size=(len(who), 6, SIZE))
    crops /= np.linalg.norm(crops, axis=2, keepdims=True)
    plain = np.arange(len(who)) % 4 != 3
    crops[np.ix_(~plain, [k for k in range(6) if k not in PRODUCT])] = np.nan
    return FaceReadings(
        measures, crops.astype(np.float32), who.astype(np.int32), yaws.astype(np.float32), plain, plain
    )


def test_what_foretells_failures_gets_the_weight() -> None:
    readings = made_up()
    trials, features = trials_of(readings), features_of(readings)
    assert 0.1 < trials.passes.mean() < 0.9
    assert not np.isin(trials.probe, trials.references).any()
    good = np.nanquantile(features[trials.references], 0.75, axis=0)
    model = fit_quality(features[trials.probe], trials.passes, good)
    weights = dict(zip(FEATURES, model.weights, strict=True))
    assert min(weights.values()) >= 0 and weights["frontal"] > 0 and weights["profile"] > 0
    value = np.array([model.assess(readings.measures[row]).value for row in trials.probe])
    assert value.mean() == pytest.approx(trials.passes.mean(), abs=0.06), "calibrated, not only ordered"
    figures = judged(readings, trials, features, good)
    assert figures["quality: area under the curve"] > 0.8 > 0.65 > figures["size alone: area under the curve"]
    assert figures["quality: error versus discard, relative"] < 0.8


def test_averages_are_means_of_the_crops_that_are_named() -> None:
    readings = made_up()
    turned = np.abs([one.yaw for one in readings.measures]) > TURNED
    assert turned.any() and not turned.all()
    for rows, looks in ((turned, TURNED_LOOKS), (~turned, LOOKS)):
        expected = readings.crops[rows][:, [ALL_LOOKS.index(look) for look in looks]].sum(axis=1)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert np.allclose(readings.embeddings[rows], expected, atol=1e-5)
    one = averaged(readings.crops, [0])[readings.plain]
    assert np.allclose(one, readings.crops[readings.plain, 0], atol=1e-5)
    table = averages_table(readings, trials_of(readings).references)
    rates = {(row["crops"], row["yaw"]): row.get("tar") for row in table}
    turned = "30 to 60 degrees"
    assert rates["shifted both ways, all mirrored", turned] > rates["one crop", turned], (
        "independent noise averages out"
    )


def test_pictures_made_worse_are_so_from_their_seed_alone() -> None:
    image = RNG.integers(0, 256, (96, 96, 3)).astype(np.uint8)
    for seed in range(12):
        one, same = (worsened(image, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(one, same) and one.dtype == np.uint8
        assert one.shape != image.shape or not np.array_equal(one, image)


@pytest.mark.train
@pytest.mark.assets
def test_drawing_and_reading_go_on_where_they_were_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineament.assets import find
    from lineament.runtime.aligner import Aligner
    from lineament.training import face_readings, quality_pictures

    if find("yunet") is None or find("sface") is None:
        pytest.skip("needs the assets yunet and sface; run: lineament assets fetch")
    monkeypatch.setattr(quality_pictures, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(face_readings, "SAVE_EVERY", 2)
    drawn = quality_pictures.quality_pictures(4, 2, 11)
    assert len(drawn) == 4 and set(drawn.people.tolist()) <= {0, 1}
    again = quality_pictures.quality_pictures(4, 2, 11)
    assert np.array_equal(drawn.images, again.images)
    aligner, said = Aligner.load(threads=1), []
    first = face_readings.face_readings(drawn, 11, aligner, said.append)
    assert said == ["read 2 of 4", "read 4 of 4"]
    second = face_readings.face_readings(again, 11, aligner, said.append)
    assert len(said) == 2, "nothing was read twice"
    assert np.array_equal(first.crops, second.crops, equal_nan=True) and first.measures == second.measures


def test_the_shipped_coefficients_are_sound() -> None:
    model = QualityModel.load()
    assert model.revision.startswith("face-quality-") and sum(weight > 0 for weight in model.weights) >= 4
