"""Recognise people in photographs by registering them to enrolled 3D prototypes, and show why.

from lineament import Gallery, enrol, identify
with Gallery.open("people.db") as gallery:
    enrol("P01", ["front.jpg", "side.jpg"], gallery=gallery, consent="form 12", purpose="door")
    probe, decisions = identify("street.jpg", gallery, fmr=1e-3)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineament.api import enrol, explain, identify, identify_together, verify
    from lineament.errors import BadInputError, LineamentError, NothingFoundError
    from lineament.gallery.gallery import Gallery
    from lineament.recognition.recogniser import Recogniser
    from lineament.runtime.aligner import Aligner
    from lineament.types import Decision, Probe, Prototype

__version__ = "0.2.0"
__all__ = [
    "Aligner",
    "BadInputError",
    "Decision",
    "Gallery",
    "LineamentError",
    "NothingFoundError",
    "Probe",
    "Prototype",
    "Recogniser",
    "enrol",
    "explain",
    "identify",
    "identify_together",
    "verify",
]

_HOME = {
    "Aligner": "lineament.runtime.aligner",
    "BadInputError": "lineament.errors",
    "LineamentError": "lineament.errors",
    "NothingFoundError": "lineament.errors",
    "Gallery": "lineament.gallery.gallery",
    "Recogniser": "lineament.recognition.recogniser",
    "Decision": "lineament.types",
    "Probe": "lineament.types",
    "Prototype": "lineament.types",
    "enrol": "lineament.api",
    "explain": "lineament.api",
    "identify": "lineament.api",
    "identify_together": "lineament.api",
    "verify": "lineament.api",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import lineament` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'lineament' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
