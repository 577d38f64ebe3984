"""The systems by name, each opened only when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from lineament.errors import BadInputError
from lineament.evaluation.own_faces import CalibratedFaces, OwnFaces
from lineament.evaluation.own_people import OwnPeople
from lineament.evaluation.peers.arcface import ArcFaceStyle
from lineament.evaluation.peers.dlib_faces import DlibFaces
from lineament.evaluation.peers.opencv import OpenCvSFace
from lineament.evaluation.peers.osnet import OsNet
from lineament.evaluation.peers.stripes import Stripes
from lineament.evaluation.systems import System
from lineament.recognition.calibration import Calibration

SystemName = Literal[
    "face",
    "face-unrefined",
    "face-llr",
    "whole",
    "sface",
    "sface+ours",
    "dlib",
    "dlib+ours",
    "onnx",
    "onnx+ours",
    "osnet",
    "stripes",
]
NEED_A_MODEL: Final = ("onnx", "onnx+ours", "osnet")
CALIBRATED: Final = ("face-llr", "whole")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A system's name; where it needs one, the network that the user brings; a calibration of the user's own
    for those that are calibrated, None for the shipped one.
    """

    name: SystemName
    model: Path | None = None
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if self.name not in get_args(SystemName):
            raise BadInputError(f"there is no system {self.name!r}; choose {', '.join(get_args(SystemName))}")
        if (self.name in NEED_A_MODEL) != (self.model is not None):
            what = "needs --model NETWORK.onnx" if self.model is None else "takes no --model"
            raise BadInputError(f"the system {self.name} {what}")
        if self.calibration is not None and self.name not in CALIBRATED:
            raise BadInputError(
                f"the system {self.name} is not calibrated; leave --gallery and --domain out, or choose "
                f"{' or '.join(CALIBRATED)}"
            )

    def open(self) -> System:
        """Load it; raises BadInputError, one line, where something is not installed or not here."""
        if self.model is not None:
            model = self.model
            with_model: dict[str, Callable[[], System]] = {
                "onnx": lambda: ArcFaceStyle.load(model, "native"),
                "onnx+ours": lambda: ArcFaceStyle.load(model, "ours"),
                "osnet": lambda: OsNet(model),
            }
            return with_model[self.name]()
        openers: dict[str, Callable[[], System]] = {
            "face": OwnFaces.load,
            "face-unrefined": lambda: OwnFaces.load("five-points"),
            "face-llr": lambda: CalibratedFaces.calibrated_by(self.calibration),
            "whole": lambda: OwnPeople.calibrated_by(self.calibration),
            "sface": OpenCvSFace,
            "sface+ours": lambda: ArcFaceStyle.sface("ours"),
            "dlib": lambda: DlibFaces("native"),
            "dlib+ours": lambda: DlibFaces("ours"),
            "stripes": Stripes,
        }
        return openers[self.name]()
