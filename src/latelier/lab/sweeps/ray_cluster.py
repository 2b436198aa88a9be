"""All that is said to Ray: find or start a cluster, hire workers, ask them, let them go.

A cluster that is started here is closed afterwards and leaves nothing behind. It asks nobody
outside: no dashboard, no usage statistics. Its ports are open to the network, as Ray's are, so
that it accepts only those who know a token that is drawn for it.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from latelier.config.errors import ConfigError, LatelierError
from latelier.lab.sweeps.ray_versions import Versions, differences, version_finder, versions_here
from latelier.lab.sweeps.ray_worker import Trainer

ANSWER_SECONDS = 60.0
"""So long the machines of a cluster may take to say which versions they have."""

_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
_OBJECT_STORE_BYTES = 256 << 20
_LONGEST_FOLDER = 24  # sockets lie some folders deeper, and their paths end at 107 characters


class WorkerLost(LatelierError):  # noqa: N818  # the variant goes on elsewhere
    """A worker is gone, or cannot go on."""


@dataclass(frozen=True)
class Share:
    """What one worker gets of a cluster.

    Attributes:
        workers: Workers at a time.
        cpus: Processors of each.
        gpus: GPUs of each; a part of one where several share it.
    """

    workers: int
    cpus: float
    gpus: float


def share_out(
    resources: Mapping[str, float], *, wanted: int | None, cpus: int, uses_gpu: bool
) -> Share:
    """Divide a cluster among workers: one per GPU, or per processor, unless told otherwise.

    Args:
        resources: ``CPU`` and ``GPU`` of the whole cluster.
        wanted: Workers at a time, if told.
        cpus: Processors that a variant asks for.
        uses_gpu: Whether variants would use a GPU.

    Raises:
        ConfigError: If the cluster has fewer processors than one variant asks for.
    """
    there, devices = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
    if there < cpus:
        raise ConfigError(
            "no variant fits into the Ray cluster",
            got=f"{there} processors",
            expected=f"at least {cpus}",
            remedy="Add a machine to it, or lower training.threads.",
        )
    if not uses_gpu or devices == 0:
        return Share(wanted or there // cpus, cpus, 0)
    workers = wanted or devices
    return Share(workers, cpus, 1 / -(-workers // devices))


class Cluster:
    """A cluster that this process is connected to; made by `connected`.

    Args:
        scratch: Folder that goes when the cluster does, if it was started here.
        versions: What its workers must have; None if they have it, being started here.
    """

    def __init__(self, scratch: str | None, versions: Versions | None) -> None:
        self._scratch, self._versions = scratch, versions

    def resources(self) -> dict[str, float]:
        """What the whole cluster has."""
        import ray

        return dict(ray.cluster_resources())

    def differing(self, there: Versions) -> str:
        """Say in which versions a worker differs; empty if it can be used."""
        return "" if self._versions is None else differences(self._versions, there)

    def check_versions(self) -> None:
        """Check that every machine that can have workers has what is here.

        Raises:
            ConfigError: If one differs; it names all that do.
        """
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if self._versions is None:
            return
        nodes = {n["NodeID"]: n for n in ray.nodes() if n["Alive"] and n["Resources"].get("CPU")}
        if not nodes:
            return  # no worker fits in, which `share_out` says
        find = ray.remote(version_finder())
        asked = {
            find.options(
                num_cpus=0,
                max_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
            ).remote(): node
            for node in nodes
        }
        wrong = []
        answered, silent = ray.wait(list(asked), num_returns=len(asked), timeout=ANSWER_SECONDS)
        for ref in answered:
            name = nodes[asked[ref]]["NodeManagerHostname"]
            try:
                differing = self.differing(Versions(*ray.get(ref)))
            except ray.exceptions.RayError as error:
                differing = _last_line(error)
            wrong += [f"{name}: {differing}"] if differing else []
        wrong += [f"{nodes[asked[ref]]['NodeManagerHostname']}: no answer" for ref in silent]
        if wrong:
            raise different_versions("; ".join(wrong))

    def hire(self, share: Share) -> Any:
        """Ask for a worker; it may take a while until it answers."""
        import ray

        options = {
            "num_cpus": share.cpus,
            "num_gpus": share.gpus,
            "max_restarts": 0,
            "max_task_retries": 0,
            "scheduling_strategy": "SPREAD",
        }
        return ray.remote(Trainer).options(**options).remote(self._scratch)

    def ask(self, worker: Any, method: str, *arguments: object) -> Any:
        """Call a method of a worker's `Trainer`; the answer comes later."""
        return getattr(worker, method).remote(*arguments)

    def answered(self, asked: Sequence[Any], seconds: float) -> list[Any]:
        """Tell which answers are there; wait up to ``seconds`` for the first."""
        import ray

        if not asked:
            time.sleep(seconds)
            return []
        first, rest = ray.wait(list(asked), num_returns=1, timeout=seconds)
        more = ray.wait(rest, num_returns=len(rest), timeout=0)[0] if first and rest else []
        return [*first, *more]

    def answer(self, asked: Any) -> Any:
        """Take an answer that is there.

        Raises:
            WorkerLost: If the worker is gone, or could not do what it was asked for.
        """
        import ray

        try:
            return ray.get(asked)
        except ray.exceptions.RayError as error:
            raise WorkerLost("the worker is gone", got=_first_sentence(error)) from error

    def dismiss(self, worker: Any) -> None:
        """End a worker's process, whatever it does."""
        import ray

        ray.kill(worker, no_restart=True)


