"""`Run`: a handle on a recorded run, for notebooks and scripts. Reading needs no torch."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latelier.config.errors import RunError
from latelier.config.html import html_table
from latelier.runs import Metrics, RunRecord, RunState, RunStore, RunSummary, RunTable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


_MAP_PIXELS = 360


class Run:
    """A run on disk.

    Args:
        record: Its folder.
    """

    def __init__(self, record: RunRecord) -> None:
        self.record = record

    @property
    def id(self) -> str:
        """The run id, the name of its folder."""
        return self.record.id

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.record.path

    @property
    def state(self) -> RunState | str:
        """Where it is in its life."""
        return self.record.summary().state

    @property
    def config(self) -> dict[str, Any]:
        """The configuration it was started with."""
        return self.record.config()

    def summary(self) -> RunSummary:
        """Return state and key metrics."""
        return self.record.summary()

    def metrics(self) -> Metrics:
        """Return every step's and every epoch's metrics as columns."""
        return self.record.metrics()

    def latents(self, epoch: int | None = None) -> dict[str, npt.NDArray[np.generic]]:
        """Return the recorded latents of the fixed points.

        Args:
            epoch: Which epoch; the newest when None.

        Returns:
            ``dataset_idx`` [N], ``z`` [N, D]; where the model has them ``log_var`` [N, D],
            ``responsibilities`` [N, K], ``predicted`` [N]; and ``labels`` [N].

        Raises:
            RunError: If none are recorded for that epoch; the message lists those that are.
        """
        from safetensors.numpy import load

        chosen = self._epoch("latents", epoch)
        return dict(load(self.record.read_bytes("latents", epoch=chosen)))

    def scores(self, epoch: int | None = None) -> dict[str, Any]:
        """Return the recorded scores of an epoch (the newest when None).

        Raises:
            RunError: If none are recorded for that epoch.
        """
        scores: dict[str, Any] = self.record.read_json("scores", epoch=self._epoch("scores", epoch))
        return scores

    def _epoch(self, kind: str, epoch: int | None) -> int:
        there = self.record.epochs(kind)
        if epoch is None and there:
            return there[-1]
        if epoch not in there:
            if not there:
                raise RunError(
                    f"run {self.id} has no {kind}",
                    expected="a run that records them (scores need labels)",
                    remedy="Train with analysis.enabled=true.",
                )
            raise RunError(
                f"run {self.id} has no {kind} of that epoch",
                got=epoch,
                expected=f"one of {', '.join(map(str, there))}",
            )
        return epoch

    def __repr__(self) -> str:
        return f"Run({self.id!r}, {self.state})"

    def _repr_html_(self) -> str:
        summary = self.summary()
        rows = [
            (name, value, summary.best_metrics.get(name))
            for name, value in summary.last_metrics.items()
        ]
        title = f"{summary.display_name}: {summary.state}, epoch {summary.epoch}"
        metrics = html_table(("", "last", "best"), rows, caption=title)
        hint = f"latelier serve {self.path.parent}"
        return f"<div>{metrics}{self._map()}<p><code>{escape(hint)}</code></p></div>"

    def _map(self) -> str:
        """Return the newest map as an image of at most 360 pixels, or nothing."""
        epochs = self.record.epochs("map_picture")
        if not epochs:
            return ""
        from PIL import Image

        data, small = self.record.read_bytes("map_picture", epoch=epochs[-1]), io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail((_MAP_PIXELS, _MAP_PIXELS))
            image.save(small, "PNG", optimize=True)
        text = base64.b64encode(small.getvalue()).decode()
        return f'<img alt="Map of epoch {epochs[-1]}" src="data:image/png;base64,{text}">'


def list_runs(runs_dir: str | Path = "runs") -> RunTable:
    """Return a row per run, oldest first.

    Args:
        runs_dir: Folder of all runs; an empty list where there is none.
    """
    return RunTable(RunStore(Path(runs_dir)).list())


def open_run(run: str | Path, runs_dir: str | Path = "runs") -> Run:
    """Open a recorded run.

    Args:
        run: Its id, a unique beginning of it, ``latest``, or the path of its folder.
        runs_dir: Folder of all runs.

    Raises:
        RunNotFoundError: If there is no such run, or more than one.
    """
    path = Path(run)
    if len(path.parts) > 1 and path.is_dir():
        return Run(RunStore(path.parent).open(path.name))
    store = RunStore(Path(runs_dir))
    if str(run) == "latest" and (ids := store.ids()):
        return Run(store.open(ids[-1]))
    return Run(store.open(str(run)))
