"""Scene buffers that live between renders and copy only what has changed."""

import weakref
from dataclasses import dataclass

import numpy as np
import warp as wp
from numpy.typing import NDArray


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
