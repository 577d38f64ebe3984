import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from stick_people import StickSource  # noqa: E402

from lineament.cli.main import main  # noqa: E402
from lineament.errors import BadInputError  # noqa: E402
from lineament.geometry.template import load_template  # noqa: E402
from lineament.networks.registration import RegistrationNetwork  # noqa: E402
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH  # noqa: E402
from lineament.synth.dataset import Description, Recipe, shard_path, shard_samples  # noqa: E402
from lineament.synth.occlusion import OcclusionSettings, obstacle  # noqa: E402
from lineament.synth.shards import write_shard  # noqa: E402
from lineament.training.augment import UNKNOWN_PERSON  # noqa: E402
from lineament.training.checkpoint import RunState, save_checkpoint  # noqa: E402
from lineament.training.prototypes import PROTOTYPES, Prototypes  # noqa: E402
from lineament.training.shards import ShardSource, TrainingLabels  # noqa: E402

pytestmark = pytest.mark.train
PEOPLE, COUNT = 6, 20
RECIPE = Recipe(seed=0, people=PEOPLE, shard_size=8)
STICKS = StickSource(PEOPLE, height=64, width=32)


@dataclass(frozen=True)
class Drawn:
    points: np.ndarray
    normals: np.ndarray
    colours: np.ndarray


class Population:
    """The prototypes of stick people, as `synth.people.People` gives them."""

    def prototype(self, number):
        sample = STICKS.sample(number)
        return Drawn(sample.points, sample.normals, sample.colours)

    def parameters(self, number):
        return SimpleNamespace(is_female=number % 2 == 0, phenotypes={"age": 0.5})


