"""The rules of the house: imports, start-up time, public names, file and function sizes."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lineament

SOURCE = Path(lineament.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))


def test_layers_and_forbidden_imports() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=SOURCE.parent.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_import_is_quick_and_light() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import lineament; took = time.perf_counter() - start;"
        "heavy = [m for m in ('numpy', 'torch', 'cv2', 'onnxruntime', 'scipy') if m in sys.modules];"
        "import json; print(json.dumps([took, heavy]))"
    )
    runs = [
        json.loads(
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(3)
    ]
    assert min(took for took, _ in runs) < 0.3
    assert runs[0][1] == []


def test_the_product_runs_without_the_workshop() -> None:
    code = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in ('torch', 'anny', 'warp', 'onnx'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import lineament.api, lineament.cli.identify, lineament.cli.enrol, lineament.cli.register\n"
        "import lineament.cli.demo, lineament.cli.gallery, lineament.cli.evaluate, lineament.cli.calibrate\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_public_names_are_frozen() -> None:
    assert lineament.__all__ == sorted(lineament.__all__)
    assert len(lineament.__all__) == 14
    for name in lineament.__all__:
        assert getattr(lineament, name).__doc__


def test_files_and_functions_stay_readable() -> None:
    long_files = [
        f"{path.name} {count}" for path in FILES if (count := len(path.read_text().splitlines())) > 500
    ]
    assert long_files == []
    long_functions = [
        f"{path.relative_to(SOURCE)}:{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
    ]
    assert long_functions == []


def test_every_weight_has_its_papers() -> None:
    for folder in sorted((SOURCE / "weights").iterdir()):
        if folder.is_dir() and folder.name != "__pycache__":
            missing = {"config.json", "CARD.md", "LICENSE", "record.json"} - {
                p.name for p in folder.iterdir()
            }
            assert not missing, f"{folder.name}: {missing}"


def test_weights_belong_together() -> None:
    weights = SOURCE / "weights"
    names = ("template", "registration", "face_alignment", "calibration")
    held = {name: json.loads((weights / name / "config.json").read_text()) for name in names}
    faces = f"sface-2021dec+{held['face_alignment']['revision']}"
    assert held["registration"]["template"] == held["template"]["revision"]
    assert held["calibration"]["model"] == held["registration"]["revision"]
    assert held["calibration"]["face_model"] == faces
    with np.load(SOURCE / "cli" / "demo_people" / "people.npz", allow_pickle=False) as people:
        assert str(people["face_model"]) == faces
        assert people["points"].shape[1:] == (held["template"]["sites"], 3)


def test_nothing_is_unpickled() -> None:
    for path in FILES:
        text = path.read_text()
        assert "import pickle" not in text and "allow_pickle=True" not in text, path
        assert "torch.load(" not in text or "weights_only=True" in text, path
