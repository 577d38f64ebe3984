import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("anny")

from faces_world import CHANNELS, cast, faces  # noqa: E402

from lineament.cli import train_face_method  # noqa: E402
from lineament.errors import BadInputError  # noqa: E402
from lineament.training.faces import experiment, judging  # noqa: E402
from lineament.training.faces.arms import Judge, choose, run_arm  # noqa: E402
from lineament.training.faces.closed_form import Coral, MeanShift, plain  # noqa: E402
from lineament.training.faces.deep import Faces, Neck  # noqa: E402
from lineament.training.faces.judging import by_yaw, protocol_of, usual  # noqa: E402
from lineament.training.faces.loop import failure_of, learn  # noqa: E402
from lineament.training.faces.network import network_of, packed  # noqa: E402
from lineament.training.faces.people import Crowds  # noqa: E402
from lineament.training.faces.photographs import Crops, templates, unit  # noqa: E402
from lineament.training.faces.recipe import ARMS, FaceArm, FaceRecipe, arm_named  # noqa: E402
from lineament.training.faces.record import decision, table, write  # noqa: E402
from lineament.training.faces.steps import pair_contrast  # noqa: E402
from lineament.training.faces.world import World  # noqa: E402

pytestmark = pytest.mark.train
RECIPE = FaceRecipe(steps=2, crowd=6, views=2, channels=CHANNELS)
LEARNED = [arm for arm in ARMS if arm.kind == "learned"]


def quiet(_line):
    pass


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(judging, "ROUNDS", 3)


@pytest.fixture(scope="module")
def world():
    neck = Neck(np.zeros((CHANNELS, 1024), np.float32), np.zeros(1024, np.float32), 0.8)
    return World(faces(), faces(12, 8, 1, 30), faces(20, 8, 2, 50), cast(), neck, cast())


@pytest.mark.parametrize("arm", LEARNED, ids=lambda arm: arm.name)
def test_every_arm_starts_at_the_backbone_and_leaves_it(arm):
    shown = faces()
    network = network_of(arm, CHANNELS, cast().layout, 0.1, RECIPE.views).eval()
    some, yaw = shown.faces(np.arange(8)), torch.from_numpy(shown.yaw[:8])
    with torch.no_grad():
        torch.testing.assert_close(network(packed(some), yaw), torch.from_numpy(some.base))
    trained = learn(arm, RECIPE, shown, cast(), quiet)
    moved = trained.embedder()(some, shown.yaw[:8])
    assert np.isfinite(moved).all() and np.abs(moved - some.base).max() > 0
    np.testing.assert_allclose(trained.embedder(0.0)(some, shown.yaw[:8]), some.base, atol=1e-5)
    terms = set(trained.log[-1])
    assert ("cloud identity" in terms) == arm.cloud
    assert ("joint entropy" in terms) == (arm.entropy is not None)
    assert ("gamma" in terms) == (arm.attention != "none")
    assert ("entropies" in terms) == (arm.attention in ("joint", "cross"))


def test_learning_puts_the_person_back_into_profiles_and_repeats():
    shown, unseen = faces(), faces(seed=7)
    recipe = replace(RECIPE, steps=60, crowd=12, views=4, rate=5e-3, keep=0.9)
    arm = arm_named("2D AdaFace")
    trained = learn(arm, recipe, shown, cast(), quiet)
    before, after = (by_yaw(unseen, one)["auc"].value for one in (plain, trained.embedder()))
    assert after > before + 0.03
    again = learn(arm, recipe, shown, cast(), quiet)
    assert trained.log[-1]["identity"] == again.log[-1]["identity"]
    frontal = np.abs(unseen.yaw) < 0.2
    some = unseen.faces(np.flatnonzero(frontal))
    kept = (unit(trained.embedder()(some, unseen.yaw[frontal])) * unit(some.base)).sum(axis=1)
    assert kept.mean() > 0.7


def test_mean_shift_and_correlation_alignment_undo_what_a_pose_does():
    known = faces(people=200, seed=3)
    some, yaw = known.faces(np.arange(len(known))), known.yaw
    front, side = np.abs(yaw) < 0.1, np.abs(yaw) > 1.5
    for arm in (MeanShift.fit(known), Coral.fit(known)):
        moved = np.asarray(arm(some, yaw))
        gap = np.linalg.norm(moved[front].mean(axis=0) - moved[side].mean(axis=0))
        before = np.linalg.norm(unit(some.base)[front].mean(axis=0) - unit(some.base)[side].mean(axis=0))
        assert gap < 0.35 * before
        np.testing.assert_allclose(moved[front], unit(some.base)[front], atol=0.05)
    spread = np.cov(moved[side], rowvar=False).trace() / np.cov(unit(some.base)[front], rowvar=False).trace()
    assert 0.7 < spread < 1.3


def test_figures_by_yaw_fall_as_faces_turn(world):
    figures = by_yaw(faces(people=60), plain)
    low, high = (figures[f"{band} degrees, auc"].value for band in ("0 to 15", "75 to 90"))
    assert low > 0.95 > high


def test_an_arm_is_run_once_and_written(world, tmp_path):
    arm = arm_named("the method")
    told = []
    result = run_arm(arm, RECIPE, world, [], tmp_path / "a", told.append)
    assert result.share in (0.25, 0.5, 0.75, 1.0) and set(result.choice) == {"0.25", "0.5", "0.75", "1"}
    again = run_arm(arm, RECIPE, world, [], tmp_path / "a", told.append)
    assert again == result and "taken from" in told[-1]
    other = run_arm(arm, replace(RECIPE, steps=1), world, [], tmp_path / "a", told.append)
    assert len(other.log) == 1 and other.log[0]["step"] == 1
    base = run_arm(arm_named("backbone"), RECIPE, world, [], tmp_path / "b", quiet)
    write(tmp_path, [base, result], RECIPE, {"backbone": "made up"})
    content = json.loads((tmp_path / "arms.json").read_text())
    assert [one["arm"] for one in content["arms"]] == ["backbone", "the method"]
    assert "| the method | 0." in (tmp_path / "arms.md").read_text()
    assert "75 to 90 degrees" in table([base, result])


def judged(arm, profile, frontal):
    from lineament.training.faces.arms import ArmResult

    figures = {"CFP frontal-profile": profile, "CFP frontal-frontal": frontal}
    return ArmResult(arm, {name: {"tar_at_fmr_0.01": {"value": value}} for name, value in figures.items()})


def test_the_rule_adopts_only_what_pays():
    base = judged("backbone", 0.937, 0.997)
    assert "No arm is adopted" in decision([base, judged("a", 0.946, 0.998)])
    assert "**a passes.**" in decision([base, judged("a", 0.948, 0.996), judged("b", 0.99, 0.99)])
    assert "No arm is adopted" in decision([base, replace(judged("a", 0.99, 0.998), failure="collapsed")])
    assert "Not decided" in decision([judged("a", 0.9, 0.9)])


def test_a_collapsed_attention_is_a_failed_run_in_words():
    alive = {"row entropy": 0.8, "spread": 0.5, "collapsed": []}
    dead = {"row entropy": 0.999, "spread": 0.001, "collapsed": ["uniform", "constant"]}
    assert failure_of([{"step": 1, "identity": 2.0, "image attention": alive}]) == ""
    said = failure_of([{"step": 1, "image attention": alive, "cloud attention": dead}])
    assert said.startswith("the attention of the clouds collapsed (uniform, constant")
    assert failure_of([{"step": 1, "identity": float("nan")}]) == "a loss is no number"


def test_contrast_by_hand():
    image = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    cloud = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
    loss = pair_contrast(image, cloud, torch.tensor([4, 4, 9]), torch.tensor([4, 9]), torch.tensor(2.0))
    e = np.exp(2.0)
    row = -np.log(e / (e + 1))
    columns = (-np.log(e / (2 * e + 1)) - np.log(e / (e + 2))) / 2
    assert float(loss) == pytest.approx((row + columns) / 2, rel=1e-5)


def test_crowds_hold_people_alike_and_their_own_crops():
    shown, everybody = faces(), cast()
    crowds = Crowds(everybody, everybody.places(shown), 8, 3, 0.5)
    people, crops = crowds.draw(np.random.default_rng(1))
    assert len(set(people.tolist())) == 8
    np.testing.assert_array_equal(shown.person[crops], np.repeat(people, 3))
    near, rest = (everybody.alike[some] for some in (people[:4], people[4:]))
    assert near.std(axis=0).mean() < rest.std(axis=0).mean()


def test_templates_average_crops_and_miss_where_nobody_is():
    one = Faces(np.eye(128, dtype=np.float32)[:2] * 3, np.zeros((2, CHANNELS, 7, 7), np.float16))
    none = Faces(np.zeros((0, 128), np.float32), np.zeros((0, CHANNELS, 7, 7), np.float16))
    made = templates([Crops(none, np.nan), Crops(one, 0.5)], plain)
    assert not made[0].any()
    np.testing.assert_allclose(made[1, :3], [2**-0.5, 2**-0.5, 0], atol=1e-6)


def test_arms_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="needs the attention"):
        FaceArm("x", cloud=True, entropy="joint")
    with pytest.raises(ValueError, match="there is no arm 'x'"):
        arm_named("x")


def test_photographs_that_judge(tmp_path):
    with pytest.raises(BadInputError, match="holds none of cfp"):
        usual(tmp_path)
    (tmp_path / "umist").mkdir()
    assert [one.name for one in usual(tmp_path)] == ["UMIST profile"]
    assert protocol_of("facescape", tmp_path).by == "yaw"


