"""Covariates to labelled samples (workshop).

    from lineament import synth
    people = synth.People.load(1000, seed=0)
    plan = synth.make_plan(fix=["clothing=suit"], sweep=["yaw=-90:90:5"])
    sample = synth.Generator(0, people, plan).sample(17)     # any sample, by its number
    stream = synth.Stream(0, people, plan, batch=32)         # endless, for a PyTorch DataLoader

Nothing is imported before it is used.
"""

from importlib import import_module
from typing import Final

_PUBLIC: Final = {
    "Generator": "stream",
    "People": "people",
    "Plan": "plan",
    "Sample": "sample",
    "Stream": "stream",
    "make_plan": "options",
    "read": "shards",
}
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
