"""One run, read from its folder. Nothing here needs torch, and nothing a reader does writes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from latelier.config.errors import RunError
from latelier.runs.artifacts import ARTIFACTS, artifact_spec, parse_name
from latelier.runs.atomic import write_json
from latelier.runs.encoding import loads
from latelier.runs.events import Event, EventTail, read_events
from latelier.runs.ids import RUN
from latelier.runs.liveness import Owner, is_alive
from latelier.runs.metrics import Metrics, fold_metrics
from latelier.runs.naming import Key
from latelier.runs.owned import OwnedFolder
from latelier.runs.states import UNREADABLE, RunState
from latelier.runs.summary import Labels, RunSummary

if TYPE_CHECKING:
    from latelier.runs.writer import RunWriter

_SUMMARY, _LABELS, _CANCEL = (ARTIFACTS[kind].pattern for kind in ("summary", "labels", "cancel"))
_EPOCH = re.compile(r"epoch_(\d{1,9})(?!\d)")
_SMALL = 1 << 20  # a summary is about a kilobyte; a file that is larger is not one


@final
class RunRecord(OwnedFolder):
    """A run directory.

    Args:
        path: The folder; its name is the run id.

    Raises:
        RunNotFoundError: If the name is not a run id.
    """

    noun = RUN
    once_completed = "Fork it from one of its checkpoints."

    def __init__(self, path: Path) -> None:
        super().__init__(path, cancel=_CANCEL)

    # What the run is

    def config(self) -> dict[str, Any]:
        """The resolved configuration."""
        return self._object("config")

    def summary(self) -> RunSummary:
        """State and key numbers. A running run whose process is gone shows as interrupted.

        Raises:
            RunError: If ``summary.json`` is missing or damaged.
        """
        summary = read_summary(self.path)
        if summary.state == UNREADABLE:
            raise RunError(
                f"the summary of run {self.id} cannot be read",
                got=summary.reason,
                remedy=f"See `latelier verify {self.id}`.",
            )
        return summary

    def life(self) -> RunSummary:
        """The same as `summary`: a run's state and end are in it."""
        return self.summary()

    def labels(self) -> Labels:
        """Display name, tags and note; empty ones if nobody set any."""
        return read_labels(self.path)

    def set_labels(
        self,
        *,
        display_name: str | None = None,
        tags: tuple[str, ...] | None = None,
        note: str | None = None,
    ) -> Labels:
        """Change display name, tags or note; what is not given stays. Needs no ownership."""
        old = self.labels()
        labels = Labels(
            old.display_name if display_name is None else display_name,
            old.tags if tags is None else tuple(tags),
            old.note if note is None else note,
        )
        write_json(self.path_of("labels"), labels.as_dict(), indent=True)
        return labels

    # What happened

    def events(self, after: int = 0) -> Iterator[Event]:
        """Events in order, those with an id greater than ``after``; see `read_events`."""
        return read_events(self.path_of("events"), after)

    def tail(self, after: int = 0) -> EventTail:
        """Follow the events as they are written."""
        return EventTail(self.path_of("events"), after)

    def metrics(self) -> Metrics:
        """Metrics as columns, as if the run had never been interrupted; see `fold_metrics`."""
        return fold_metrics(self.events())

    # Who writes it

    def own(self) -> AbstractContextManager[RunWriter]:
        """Become the one who writes the run, inside a ``with``.

        A torn end of the events is cut off, and a run that lost its process becomes failed
        (``interrupted``) first. Leaving the ``with`` while the run is running makes it failed.

        Raises:
            RunBusyError: If another live process writes it.
        """
        from latelier.runs.writer import owned

        return owned(self)

    # What it made

    def path_of(self, kind: str, **keys: object) -> Path:
        """Where an artifact is, or would be.

        Args:
            kind: A kind of the name table.
            **keys: Its keys; ``epoch="latest"`` for the mirror.

        Raises:
            RunError: If the keys do not fit the kind, or a link in the folder leads out of it.
        """
        return self._inside(artifact_spec(kind).path(**keys))

    def has(self, kind: str, **keys: object) -> bool:
        """Whether an artifact is there."""
        return self.path_of(kind, **keys).is_file()

    def read_bytes(self, kind: str, **keys: object) -> bytes:
        """Content of an artifact.

        Raises:
            RunError: If it is not there.
        """
        path = self.path_of(kind, **keys)
        try:
            return path.read_bytes()
        except OSError as error:
            raise RunError(
                f"run {self.id} has no {path.relative_to(self.path)}",
                got=error.strerror,
                remedy=f"See `latelier show {self.id}` for the epochs that are there."
                if artifact_spec(kind).per_epoch
                else f"See `latelier verify {self.id}`.",
            ) from error

    def read_json(self, kind: str, **keys: object) -> Any:
        """Parsed content of a JSON artifact.

        Raises:
            RunError: If it is not there or not JSON.
        """
        data = self.read_bytes(kind, **keys)
        try:
            return loads(data)
        except ValueError as error:
            raise RunError(
                f"{self.path_of(kind, **keys)} is not JSON",
                got=str(error),
                remedy=f"See `latelier verify {self.id}`.",
            ) from error

    def epochs(self, kind: str, **keys: object) -> list[int]:
        """Epochs for which an artifact is there, ascending."""
        spec = artifact_spec(kind)
        if not spec.per_epoch:
            raise RunError(f"{kind} is not made per epoch", expected="a kind with an epoch")
        folder = self.path / spec.pattern.partition("epoch_{epoch}")[0].rpartition("/")[0]
        found = {int(match[1]) for name in _names(folder) if (match := _EPOCH.search(name))}
        return [epoch for epoch in sorted(found) if self.has(kind, epoch=epoch, **keys)]

    def checkpoints(self) -> list[dict[str, int]]:
        """Keys of the complete checkpoints, oldest first.

        Returns:
            ``{"epoch": N}`` for the end of an epoch, ``{"epoch": N, "step": S}`` for one inside
            the epoch that follows N complete passes; each fits ``path_of("checkpoint", **keys)``.
        """
        found = []
        for name in _names(self.path / "checkpoints"):
            parsed = parse_name(f"checkpoints/{name}/checkpoint.json")
            if parsed is not None and self.has("checkpoint", **parsed[1]):
                found.append({key: int(value) for key, value in parsed[1].items()})
        return sorted(found, key=lambda keys: (keys["epoch"], keys.get("step", -1)))

    def files(self) -> Iterator[tuple[str, tuple[str, dict[str, Key]] | None]]:
        """Every file of the folder with its kind and keys, None for a stranger; sorted."""
        for folder, folders, names in os.walk(self.path):
            folders.sort()
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in sorted([*names, *links]):
                relative = Path(folder, name).relative_to(self.path).as_posix()
                yield relative, parse_name(relative)

    def size_bytes(self) -> int:
        """Room that the run takes."""
        return sum((self.path / name).lstat().st_size for name, _ in self.files())

    def _object(self, kind: str) -> dict[str, Any]:
        value = self.read_json(kind)
        if not isinstance(value, dict):
            raise RunError(f"{self.path_of(kind)} is not a JSON object", got=type(value).__name__)
        return value

    def _stored_state(self) -> object:
        return self._object("summary").get("state")


