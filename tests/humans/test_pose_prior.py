"""The learned pose prior: the plausible scores higher, projecting helps, NumPy computes what torch does."""

import subprocess
import sys

import numpy as np
import pytest

from lineament.humans.body import BodyModel
from lineament.humans.joint_limits import JointLimits
from lineament.humans.main_joints import MainSkeleton, from_six, mirrored_main, to_six
from lineament.humans.pose_kinds import KINDS
from lineament.humans.pose_prior import PosePrior, angles_between
from lineament.humans.rig import Rig
from lineament.types import Float64

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def prior() -> PosePrior:
    return PosePrior.load()


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(BodyModel.load())


@pytest.fixture(scope="module")
def plausible(prior: PosePrior) -> Float64:
    return np.stack([prior.vary(np.random.default_rng(k), KINDS[k % 6]) for k in range(60)])


@pytest.fixture(scope="module")
def implausible(rig: Rig) -> Float64:
    limits = JointLimits(rig)
    return np.stack([limits.sample(np.random.default_rng(k)) for k in range(60)])


def test_plausible_poses_score_above_random_ones(prior, plausible, implausible) -> None:  # type: ignore[no-untyped-def]
    assert prior.score(plausible).min() > prior.score(implausible).max()
    assert prior.percentile(implausible).max() < 1.0
    assert 20 < np.median(prior.percentile(plausible)) < 95


def test_limbs_of_different_poses_score_lower(prior: PosePrior, plausible: Float64) -> None:
    mixed = np.array(plausible)
    mixed[:, 5:12] = np.roll(plausible, 1, axis=0)[:, 5:12]
    assert (prior.score(plausible) > prior.score(mixed)).mean() > 0.7


def test_scores_do_not_depend_on_company(prior: PosePrior, plausible: Float64) -> None:
    assert np.allclose(prior.score(plausible)[7], prior.score(plausible[7]), atol=1e-6)


def test_projection_moves_no_farther_than_needed(prior, plausible, implausible) -> None:  # type: ignore[no-untyped-def]
    good = plausible[prior.percentile(plausible) > 50][0]
    assert np.array_equal(prior.project(good), good)
    bad = implausible[0]
    bad[0] = plausible[0][0]
    better = prior.project(bad, 5.0)
    assert prior.score(better) > prior.score(bad) + 100
    assert np.array_equal(better[0], bad[0])
    little = np.array(good)
    little[7] = bad[7]
    near = prior.project(little, 5.0)
    assert prior.percentile(near) > 4.9
    assert angles_between(near, little).mean() < angles_between(better, bad).mean()


def test_samples_repeat_and_are_rotations(prior: PosePrior) -> None:
    for draw in (prior.sample, lambda rng: prior.vary(rng, "bending")):
        main = draw(np.random.default_rng(3))
        assert np.array_equal(main, draw(np.random.default_rng(3)))
        assert np.allclose(main @ main.swapaxes(-1, -2), np.eye(3), atol=1e-9)
        assert np.allclose(np.linalg.det(main), 1.0)
    with pytest.raises(ValueError, match="no anchors of kind 'flying'"):
        prior.vary(np.random.default_rng(0), "flying")


def test_a_mirrored_pose_is_about_as_plausible(prior: PosePrior, plausible: Float64) -> None:
    gap = prior.percentile(plausible) - prior.percentile(mirrored_main(plausible))
    assert abs(np.mean(gap)) < 6


def test_main_poses_and_back(rig: Rig, plausible: Float64) -> None:
    skeleton = MainSkeleton(rig)
    for main in plausible[:12]:
        assert np.allclose(skeleton.reduce(skeleton.expand(main)), main, atol=1e-9)
        still = from_six(to_six(main))
        assert np.allclose(still[1:], main[1:], atol=1e-9)
        assert np.allclose(mirrored_main(mirrored_main(main)), main)


def test_numpy_computes_what_torch_does(prior: PosePrior, plausible: Float64) -> None:
    import torch

    from lineament.networks.pose_prior import PosePriorNetwork

    mean, scale = (torch.tensor(prior.arrays[name], dtype=torch.float32) for name in ("mean", "scale"))
    network = PosePriorNetwork(mean, scale, latent=prior.latent_size)
    weights = {n: torch.tensor(a, dtype=torch.float32) for n, a in prior.arrays.items() if n != "sigma"}
    network.load_state_dict(weights | {"log_sigma": torch.tensor(np.log(prior.arrays["sigma"]))})
    six = torch.tensor(to_six(plausible), dtype=torch.float32)
    with torch.no_grad():
        middle = network.encoder((six - network.mean) / network.scale).chunk(2, dim=1)[0].numpy()
        misfit, divergence = network(six.repeat(200, 1), torch.Generator().manual_seed(0))
    assert np.allclose(prior.encode(plausible)[0], middle, atol=1e-4)
    bound = -(misfit + divergence).reshape(200, -1).mean(0).numpy()
    gaps = np.abs(prior.score(plausible) - bound)
    assert np.median(gaps) < 1.0 and gaps.max() < 10.0


def test_training_repeats_and_learns() -> None:
    from lineament.training.pose_prior import PriorRecipe, spread, train

    rng = np.random.default_rng(0)
    poses = PosePrior.load().decode(rng.standard_normal((300, 32)))
    recipe = PriorRecipe(epochs=15, batch=64, hidden=32, latent=4)
    (_, one), (_, other) = train(poses, recipe, 5), train(poses, recipe, 5)
    assert one == other
    assert sum(one[-1][k] for k in ("misfit", "divergence")) < sum(
        one[0][k] for k in ("misfit", "divergence")
    )
    assert sorted(spread(np.array([[0.0], [0.1], [1.0], [-1.2]]), 3)) == [0, 2, 3]


def test_separation_is_the_area_under_the_curve() -> None:
    from lineament.training.pose_prior_figures import separation

    assert separation(np.array([3.0, 4.0]), np.array([1.0, 2.0])) == 1.0
    assert separation(np.array([1.0, 3.0]), np.array([2.0])) == 0.5


def test_humans_do_without_torch() -> None:
    code = (
        "import sys, lineament.humans.poses, lineament.humans.pose_prior; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_prior_that_does_not_fit_together_is_refused(prior: PosePrior) -> None:
    held = (prior.anchors, prior.anchor_roots, prior.anchor_kinds, "x")
    with pytest.raises(ValueError, match="rising quantiles"):
        PosePrior(prior.arrays, prior.quantiles[::-1], *held)
    with pytest.raises(ValueError, match="an anchor and a kind each"):
        PosePrior(prior.arrays, prior.quantiles, prior.anchors, prior.anchor_roots, ("standing",), "x")
