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

from lineament.errors import BadInputError  # noqa: E402
from lineament.geometry.template import load_template  # noqa: E402
from lineament.synth.figures import SLOTS, VIEWS, FigureMaker, FigureNumbers  # noqa: E402
from lineament.synth.framing import ALIGNED_FACE, NOBODY_SHARE  # noqa: E402
from lineament.synth.landmarks import FIVE_POINTS, LANDMARKS  # noqa: E402
from lineament.synth.options import make_plan  # noqa: E402
from lineament.synth.people import People  # noqa: E402
from lineament.synth.plan import Plan  # noqa: E402
from lineament.synth.sample import HEIGHT, WIDTH  # noqa: E402
from lineament.synth.stream import Generator, Stream  # noqa: E402
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


def test_labels_reproject_within_half_a_pixel(people, samples):
    """Triangle and barycentrics of every pixel give a point of the mesh that projects onto the pixel."""
    maker = FigureMaker(3, people, Plan())
    judged = 0
    for sample in samples[:12]:
        for number, who in enumerate(sample.covariates.people, start=1):
            figure = maker.make(FigureNumbers(*numbers_of(who))).placed(who.turn, who.place)
            names = [f"{number}:{one.name}" for one in figure.surfaces]
            first = sample.surfaces.index(names[0])
            assert list(sample.surfaces[first : first + len(names)]) == names
            for place, surface in enumerate(figure.surfaces, start=first):
                rows, columns = np.nonzero(sample.geometry.surface == place)
                corners = surface.faces[sample.geometry.triangle[rows, columns]]
                weights = sample.geometry.barycentric[rows, columns][..., None]
                pixels, depth = sample.camera.project((surface.vertices[corners] * weights).sum(axis=1))
                if len(rows):
                    assert np.abs(pixels - np.stack([columns, rows], axis=1) - 0.5).max() < 0.5
                    assert np.abs(depth - sample.geometry.depth[rows, columns]).max() < 2e-3
                judged += len(rows)
    assert judged > 3000


def numbers_of(who) -> tuple[int, int, int]:
    return who.outfit, who.outfit, who.figure


def test_visible_sites_land_on_their_own_part(samples):
    """A site that is called visible projects onto the person, mostly onto the same part."""
    template, seen, right = load_template(), 0, 0
    for sample in samples:
        for number, labels in enumerate(sample.labels, start=1):
            visible = labels.sites.visible
            column, row = labels.sites.pixels[visible].astype(int).T
            assert (sample.subject[row, column] == number).all()
            seen += len(row)
            right += int((sample.part[row, column] == template.parts[visible]).sum())
            again, _ = sample.camera.project(labels.sites.world)
            assert np.abs(again - labels.sites.pixels).max() < 0.5
            assert np.isfinite(labels.joints.pixels).all() and len(labels.joints.pixels) == 24
            assert len(labels.landmarks.pixels) == 78
    assert seen > 2000 and right / seen > 0.9


def test_clothes_hide_nothing_but_what_is_beneath_them(people):
    """The same view of the same pose in two outfits: mostly the same sites; far sides stay hidden."""
    options = {"fix": ["nobody=false", "company=0", "occlusion=none", "region=body", "pose=standing"]}
    plan = make_plan(framing="whole", sweep=["clothing=swimwear,suit,robe"], **options)
    shares = []
    for first in (0, 3, 6):
        bare, *dressed = (Generator(3, people, plan).sample(first + k).labels[0] for k in range(3))
        assert 300 < bare.sites.visible.sum() < 1300
        for one in dressed:
            both = (one.sites.visible & bare.sites.visible).sum()
            shares.append(both / bare.sites.visible.sum())
            assert both / one.sites.visible.sum() > 0.8
        assert bare.joints.visible.sum() >= 12
    assert np.mean(shares) > 0.7 and min(shares) > 0.5


def test_what_is_recorded_is_what_was_drawn(people):
    plan = make_plan(framing="head", fix=["nobody=false", "distance=0.8"])
    for index in range(4):
        sample = Generator(3, people, plan).sample(index)
        points = sample.labels[0].landmarks.world
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        distance = np.linalg.norm(sample.camera.centre - middle)
        assert sample.covariates.framing.distance == pytest.approx(distance, abs=0.1)
    for index in range(12):
        sample = Generator(3, people, make_plan(preset="first", fix=["nobody=false"])).sample(index)
        assert "person0.clothing.dress" not in sample.flat()
        assert sample.covariates.scene.ground == ("0:ground" in sample.surfaces)


def test_a_named_person_is_there_once(people):
    plan = make_plan(fix=["person=1", "company=3", "nobody=false"])
    for index in range(8):
        shown = [one.person for one in Generator(3, people, plan).sample(index).covariates.people]
        assert shown[0] == 1 and len(set(shown)) == len(shown) > 1


