"""A command's arguments from its signature (positional before the `*`, options after) and its docstring."""

import argparse
import inspect
import re
import shutil
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args, get_origin

from lineament.errors import BadInputError

_WIDEST: Final = 100
_LOOSE: Final = "words that belong to no option"


class _Parser(argparse.ArgumentParser):
    """One that raises instead of printing its usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=min(_WIDEST, shutil.get_terminal_size().columns))


@dataclass(frozen=True, slots=True)
class _Positional:
    name: str
    convert: Callable[[str], Any]
    settings: dict[str, Any]

    def read(self, word: str) -> Any:
        choices = self.settings.get("choices", (word,))
        if word not in choices:
            raise BadInputError(f"{self.name.upper()} is one of {', '.join(choices)}, not {word!r}")
        return self.convert(word)


def parse(command: Callable[..., object], words: Sequence[str], name: str) -> dict[str, Any] | None:
    """The keyword arguments for `command` in `words`, or None after printing its help.

    Options may stand anywhere; what follows `--` is positional. An option that takes several words may be
    given several times; in the signature its name ends in an underscore where it is a word of Python's.
    Raises BadInputError, one line, when the words do not fit. Understands str, int, float, bool, Path,
    Literal, each of them or None, and a tuple or Sequence of one.
    """
    end = words.index("--") if "--" in words else len(words)
    parser, positionals = _parser(command, name)
    if {"-h", "--help"} & set(words[:end]):
        for one in positionals:
            parser.add_argument(one.name, metavar=one.name.upper(), **one.settings)
        parser.print_help()
        return None
    parser.add_argument(_LOOSE, nargs="*")
    found = vars(parser.parse_intermixed_args(list(words[:end])))
    return found | _assigned(positionals, [*found.pop(_LOOSE, []), *words[end + 1 :]], f"lineament {name}")


def _assigned(positionals: Sequence[_Positional], words: list[str], prog: str) -> dict[str, Any]:
    """One word for each positional argument; the last one takes the rest when it is a tuple."""
    result: dict[str, Any] = {}
    for one in positionals:
        several = one.settings.get("nargs")
        if not words and several != "*":
            raise BadInputError(f"{one.name.upper()} is missing; see {prog} --help")
        taken = words if several else words[:1]
        values = [one.read(word) for word in taken]
        words = words[len(taken) :]
        result[one.name] = tuple(values) if several else values[0]
    if words:
        raise BadInputError(f"{words[0]!r} is one argument too many; see {prog} --help")
    return result


def _parser(command: Callable[..., object], name: str) -> tuple[_Parser, list[_Positional]]:
    """The options, and what is left to be read by `_assigned`."""
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
    positionals: list[_Positional] = []
    hints = typing.get_type_hints(command)
    for parameter in inspect.signature(command).parameters.values():
        kind, settings = _kind(hints[parameter.name])
        settings["help"] = texts.get(parameter.name, "").replace("%", "%%")
        optional = parameter.default is not parameter.empty
        if parameter.kind is not parameter.KEYWORD_ONLY:
            if optional:
                settings["nargs"] = "*"
            positionals.append(_Positional(parameter.name, kind, settings))
        elif kind is bool:
            flag = _flag(parameter.name) if not parameter.default else _flag(f"no_{parameter.name}")
            wanted = not parameter.default
            options.add_argument(
                flag, dest=parameter.name, action="store_const", const=wanted, help=settings["help"]
            )
        else:
            if optional and parameter.default not in (None, "", ()):
                settings["help"] += f" (default: {parameter.default})"
            if "choices" not in settings:
                settings["metavar"] = parameter.name.rstrip("_").rpartition("_")[2].upper()
            group = options if optional else required
            group.add_argument(
                _flag(parameter.name), dest=parameter.name, type=kind, required=not optional, **settings
            )
    options.add_argument("-h", "--help", action="help", help="show this text")
    return parser, positionals


def _flag(name: str) -> str:
    return f"--{name.rstrip('_').replace('_', '-')}"


def _kind(hint: Any) -> tuple[Callable[[str], Any], dict[str, Any]]:
    """What converts one word, and what else argparse must know of the type."""
    if get_origin(hint) in (types.UnionType, typing.Union):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is Literal:
        return str, {"choices": get_args(hint)}
    if inspect.isclass(get_origin(hint)) and issubclass(get_origin(hint), Sequence):
        return _kind(get_args(hint)[0])[0], {"nargs": "+", "action": "extend"}
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
