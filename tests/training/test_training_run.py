import json
import os
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402
from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from stick_people import StickSource  # noqa: E402

from lineament.errors import BadInputError  # noqa: E402
from lineament.geometry.template import load_template  # noqa: E402
from lineament.networks.image_branch import ImageOutput  # noqa: E402
from lineament.networks.points import PrototypeBatch  # noqa: E402
from lineament.networks.registration import RegistrationNetwork  # noqa: E402
from lineament.runtime.registrar import Registrar  # noqa: E402
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH  # noqa: E402
from lineament.training import registration  # noqa: E402
from lineament.training.checkpoint import load_checkpoint  # noqa: E402
from lineament.training.export import fused  # noqa: E402
from lineament.training.progress import ProgressLine  # noqa: E402
from lineament.training.recipe import Recipe  # noqa: E402
from lineament.training.record import pieces_told  # noqa: E402
from lineament.training.registration import CHECKPOINT, Data, train  # noqa: E402
from lineament.training.start import start_from  # noqa: E402

pytestmark = pytest.mark.train
SOURCE = StickSource(height=64, width=64)
DATA = Data(SOURCE.name, SOURCE)


@pytest.fixture(autouse=True)
def untrained_trunk(monkeypatch):
    """Runs start from a random trunk: the tests must not need the ImageNet asset."""

    def random_network(recipe, template):
        torch.manual_seed(recipe.seed)
        return RegistrationNetwork(template.positions, template.parts)

    monkeypatch.setattr(registration, "new_network", random_network)


def recipe(steps, **changes):
    return Recipe(**{"steps": steps, "batch": 4, "seed": 3, "workers": 0, **changes})


def weights(folder):
    template = load_template()
    network, average = RegistrationNetwork(template.positions, template.parts), {}
    state = load_checkpoint(folder / CHECKPOINT, network, average, None)
    return state, network.state_dict(), average


