"""Start and resume runs. The command line, the server and Python all come through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from latelier.config import ConfigError, RunConfig, RunError
from latelier.lab.devices import check_devices, train_on_devices
from latelier.lab.execute import Observer, execute
from latelier.lab.origin import mark_origin, require_origin
from latelier.lab.prepare import (
    Model,
    Source,
    config_fingerprint,
    fingerprint,
    given_model,
    prepare,
    prepare_watched,
    resolve_config,
)
from latelier.lab.run import Run, open_run
from latelier.models import OwnModule, Part
from latelier.runs import RunRecord, RunState, RunStore
from latelier.runs.atomic import write_json
from latelier.training import Session, read_header

Stop = Callable[[], bool]


def fit(
    model_or_config: Source | Model | None = None,
    data: object = None,
    *,
    loss: Callable[..., Any] | None = None,
    encode: Part | None = None,
    decode: Part | None = None,
    allow_code: bool = False,
    runs_dir: str | Path = "runs",
    overrides: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
    **sections: Any,
) -> Run:
    """Train a model and record the run.

    Args:
        model_or_config: A preset's name, a path, a mapping or a `RunConfig`; a model of
            `latelier.models` around your own networks; or any module of your own, with ``loss``.
        data: Examples from Python: an array or tensor [N, *shape], a pair (inputs, labels), or any
            map-style torch dataset. The config's data set when None.
        loss: Your loss function, ``loss(module, inputs)`` or ``loss(module, batch)``; see
            `OwnModule` for what it may return.
        encode: With ``loss``: how latents are had; the module's ``encode`` or ``encoder`` if None.
        decode: With ``loss``: how they are decoded; the module's ``decode`` or ``decoder`` if None.
        allow_code: Import and call the networks that the config names, if it names any. Only for
            configurations that you trust as you trust a program.
        runs_dir: Folder of all runs; made when missing.
        overrides: ``key=value`` texts, applied last; with data from Python the way to its section:
            ``["data.held_out=0.2"]``.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.
        **sections: Sections of the config by keyword: ``schedule={"epochs": 3}``.

    Returns:
        The run, completed or cancelled.

    Raises:
        ConfigError: If the configuration is wrong; nothing was written.
        DataError: If the data is missing, damaged or does not fit; nothing was written.
        TrainingError: If training cannot go on; the run is recorded as failed.

    Example:
        >>> run = latelier.fit("library/digits-vae", schedule={"epochs": 2})  # doctest: +SKIP
        >>> run = latelier.fit(net, images, loss=my_loss)  # doctest: +SKIP
    """
    model = None
    if isinstance(model_or_config, nn.Module | OwnModule):
        model = model_or_config = given_model(model_or_config, loss, encode, decode)
    elif loss is not None or encode is not None or decode is not None:
        raise ConfigError(
            "loss, encode and decode belong to a module of your own",
            got=f"{type(model_or_config).__name__} in its place",
            expected="latelier.fit(module, data, loss=…)",
        )
    config = resolve_config(model_or_config, overrides, sections)
    session = prepare(config, data=data, model=model, allow_code=allow_code)
    session.task.check_trainable()
    check_devices(config, session, model)
    record = create(session.config, runs_dir)
    if config.training.devices == 1:
        execute(record, session, observers=observers, stop=stop)
    else:
        train_on_devices(
            record,
            session,
            data=data,
            model=model,
            allow_code=allow_code,
            observers=observers,
            stop=stop,
        )
    return Run(record)


def create(
    config: RunConfig, runs_dir: str | Path, *, parent: Mapping[str, Any] | None = None
) -> RunRecord:
    """Make the folder of a run, in state ``created``; nothing is computed."""
    record = RunStore(Path(runs_dir)).create(
        config.model_dump(mode="json"),
        label=config.name,
        model_kind=config.model.kind,
        dataset=config.data.dataset,
        parent=parent,
    )
    if config.model.net.kind == "custom":
        mark_origin(record)
    return record


def resume(
    run: Run | str,
    *,
    runs_dir: str | Path = "runs",
    epoch: int | None = None,
    data: object = None,
    model: Model | None = None,
    loss: Callable[..., Any] | None = None,
    encode: Part | None = None,
    decode: Part | None = None,
    allow_code: bool = False,
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
) -> Run:
    """Go on with a cancelled or failed run, as if it had never stopped.

    Args:
        run: The run, its id or a unique beginning of it.
        runs_dir: Folder of all runs.
        epoch: Go on from this epoch's checkpoint instead of the newest.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own.
        loss: The loss function, if it is your own.
        encode: As in `fit`, if it was given there.
        decode: As in `fit`, if it was given there.
        allow_code: Import and call the networks that the run's config names, if it names any.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.

    Returns:
        The run, completed or cancelled.

    Raises:
        ConfigError: If model, loss or data came from Python and are not given again.
        RunError: If the run is completed, or has no checkpoint to go on from.
        RunBusyError: If another process owns it.
    """
    record = (run if isinstance(run, Run) else open_run(run, runs_dir)).record
    if model is not None:
        model = given_model(model, loss, encode, decode, config=read_config(record))
    start(
        record,
        epoch=epoch,
        data=data,
        model=model,
        allow_code=allow_code,
        observers=observers,
        stop=stop,
    )
    return Run(record)


def start(
    record: RunRecord,
    *,
    epoch: int | None = None,
    data: object = None,
    model: Model | None = None,
    allow_code: bool = False,
    claim: Callable[[], bool] | None = None,
    observers: Sequence[Observer] = (),
    stop: Stop | None = None,
) -> str | None:
    """Begin a run that has a folder, or go on with it.

    Args:
        record: A created, cancelled or failed run.
        epoch: Go on from this epoch's checkpoint instead of the newest.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own; with its functions, if its loss is.
        allow_code: Import and call the networks that the run's config names, if it names any.
        claim: Asked when all is ready; False leaves the run to somebody else.
        observers: Called with every event of the run as it is stored.
        stop: Asked at every step; True ends the run as cancelled.

    Returns:
        The state in which it ended; None if it was left to somebody else.

    Raises:
        RunError: If the run is completed, or has no checkpoint to go on from.
        RunBusyError: If another process owns it.
    """
    opened = open_to_train(record, epoch=epoch, data=data, model=model, allow_code=allow_code)
    session, checkpoint = opened
    check_devices(session.config, session, model)
    if claim is not None and not claim():
        return None
    opened.keep_points(record)
    if session.config.training.devices == 1:
        return execute(record, session, resume_from=checkpoint, observers=observers, stop=stop)
    return train_on_devices(
        record,
        session,
        data=data,
        model=model,
        resume_from=checkpoint,
        allow_code=allow_code,
        observers=observers,
        stop=stop,
    )


class Opened(NamedTuple):
    """A run in memory, as it is begun or gone on with.

    Attributes:
        session: The session, not yet in the state of a checkpoint.
        checkpoint: Keys of the checkpoint to go on from; None to begin.
    """

    session: Session
    checkpoint: dict[str, int] | None

    def keep_points(self, record: RunRecord) -> None:
        """Write the chosen points into the config of a run that was made without a look at data."""
        if read_config(record).analysis.indices is None:
            values = self.session.config.model_dump(mode="json")
            write_json(record.path_of("config"), values, indent=True)


def open_to_train(record: RunRecord, *, epoch: int | None = None, **options: Any) -> Opened:
    """Build the session of a run that has a folder, to begin it or to go on with it.

    Args:
        record: A created, cancelled or failed run.
        epoch: Go on from this epoch's checkpoint instead of the newest.
        **options: As in `prepare`.

    Raises:
        RunError: If the run is completed, or has no checkpoint to go on from.
        RunBusyError: If another process owns it.
    """
    record.reconcile()
    _check_resumable(record)
    checkpoint = _checkpoint_to_resume(record, epoch)
    config = read_config(record)
    threads = None
    if checkpoint is not None:
        threads = read_header(record.path_of("checkpoint", **checkpoint).parent)["threads"]
    session = prepare_recorded(record, config, threads=threads, **options)
    session.task.check_trainable()
    return Opened(session, checkpoint)


def prepare_recorded(record: RunRecord, config: RunConfig, **options: Any) -> Session:
    """Build the session of a run that has begun; what it is made of must be what it was.

    Args:
        record: The run.
        config: Its configuration, as `read_config` gives it.
        **options: As in `prepare`.

    Raises:
        RunError: If its configuration or its data were changed since it began.
    """
    facts = _facts(record)
    if options.get("allow_code") and options.get("model") is None:
        require_origin(record, config)
    if facts.get("config_sha256") not in (None, config_fingerprint(record.config())):
        raise RunError(
            f"the config.json of run {record.id} was changed after the run had begun",
            expected="the configuration that it was started with",
            remedy="Put it back, or start a new run with the changed one.",
        )
    if facts.get("watched"):
        session = prepare_watched(config, options.get("data"), options.get("model"))
    else:
        session = prepare(config, **options)
    known = facts.get("data_sha256")
    if known not in (None, found := fingerprint(session.dataset)):
        raise RunError(
            f"the data of run {record.id} is not what it was",
            got=f"sha256 {found[:12]}…",
            expected=f"{known[:12]}…",
            remedy="Give the data that the run was started with.",
        )
    return session


def read_config(record: RunRecord) -> RunConfig:
    """Read the configuration that a run was started with.

    Raises:
        ConfigError: If this version of Latelier does not accept it.
    """
    return resolve_config(record.config())


def _facts(record: RunRecord) -> Mapping[str, Any]:
    """Return what the run said about itself when it began; nothing where it has not."""
    started = next((event for event in record.events() if event.type == "run.started"), None)
    return {} if started is None else started.data


def _check_resumable(record: RunRecord) -> None:
    if _facts(record).get("watched"):
        raise RunError(
            f"run {record.id} was recorded in a loop that is not Latelier's",
            expected="a run that Latelier trains",
            remedy="Go on in that loop, with a run of its own; the weights are in its checkpoints.",
        )
    state = record.summary().state
    if state in {RunState.COMPLETED, RunState.RUNNING}:
        raise RunError(
            f"run {record.id} is {state}",
            expected="a created, cancelled or failed run",
            remedy="Start a new run, or wait." if state == RunState.RUNNING else None,
        )


def _checkpoint_to_resume(record: RunRecord, epoch: int | None) -> dict[str, int] | None:
    """Return the keys of the newest checkpoint (of an epoch's end, where one is asked for)."""
    found = record.checkpoints()
    if epoch is None:
        return found[-1] if found else None
    at_epoch = {"epoch": epoch}
    if at_epoch not in found:
        there = ", ".join(str(keys["epoch"]) for keys in found if "step" not in keys)
        raise RunError(
            f"run {record.id} has no checkpoint of that epoch",
            got=epoch,
            expected=f"one of {there}" if there else "a run with checkpoints",
        )
    return at_epoch
