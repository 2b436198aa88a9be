"""From what a client sends to runs that wait in the queue. No torch: the child looks at data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config import ConfigError, apply_overrides, load_config
from latelier.config.errors import Problem
from latelier.runs import RunRecord, RunStore, request_start
from latelier.server.errors import ApiError
from latelier.server.reading import is_foreign
from latelier.server.settings import Settings

if TYPE_CHECKING:
    from latelier.config import RunConfig
    from latelier.server.schemas import ForkRun


def checked_config(values: Mapping[str, Any], settings: Settings) -> RunConfig:
    """Check a configuration that came over HTTP.

    Raises:
        ConfigError: If it does not fit the schema, names code, or names a file that the server was
            not told to read. No file that it names has been opened then.
    """
    refuse_reach(reach_problems(values, settings))
    return load_config(values)


def refuse_reach(problems: Sequence[Problem]) -> None:
    """Refuse what `reach_problems` has found.

    Raises:
        ConfigError: If it has found anything.
    """
    if problems:
        error = ConfigError(problems[0].what, got=problems[0].got, remedy=problems[0].remedy)
        error.problems = tuple(problems)
        raise error


def create_run(store: RunStore, config: RunConfig, *, start: bool) -> RunRecord:
    """Make the folder of a run, and ask for its start."""
    record = store.create(
        config.model_dump(mode="json"),
        label=config.name,
        model_kind=config.model.kind,
        dataset=config.data.dataset,
    )
    if start:
        request_start(record)
    return record


def request_resume(record: RunRecord, epoch: int | None) -> None:
    """Ask that a run be started or gone on with.

    Raises:
        ApiError: If its networks or data came from Python, or it has no such checkpoint.
        RunError: If it runs already, or is completed.
    """
    _refuse_foreign(record)
    if epoch is not None and {"epoch": epoch} not in record.checkpoints():
        there = [str(keys["epoch"]) for keys in record.checkpoints() if "step" not in keys]
        raise ApiError(
            422,
            f"run {record.id} has no checkpoint of that epoch",
            got=epoch,
            expected=f"one of {', '.join(there)}" if there else "a run with checkpoints",
        )
    request_start(record, epoch=epoch)


def request_fork(
    record: RunRecord, body: ForkRun, store: RunStore, settings: Settings
) -> RunRecord:
    """Make a fork, and ask for its start.

    Raises:
        ApiError: If the parent's networks or data came from Python.
        ConfigError: If the settings do not fit, or leave nothing to train.
        RunError: If the parent has no checkpoint of that epoch.
    """
    from latelier.lab.fork import create_fork, fork_config

    _refuse_foreign(record)
    checked_config(_whole(record, body), settings)
    config = fork_config(record, epoch=body.epoch, overrides=body.overrides, name=body.name)
    made = create_fork(record, config, epoch=body.epoch)
    if body.start:
        request_start(made)
    return RunRecord(store.root / made.id)


def _whole(record: RunRecord, body: ForkRun) -> dict[str, Any]:
    """The fork's settings, with the parent's own files left out: those were allowed before."""
    old = record.config()
    values = apply_overrides(old, body.overrides)
    if values.get("data") == old.get("data"):
        values.pop("data", None)
        values.get("analysis", {}).pop("indices", None)
    return values


def _refuse_foreign(record: RunRecord) -> None:
    if is_foreign(record.config()):
        raise ApiError(
            409,
            f"the networks or the data of run {record.id} came from Python",
            expected="a run that its config.json describes whole",
            remedy="Go on with it in Python: latelier.resume(run, model=…, data=…).",
        )


def reach_problems(values: Mapping[str, Any], settings: Settings) -> list[Problem]:
    """List what a client's configuration would read or execute, and may not."""
    data, model = _section(values, "data"), _section(values, "model")
    problems = [
        Problem(
            f"data.{name}",
            f"data.{name} is a folder that this server may not read",
            str(data[name])[:80],
            remedy="Start the server with --data-dir and that folder.",
        )
        for name in ("path", "root")
        if data.get(name) is not None and not _inside(data[name], settings.data_dirs)
    ]
    if data.get("dataset") == "given":
        problems.append(Problem("data.dataset", "data from Python cannot be sent to a server"))
    if _section(model, "net").get("kind") == "custom":
        what = "networks of your own cannot be sent to a server"
        problems.append(Problem("model.net.kind", what))
    if model.get("kind") == "module":
        what = "a module of your own cannot be sent to a server"
        problems.append(Problem("model.kind", what))
    if isinstance(_section(values, "schedule").get("dopesheet"), str):
        problems.append(
            Problem(
                "schedule.dopesheet",
                "a server reads no dopesheet's file",
                remedy="Send the rows of the dopesheet.",
            )
        )
    return problems


def _section(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def _inside(path: object, folders: tuple[Path, ...]) -> bool:
    if not isinstance(path, str) or "\0" in path:
        return False
    real = Path(path).expanduser().resolve()
    return any(real.is_relative_to(folder.resolve()) for folder in folders)