def test_two_runs_of_one_seed_agree(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    for name in ("one", "other"):
        train(recipe(3), DATA, tmp_path / name)
    one, other = weights(tmp_path / "one"), weights(tmp_path / "other")
    assert one[0].step == 3
    for name, tensor in one[1].items():
        torch.testing.assert_close(other[1][name], tensor, rtol=1e-4, atol=1e-5)


def test_ctrl_c_saves_and_the_next_run_goes_on_to_the_same_result(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    train(recipe(4), DATA, tmp_path / "whole")
    shown = ProgressLine.show

    def interrupt(self, state, fraction, losses):
        if state.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        shown(self, state, fraction, losses)

    monkeypatch.setattr(ProgressLine, "show", interrupt)
    assert train(recipe(4), DATA, tmp_path / "broken") is None
    assert weights(tmp_path / "broken")[0].step == 2
    monkeypatch.setattr(ProgressLine, "show", shown)
    assert train(recipe(4), DATA, tmp_path / "broken") == tmp_path / "broken"
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert broken[0].step == 4
    assert broken[0].samples == whole[0].samples
    assert broken[0].smooth == pytest.approx(whole[0].smooth, rel=1e-6)
    for index in (1, 2):
        torch.testing.assert_close(broken[index], whole[index], rtol=1e-6, atol=1e-6)
    pieces = pieces_told(broken[0])
    assert [(one["from_step"], one["steps"], one["pictures"]) for one in pieces] == [(0, 2, 8), (2, 2, 8)]


def test_resuming_another_recipe_or_a_broken_checkpoint_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    train(recipe(1), DATA, tmp_path)
    with pytest.raises(BadInputError, match="other settings"):
        train(recipe(2, seed=4), DATA, tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"not a checkpoint")
    with pytest.raises(BadInputError, match="not a checkpoint"):
        train(recipe(2), DATA, tmp_path)


def test_training_lowers_the_losses(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    seen = []
    monkeypatch.setattr(ProgressLine, "show", lambda self, state, fraction, losses: seen.append(dict(losses)))
    train(recipe(30, batch=8, warm_up=0.1), DATA, tmp_path)
    assert seen[-1]["parts"] < 0.9 * seen[0]["parts"]
    assert seen[-1]["canonical"] < 0.8 * seen[0]["canonical"]


def test_a_checkpoint_of_an_earlier_release_is_read_and_what_is_gone_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    path = tmp_path / CHECKPOINT
    train(recipe(1), DATA, tmp_path)
    with safe_open(path, framework="pt") as file:
        state = json.loads(file.metadata()["state"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    del state["smooth"], state["pieces"]
    gone = {"network.image.former.weight": torch.ones(3), "average.image.former.weight": torch.ones(3)}
    save_file(tensors | gone, path, metadata={"state": json.dumps(state)})
    read, _, average = weights(tmp_path)
    assert read.step == 1 and pieces_told(read) == []
    assert "image.former.weight" not in average
    with pytest.raises(BadInputError, match="not a checkpoint of this network"):
        train(recipe(2), DATA, tmp_path)


def test_a_resumed_run_needs_no_pretrained_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    train(recipe(1), DATA, tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(registration, "release_checkpoint", lambda out: out)
    monkeypatch.setattr(registration, "find", lambda name: None)
    monkeypatch.setenv("LINEAMENT_ASSETS", str(tmp_path))
    assert train(recipe(2), DATA, tmp_path) == tmp_path


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    template = load_template()
    torch.manual_seed(0)
    network = RegistrationNetwork(template.positions, template.parts)
    # statistics away from their start, so that folding them can be wrong
    network.train()
    with torch.no_grad():
        for _ in range(3):
            network.image(torch.rand(2, 3, 64, 64) * 255)
    folder = tmp_path_factory.mktemp("release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration, "new_network", lambda recipe, template: network)
        train(recipe(1), DATA, folder)
    return folder


def test_release_is_complete_small_and_recorded(released):
    folder = released / "release"
    names = {"image.onnx", "points.onnx", "config.json", "record.json", "CARD.md", "LICENSE"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "image.onnx").stat().st_size < 6e6
    record = json.loads((folder / "record.json").read_text())
    assert record["data"] == "stick people"
    assert record["steps"] == 1
    assert record["samples"] == 4
    assert record["recipe"]["seed"] == 3
    (piece,) = record["pieces"]
    assert (piece["ranks"], piece["precision"], piece["steps"], piece["pictures"]) == (1, "fp32", 1, 4)
    assert piece["pictures_per_second"] > 0
    assert piece["versions"]["torch"] == torch.__version__
    assert "/" not in json.dumps(record["pieces"])


def half_precision(network):
    """Weights as the export stores them."""
    with torch.no_grad():
        for module in network.modules():
            for parameter in module.parameters(recurse=False):
                if parameter.numel() >= 256:
                    parameter.copy_(parameter.half().float())
    return network


def test_image_branch_agrees_with_onnx(released):
    _, _, average = weights(released)
    template = load_template()
    network = RegistrationNetwork(template.positions, template.parts)
    network.load_state_dict(average)
    image = half_precision(fused(network.image))
    session = onnxruntime.InferenceSession(
        released / "release" / "image.onnx", providers=["CPUExecutionProvider"]
    )
    for shape in ((1, 3, CROP_HEIGHT, CROP_WIDTH), (3, 3, 64, 160)):
        picture = torch.rand(shape) * 255
        with torch.no_grad():
            expected = image(picture)
        got = session.run(list(ImageOutput._fields), {"image": picture.numpy()})
        for mine, theirs in zip(expected, got, strict=True):
            np.testing.assert_allclose(theirs, mine.numpy(), atol=2e-3)


def test_point_branch_agrees_with_onnx_and_the_registrar(released):
    _, _, average = weights(released)
    template = load_template()
    network = RegistrationNetwork(template.positions, template.parts).eval()
    network.load_state_dict(average)
    half_precision(network.points)
    colours = np.random.default_rng(0).integers(0, 256, template.positions.shape, dtype=np.uint8)
    measured = np.arange(len(template)) % 3 > 0
    batch = PrototypeBatch(
        torch.from_numpy(template.positions)[None],
        torch.from_numpy(template.normals)[None],
        torch.from_numpy(colours / np.float32(255))[None],
        torch.ones(1),
        torch.from_numpy(measured.astype(np.float32))[None],
    )
    with torch.no_grad():
        expected = network.points(batch)[0].numpy()
    registrar = Registrar.load(released / "release", threads=1)
    got = registrar.prototype_features(template.positions, template.normals, colours, measured)
    np.testing.assert_allclose(got, expected, atol=2e-3)


def test_a_run_may_start_from_another_and_says_so(tmp_path, released):
    start = released / CHECKPOINT
    folder = train(recipe(1, seed=9), DATA, tmp_path / "next", start=start)
    record = json.loads((folder / "record.json").read_text())
    assert "started from" in record["data"] and SOURCE.name in record["data"]
    template = load_template()
    network = RegistrationNetwork(template.positions, template.parts)
    start_from(network, start)
    _, _, average = weights(released)
    torch.testing.assert_close(network.state_dict(), average)
    with pytest.raises(BadInputError, match="not a checkpoint"):
        start_from(network, tmp_path / "next" / "release" / "image.onnx")
