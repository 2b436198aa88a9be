"""The recorded maps of one run, found and read at little cost while the run goes on. No torch."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from latelier.config.errors import RunError
from latelier.runs import LATEST, RunRecord, artifact_spec

Map = Literal["pca"] | tuple[int, int]
"""What is shown of latents: their map by PCA, or two of their dimensions."""

_SETTLED_NS = 3_000_000_000  # a folder that changed since may change again at the same time stamp
_HEAD = 8  # run.created comes first, run.started next, unless the run was cancelled in the queue


@dataclass(frozen=True, eq=False)
class Shown:
    """A map of one run at one step.

    Attributes:
        coords: [N, 2], finite.
        dataset_idx: [N], ascending.
        label: [N], or None.
    """

    coords: npt.NDArray[Any]
    dataset_idx: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64] | None


class RunFrames:
    """The frames of one run.

    Args:
        record: The run; it need not have begun, nor even be there.
        shown: What to read of its latents.
    """

    def __init__(self, record: RunRecord, shown: Map) -> None:
        self.record = record
        self._shown = shown
        self._names: set[str] = set()
        self._changed: int | None = None
        self._keys: dict[int, dict[str, int]] = {}
        self._clock: tuple[int, int] | None = None

    def new_steps(self) -> list[int]:
        """Return the steps of which latents were recorded since the last call, ascending.

        One look at the file system while nothing happens.
        """
        folder, now = os.fspath(self.record.path / "latents"), time.time_ns()
        try:
            changed = os.stat(folder).st_mtime_ns  # noqa: PTH116 (asked often: no Path objects)
        except OSError:
            return []
        if changed == self._changed or self._begun() is None:
            return []
        fresh = [name for name in os.listdir(folder) if name not in self._names]  # noqa: PTH208
        self._names.update(fresh)
        self._changed = changed if now - changed > _SETTLED_NS else None
        found = {step: keys for name in fresh for step, keys in self._frame(name)}
        self._keys |= found
        return sorted(found)

    def epoch(self, step: int) -> int:
        """Complete passes at a step that `new_steps` has returned."""
        return self._keys[step]["epoch"]

    def read(self, step: int) -> Shown | None:
        """Read the map of a step that `new_steps` has returned; None if it is not written yet.

        Raises:
            RunError: If it cannot be read, or has nothing to show.
        """
        keys = self._keys[step]
        kind = "latent_2d_pca" if self._shown == "pca" else "latents"
        if kind != "latents" and not self.record.has(kind, **keys):  # latents come first
            return None
        try:
            shown = self._map(keys) if kind != "latents" else self._latents(keys)
        except (RunError, KeyError, ValueError, TypeError, SafetensorError) as error:
            # What it is called on the disk is nothing for a page.
            raise RunError(f"its {kind} cannot be read", got=type(error).__name__) from error
        return _drawable(shown, None if self._shown == "pca" else self._shown)

    @cached_property
    def data(self) -> tuple[Any, Any]:
        """What the numbers of its points refer to: two runs with the same share their examples."""
        data = self.record.config().get("data")
        found: Mapping[str, Any] = data if isinstance(data, dict) else {}
        return found.get("dataset"), found.get("path")

    def colors(self) -> dict[int, str]:
        """The own color of each point, where examples are colors; else nothing."""
        if not self.record.has("point_colors"):
            return {}
        payload = self.record.read_json("point_colors")
        return dict(zip(payload["dataset_idx"], payload["color"], strict=True))

    def _begun(self) -> tuple[int, int] | None:
        """Steps per epoch, and steps of the run; None before it has begun."""
        if self._clock is None:
            try:
                events = list(islice(self.record.events(), _HEAD))
            except RunError:
                return None
            for event in events:
                per_epoch = event.data.get("steps_per_epoch")
                if event.type in {"run.started", "run.resumed"} and per_epoch:
                    total = event.data.get("total_steps") or per_epoch * 10**9
                    self._clock = (int(per_epoch), int(total))
        return self._clock

    def _frame(self, name: str) -> list[tuple[int, dict[str, int]]]:
        """Read step and keys out of a file name; nothing if it is none of an epoch."""
        parsed = artifact_spec("latents").parse(f"latents/{name}")
        if parsed is None or parsed["epoch"] == LATEST or self._clock is None:
            return []
        keys = {key: int(value) for key, value in parsed.items()}
        per_epoch, total = self._clock
        return [(keys.get("step", min(keys["epoch"] * per_epoch, total)), keys)]

    def _map(self, keys: Mapping[str, int]) -> Shown:
        payload = self.record.read_json("latent_2d_pca", **keys)
        label = payload["label"]
        known = label is not None and None not in label
        return Shown(
            np.array(payload["coords"], dtype=np.float64).reshape(-1, 2),
            np.array(payload["dataset_idx"], dtype=np.int64),
            np.array(label, dtype=np.int64) if known else None,
        )

    def _latents(self, keys: Mapping[str, int]) -> Shown:
        tensors = load_tensors(self.record.read_bytes("latents", **keys))
        latents = tensors["z"].reshape(len(tensors["z"]), -1)
        return Shown(latents, tensors["dataset_idx"], tensors.get("labels"))


def _drawable(shown: Shown, columns: tuple[int, int] | None) -> Shown:
    """Keep the columns that are drawn.

    Raises:
        RunError: If there are none of that number, or a value is not finite.
    """
    coords = shown.coords
    if columns is not None:
        if max(columns) >= coords.shape[1]:
            raise RunError(f"its latents have {coords.shape[1]} dimensions")
        coords = coords[:, list(columns)]
    if not np.isfinite(coords).all():
        raise RunError("its latents are not all finite")
    return replace(shown, coords=coords.astype(np.float64))
