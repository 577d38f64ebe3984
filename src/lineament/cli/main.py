"""The command `lineament`: runs one command, turns errors into one line and an exit code."""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final

from lineament import __version__
from lineament.cli.arguments import parse
from lineament.errors import BadInputError, LineamentError
from lineament.gallery.names import printable

# The fits of enrolment make many small products, where threads only wait for each other. Before NumPy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
LONGEST_COMPLAINT: Final = 1000

_COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "enrol": ("lineament.cli.enrol", "enrol", "add one person from a scan, photographs or body parameters"),
    "identify": ("lineament.cli.identify", "identify", "say who is in a photograph, or why nobody is named"),
    "verify": ("lineament.cli.verify", "verify", "compare the people of two photographs"),
    "explain": ("lineament.cli.explain", "explain", "show the correspondences with one enrolled person"),
    "register": ("lineament.cli.register", "register", "write the raw 2D-3D registration of photographs"),
    "embed": ("lineament.cli.embed", "embed", "write one face embedding a photograph"),
    "calibrate": ("lineament.cli.calibrate", "calibrate", "fix the thresholds on your own people"),
    "specialise": ("lineament.cli.specialise", "specialise", "an adapter for exactly the people enrolled"),
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
    "train registration": (
        "lineament.cli.train",
        "train_registration",
        "train the registration networks",
    ),
    "train shards": (
        "lineament.cli.train_shards",
        "train_shards",
        "pictures for training on a machine that cannot draw",
    ),
    "train faces": ("lineament.cli.train", "train_faces", "train the face alignment network"),
    "train face-arms": (
        "lineament.cli.train_face_method",
        "face_arms",
        "train arms of the method for faces from any side alike, and judge them",
    ),
    "train head-branch": (
        "lineament.cli.train_face_method",
        "head_branch",
        "train the comparison of heads with point clouds",
    ),
    "train identity": (
        "lineament.cli.train_identity",
        "train_identity",
        "train the comparison of parts",
    ),
    "train calibration": (
        "lineament.cli.train",
        "train_calibration",
        "fix the shipped calibration",
    ),
    "train confidence": (
        "lineament.cli.train_confidence",
        "train_confidence",
        "calibrate the confidence of correspondences",
    ),
    "train hardships": (
        "lineament.cli.train_hardships",
        "train_hardships",
        "learn what makes photographs hard, for explanations",
    ),
    "train quality": (
        "lineament.cli.train_quality",
        "train_quality",
        "fit the quality of face pictures",
    ),
    "train import-adaface": (
        "lineament.cli.train_import_adaface",
        "import_adaface",
        "AdaFace's published network as a recogniser for embed",
    ),
    "evaluate export": ("lineament.cli.evaluate_export", "export", "templates and scores of a protocol"),
    "evaluate score": ("lineament.cli.evaluate_score", "score", "their figures, with a report"),
    "evaluate compare": ("lineament.cli.evaluate_compare", "compare", "paired differences of two runs"),
    "evaluate peers": ("lineament.cli.evaluate_peers", "peers", "several systems on one protocol"),
    "evaluate gains": ("lineament.cli.evaluate_gains", "gains", "what our alignment brings to recognisers"),
    "evaluate pooling": ("lineament.cli.evaluate_pooling", "pooling", "several photographs as one reference"),
    "evaluate scan-faces": (
        "lineament.cli.evaluate_scan_faces",
        "scan_faces",
        "head scans without colours, found in photographs",
    ),
    "evaluate explanations": (
        "lineament.cli.evaluate_explanations",
        "explanations",
        "whether the score rests on what is named",
    ),
    "evaluate alignment": ("lineament.cli.evaluate_alignment", "alignment", "how surely faces are placed"),
    "evaluate confidence": (
        "lineament.cli.evaluate_confidence",
        "confidence",
        "whether confidences are probabilities",
    ),
    "ablate": ("lineament.cli.ablate", "ablate", "train arms of one file alike and judge them"),
    "train variants": (
        "lineament.cli.train_variants",
        "train_variants",
        "single, half and eight-bit precision of a model",
    ),
    "train poses": ("lineament.cli.train_poses", "train_poses", "train the pose prior"),
    "poses sample": ("lineament.cli.poses", "sample", "a contact sheet of poses"),
    "poses fit": ("lineament.cli.poses", "fit", "bring a pose onto the prior and say how plausible it is"),
    "synth covariates": (
        "lineament.cli.synth_covariates",
        "covariates",
        "every covariate of a sample, and how it is drawn",
    ),
    "synth preview": ("lineament.cli.synth", "preview", "a contact sheet of synthetic samples"),
    "synth outfits": ("lineament.cli.synth_outfits", "outfits", "a contact sheet of dressed people"),
    "synth make": ("lineament.cli.synth_make", "make", "shards of labelled samples, and their manifest"),
    "synth rebuild": ("lineament.cli.synth_make", "rebuild", "make one of them again and compare"),
    "synth protocol": (
        "lineament.cli.synth_protocol",
        "protocol",
        "pictures of synthetic people to evaluate on",
    ),
    "synth people": ("lineament.cli.synth_people", "people", "a contact sheet of synthetic people"),
}
"""Command words -> module, function, one line of help. Modules are imported when their command runs."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 bad input, 3 nothing found, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        code = _run(words)
        sys.stdout.flush()
    except LineamentError as error:
        if debug:
            raise
        code = _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _complain("interrupted", 130)
    except BrokenPipeError:
        # Whoever read the output has gone; what is still buffered must not complain when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if debug:
            raise
        code = _complain(
            f"unexpected {type(error).__name__}: {error}; run again with --debug and report it", 1
        )
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    print(f"lineament: {printable(' '.join(message.split()), LONGEST_COMPLAINT)}", file=sys.stderr)
    return code


def _run(words: list[str]) -> int:
    if words[:1] == ["--version"]:
        print(f"lineament {__version__}")
        return 0
    name = next((name for length in (2, 1) if (name := " ".join(words[:length])) in _COMMANDS), None)
    if name is None:
        _usage_or_complain(words)
        return 0
    module, function, _ = _COMMANDS[name]
    command = getattr(import_module(module), function)
    arguments = parse(command, words[len(name.split()) :], name)
    if arguments is None:
        return 0
    result = command(**arguments)
    return result if isinstance(result, int) else 0


def _usage_or_complain(words: list[str]) -> None:
    """Show the commands, or those of a group; raises BadInputError for one that does not exist."""
    named = [word for word in words if word not in ("-h", "--help")]
    group = named[0] if named else ""
    if len(named) < 2 and (not group or any(name.startswith(f"{group} ") for name in _COMMANDS)):
        _usage(group)
        return
    asked = " ".join(named[:2] if any(name.startswith(f"{group} ") for name in _COMMANDS) else named[:1])
    near = get_close_matches(asked, _COMMANDS, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "'lineament --help' lists them"
    raise BadInputError(f"there is no command {asked!r}; {hint}")


def _usage(group: str) -> None:
    print(f"lineament {__version__}: recognise people by registering them to enrolled 3D prototypes\n")
    print("usage: lineament COMMAND ... [--debug]     (lineament COMMAND --help explains each)\n")
    for name, (*_, about) in _COMMANDS.items():
        if not group or name.startswith(f"{group} "):
            print(f"  {name:<19} {about}")


if __name__ == "__main__":
    main()
