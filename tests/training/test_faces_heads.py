import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("anny")

from faces_world import CHANNELS, cast, faces  # noqa: E402

from lineament.training.faces.deep import Neck  # noqa: E402
from lineament.training.faces.head_branch import HeadBranch, HeadRecipe, compared, learn_heads  # noqa: E402
from lineament.training.faces.head_judging import try_all  # noqa: E402
from lineament.training.faces.heads import run_heads  # noqa: E402
from lineament.training.faces.network import packed  # noqa: E402
from lineament.training.faces.world import World  # noqa: E402

pytestmark = pytest.mark.train
RECIPE = HeadRecipe(steps=2, crowd=6, views=2, size=16)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.mark.parametrize("sharing", [True, False])
def test_every_pair_is_scored_as_it_is_alone(sharing):
    torch.manual_seed(0)
    shown, everybody = faces(), cast()
    network = HeadBranch(CHANNELS, everybody.layout, 16, sharing).eval()
    with torch.no_grad():
        felt = network.felt(torch.from_numpy(everybody.clouds[:3]))
        both = network(network.seen(packed(shown.faces(np.arange(2)))), felt)
        alone = network(network.seen(packed(shown.faces(np.array([1])))), felt[2:])
    assert both.shape == (2, 3)
    torch.testing.assert_close(both[1:, 2:], alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("sharing", [True, False])
def test_learning_lowers_the_contrast_and_gradients_reach_everything(sharing):
    shown, everybody = faces(), cast()
    network = HeadBranch(CHANNELS, everybody.layout, 16, sharing).train()
    seen = network.seen(packed(shown.faces(np.arange(4))))
    network(seen, network.felt(torch.from_numpy(everybody.clouds[:3]))).square().sum().backward()
    used = [name for name, one in network.named_parameters() if one.grad is not None and one.grad.any()]
    across = {"gamma", "query.weight", "key.weight", "value.weight"}
    assert {"dense.weight", "base.weight", "place", "scale"} <= set(used)
    assert across <= set(used) if sharing else not across & set(used)
    recipe = HeadRecipe(steps=12, crowd=8, views=2, size=16, rate=5e-3, sharing=sharing)
    _, log, _ = learn_heads(recipe, shown, everybody, lambda _: None)
    first = learn_heads(RECIPE, shown, everybody, lambda _: None)[1]
    assert log[-1]["contrast"] < first[0]["contrast"]


def test_right_scores_find_everybody_and_random_ones_nobody():
    shown, everybody = faces(60), cast(60)
    truth = (everybody.places(shown)[:, None] == np.arange(60)).astype(np.float32)
    right = try_all(truth, shown, everybody, 0).figures()
    assert right["all, rank 1"].value == 1.0 and right["all, DIR at FPIR 0.1"].value == 1.0
    chance = np.random.default_rng(0).normal(size=truth.shape).astype(np.float32)
    wrong = try_all(chance, shown, everybody, 0).figures()
    assert wrong["all, rank 1"].value == pytest.approx(0.05, abs=0.02)
    assert {"0 to 30 degrees, rank 1", "90 degrees and more, rank 1"} <= set(wrong)
    alike = try_all(truth, shown, everybody, 0, alike=True)
    drawn = try_all(truth, shown, everybody, 0)
    spread = [everybody.alike[np.unique(one.person)].std() for one in (alike, drawn)]
    assert spread[0] <= spread[1] + 0.05


def test_the_branch_is_run_and_written(tmp_path):
    neck = Neck(np.zeros((CHANNELS, 1024), np.float32), np.zeros(1024, np.float32), 0.8)
    world = World(faces(), faces(4), faces(seed=3), cast(), neck, cast())
    content = run_heads(RECIPE, world, tmp_path, lambda _: None)
    assert list(content["arms"]) == ["with sharing", "without sharing"]
    assert content["judged on"]["crops"] == int((faces(seed=3).size >= 112).sum())
    assert json.loads((tmp_path / "head-branch.json").read_text())["recipe"]["size"] == 16
    assert "| all, rank 1 | 0." in (tmp_path / "head-branch.md").read_text()


def test_scores_do_not_depend_on_the_company():
    network = HeadBranch(CHANNELS, cast().layout, 16, True).eval()
    shown = faces()
    whole = compared(network, shown, cast())
    few = np.arange(len(shown)) < 9
    np.testing.assert_allclose(compared(network, shown.only(few), cast()), whole[:9], atol=1e-5)
