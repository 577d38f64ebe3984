import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("torch")
pytest.importorskip("warp")

from lineament.errors import BadInputError  # noqa: E402
from lineament.evaluation.metrics import Figure  # noqa: E402
from lineament.recognition.confidence_fitting import Labelled  # noqa: E402
from lineament.training import ablation  # noqa: E402
from lineament.training.arm_figures import correspondence_figures  # noqa: E402

FILE = """
[run]
steps = 2
people = 3
[judge]
ccp = "photographs"
[[arm]]
name = "first"
preset = "first"
[[arm]]
name = "nights"
set = ["light=night:0.5,sunny:0.5"]
recipe = { uses = 1, contrast_weight = 0.0, contrast = { rivals = false } }
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "photographs").mkdir()
    path = tmp_path / "arms.toml"
    path.write_text(FILE)
    return path


def test_a_file_names_its_arms(file):
    read = ablation.Ablation.read(file)
    first, nights = read.arms
    assert (first.name, first.recipe.steps, first.recipe.uses, first.people) == ("first", 2, 2, 3)
    assert nights.recipe.contrast_weight == 0 and "night" in nights.options
    assert first.recipe.contrast.rivals and not nights.recipe.contrast.rivals
    assert read.judges["ccp"] == file.parent / "photographs"


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("[judge]", "[juge]", "juge"),
        ("steps = 2", "stepps = 2", "stepps"),
        ("steps = 2", "steps = 0", "positive"),
        ('preset = "first"', 'preset = "last"', "preset"),
        ("rivals = false", "rivalz = false", "rivalz"),
        ('ccp = "photographs"', 'synthetic = "many"', "number of pictures"),
        ("night:0.5", "night:0.4", "sum to 1"),
        ('ccp = "photographs"', 'ccp = "elsewhere"', "missing"),
        ('name = "nights"', 'name = "first"', "name of its own"),
        ("[run]", "[run", "TOML"),
    ],
)
def test_a_bad_file_gets_one_clear_line(file, old, new, said):
    file.write_text(FILE.replace(old, new))
    with pytest.raises(BadInputError) as refused:
        ablation.Ablation.read(file)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_arms_are_trained_and_judged_once(file, tmp_path, monkeypatch):
    trained, judged = [], []

    def train(recipe, data, out):
        trained.append(data.name)
        (out / "release").mkdir(parents=True)
        return out / "release"

    def judge(dataset, folder, registrar, reader):
        judged.append(dataset)
        return {"iou": Figure(0.5 + 0.1 * len(judged), 0.4, 0.8, 50)}

    monkeypatch.setattr(ablation, "train", train)
    monkeypatch.setattr(ablation, "judge_bodies", judge)
    monkeypatch.setattr(ablation.Registrar, "load", lambda folder: folder)
    monkeypatch.setattr(ablation.FaceReader, "load", lambda: None)
    read = ablation.Ablation.read(file)
    for _ in range(2):
        results = ablation.run(read, tmp_path / "out", lambda line: None)
    assert len(trained) == 2 and trained[0] != trained[1] and judged == ["ccp", "ccp"]
    rows = ablation.table(results).splitlines()
    assert rows[0] == "| arm | ccp iou |" and rows[3] == "| nights | 0.700 (0.400 to 0.800) |"


def test_synthetic_figures_count_what_is_right_and_whose_it_is():
    """One picture: 4 pixels of the person, 3 matched, 2 of them right; 2 more pixels were never sampled."""
    own = np.repeat([True, False], 4)
    seen = Labelled(
        raw=np.full(8, 0.5, np.float32),
        agreed=np.array([1, 1, 1, 0, 1, 0, 0, 0], bool),
        error=np.array([0.01, 0.07, 0.2, 0.01, 0.01, 0.3, 0.3, 0.3], np.float32),
        part=np.ones(8, np.uint8),
        own=own,
        picture=np.zeros(8, np.int32),
        missed=np.array([4], np.int32),
    )
    figures = correspondence_figures(seen)
    found = {name: (round(one.value * one.cases), one.cases) for name, one in figures.items()}
    assert found == {"matched": (3, 6), "right": (2, 3), "recall": (2, 6), "own first": (1, 1)}