def test_a_swept_covariate_changes_and_all_else_stays(people):
    plan = Plan(96, 64).swept("yaw", (-1.0, 0.0, 1.0)).fixed("nobody", False)
    made = [Generator(3, people, plan).sample(index).covariates.flat() for index in range(6)]
    assert [one["framing.yaw"] for one in made] == [-1.0, 0.0, 1.0] * 2
    for first in (0, 3):
        for other in (first + 1, first + 2):
            changed = {name for name in made[first] if made[first][name] != made[other].get(name)}
            assert changed <= {"index", "framing.yaw", *place_of_company(made[first])}
    assert made[0]["light.turn"] != made[3]["light.turn"]


def place_of_company(flat: dict[str, object]) -> set[str]:
    return {name for name in flat if name.startswith("person") and name.endswith(("place_x", "place_y"))}


def test_pairs_share_the_person_or_the_clothes(people):
    for pairs, same_person in (("new-clothes", True), ("same-clothes", False)):
        made = Generator(3, people, Plan(96, 64, pairs=pairs).fixed("nobody", False))
        for k in (0, 1, 2):
            first, second = (made.sample(2 * k + m).covariates.people[0] for m in (0, 1))
            assert (first.person == second.person) or not same_person
            assert (first.person != second.person) or same_person
            assert (first.outfit == second.outfit) is not same_person
            assert (first.clothing == second.clothing) or same_person


def test_a_sequence_moves_smoothly(people):
    plan = Plan(96, 64, sequence=6).fixed("nobody", False).fixed("region", "body")
    made = [Generator(3, people, plan).sample(index) for index in range(7)]
    first = made[0].covariates.people[0]
    assert all(one.covariates.people[0].person == first.person for one in made[:6])
    assert made[6].covariates.people[0].figure != first.figure
    places = np.stack([one.labels[0].joints.world for one in made[:6]])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(axis=1)
    assert 0 < steps.max() < 0.8
    assert all(np.array_equal(one.camera.K, made[0].camera.K) for one in made[:6])
    assert len({one.covariates.sensor.noise_seed for one in made[:6]}) == 6


def test_a_person_who_is_not_there_is_refused(people):
    with pytest.raises(BadInputError, match="there are 6 people"):
        Generator(3, people, Plan().fixed("person", 6))
    made = Generator(3, people, Plan(96, 64).fixed("person", 4).fixed("nobody", False))
    assert {made.sample(index).covariates.people[0].person for index in range(4)} == {4}


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
    plain = iter(Stream(3, people, batch=4))
    expected = [next(plain) for _ in range(12)]
    loader = DataLoader(Stream(3, people, batch=4), batch_size=4, num_workers=2)
    for number, batch in zip(range(3), loader, strict=False):
        assert batch["index"].tolist() == list(range(4 * number, 4 * number + 4))
        for place in range(4):
            assert (batch["image"][place].numpy() == expected[4 * number + place]["image"]).all()


def test_a_stream_resumes_at_a_sample(people, samples):
    resumed = iter(Stream(3, people, start=8, batch=4))
    assert same(next(resumed), samples[8].arrays())
    with pytest.raises(ValueError, match="multiple"):
        Stream(3, people, start=6, batch=4)


def test_shares_of_nobody():
    values = [Plan().picture_values(3, number, (), {"pose.kind": "standing"}) for number in range(3000)]
    assert np.mean([one["scene.nobody"] for one in values]) == pytest.approx(NOBODY_SHARE, abs=0.012)


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


def test_head_crops_have_112_pixels_from_chin_to_hairline(people):
    """Seen from the face's own front, whatever the pose of the body."""
    plan = make_plan(framing="head", fix=["yaw=0", "elevation=0", "nobody=false", "pose=walking"])
    names = list(LANDMARKS)
    for index in range(6):
        sample = Generator(3, people, plan).sample(index)
        pixels = sample.labels[0].landmarks.pixels
        chin, hairline = pixels[names.index("ibug_8")], pixels[names.index("forehead")]
        assert np.linalg.norm(chin - hairline) >= 100, index
        right, left = (pixels[names.index(f"{side}_pupil"), 0] for side in ("right", "left"))
        nose = pixels[names.index("ibug_30"), 0]
        assert right < nose < left


def test_aligned_faces_have_their_five_points_on_the_template(people):
    plan = make_plan(framing="face", fix=["yaw=0", "nobody=false"])
    five = [list(LANDMARKS).index(name) for name in FIVE_POINTS]
    for index in range(6):
        pixels = Generator(3, people, plan).sample(index).labels[0].landmarks.pixels[five]
        assert np.abs(pixels - ALIGNED_FACE * 112).mean() < 10
