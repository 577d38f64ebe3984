"""Things that cost more to make than to photograph take turns, so that each serves several well-separated
samples.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Recent(Generic[K, T]):
    """The `size` most recently used things; `make(number)` must depend on its number alone."""

    def __init__(self, make: Callable[[K], T], size: int) -> None:
        self._make, self._size = make, size
        self._kept: OrderedDict[K, T] = OrderedDict()

    def __call__(self, number: K) -> T:
        """Thing `number`, made where it is not at hand."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        made = self._kept[number] = self._make(number)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return made


def turn(index: int, slot: int, slots: int, uses: int) -> int:
    """Number of the thing that stands in `slot` of `slots` when sample `index` is taken.

    A thing stays for `uses` rounds of `slots` samples; the slots change at different times.
    """
    return (index // slots + slot % uses) // uses * slots + slot


def slower(number: int, slots: int, uses: int) -> int:
    """Number of the thing that `uses` successive things `number` of one slot have in common."""
    return turn(number, number % slots, slots, uses)
