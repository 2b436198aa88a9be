"""Fork a run: a new run that begins with the checkpoint of another, with other settings from there.

The fork goes on with its parent's clock, data order, optimizer and random generators; with nothing
changed it does exactly what its parent did. Making one needs no torch, so a server does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config.errors import ConfigError, RunError, RunNotFoundError
from latelier.lab.origin import mark_origin, require_origin
from latelier.runs import RunRecord, RunStore

if TYPE_CHECKING:
    from latelier.config import RunConfig
    from latelier.lab.execute import Observer
    from latelier.lab.prepare import Model
    from latelier.lab.run import Run
    from latelier.models import Part
    from latelier.training import Session


@dataclass(frozen=True)
class Origin:
    """Where a fork begins.

    Attributes:
        record: The parent.
        epoch: The parent's epoch.
        digest: The checkpoint's digest, as it was when the fork was made.
    """

    record: RunRecord
    epoch: int
    digest: str

    @property
    def folder(self) -> Path:
        """The checkpoint's folder."""
        return self.record.path_of("checkpoint", epoch=self.epoch).parent


def fork(
    run: Run | str,
    *,
    epoch: int,
    overrides: Sequence[str] = (),
    name: str | None = None,
    runs_dir: str | Path = "runs",
    data: object = None,
    model: Model | None = None,
    loss: Callable[..., Any] | None = None,
    encode: Part | None = None,
    decode: Part | None = None,
    allow_code: bool = False,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] | None = None,
) -> Run:
    """Make a fork and train it.

    Args:
        run: The parent, its id or a unique beginning of it.
        epoch: The parent's epoch whose checkpoint the fork begins with.
        overrides: ``key=value`` texts: what is different from there on.
        name: Name of the fork; the parent's name and the epoch by default.
        runs_dir: Folder of all runs; where the fork goes too.
        data: The data, if it was given from Python.
        model: The model, if its networks are your own.
        loss: The loss function, if it is your own; another than the parent's is a way to fork.
        encode: As in `latelier.fit`, if it was given there.
        decode: As in `latelier.fit`, if it was given there.
        allow_code: Import and call the networks that the config names, if it names any.
        observers: Called with every event of the fork as it is stored.
        stop: Asked at every step; True ends the fork as cancelled.

    Returns:
        The fork, completed or cancelled.

    Raises:
        ConfigError: If the settings do not fit, or leave nothing to train.
        RunError: If the parent has no checkpoint of that epoch.
        TrainingError: If training cannot go on; the fork is recorded as failed.
    """
    from latelier.lab.launch import start
    from latelier.lab.prepare import given_model, prepare
    from latelier.lab.run import Run, open_run

    parent = (run if isinstance(run, Run) else open_run(run, runs_dir)).record
    config = fork_config(parent, epoch=epoch, overrides=overrides, name=name)
    if model is not None:
        model = given_model(model, loss, encode, decode, config=config)
    if allow_code and model is None:
        require_origin(parent, config)
    # What cannot work fails here, before there is a folder.
    prepare(config, data=data, model=model, allow_code=allow_code).task.check_trainable()
    record = create_fork(parent, config, epoch=epoch)
    start(record, data=data, model=model, allow_code=allow_code, observers=observers, stop=stop)
    return Run(record)


def fork_config(
    parent: RunRecord, *, epoch: int, overrides: Sequence[str] = (), name: str | None = None
) -> RunConfig:
    """Return the configuration of a fork.

    The points to analyze stay the parent's, so that the maps can be compared, unless the data
    changes.

    Raises:
        ConfigError: If the settings do not fit, change the kind of model, or end before the fork.
        RunError: If the parent's networks or data came from Python.
    """
    from latelier.config import apply_overrides, load_config

    old = parent.config()
    values = apply_overrides(old, overrides)
    values["name"] = f"{_title(parent)}, from epoch {epoch}" if name is None else name
    if values.get("data") != old.get("data"):
        values["analysis"] = {**values.get("analysis", {}), "indices": None}
    config = load_config(values)
    if config.model.kind != old.get("model", {}).get("kind"):
        raise ConfigError(
            "a fork keeps the kind of its parent's model",
            got=f"model.kind {config.model.kind}",
            expected=str(old.get("model", {}).get("kind")),
            remedy="Start a new run instead.",
        )
    known = config.schedule.known_epochs
    if known is not None and known <= epoch:
        raise ConfigError(
            "the fork has nothing left to train",
            got=f"schedule.epochs {known}",
            expected=f"more than {epoch}, the epoch at which it begins",
            remedy=f"Set schedule.epochs, for instance to {epoch + known}.",
        )
    return config


def create_fork(parent: RunRecord, config: RunConfig, *, epoch: int) -> RunRecord:
    """Make the folder of a fork beside its parent, in state ``created``; nothing is computed.

    Raises:
        RunError: If the parent has no checkpoint of that epoch.
    """
    record = RunStore(parent.path.parent).create(
        config.model_dump(mode="json"),
        label=config.name,
        model_kind=config.model.kind,
        dataset=config.data.dataset,
        parent={
            "run_id": parent.id,
            "epoch": epoch,
            "checkpoint_hash": _digest(parent, epoch),
        },
    )
    if parent.has("local_origin"):
        mark_origin(record)
    return record


def origin_of(record: RunRecord) -> Origin | None:
    """Tell where a run begins if it is a fork that has not begun; None if it is no fork.

    Raises:
        RunError: If its parent is gone, or not what it was when the fork was made.
    """
    told = record.summary().parent
    if told is None:
        return None
    store = RunStore(record.path.parent)
    try:
        parent = store.open(str(told["run_id"]))
    except RunNotFoundError as error:
        raise RunError(
            f"the parent of run {record.id} is gone",
            got=str(told["run_id"]),
            remedy="Restore it from the trash, or fork another run.",
        ) from error
    origin = Origin(parent, int(told["epoch"]), str(told["checkpoint_hash"]))
    found = _digest(parent, origin.epoch)
    if found != origin.digest:
        raise RunError(
            f"the checkpoint that run {record.id} begins with has changed",
            got=found[:12],
            expected=origin.digest[:12],
            remedy="Fork the parent again.",
        )
    return origin


def begin_at_origin(session: Session, origin: Origin) -> None:
    """Put the session of a fork into the state that its parent's checkpoint holds.

    The optimizer begins anew if it is another one than the parent's.

    Raises:
        ConfigError: If nothing is left to train.
        RunError: If the checkpoint is damaged or does not fit the model.
    """
    from latelier.training import begin_from

    step = origin.epoch * session.clock.steps_per_epoch
    if step >= session.clock.total_steps:
        raise ConfigError(
            "the fork has nothing left to train",
            got=f"{session.clock.total_steps} steps",
            expected=f"more than {step}, the step at which it begins",
            remedy="Set schedule.epochs or schedule.steps to more.",
        )
    parent = origin.record.config()
    same = parent.get("training", {}).get("optimizer") == session.config.training.optimizer
    anew = _new_anchors(parent, session.config)
    begin_from(session, origin.folder, step=step, optimizer=same, anew=anew)


def _new_anchors(parent: Mapping[str, Any], config: RunConfig) -> set[str]:
    """Return the names of the anchors that a fork's configuration sets other than its parent's."""
    from latelier.training.tasks.regularized import anchor_name

    old = {part["name"]: part for part in parent.get("regularizers", ())}
    return {
        anchor_name(part)
        for part in config.regularizers
        if part.model_dump(mode="json").get("anchor") != old.get(part.name, {}).get("anchor")
    }


def _digest(parent: RunRecord, epoch: int) -> str:
    there = [keys["epoch"] for keys in parent.checkpoints() if "step" not in keys]
    if epoch not in there:
        raise RunError(
            f"run {parent.id} has no checkpoint of that epoch",
            got=epoch,
            expected=f"one of {', '.join(map(str, there))}" if there else "a run with checkpoints",
        )
    header: Any = parent.read_json("checkpoint", epoch=epoch)
    digest = header.get("digest") if isinstance(header, dict) else None
    if not isinstance(digest, str):
        raise RunError(f"the checkpoint of epoch {epoch} of run {parent.id} is damaged")
    return digest


def _title(parent: RunRecord) -> str:
    return parent.summary().display_name[:160]
