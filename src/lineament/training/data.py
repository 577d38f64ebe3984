"""Batches while they are generated: every batch is determined by the seed and its number, so training can
resume.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from lineament.anatomy import BACKGROUND
from lineament.geometry.template import Template
from lineament.networks.image_branch import STRIDE
from lineament.networks.points import PrototypeBatch
from lineament.synth.seeds import generator
from lineament.training.augment import TrainingSample, augmented, mosaic
from lineament.training.interrupt import ignore_interrupts
from lineament.types import Float32

Source = Callable[[int], TrainingSample]
"""Sample number -> sample, the same for the same number in every process."""

REUSE_AFTER = 8
"""Batches of a rank between two uses of a sample; a multiple of sensible worker counts, so that a worker's
cache has it.
"""

PROLOGUE = 1 << 30
"""Sample numbers that stand in for reused samples before there are any."""


class Batch(NamedTuple):
    """image: (B, H, W, 3) uint8. part, main, carried: (B, H, W) uint8. canonical: (B, H, W, 3) float32.
    facing: (B, h, w, 3) float32, the template's normal at the middle of each cell of the network's grid, zero
    off people. owner: (B,) int64. rivals: prototypes of people like the owners, and rival: (B,) who they are.
    """

    image: Tensor
    part: Tensor
    canonical: Tensor
    main: Tensor
    carried: Tensor
    facing: Tensor
    owner: Tensor
    rival: Tensor
    prototypes: PrototypeBatch
    rivals: PrototypeBatch

    def to(self, device: torch.device) -> "Batch":
        """The same batch on `device`."""
        *fields, prototypes, rivals = self
        moved = (one.to(device, non_blocking=True) for one in (*fields, *prototypes, *rivals))
        return Batch(
            *(next(moved) for _ in fields),
            PrototypeBatch(*(next(moved) for _ in prototypes)),
            PrototypeBatch(*moved),
        )


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How batches are made: `uses` of each generated sample, the share of mosaics, and the seed of it all.

    Of R ranks, rank r takes batches r, r + R, ...; what a step sees in all is what it would see with one rank
    and R times the batch.
    """

    seed: int
    batch: int = 32
    uses: int = 2
    mosaics: float = 0.06
    ranks: int = 1

    def __post_init__(self) -> None:
        if self.uses < 1 or self.batch % self.uses:
            raise ValueError("the batch must be a multiple of the uses of a sample")

    @property
    def fresh(self) -> int:
        """New samples in a batch."""
        return self.batch // self.uses

    def numbers(self, index: int) -> list[int]:
        """Sample numbers of batch `index`: new ones first, then those of earlier batches again."""
        starts = [(index - REUSE_AFTER * self.ranks * use) * self.fresh for use in range(self.uses)]
        numbers = [start + offset for start in starts for offset in range(self.fresh)]
        return [number if number >= 0 else PROLOGUE - number for number in numbers]


class BatchStream(IterableDataset):
    """The endless batches of one rank from batch `start` on; with W workers, worker w makes its batches
    w, w + W, ...

    make_source is called once in each worker (it must be picklable).
    """

    def __init__(
        self,
        make_source: Callable[[], Source],
        template: Template,
        plan: BatchPlan,
        start: int = 0,
        rank: int = 0,
    ) -> None:
        super().__init__()
        self.make_source = make_source
        self.template = template
        self._sites = cKDTree(template.positions)
        self.plan = plan
        self.first = start + rank

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        number, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        torch.set_num_threads(1)
        source = _cached(self.make_source(), self.plan.batch * (1 + REUSE_AFTER // workers))
        index = self.first + self.plan.ranks * number
        while True:
            yield self.batch(source, index)
            index += self.plan.ranks * workers

    def batch(self, source: Source, index: int) -> Batch:
        """Batch number `index`."""
        numbers = self.plan.numbers(index)
        samples = [source(number) for number in numbers]
        chosen = []
        for place, sample in enumerate(samples):
            rng = generator(self.plan.seed, "augment", index, place)
            if rng.random() < self.plan.mosaics:
                others = [samples[i] for i in rng.integers(0, len(samples), 3)]
                sample = mosaic([sample, *others])
            chosen.append(augmented(sample, rng, self.template.mirror))
        return collate(chosen, np.stack([self._facing(sample) for sample in chosen]))

    def _facing(self, sample: TrainingSample) -> Float32:
        middle = slice(STRIDE // 2, None, STRIDE)
        person = sample.part[middle, middle] != BACKGROUND
        facing = np.zeros((*person.shape, 3), dtype=np.float32)
        if person.any():
            _, site = self._sites.query(sample.canonical[middle, middle][person])
            facing[person] = self.template.normals[site]
        return facing


def collate(samples: list[TrainingSample], facing: Float32) -> Batch:
    """Stack samples of one size, with the normals (B, h, w, 3) of their cells."""
    owner, rival = (
        np.array([getattr(sample, name) for sample in samples], dtype=np.int64)
        for name in ("person", "rival_person")
    )

    def stack(name: str, kind: type = np.float32) -> Tensor:
        return torch.from_numpy(np.stack([np.asarray(getattr(s, name), dtype=kind) for s in samples]))

    prototypes = PrototypeBatch(*(stack(name) for name in PrototypeBatch._fields))
    of_rivals = {
        name: torch.from_numpy(np.stack([getattr(s.rival, name) for s in samples]).astype(np.float32))
        for name in ("points", "normals", "colours")
    }
    # As much is known of a rival as of the person: what is missing must not tell them apart.
    rivals = prototypes._replace(**of_rivals)
    return Batch(
        stack("image", np.uint8),
        stack("part", np.uint8),
        stack("canonical"),
        stack("main", np.uint8),
        stack("carried", np.uint8),
        torch.from_numpy(facing),
        torch.from_numpy(owner),
        torch.from_numpy(rival),
        prototypes,
        rivals,
    )


def loader(
    stream: BatchStream, workers: int, *, pinned: bool = False, fresh_processes: bool = False
) -> Iterator[Batch]:
    """Iterate `stream` in `workers` processes (0: in this one), in order.

    pinned: in memory that a GPU reads by itself. fresh_processes: start the workers as new processes, which
    takes longer; a forked one cannot use CUDA.
    """
    # OpenCV's threads do not survive the fork of a worker, which would wait for them for ever.
    cv2.setNumThreads(1)
    settings: dict[str, Any] = {"pin_memory": pinned, "num_workers": workers}
    if workers:
        settings |= {"prefetch_factor": 6, "worker_init_fn": ignore_interrupts}
        settings |= {"multiprocessing_context": "spawn" if fresh_processes else None}
    return iter(DataLoader(stream, batch_size=None, **settings))


def _cached(source: Source, size: int) -> Source:
    kept: OrderedDict[int, TrainingSample] = OrderedDict()

    def look_up(number: int) -> TrainingSample:
        if number not in kept:
            kept[number] = source(number)
            if len(kept) > size:
                kept.popitem(last=False)
        return kept[number]

    return look_up
