"""What kernels read of surfaces: scene buffers that live between renders, and arrays where they are."""

import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
import warp as wp
from numpy.typing import NDArray

MOST_MIRRORED: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    source: weakref.ref
    start: int
    shift: int


class Column:
    """One growing device array that holds an array of every surface, end to end.

    A segment whose source is the very same numpy array at the same place is not copied again, unless the
    column is `volatile` (vertices, which callers may change in place).
    """

    def __init__(self, dtype: type, device: wp.Device, *, volatile: bool = False) -> None:
        self._dtype = dtype
        self._device = device
        self._volatile = volatile
        self._segments: list[_Segment | None] = []
        self._reserve(1)

    def _reserve(self, count: int) -> None:
        pinned = self._device.is_cuda
        self._staging = wp.zeros(count, dtype=self._dtype, device="cpu", pinned=pinned)
        self._host = self._staging.numpy()
        self.array = wp.zeros(count, dtype=self._dtype, device=self._device) if pinned else self._staging
        self._segments = []

    def fill(self, sources: list[NDArray[np.generic] | None], counts: list[int], shifts: list[int]) -> None:
        """Put `counts[i]` rows of `sources[i]` plus `shifts[i]` after those of i - 1; None skips its rows."""
        total = sum(counts)
        if total > self.array.shape[0]:
            self._reserve(total + total // 4)
        previous, self._segments = self._segments, []
        start = 0
        for i, (source, count, shift) in enumerate(zip(sources, counts, shifts, strict=True)):
            if source is None:
                self._segments.append(None)
                start += count
                continue
            old = previous[i] if i < len(previous) else None
            same = old is not None and old.source() is source and (old.start, old.shift) == (start, shift)
            if not same or self._volatile:
                self._copy(source, start, count, shift)
            self._segments.append(_Segment(weakref.ref(source), start, shift))
            start += count

    def _copy(self, source: NDArray[np.generic], start: int, count: int, shift: int) -> None:
        target = self._host[start : start + count]
        rows = source.reshape(target.shape)
        if shift:
            np.add(rows, shift, out=target, casting="same_kind")
        else:
            np.copyto(target, rows, casting="same_kind")
        if self.array is not self._staging:
            wp.copy(self.array, self._staging, start, start, count)


class Mirror:
    """Where kernels find arrays that do not change: in place on the CPU, else in copies known by identity."""

    def __init__(self, dtype: np.dtype, device: wp.Device) -> None:
        self._dtype = dtype
        self._device = device
        self._alive: list[NDArray[np.generic]] = []
        self._copies: OrderedDict[int, tuple[weakref.ref, wp.array]] = OrderedDict()

    def pointers(self, arrays: list[NDArray[np.generic] | None]) -> list[int]:
        """Addresses on the device, 0 for None; they hold until the next call."""
        self._alive = []
        return [0 if array is None else self._pointer(array) for array in arrays]

    def _pointer(self, array: NDArray[np.generic]) -> int:
        if self._device.is_cpu:
            if array.dtype != self._dtype or not array.flags.c_contiguous:
                array = np.ascontiguousarray(array, dtype=self._dtype)
            self._alive.append(array)
            return int(array.__array_interface__["data"][0])
        known = self._copies.get(id(array))
        if known is None or known[0]() is not array:
            copy = wp.array(np.ascontiguousarray(array, dtype=self._dtype).ravel(), device=self._device)
            self._copies[id(array)] = known = (weakref.ref(array), copy)
        self._copies.move_to_end(id(array))
        while len(self._copies) > MOST_MIRRORED:
            self._copies.popitem(last=False)
        return int(known[1].ptr)
