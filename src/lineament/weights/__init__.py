"""Released artefacts, each with config, card, licence and run record."""

from pathlib import Path


def folder(name: str) -> Path:
    """The folder of one artefact, such as "registration"."""
    return Path(__file__).parent / name
