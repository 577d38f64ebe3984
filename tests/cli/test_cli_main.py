"""The command itself: help, usage, exit codes, what is refused before any work."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Literal

import pytest
from cli_world import Run

from lineament import __version__
from lineament.cli import main as command_line
from lineament.cli.arguments import parse
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError

COMMANDS = command_line._COMMANDS


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"lineament {__version__}\n", "")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_usage_lists_every_command(run: Run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert all(f"  {name} " in out for name in COMMANDS)
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("words", [("gallery",), ("gallery", "--help")])
def test_a_group_lists_its_own(run: Run, words: tuple[str, ...]) -> None:
    code, out, _ = run(*words)
    listed = [line for line in out.splitlines() if line.startswith("  ")]
    assert code == 0 and len(listed) == 6 and all(line.startswith("  gallery ") for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    code, out, err = run(*name.split(), "--help")
    assert (code, err) == (0, "")
    module, function, _ = COMMANDS[name]
    for signed in inspect.signature(getattr(import_module(module), function)).parameters:
        parameter = signed.rstrip("_")
        assert (
            parameter.upper() in out or f"--{parameter.replace('_', '-')}" in out or f"no-{parameter}" in out
        )
    for noise in ("STR", "PATH", "FLOAT", "Raises", "None", "BadInputError"):
        assert not re.search(rf"\b{noise}\b", out)
    described = [line for line in out.splitlines() if line.startswith("  -") or line.startswith("  [A-Z]")]
    assert described, out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("enrl",), "did you mean 'enrol'?"),
        (("frobnicate",), "'lineament --help' lists them"),
        (("gallery", "shwo"), "'gallery show'"),
        (("identify",), "required: --gallery"),
        (("identify", "--gallery", "g.db"), "PHOTO is missing; see lineament identify --help"),
        (("identify", "a.jpg", "--gallery", "g.db", "--fmr", "often"), "--fmr: invalid float value: 'often'"),
        (("identify", "a.jpg", "--gallery", "g.db", "--colour", "red"), "--colour"),
        (("identify", "a.jpg", "b.jpg", "--gallery", "g.db"), "say so with --same-person"),
        (("evaluate", "imagenet", "."), "one of ccp, octopus, lsp, cfp"),
        (("enrol", "P01", "--gallery", "g.db"), "SOURCES is missing"),
    ],
)
def test_wrong_words_get_one_line(refused, words: tuple[str, ...], wanted: str) -> None:  # type: ignore[no-untyped-def]
    refused(2, wanted, *words)


def test_debug_shows_where_it_broke() -> None:
    with pytest.raises(BadInputError):
        command_line.main(["frobnicate", "--debug"])


def spoiled(error: BaseException):  # type: ignore[no-untyped-def]
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("two\nlines \x1b[2J"), 1, r"unexpected RuntimeError: two lines \x1b[2J; run again"),
        (BadInputError("no [red] here\n"), 2, "no [red] here"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_errors_become_a_line_and_a_code(monkeypatch, capfd, error, code, said) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(command_line, "_run", lambda words: spoiled(error)())
    monkeypatch.setattr(command_line.os, "dup2", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        command_line.main(["demo"])
    err = capfd.readouterr().err
    assert ended.value.code == code
    assert said in err and err.count("\n") == (1 if said else 0)


def sample(
    first: str, others: tuple[Path, ...], *, out: Path, rate: float = 0.5, kind: Literal["a", "b"] = "a",
    show: bool = True, deep: bool = False, count: int | None = None, names: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Do it.

    Raises nothing.

    Args:
        first: of all
        out: where
            it goes
    """


def test_arguments_follow_the_signature() -> None:
    plain = {"first": "x", "others": (Path("a"), Path("b")), "out": Path("o")}
    assert parse(sample, ["x", "a", "b", "--out", "o"], "it") == plain
    assert parse(sample, ["--out", "o", "x", "a", "b"], "it") == plain
    assert parse(sample, ["x", "a", "--out", "o", "b"], "it") == plain
    words = [
        "--rate",
        "2",
        "x",
        "--no-show",
        "--deep",
        "a",
        "b",
        "--count",
        "3",
        "--out",
        "o",
        "--kind",
        "b",
        "--names",
        "u",
        "v",
    ]
    chosen = {"rate": 2.0, "kind": "b", "show": False, "deep": True, "count": 3, "names": ["u", "v"]}
    assert parse(sample, words, "it") == plain | chosen
    dashes = {"first": "--x", "others": (Path("-y"),), "out": Path("o")}
    assert parse(sample, ["--out", "o", "--", "--x", "-y"], "it") == dashes


def test_help_comes_from_the_docstring(capsys) -> None:  # type: ignore[no-untyped-def]
    assert parse(sample, ["--help"], "it") is None
    out = capsys.readouterr().out
    assert "Do it." in out and "Raises" not in out and "where it goes" in out and "(default: 0.5)" in out
    assert "--no-show" in out and "--show" not in out and "--deep" in out


def test_a_missing_library_names_what_to_install() -> None:
    wanted = r"--fresh needs the workshop \(no module nowhere\); .*lineament\[train\]"
    with pytest.raises(BadInputError, match=wanted), workshop("--fresh"):
        import_module("nowhere")
    # A module of our own that is missing is a fault of the program, not of the installation.
    with pytest.raises(ModuleNotFoundError), workshop("--fresh"):
        import_module("lineament.nowhere")


@pytest.mark.train
@pytest.mark.parametrize(
    "words", [("--minutes", 0), ("--steps", 0), ("--batch", 5, "--uses", 2), ("--people", 0)]
)
def test_impossible_runs_are_refused(refused, words: tuple[object, ...], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused(2, "--", "train", "registration", "--out", tmp_path / "run", *words)
    assert not (tmp_path / "run").exists()
