import json
import os
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from scipy.spatial import cKDTree

pytestmark = pytest.mark.train
pytest.importorskip("warp")
pytest.importorskip("torch")

from torch.utils.data import DataLoader  # noqa: E402

from lineament.geometry.template import load_template  # noqa: E402
from lineament.render.light import Light  # noqa: E402
from lineament.synth.figures import SLOTS, VIEWS, FigureMaker  # noqa: E402
from lineament.synth.framing import NOBODY_SHARE, Framing  # noqa: E402
from lineament.synth.people import People  # noqa: E402
from lineament.synth.sample import HEIGHT, WIDTH  # noqa: E402
from lineament.synth.scene import _empty_view, rasteriser  # noqa: E402
from lineament.synth.seeds import generator  # noqa: E402
from lineament.synth.stream import Generator, SampleStream  # noqa: E402
from lineament.synth.turns import turn  # noqa: E402


@pytest.fixture(scope="module")
def people() -> People:
    return People.load(6, 5)


@pytest.fixture(scope="module")
def samples(people):
    source = Generator(3, people)
    return [source.sample(index) for index in range(24)]


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in a)


def test_a_sample_depends_on_seed_and_index_alone(people, samples):
    alone = Generator(3, people)
    for index in (17, 2):
        again = alone.sample(index)
        assert same(again.arrays(), samples[index].arrays())
        assert again.covariates == samples[index].covariates
    assert (Generator(4, people).sample(2).image != samples[2].image).any()


def test_maps_agree_with_each_other(samples):
    for sample in samples:
        assert sample.image.shape == (HEIGHT, WIDTH, 3) and sample.image.dtype == np.uint8
        person = sample.part > 0
        assert ((sample.subject > 0) == person).all()
        assert (sample.canonical[~person] == 0).all()
        assert sample.subject.max(initial=0) <= len(sample.covariates.people)
        assert bool(sample.covariates.people) == (sample.covariates.framing is not None)
    assert any((s.subject == 1).mean() > 0.1 for s in samples)


def test_covariates_are_plain_data(samples):
    told = json.loads(json.dumps(asdict(samples[0].covariates)))
    assert told["index"] == 0 and told["light"]["kind"] and told["sensor"]["gamma"] > 0


def test_labels_reproject_within_half_a_pixel(people):
    maker = FigureMaker(3, people)
    for index in (0, 1, 2):
        figure = maker.make(index)
        camera = Framing.sample(generator(1, "reproject", index), acrobatic=True).camera(
            figure.points, figure.parts, WIDTH, HEIGHT
        )
        frame = rasteriser().render(figure.surfaces, camera, Light.studio(), supersample=2)
        starts = np.cumsum([0, *(len(s.faces) for s in figure.surfaces)])
        rows, columns = np.nonzero(frame.surface >= 0)
        assert len(rows) > 300
        points, canonical = np.empty((len(rows), 3)), np.empty((len(rows), 3))
        for number, surface in enumerate(figure.surfaces):
            here = frame.surface[rows, columns] == number
            where = rows[here], columns[here]
            corners = surface.faces[frame.triangle[where] - starts[number]]
            weights = frame.barycentric[where][..., None]
            points[here] = (surface.vertices[corners] * weights).sum(axis=1)
            canonical[here] = (surface.canonical[corners] * weights).sum(axis=1)
        pixels, _ = camera.project(points)
        centres = np.stack([columns, rows], axis=1) + 0.5
        assert np.abs(pixels - centres).max() < 0.5
        assert np.abs(canonical - frame.canonical[rows, columns]).max() < 1e-4


def test_canonical_labels_name_the_body_points_that_are_seen(samples, people):
    """A labelled pixel's canonical place lies on the average body, in the part that the label says."""
    model = people.model
    skin = np.unique(model.faces)
    tree = cKDTree(model.canonical[skin])
    distances, agreement = [], []
    for sample in samples:
        person = sample.part > 0
        if person.sum() < 200:
            continue
        distance, nearest = tree.query(sample.canonical[person].astype(np.float32))
        distances.append(np.median(distance))
        agreement.append((model.vertex_parts[skin[nearest]] == sample.part[person]).mean())
    assert np.median(distances) < 0.02
    assert np.mean(agreement) > 0.85


def test_batches_come_in_the_same_order_for_any_number_of_workers(people):
    plain = iter(SampleStream(3, people, batch=4))
    expected = [next(plain) for _ in range(12)]
    loader = DataLoader(SampleStream(3, people, batch=4), batch_size=4, num_workers=2)
    for number, batch in zip(range(3), loader, strict=False):
        assert batch["index"].tolist() == list(range(4 * number, 4 * number + 4))
        for place in range(4):
            assert (batch["image"][place].numpy() == expected[4 * number + place]["image"]).all()


def test_a_stream_resumes_at_a_sample(people, samples):
    resumed = iter(SampleStream(3, people, start=8, batch=4))
    assert same(next(resumed), samples[8].arrays())
    with pytest.raises(ValueError, match="multiple"):
        SampleStream(3, people, start=6, batch=4)


def test_shares_of_nobody_and_of_people(people):
    """Drawn from the same random numbers as the samples, without rendering them."""
    alone = [generator(3, "sample", index) for index in range(3000)]
    nobody = 0
    for rng in alone:
        _empty_view(rng)
        nobody += rng.random() < NOBODY_SHARE
    assert nobody / 3000 == pytest.approx(0.04, abs=0.012)


def test_a_figure_is_seen_several_times_far_apart(people):
    numbers = [turn(index, index % SLOTS, SLOTS, VIEWS) for index in range(SLOTS * VIEWS * 3)]
    for number in set(numbers):
        at = np.flatnonzero(np.array(numbers) == number)
        assert len(at) <= VIEWS
        assert (np.diff(at) >= SLOTS).all()
    counts = np.bincount(numbers[: SLOTS * VIEWS * 2])
    assert counts.max() == VIEWS


def test_people_are_distinct_and_kept(people):
    said = []
    again = People.load(6, 5, progress=lambda done, of: said.append((done, of)))
    assert said[-1] == (6, 6)
    assert (again.body(3).vertices == people.body(3).vertices).all()
    built = people.model.build(people.parameters(2)).vertices
    assert np.abs(people.body(2).vertices - built).max() < 3e-4
    first, second = people.prototype(0), people.prototype(1)
    assert first.points.shape == (len(load_template()), 3)
    assert np.abs(first.points - second.points).max() > 0.01
    assert (np.abs(np.linalg.norm(first.normals, axis=1) - 1) < 0.01).all()
    assert first.colours.min() >= 0 and first.colours.max() <= 1 and np.ptp(first.colours) > 0.05


def test_a_person_outside_the_population_is_refused(people):
    with pytest.raises(IndexError, match="person 6 of 6"):
        people.parameters(6)


def test_everything_works_without_assets(tmp_path):
    code = (
        "import logging, sys; logging.basicConfig(stream=sys.stdout)\n"
        "from lineament.synth.people import People\n"
        "from lineament.synth.stream import Generator\n"
        "g = Generator(3, People.load(2, 5))\n"
        "seen = [(g.sample(i).part > 0).mean() for i in range(3)]\n"
        "assert max(seen) > 0.02, seen\n"
    )
    environment = {**os.environ, "LINEAMENT_ASSETS": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("asset hdri-cc0 is not on this machine") == 1