def read_summary(path: Path | str) -> RunSummary:
    """Read one row of a list of runs, opening as little as possible.

    ``summary.json`` and ``labels.json`` are opened, and ``owner.json`` of a running run.

    Args:
        path: The run folder; its name is taken as the id.

    Returns:
        The row; one with state ``unreadable`` and the reason if it cannot be read. Never raises
        for what is in the folder.
    """
    folder = os.fspath(path)
    run_id = os.path.basename(folder)  # noqa: PTH119 (a thousand times per list: no Path objects)
    try:
        summary = RunSummary.from_dict(run_id, loads(_read(f"{folder}/{_SUMMARY}")))
    except FileNotFoundError:
        return RunSummary.unreadable(run_id, f"{_SUMMARY} is missing")
    except (OSError, ValueError) as error:
        return RunSummary.unreadable(run_id, str(error))
    live = None
    if summary.state == RunState.RUNNING:
        owner = Owner.read(Path(folder, ARTIFACTS["owner"].pattern))
        live = owner is not None and is_alive(owner)
    summary = summary.with_labels(_labels_or_none(folder), live=live)
    return summary.as_interrupted() if live is False else summary


def read_labels(folder: Path | str) -> Labels:
    """Read ``labels.json``; empty labels if there is none.

    Raises:
        RunError: If it is damaged.
    """
    path = f"{os.fspath(folder)}/{_LABELS}"
    try:
        return Labels.from_dict(loads(_read(path)))
    except FileNotFoundError:
        return Labels()
    except ValueError as error:
        raise RunError(
            f"{path} is damaged", got=str(error), remedy="Delete it; it holds only labels."
        ) from error


def _labels_or_none(folder: str) -> Labels:
    try:
        return read_labels(folder)
    except (OSError, RunError):
        return Labels()  # damaged labels do not hide a run; verify reports them


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        return os.read(descriptor, _SMALL)
    finally:
        os.close(descriptor)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []
