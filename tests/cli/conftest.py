"""Fixtures of the command line's tests: the command in this process, models opened once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_world import Run, small_recogniser
from PIL import Image

from lineament import api
from lineament.assets import find
from lineament.cli.main import main
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.registrar import MODEL_FOLDER


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run_command


@pytest.fixture
def refused(run: Run):  # type: ignore[no-untyped-def]
    """Run a command that must end with `code` and one clear line that holds `wanted`."""

    def refused_command(code: int, wanted: str, *words: object) -> str:
        ended, out, err = run(*words)
        assert (ended, out) == (code, ""), (out, err)
        assert err.startswith("lineament: ") and err.count("\n") == 1, err
        assert "Traceback" not in err and "unexpected" not in err
        assert wanted in err, err
        return err

    return refused_command


@pytest.fixture(scope="session")
def recogniser() -> Iterator[Recogniser]:
    """The recogniser that every command of this process uses."""
    lacking = [name for name in ("yunet", "sface", "astronaut") if find(name) is None]
    if lacking:
        pytest.skip(f"needs assets; run: lineament assets fetch {' '.join(lacking)}")
    if not (MODEL_FOLDER / "image.onnx").exists():
        pytest.skip("weights/registration is not there")
    made = small_recogniser()
    patch = pytest.MonkeyPatch()
    patch.setattr(Recogniser, "load", classmethod(lambda cls, calibration=None: made))
    api.default_recogniser.cache_clear()
    yield made
    patch.undo()
    api.default_recogniser.cache_clear()


@pytest.fixture(scope="session")
def portrait(recogniser: Recogniser) -> Image.Image:
    path = find("astronaut")
    assert path is not None
    with Image.open(path) as image:
        return image.convert("RGB").resize((320, 320))


@pytest.fixture(scope="session")
def enrolled(portrait: Image.Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `people.db`, which holds one real person, and her photograph `her.png`."""
    folder = tmp_path_factory.mktemp("enrolled")
    portrait.save(folder / "her.png")
    with pytest.raises(SystemExit) as ended:
        main(
            [
                "enrol",
                "P01",
                str(folder / "her.png"),
                "--gallery",
                str(folder / "people.db"),
                "--consent",
                "form 1",
            ]
        )
    assert not ended.value.code
    return folder


@pytest.fixture
def people(enrolled: Path, tmp_path: Path) -> Path:
    """A copy of the enrolled gallery that a test may spoil."""
    return Path(shutil.copy(enrolled / "people.db", tmp_path / "people.db"))


@pytest.fixture
def her(enrolled: Path) -> Path:
    return enrolled / "her.png"
