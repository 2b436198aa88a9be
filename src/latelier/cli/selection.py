"""From what a person types to the run that is meant."""

from __future__ import annotations

import os
from pathlib import Path

from latelier.cli.options import DEFAULT_RUNS_DIR
from latelier.config.errors import RunNotFoundError
from latelier.runs import RunRecord, RunStore, artifact_name, is_run_id
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SWEEP_FILES, SweepRecord

LATEST = "latest"
_EVERY_RUN_HAS = ("summary", "config", "events")


def find_run(text: str, runs_dir: Path) -> RunRecord:
    """Open the run that a text names.

    Args:
        text: A run id, a unique beginning of one, 'latest', or the path of a run directory.
        runs_dir: Folder that holds the runs; a path need not lead there.

    Raises:
        RunNotFoundError: If no run, or more than one, is meant.
    """
    if is_path(text):
        return _at_path(Path(text).expanduser())
    if not runs_dir.is_dir():
        raise RunNotFoundError(
            "there is no such folder of runs",
            got=str(runs_dir),
            remedy="Name it with --runs-dir or LATELIER_RUNS_DIR.",
        )
    store = RunStore(runs_dir)
    return store.open(_latest(store) if text == LATEST else text)


def find_sweep(text: str, runs_dir: Path) -> SweepRecord:
    """Open the sweep that a text names.

    Args:
        text: A sweep's id, a unique beginning of one, 'latest', or the path of its folder.
        runs_dir: Folder that holds the runs; a path need not lead there.

    Raises:
        RunNotFoundError: If no sweep, or more than one, is meant.
    """
    if is_path(text):
        path = Path(text).expanduser().resolve()
        if (path / SWEEP_FILES["sweep"]).is_file():
            return SweepRecord(path)
        raise RunNotFoundError("there is no sweep at this path", got=text)
    store = SweepStore(runs_dir)
    if text == LATEST and (ids := store.ids()):
        return store.open(ids[-1])
    return store.open(text)


def names_sweep(text: str, runs_dir: Path) -> bool:
    """Tell whether a text means a sweep rather than a run."""
    if is_path(text):
        return (Path(text).expanduser() / SWEEP_FILES["sweep"]).is_file()
    if not is_run_id(text):
        return False
    sweeps = [name for name in SweepStore(runs_dir).ids() if name.startswith(text)]
    return bool(sweeps) and not any(r.startswith(text) for r in RunStore(runs_dir).ids())


def is_path(text: str) -> bool:
    """Tell whether a text means a place on the disk: no run id has a separator, '.' or '~'."""
    return text.startswith((".", "~")) or "/" in text


def mention(path: Path) -> str:
    """Name a run directory so that the next command finds it: by its id, or else by its path."""
    here = Path(os.environ.get("LATELIER_RUNS_DIR") or DEFAULT_RUNS_DIR)
    if path.resolve().parent == here.resolve():
        return path.name
    short = short_path(path)
    return short if is_path(short) else f"./{short}"


def short_path(path: Path) -> str:
    """Write a path relative to the working directory where it lies inside it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _latest(store: RunStore) -> str:
    rows = store.list()
    if not rows:
        raise RunNotFoundError(
            "there are no runs", got=str(store.root), remedy="Make one with `latelier demo`."
        )
    return max(rows, key=lambda row: (row.created or "", row.run_id)).run_id


def _at_path(path: Path) -> RunRecord:
    if not any((path / artifact_name(kind)).is_file() for kind in _EVERY_RUN_HAS):
        raise RunNotFoundError(
            "there is no run at this path",
            got=str(path),
            expected="a folder with summary.json, config.json and events.jsonl",
            remedy="List the runs with `latelier ls`.",
        )
    return RunRecord(path.resolve())