def test_choice_is_made_on_those_who_choose(world):
    trained = learn(arm_named("2D ArcFace"), replace(RECIPE, steps=3), world.learned, world.cast, quiet)
    share, found = choose(trained, world)
    assert found[f"{share:g}"] == max(found.values())


def facescape(root, people=4):
    """Views as published, every take laid onto its model: a frontal one and one from 69 degrees."""
    aligned = {}
    for who in range(1, people + 1):
        take, told = root / str(who) / "1_neutral", {}
        take.mkdir(parents=True)
        for view, yaw in enumerate((0.0, 1.2)):
            away = np.array([np.sin(yaw), 0, np.cos(yaw)])
            axes = np.array([[-away[2], 0, away[0]], [0, -1, 0], -away])
            told |= {
                f"{view}_Rt": np.column_stack([axes, axes @ (-2 * away)]).tolist(),
                f"{view}_valid": True,
            }
            (take / f"{view}.jpg").write_bytes(b"%d %d" % (who, view))
        (take / "params.json").write_text(json.dumps(told))
        motion = np.column_stack([np.eye(3), np.zeros(3)]).tolist()
        aligned[str(who)] = {"1": [1.0, motion]}
    (root / "Rt_scale_dict.json").write_text(json.dumps(aligned))


class Telling:
    """Stands in for the reader: everybody's own embedding from the front, nobody's from the side."""

    def crops(self, record):
        who, side = int(record.subject), record.covariates["yaw"] > 30
        base = np.eye(128, dtype=np.float32)[[0 if side else who]] + 0.01 * who * side
        return Crops(Faces(base, np.zeros((1, CHANNELS, 7, 7), np.float16)), 0.0)


def test_facescape_is_judged_by_yaw(tmp_path):
    facescape(tmp_path)
    judge = Judge.read(protocol_of("facescape", tmp_path), Telling(), quiet)
    assert len(judge.plan.references) == 4 and len(judge.plan.probes) == 8
    figures = judge.figures(plain)
    assert figures["60 to 75 degrees, auc"].value < 0.8
    assert "auc" in figures and "0 to 15 degrees, auc" not in figures, (
        "one frontal picture each: no mated pair"
    )


def arl_vtf(root, people=3):
    """As published: plain and turned pictures in visible light, glasses and a thermal camera beside them."""
    rows = ["subid,camera,condition,eyewear,filepath"]
    for who in range(1, people + 1):
        for camera, condition, eyewear in (
            ("BAS_RGB1", "baseline", ""), ("BAS_RGB1", "baseline", "glasses"), ("BAS_RGB1", "pose", ""),
            ("BAS_RGB2", "pose", ""), ("FLIR_USB", "pose", ""), ("FLIR_USB", "baseline", ""),
        ):  # fmt: skip
            place = f"dev/{who}/{condition}/{camera}_{eyewear or 'none'}.png"
            path = root / "cropped_images" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(place.encode())
            rows.append(f"{who},{camera},{condition},{eyewear},{place}")
    (root / "metadata.csv").write_text("\n".join(rows))


class Named:
    """Stands in for the reader: everybody's own embedding."""

    def crops(self, record):
        base = np.eye(128, dtype=np.float32)[[int(record.subject)]]
        return Crops(Faces(base, np.zeros((1, CHANNELS, 7, 7), np.float16)), 0.0)


def test_arl_vtf_is_judged_by_turned_faces_in_visible_light_against_plain_ones(tmp_path):
    arl_vtf(tmp_path)
    judge = Judge.read(protocol_of("arl-vtf", tmp_path), Named(), quiet)
    assert len(judge.plan.references) == 3 and len(judge.plan.probes) == 6
    told = judge.plan.dataset
    assert set(told.column("modality")[judge.plan.probes]) == {"visible"}
    assert judge.figures(plain)["auc"].value == 1.0


def test_commands_hand_all_settings_on(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(experiment, "run", lambda *given: asked.append(given[:2]) or "")
    settings = {"people": 9, "each": 2, "steps": 3, "crowd": 5, "seed": 7}
    train_face_method.face_arms(out=tmp_path, **settings)
    train_face_method.face_arms(out=tmp_path, arm=["backbone", "the method"], **settings)
    expected = FaceRecipe(learn_people=9, each=2, judge_each=2, steps=3, crowd=5, seed=7, judge_seed=8)
    assert asked == [(ARMS, expected), ((arm_named("backbone"), arm_named("the method")), expected)]
    with pytest.raises(BadInputError, match="backbone"):
        train_face_method.face_arms(out=tmp_path, arm=["x"])
    with pytest.raises(BadInputError, match="two people a step"):
        train_face_method.head_branch(out=tmp_path, crowd=1)