def different_versions(got: str) -> ConfigError:
    """Say that workers do not have what is here."""
    return ConfigError(
        "the workers of the Ray cluster have other versions than this machine",
        got=got,
        expected="the same Python, torch and Latelier everywhere",
        remedy="Install the same versions there, or run the sweep from a machine that has theirs.",
    )


@contextmanager
def connected(address: str | None, processors: int) -> Iterator[Cluster]:
    """Connect to a cluster inside a ``with``, and start one if there is none.

    Args:
        address: What `find_cluster` has found; None to start one on this machine.
        processors: How many a cluster that is started here says it has, at least.

    Raises:
        ConfigError: If it cannot be reached or started, or has another version of Ray or Python.
    """
    import ray

    if ray.is_initialized():  # by a notebook, say: it is theirs to close
        yield Cluster(None, versions_here())
        return
    with ExitStack() as stack:
        settings = dict(_QUIET)
        folder = None
        options: dict[str, Any] = {"address": address}
        if address is None:
            folder = stack.enter_context(_short_folder())
            settings["RAY_AUTH_TOKEN"] = _token()
            options = {
                "address": "local",
                "num_cpus": max(processors, _processors()),
                "include_dashboard": False,
                "object_store_memory": _OBJECT_STORE_BYTES,
                "_temp_dir": folder,
            }
        stack.enter_context(_environment(settings))
        stack.callback(ray.shutdown)
        stack.enter_context(_silence())
        _connect(address, options)
        yield Cluster(folder, versions_here() if address else None)


def _connect(address: str | None, options: Mapping[str, Any]) -> None:
    import ray

    quiet = {"log_to_driver": False, "configure_logging": False}
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(**options, **quiet)
    except (Exception, SystemExit) as error:
        raise ConfigError(
            "the Ray cluster could not be used" if address else "no Ray cluster could be started",
            got=_last_line(error),
            expected="a cluster of the same Ray and Python, whose token is known here",
            remedy="See `ray status`, and the file that RAY_AUTH_TOKEN_PATH names."
            if address
            else "Use --executor local.",
        ) from error
    finally:  # Ray takes SIGTERM over, which means that the sweep is to be stopped
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


@cache
def _token() -> str:
    """Draw a token; Ray remembers for the whole life of a process which it has seen first."""
    return secrets.token_hex(32)


@contextmanager
def _short_folder() -> Iterator[str]:
    base = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="ray-", dir=base if len(base) <= _LONGEST_FOLDER else "/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Ray from printing: what it learns of lost workers goes to the standard output.

    There is no setting for that.
    """
    from ray._private import worker

    logger = logging.getLogger("ray")
    level, printing = logger.level, getattr(worker, "print_to_stdstream", None)
    logger.setLevel(logging.ERROR)
    if printing is not None:
        worker.print_to_stdstream = _say_nothing
    try:
        yield
    finally:
        logger.setLevel(level)
        if printing is not None:
            worker.print_to_stdstream = printing


def _say_nothing(*_: object, **__: object) -> None:
    pass


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for a while; Ray sets the mode by itself."""
    before = {name: os.environ.get(name) for name in [*settings, "RAY_AUTH_MODE"]}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS has no affinity
        return os.cpu_count() or 1


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _first_sentence(error: BaseException) -> str:
    """Say in short why a worker is gone; an error inside it ends with what was raised there."""
    import ray

    if isinstance(error, ray.exceptions.RayTaskError):
        return _last_line(error)
    return str(error).strip().partition(". ")[0].partition("\n")[0].rstrip(".:") + "."
