"""float16 from float32: as a kernel, because numpy takes longer for it than the renderer for a shadow map."""

import numpy as np
import warp as wp

from lineament.types import Float16, Float32, UInt8

RUN = 8192
"""Pixels a thread: each thread unpacks all arguments first."""


@wp.func_native(
    """
    const float* from = (const float*)source;
    const unsigned char* kept = (const unsigned char*)mask;
    _Float16* to = (_Float16*)target;
    for (int i = first; i < end; ++i)
        for (int c = 0; c < 3; ++c) to[3 * i + c] = (_Float16)(kept[i] ? from[3 * i + c] : 0.0f);
    """
)
def halve(first: int, end: int, source: wp.uint64, mask: wp.uint64, target: wp.uint64) -> None:
    """Round pixels from `first` to before `end`."""
    ...


@wp.kernel(enable_backward=False)
def halve_all(count: int, source: wp.uint64, mask: wp.uint64, target: wp.uint64) -> None:
    """A thread does RUN of `count` pixels."""
    first = wp.tid() * RUN
    halve(first, wp.min(first + RUN, count), source, mask, target)


def half(vectors: Float32, mask: UInt8) -> Float16:
    """Vectors (H, W, 3) as float16, zero where the mask (H, W) is 0."""
    vectors, mask = np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(mask, np.uint8)
    result = np.empty(vectors.shape, dtype=np.float16)
    addresses = [int(one.__array_interface__["data"][0]) for one in (vectors, mask, result)]
    wp.launch(halve_all, dim=-(-mask.size // RUN), inputs=[mask.size, *addresses], device="cpu")
    return result
