"""A command's arguments from its signature (positional before the `*`, options after) and its docstring."""

import argparse
import inspect
import re
import shutil
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args, get_origin

from lineament.errors import BadInputError

_WIDEST: Final = 100


class _Parser(argparse.ArgumentParser):
    """One that raises instead of printing its usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=min(_WIDEST, shutil.get_terminal_size().columns))


def parse(command: Callable[..., object], words: Sequence[str], name: str) -> dict[str, Any] | None:
    """The keyword arguments for `command` in `words`, or None after printing its help.

    Raises BadInputError, one line, when they do not fit. Understands str, int, float, bool, Path, Literal,
    each of them or None, and a tuple or Sequence of one of them.
    """
    parser = _parser(command, name)
    if {"-h", "--help"} & set(_before_dashes(words)):
        parser.print_help()
        return None
    return vars(parser.parse_intermixed_args(list(words)))


def _before_dashes(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index("--")] if "--" in words else words


def _parser(command: Callable[..., object], name: str) -> _Parser:
    about, texts = _documentation(command)
    parser = _Parser(
        prog=f"lineament {name}",
        description=about,
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
        argument_default=argparse.SUPPRESS,
    )
    required = parser.add_argument_group("required options")
    options = parser.add_argument_group("options")
    hints = typing.get_type_hints(command)
    for parameter in inspect.signature(command).parameters.values():
        kind, settings = _kind(hints[parameter.name])
        settings["help"] = texts.get(parameter.name, "").replace("%", "%%")
        optional = parameter.default is not parameter.empty
        if parameter.kind is not parameter.KEYWORD_ONLY:
            if optional and settings.get("nargs") == "+":
                settings["nargs"] = "*"
            parser.add_argument(parameter.name, metavar=parameter.name.upper(), type=kind, **settings)
            continue
        flag = f"--{parameter.name.replace('_', '-')}"
        if kind is bool:
            wanted = not parameter.default
            flag = flag if wanted else flag.replace("--", "--no-", 1)
            options.add_argument(
                flag, dest=parameter.name, action="store_const", const=wanted, help=settings["help"]
            )
            continue
        if optional and parameter.default not in (None, "", ()):
            settings["help"] += f" (default: {parameter.default})"
        if "choices" not in settings:
            settings["metavar"] = parameter.name.rpartition("_")[2].upper()
        group = options if optional else required
        group.add_argument(flag, dest=parameter.name, type=kind, required=not optional, **settings)
    options.add_argument("-h", "--help", action="help", help="show this text")
    return parser


def _kind(hint: Any) -> tuple[Callable[[str], Any], dict[str, Any]]:
    """What converts one word, and what else argparse must know of the type."""
    if get_origin(hint) in (types.UnionType, typing.Union):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is Literal:
        return str, {"choices": get_args(hint)}
    if inspect.isclass(get_origin(hint)) and issubclass(get_origin(hint), Sequence):
        return _kind(get_args(hint)[0])[0], {"nargs": "+"}
    if hint not in (str, int, float, bool, Path):
        raise TypeError(f"the command line cannot read {hint}")
    return typing.cast("Callable[[str], Any]", hint), {}


def _documentation(command: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """The docstring without what it raises, and the text of each argument."""
    about, _, listed = (inspect.getdoc(command) or "").partition("\nArgs:\n")
    paragraphs = [one.strip() for one in about.split("\n\n") if not one.strip().startswith("Raises ")]
    texts = {
        found["name"]: " ".join(found["text"].split()).removesuffix(".")
        for found in re.finditer(r"^    (?P<name>\w+): (?P<text>.+(?:\n     +.+)*)", listed, re.MULTILINE)
    }
    return "\n\n".join(paragraphs), texts
