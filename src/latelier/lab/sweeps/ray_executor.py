"""Carry out a sweep on a Ray cluster: an existing one, or one that is started for it.

Where a worker sees the folder of runs, it trains there. Where it does not, it trains in a folder
of its own and sends what is new, and home writes it. Either way a run at home grows while it is
trained, and a worker that is lost costs what came after the last checkpoint there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from latelier.config.errors import RunError
from latelier.lab.sweeps.executor import ExecutorOptions, Work
from latelier.lab.sweeps.ray_address import find_cluster, require_ray
from latelier.lab.sweeps.ray_cluster import connected, share_out
from latelier.lab.sweeps.ray_crew import Crew
from latelier.runs import RunRecord


class RayExecutor:
    """Trains the runs of a sweep in the workers of a Ray cluster.

    Args:
        options: ``address`` of the cluster, see `find_cluster`; one is started when it is None.
            ``allow_code`` is read too.
        in_place: Let workers that see the folder of runs write there; False sends everything.

    Raises:
        ConfigError: If Ray is not installed, or the cluster is not there. Nothing was begun.
    """

    def __init__(self, options: ExecutorOptions, *, in_place: bool = True) -> None:
        require_ray()
        self._address = find_cluster(options.address)
        self._in_place, self._allow_code = in_place, options.allow_code

    def carry_out(self, work: Work) -> None:
        """Carry out the runs; see `Executor`.

        Raises:
            ConfigError: If the cluster cannot be used, has other versions, or is too small.
                Nothing was begun.
            RunError: If no worker stays alive. Runs can be resumed.
        """
        if not work.records:
            return
        training = _training_of(work.records)
        cpus = max((settings.get("threads") or 1 for settings in training), default=1)
        with connected(self._address, cpus * (work.max_workers or 1)) as cluster:
            cluster.check_versions()
            uses_gpu = any(settings.get("device") != "cpu" for settings in training)
            there = cluster.resources()
            share = share_out(there, wanted=work.max_workers, cpus=cpus, uses_gpu=uses_gpu)
            crew = Crew(cluster, share, work, in_place=self._in_place, allow_code=self._allow_code)
            try:
                crew.carry_out()
            finally:
                crew.dismiss()


def _training_of(records: Sequence[RunRecord]) -> list[Mapping[str, Any]]:
    """Read how runs are to be trained; one that cannot be read will say so itself."""
    settings = []
    for record in records:
        with contextlib.suppress(RunError, KeyError):
            settings.append(record.config()["training"])
    return settings
