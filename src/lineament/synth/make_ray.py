"""The same shards on a Ray cluster: every task makes one, whoever is free takes the next."""

import os
from collections.abc import Sequence
from typing import Any, Final

from lineament.errors import BadInputError, LineamentError
from lineament.synth.crew import Told
from lineament.synth.dataset import shard_samples
from lineament.synth.shard_task import ONE_THREAD, Failure, Probe, ProbeTask, Result, ShardTask, Task

PASSED_ON: Final = ("LINEAMENT_ASSETS", "LINEAMENT_CACHE")


class RayCrew:
    """Processes of a Ray cluster at `address`: "auto" for the one that this machine belongs to, "local" for
    one that is started here, or "ray://host:10001".

    workers: shards in work at a time, None for as many as the cluster has processors. All machines need
    Lineament and see the folder of the shards under the same path.
    """

    def __init__(self, address: str, workers: int | None = None) -> None:
        self._address, self._workers = address, workers
        self._ray: Any = None
        self._run: Any = None

    def __enter__(self) -> "RayCrew":
        # Ray reports its use home unless it is told not to.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ModuleNotFoundError as error:
            raise BadInputError("--ray needs Ray; run: pip install 'lineament[ray]'") from error
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        settings: dict[str, Any] = {"num_cpus": self._workers} if self._address == "local" else {}
        try:
            ray.init(
                address=self._address,
                runtime_env={"env_vars": ONE_THREAD | passed},
                log_to_driver=False,
                logging_level="error",
                **settings,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BadInputError(
                f"no Ray cluster answers at {self._address!r} ({error}); start one there, or use --ray local"
            ) from error
        self._ray = ray
        self._run = ray.remote(num_cpus=1, max_retries=0)(_work)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._ray.shutdown()

    def probe(self, task: ProbeTask) -> Probe:
        """Draw the first samples somewhere on the cluster."""
        result = self._result(self._run.remote(task))
        if not isinstance(result, Probe):
            raise TypeError(f"a probe gave {result!r}")
        return result

    def make(self, tasks: Sequence[ShardTask], told: Told) -> None:
        """Make shards; `told` hears of whole ones."""
        left = list(reversed(tasks))
        at_once = self._workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        running: dict[Any, ShardTask] = {}
        while left or running:
            while left and len(running) < at_once:
                task = left.pop()
                running[self._run.remote(task)] = task
            for reference in self._ray.wait(list(running), num_returns=1)[0]:
                task = running.pop(reference)
                self._result(reference)
                description = task.description
                told(len(shard_samples(description.recipe, task.number, description.count)))

    def _result(self, reference: Any) -> Result:
        try:
            result: Result = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            first = str(error).strip().splitlines()[0]
            raise LineamentError(
                f"a worker of the cluster failed ({first}); what is finished is kept: run the command again"
            ) from error
        if isinstance(result, Failure):
            raise result.error()
        return result


def _work(task: Task) -> Result:
    return task.run(lambda: None)