def write(folder, labels, recipe=RECIPE, count=COUNT):
    folder.mkdir(exist_ok=True)
    Description(recipe, count, "f" * 64).write(folder)
    for number in range(-(-count // recipe.shard_size)):
        with shard_path(folder, number).open("wb") as file:
            write_shard(file, recipe, shard_samples(recipe, number, count), labels, lambda: None)
    Prototypes.gathered(Population(), range(PEOPLE)).write(folder)
    return folder


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return write(tmp_path_factory.mktemp("shards"), TrainingLabels(STICKS)())


def test_samples_come_back_as_they_were_drawn(shards):
    read = ShardSource(shards)()
    for number in (0, 7, 8, COUNT - 1):
        got, drawn = read(number), STICKS.sample(number)
        for name in ("image", "part", "main", "carried", "person", "measured"):
            np.testing.assert_array_equal(getattr(got, name), getattr(drawn, name))
        np.testing.assert_allclose(got.canonical, drawn.canonical, atol=0.0011)
        np.testing.assert_allclose(got.points, drawn.points, atol=3e-4)
        np.testing.assert_allclose(got.normals, drawn.normals, atol=0.005)
        np.testing.assert_allclose(got.colours, drawn.colours, atol=0.002)
        rival = STICKS.sample(got.rival_person)
        np.testing.assert_allclose(got.rival.points, rival.points, atol=3e-4)
        assert got.rival_person != got.person and (got.rival_person - got.person) % 2 == 0


def test_every_round_shows_all_pictures_in_another_order(shards):
    read = ShardSource(shards)()
    drawn = [STICKS.sample(number).image.tobytes() for number in range(COUNT)]
    rounds = [[drawn.index(read(k + COUNT * e).image.tobytes()) for k in range(COUNT)] for e in range(3)]
    assert rounds[0] == list(range(COUNT))
    assert sorted(rounds[1]) == sorted(rounds[2]) == rounds[0]
    assert rounds[1] != rounds[0] and rounds[1] != rounds[2]


def test_some_shards_of_a_folder_are_enough_and_named_otherwise(shards, tmp_path):
    some = write(tmp_path / "some", TrainingLabels(STICKS)())
    shard_path(some, 1).unlink()
    read = ShardSource(some)()
    seen = [read(number).image.tobytes() for number in range(12)]
    assert seen == [STICKS.sample(number).image.tobytes() for number in [*range(8), *range(16, COUNT)]]
    assert "pictures 12" in ShardSource(some).name and ShardSource(some).name != ShardSource(shards).name


def test_all_labels_do_as_well(tmp_path):
    """As `lineament synth make` stores them: whose pixel, which surface, what stands before."""
    told = {"occlusion.kind": "post", "occlusion.size": 0.5, "occlusion.seed": 3}
    surface = np.zeros((64, 32), np.int32)
    surface[20:40] = 1

    def labels(index):
        sample = STICKS.sample(index)
        maps = {"part": sample.part, "canonical": sample.canonical.astype(np.float16)}
        maps |= {"subject": sample.part.clip(0, 2), "surface": surface, "depth": sample.canonical[..., 0]}
        who = {"person0.person": sample.person} if index else {}
        return {"image": sample.image, **maps, "surfaces": np.array(["1:skin", "1:bag"])}, told | who

    read = ShardSource(write(tmp_path / "all", labels, count=2))()
    got, drawn = read(1), STICKS.sample(1)
    np.testing.assert_array_equal(got.canonical, drawn.canonical.astype(np.float16))
    np.testing.assert_array_equal(got.main, drawn.part == 1)
    hidden = obstacle(OcclusionSettings("post", 0.5, 3), 64, 32)[1] > 0.5
    assert hidden.any()
    np.testing.assert_array_equal(got.carried, (surface == 1) & ~hidden)
    assert (got.person, read(0).person) == (1, UNKNOWN_PERSON)


def test_damage_is_said_in_one_line(shards, tmp_path):
    with pytest.raises(BadInputError, match="holds no samples"):
        _ = ShardSource(tmp_path).name
    broken = write(tmp_path / "broken", TrainingLabels(STICKS)())
    shard_path(broken, 0).write_bytes(shard_path(shards, 0).read_bytes()[:3000])
    with pytest.raises(BadInputError, match=r"sample 5 of .* cannot be read"):
        ShardSource(broken)()(5)
    (broken / PROTOTYPES).write_bytes(b"nothing")
    with pytest.raises(BadInputError, match="cannot be read"):
        ShardSource(broken)()
    (broken / PROTOTYPES).unlink()
    with pytest.raises(BadInputError, match=f"lacks {PROTOTYPES}"):
        ShardSource(broken)()


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code, capsys.readouterr()


def test_what_does_not_fit_to_shards_is_refused(shards, capsys):
    code, said = run(capsys, "train", "registration", "--shards", shards, "--preset", "first")
    assert code == 2 and "train shards" in said.err
    code, said = run(capsys, "train", "registration", "--shards", shards, "--steps", 1)
    assert code == 2 and "32x64" in said.err


BARE = """
import sys
for absent in ("warp", "anny", "OpenEXR", "pyarrow", "onnx", "onnxscript", "onnxruntime"):
    sys.modules[absent] = None
from pathlib import Path
import lineament.cli.train, lineament.training.registration
from lineament.training.data import BatchPlan, BatchStream, loader
from lineament.geometry.template import load_template
from lineament.training.shards import ShardSource
stream = BatchStream(ShardSource(Path(sys.argv[1])), load_template(), BatchPlan(0, 2))
print(*next(loader(stream, 0)).image.shape)
"""


def test_batches_come_from_shards_where_nothing_can_be_drawn(shards):
    """Neither the renderer, nor the body model, nor what exports is at hand."""
    done = subprocess.run([sys.executable, "-c", BARE, str(shards)], capture_output=True, text=True)
    assert done.stdout.split() == ["2", "64", "32", "3"], done.stderr


def test_drawing_on_a_gpu_that_is_not_there_is_refused(capsys, monkeypatch):
    pytest.importorskip("warp")
    from lineament.training.source import SyntheticSource

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    code, said = run(capsys, "train", "registration", "--render", "cuda", "--device", "cpu")
    assert code == 2 and "--render cpu" in said.err
    with pytest.raises(BadInputError, match="no device cuda:7"):
        SyntheticSource(0, 3, device="cuda:7")()
    assert SyntheticSource(0, 3, device="cuda:7").name == SyntheticSource(0, 3).name


@pytest.mark.end_to_end
def test_two_processes_train_from_shards_and_one_goes_on(tmp_path, capsys):
    """As on a bare machine: torchrun, shards and a checkpoint to start from, no assets."""
    labels = TrainingLabels(StickSource(PEOPLE, CROP_HEIGHT, CROP_WIDTH))()
    write(tmp_path / "shards", labels, count=8)
    template, out = load_template(), tmp_path / "run"
    network = RegistrationNetwork(template.positions, template.parts)
    optimiser = torch.optim.AdamW(network.parameters())
    save_checkpoint(tmp_path / "start", network, network.state_dict(), optimiser, RunState(data="nothing"))
    words = ["train", "registration", "--shards", tmp_path / "shards", "--start", tmp_path / "start"]
    words += ["--out", out, "--device", "cpu", "--batch", 2, "--workers", 0]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", f"--master-port={port}"]
    # Without "--" torchrun takes --start for an option of its own.
    command = [*launch, "-m", "--", "lineament.cli.main", *words, "--steps", 2]
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=500,
        env=os.environ | {"LINEAMENT_ASSETS": str(tmp_path / "nothing"), "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(out / "release")]
    code, _ = run(capsys, *words, "--steps", 3)
    assert code == 0
    record = json.loads((out / "release" / "record.json").read_text())
    assert (record["steps"], record["samples"]) == (3, 2 * 2 * 2 + 2)
    assert [one["ranks"] for one in record["pieces"]] == [2, 1]
    assert "started from 0 pictures of nothing" in record["data"]
