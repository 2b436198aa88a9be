"""Train a run in several processes, one per device, which Lightning Fabric starts.

The process of rank 0 owns the run and records it; the others only train. The process that asked
waits, passes events on to observers, and turns a request to stop into a cancel of the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from latelier.config import ConfigError, RunConfig, RunError, TrainingError
from latelier.lab.execute import Observer, execute
from latelier.lab.fork import begin_at_origin, origin_of
from latelier.lab.prepare import Model, prepare, resolve_config
from latelier.models import OwnModule
from latelier.runs import RunRecord, RunState
from latelier.training import (
    ActionReached,
    ManyDevices,
    Session,
    execution,
    load_checkpoint,
    load_model,
    train,
)
from latelier.training.determinism import seed_everything

_POLL_SECONDS = 0.1
_RANKS_APART = 1_000_003


class _Job:
    """What every process is told. No dataclass: Fabric would take it apart."""

    def __init__(
        self,
        path: Path,
        data: object,
        model: Model | None,
        threads: int,
        resume_from: dict[str, int] | None,
        allow_code: bool,
    ) -> None:
        self.path, self.data, self.model = path, data, model
        self.threads, self.resume_from, self.allow_code = threads, resume_from, allow_code


def check_devices(config: RunConfig, session: Session, model: Model | None) -> None:
    """Refuse what several processes cannot do, before anything is written.

    Raises:
        ConfigError: If Lightning Fabric or devices are missing, batches are too small, or the
            model cannot be sent to other processes.
    """
    devices, kind = config.training.devices, session.device.type
    if devices == 1:
        return
    _fabric_class()
    there = torch.cuda.device_count() if kind == "cuda" else devices if kind == "cpu" else 1
    if there < devices:
        raise ConfigError(
            "training.devices", got=devices, expected=f"at most {there}, of type {kind}"
        )
    if config.training.batch_size < devices:
        raise ConfigError(
            "training.batch_size is too small to be shared",
            got=config.training.batch_size,
            expected=f"at least {devices}, one example per device",
        )
    try:
        ForkingPickler.dumps(model)
    except Exception as error:
        raise ConfigError(
            "the model or its functions cannot be sent to other processes",
            got=f"{type(error).__name__}: {error}",
            expected="classes and functions that a module defines at its top level",
            remedy="Move them there, or set training.devices=1.",
        ) from error


def train_on_devices(
    record: RunRecord,
    session: Session,
    *,
    data: object,
    model: Model | None,
    resume_from: dict[str, int] | None = None,
    allow_code: bool = False,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] | None = None,
) -> str:
    """Train a run in `training.devices` processes; arguments as in `launch.start`.

    Afterwards the session's model has the weights of the newest checkpoint.

    Returns:
        The state in which it ended: ``completed`` or ``cancelled``.

    Raises:
        TrainingError: If it failed; the run is recorded as failed.
    """
    config = session.config
    threads = config.training.threads or 1
    job = _Job(record.path, data, model, threads, resume_from, allow_code)
    fabric = _fabric_class()(
        accelerator=session.device.type,
        devices=config.training.devices,
        strategy="ddp_spawn",
    )
    with _relaying(record, observers, stop):
        try:
            fabric.launch(_work, job)
        except Exception as error:
            raise _failure(record, error) from error
    if there := record.checkpoints():
        load_model(session.model, record.path_of("checkpoint", **there[-1]).parent)
    return str(record.summary().state)


def _fabric_class() -> Any:
    try:
        from lightning_fabric import Fabric
    except ImportError as error:
        raise ConfigError(
            "training.devices needs the package lightning-fabric",
            remedy="Install it with `pip install 'latelier[fabric]'`, or set training.devices=1.",
        ) from error
    return Fabric


def _work(fabric: Any, job: _Job) -> None:
    """Do one process's share of a run."""
    record = RunRecord(job.path)
    config = resolve_config(record.config())
    _take_apart(job.model)
    here = config.training.model_copy(update={"device": str(fabric.device)})
    session = prepare(
        config.model_copy(update={"training": here}),
        data=job.data,
        model=job.model,
        threads=job.threads,
        allow_code=job.allow_code,
    )
    session.runtime = ManyDevices(fabric)
    if session.runtime.rank == 0:
        execute(record, session, resume_from=job.resume_from)
    else:
        _follow(record, session, job.resume_from)


@torch.no_grad()
def _take_apart(model: Model | None) -> None:
    """Give the model memory of its own: what is sent to processes is shared between them."""
    net = model.module if isinstance(model, OwnModule) else model
    for tensor in () if net is None else (*net.parameters(), *net.buffers()):
        if not is_lazy(tensor):
            tensor.data = tensor.data.clone()


def _follow(record: RunRecord, session: Session, resume_from: dict[str, int] | None) -> None:
    """Train along with rank 0, which decides and records; draw other random numbers than it."""
    config, rank = session.config, session.runtime.rank
    for name, act in session.task.actions.items():
        session.signals.subscribe(ActionReached, partial(_perform, act), name=name)
    with execution(config.training, session.threads, config.seed):
        if resume_from is not None:
            load_checkpoint(session, record.path_of("checkpoint", **resume_from).parent)
        elif (origin := origin_of(record)) is not None:
            begin_at_origin(session, origin)
        seed_everything((config.seed + _RANKS_APART * rank + session.clock.step) % 2**31)
        train(session)


def _perform(act: Callable[[Session], object], signal: ActionReached) -> None:
    act(signal.session)


@contextmanager
def _relaying(
    record: RunRecord, observers: Sequence[Observer], stop: Callable[[], bool] | None
) -> Iterator[None]:
    """Pass events on to observers, and a request to stop on to the run, while the block lasts."""
    if not observers and stop is None:
        yield
        return
    ended, tail = threading.Event(), record.tail(_known(record))

    def relay() -> None:
        """Hand every event to the observers, until the run has ended and all were told."""
        while True:
            last = ended.wait(_POLL_SECONDS)
            for event in tail.poll():
                for observer in observers:
                    observer(event)
            if last:
                return
            if stop is not None and stop() and not record.cancel_requested():
                _cancel(record)

    thread = threading.Thread(target=relay, name="relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _known(record: RunRecord) -> int:
    return sum(1 for _ in record.events())


def _cancel(record: RunRecord) -> None:
    try:
        record.request_cancel()
    except RunError:  # it has just ended
        return


def _failure(record: RunRecord, error: Exception) -> TrainingError:
    record.reconcile()
    summary = record.summary()
    told = summary.message if summary.state == RunState.FAILED else None
    return TrainingError(
        f"run {record.id} failed in one of its processes",
        got=told or str(error).strip().splitlines()[-1],
        remedy="A script that trains on several devices has to begin its work under "
        'if __name__ == "__main__".'
        if "__main__" in str(error)
        else None,
    )
