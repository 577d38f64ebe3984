"""Things that cost more to make than to photograph take turns, so that each serves several well-separated
samples.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """`slots` things in use at a time, each for about `views` samples, then replaced by the next.

    `make(number)` must depend on its number alone; then what `at` gives depends on its arguments alone.
    """

    def __init__(self, make: Callable[[int], T], slots: int, views: int) -> None:
        self._make, self.slots, self._views = make, slots, views
        self._kept: OrderedDict[int, T] = OrderedDict()

    def number(self, index: int, slot: int) -> int:
        """Which thing stands in `slot` when sample `index` is taken; the slots change at different times."""
        return (index // self.slots + slot % self._views) // self._views * self.slots + slot

    def at(self, index: int, slot: int) -> T:
        """The thing in `slot` when sample `index` is taken."""
        number = self.number(index, slot)
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        made = self._kept[number] = self._make(number)
        while len(self._kept) > self.slots:
            self._kept.popitem(last=False)
        return made
