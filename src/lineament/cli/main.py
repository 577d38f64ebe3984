"""The command `lineament`: reads the arguments, runs one command, turns errors into one line and an exit code."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import tyro
from rich.console import Console

from lineament import __version__
from lineament.errors import LineamentError

_COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "enrol": ("lineament.cli.enrol", "enrol", "add one person from a scan, photographs or body parameters"),
    "identify": ("lineament.cli.identify", "identify", "say who is in a photograph, or why nobody is named"),
    "verify": ("lineament.cli.verify", "verify", "compare the people of two photographs"),
    "explain": ("lineament.cli.explain", "explain", "show the correspondences with one enrolled person"),
    "register": ("lineament.cli.register", "register", "write the raw 2D-3D registration of photographs"),
    "embed": ("lineament.cli.embed", "embed", "write one face embedding a photograph"),
    "calibrate": ("lineament.cli.calibrate", "calibrate", "fix the thresholds on your own people"),
    "evaluate": ("lineament.cli.evaluate", "evaluate", "measure on data sets that you hold"),
    "demo": ("lineament.cli.demo", "demo", "run the main job on the packaged people"),
    "gallery list": ("lineament.cli.gallery", "list_subjects", "who is enrolled"),
    "gallery show": ("lineament.cli.gallery", "show", "what is kept of one person"),
    "gallery remove": ("lineament.cli.gallery", "remove", "erase people"),
    "gallery export": ("lineament.cli.gallery", "export", "write people to a folder or archive"),
    "gallery import": ("lineament.cli.gallery", "import_", "add people from such a folder or archive"),
    "gallery check": ("lineament.cli.gallery", "check", "look for damage and old revisions"),
    "assets list": ("lineament.cli.assets", "list_assets", "files that Lineament uses and does not contain"),
    "assets fetch": ("lineament.cli.assets", "fetch_assets", "bring them here"),
    "assets verify": ("lineament.cli.assets", "verify_assets", "check their content"),
    "train registration": ("lineament.cli.train", "train_registration", "train the registration network (workshop)"),
    "train faces": ("lineament.cli.train", "train_face_alignment", "train the face alignment network (workshop)"),
    "train calibration": ("lineament.cli.train", "train_calibration", "fix the shipped calibration (workshop)"),
    "synth preview": ("lineament.cli.synth", "preview", "a contact sheet of synthetic samples (workshop)"),
}
"""Command words -> module, function, one line of help. Modules are imported when their command runs."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 bad input, 3 nothing found."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        code = _run(words)
    except LineamentError as error:
        if debug:
            raise
        code = _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _complain("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if debug:
            raise
        code = _complain(f"unexpected {type(error).__name__}: {error}; run again with --debug and report it", 1)
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    line = " ".join(str(message).split())
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(f"lineament: {line}")
    return code


def _run(words: list[str]) -> int:
    if words[:1] == ["--version"]:
        print(f"lineament {__version__}")
        return 0
    name = _command(words)
    if name is None:
        asked = not words or words[0] in ("-h", "--help") or any(key.startswith(f"{words[0]} ") for key in _COMMANDS)
        _usage(words[0] if words and asked and not words[0].startswith("-") else "")
        return 0 if not words or asked else _complain(f"there is no command {words[0]!r}; see the list above", 2)
    module, function, _ = _COMMANDS[name]
    command = getattr(import_module(module), function)
    result = tyro.cli(command, args=words[len(name.split()) :], prog=f"lineament {name}", use_underscores=False)
    return int(result) if isinstance(result, int) else 0


def _command(words: list[str]) -> str | None:
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in _COMMANDS and len(words) >= length:
            return name
    return None


def _usage(group: str) -> None:
    console = Console(highlight=False)
    console.print(f"lineament {__version__}: recognise people by registering them to enrolled 3D prototypes\n")
    console.print("usage: lineament COMMAND ... [--debug]      (lineament COMMAND --help explains each)\n")
    for name, (*_, about) in _COMMANDS.items():
        if name.startswith(group):
            console.print(f"  {name:<19} {about}", soft_wrap=True)


if __name__ == "__main__":
    main()
