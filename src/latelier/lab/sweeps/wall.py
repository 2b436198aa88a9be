"""The wall of a sweep: one small map per variant, frame by frame, while its runs train. No torch.

The driver of a sweep keeps it up to date out of what the runs record. Every file is replaced as a
whole, and what is on the disk is the only memory: whoever comes after a killed driver goes on from
there, and an index that is gone means that all is written anew.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.config.errors import LatelierError
from latelier.lab.sweeps.tiles import bounds_of_tiles, joined, ring_error, turned, written
from latelier.lab.sweeps.wall_source import Map, RunFrames, Shown
from latelier.runs import RunRecord, RunStore
from latelier.runs.atomic import write_json
from latelier.runs.encoding import dumps, loads
from latelier.runs.payloads.walls import WALL_VERSION
from latelier.runs.sweeps import SweepRecord

Entry = dict[str, Any]


class Wall:
    """Writes the wall of one sweep; for the process that carries it out.

    Args:
        store: The folder of runs.
        record: The sweep.

    Raises:
        RunError: If ``sweep.json`` cannot be read.
    """

    def __init__(self, store: RunStore, record: SweepRecord) -> None:
        sweep = record.read()
        wanted = sweep.definition.get("map", "pca")
        self._map: Map = "pca" if wanted == "pca" else (int(wanted[0]), int(wanted[1]))
        self._record, self._reference = record, sweep.reference
        self._ids = [variant.run_id for variant in sweep.variants]
        self._runs = [RunFrames(RunRecord(store.root / name), self._map) for name in self._ids]
        self._pending: dict[int, set[int]] = defaultdict(set)
        self._newest: dict[int, Entry] = {}
        self._rows: dict[int, Entry] = {}
        self._have: dict[int, set[int]] = {}
        self._points = _PointSets()
        self._take_up()

    def update(self) -> int:
        """Write the frames that runs have got maps for since the last call.

        Looks at one folder per run, and reads what is new in it.

        Returns:
            How many frames were written.

        Raises:
            RunError: If the wall cannot be written.
        """
        for index, run in enumerate(self._runs):
            for step in run.new_steps():
                if index not in self._have.get(step, ()):
                    self._pending[step].add(index)
        count = sum(self._write_frame(step) for step in sorted(self._pending))
        if count:
            self._write_latest()
            self._write_index()
        return count

    # One frame

    def _write_frame(self, step: int) -> bool:
        """Add to a frame what has come; returns whether anything had."""
        began = time.perf_counter()
        before = self._stored_entries(step)
        wanted, reference = self._pending[step], self._reference_map(step)
        if reference is not None and self._reference in wanted:
            wanted = wanted | before.keys()  # those that came before it were not turned yet
        fresh = self._entries(step, wanted, reference)
        self._pending[step] -= fresh.keys()
        if not self._pending[step]:
            del self._pending[step]
        if not fresh:
            return False
        frame = self._frame(step, before | fresh)
        frame["compute_ms"] = round((time.perf_counter() - began) * 1e3, 3)
        write_json(self._record.path_of("wall_step", step=step), frame)
        self._note(frame)
        return True

    def _entries(self, step: int, wanted: set[int], reference: Shown | None) -> dict[int, Entry]:
        """Make the entries of variants whose maps are written by now."""
        entries = {}
        for index in sorted(wanted):
            try:
                shown = self._runs[index].read(step)
                if shown is not None:
                    entries[index] = self._tile(index, step, shown, reference)
            except LatelierError as error:
                entries[index] = self._missing(index, error.what)
        return entries

    def _tile(self, index: int, step: int, shown: Shown, reference: Shown | None) -> Entry:
        run = self._runs[index]
        coords, residual = self._laid(index, shown, reference)
        return {
            "index": index,
            "run_id": self._ids[index],
            "step": step,
            "epoch": run.epoch(step),
            "points": self._points.number(shown, run, self._write_index),
            **written(coords),
            "ring": None if self._map == "pca" else ring_error(coords),
            "residual": residual,
        }

    def _laid(
        self, index: int, shown: Shown, reference: Shown | None
    ) -> tuple[npt.NDArray[np.float64], float | None]:
        """Turn a map to the reference's, if both show the same data; return what is left."""
        if reference is None or self._reference is None:
            return shown.coords, None
        if index == self._reference:
            return shown.coords, 0.0
        if self._runs[index].data != self._runs[self._reference].data:
            return shown.coords, None
        found = turned(shown.coords, shown.dataset_idx, reference.coords, reference.dataset_idx)
        return found or (shown.coords, None)

    def _missing(self, index: int, why: str | None) -> Entry:
        return {"index": index, "run_id": self._ids[index], "missing": True, "why": why}

    def _reference_map(self, step: int) -> Shown | None:
        """Read the map that others of a step are turned to; None where there is none."""
        if self._map != "pca" or self._reference is None:
            return None
        with contextlib.suppress(KeyError, LatelierError):
            return self._runs[self._reference].read(step)
        return None

    def _frame(self, step: int, entries: Mapping[int, Entry]) -> Entry:
        """Build the content of a file of the wall."""
        tiles = _tiles(entries)
        epochs = {tile["index"]: tile["epoch"] for tile in tiles if tile["step"] == step}
        return {
            "schema_version": WALL_VERSION,
            "kind": "wall",
            "step": step,
            "epoch": epochs.get(self._reference, next(iter(epochs.values()), 0)),
            "map": self._map,
            "reference": self._reference,
            "bounds": bounds_of_tiles(tiles, circle=self._map != "pca"),
            "version": len(entries),
            "compute_ms": 0.0,
            "variants": [
                entries.get(index) or self._missing(index, None) for index in range(len(self._ids))
            ],
        }

    # What is on the disk

    def _take_up(self) -> None:
        """Go on where an earlier driver stopped; without a usable index, from the beginning."""
        index = self._read("wall_index")
        if index is None or index.get("map") != _plain(self._map):
            return
        try:
            self._points = _PointSets(index["points"])
        except (KeyError, TypeError, ValueError):
            return
        for step in self._record.wall_steps():
            frame = self._read("wall_step", step=step)
            if frame is not None and self._is_ours(frame):
                self._note(frame)

    def _is_ours(self, frame: Entry) -> bool:
        """Whether a frame was written for this sweep as it is, with points that are known."""
        try:
            ids = [entry["run_id"] for entry in frame["variants"]]
            shown = [entry["points"] for entry in frame["variants"] if "points" in entry]
        except (KeyError, TypeError):
            return False
        known = all(number < len(self._points.sets) for number in shown)
        return frame.get("schema_version") == WALL_VERSION and ids == self._ids and known

    def _note(self, frame: Entry) -> None:
        """Keep of a frame what is needed for the next ones."""
        step = frame["step"]
        entries = _settled(frame)
        self._have[step] = set(entries)
        tiles = _tiles(entries)
        row = {name: frame[name] for name in ("step", "epoch", "version", "bounds")}
        self._rows[step] = row | {"variants": len(tiles)}
        for tile in tiles:
            if step >= self._newest.get(tile["index"], tile)["step"]:
                self._newest[tile["index"]] = tile

    def _stored_entries(self, step: int) -> dict[int, Entry]:
        if step not in self._have:
            return {}
        frame = self._read("wall_step", step=step)
        if frame is None or not self._is_ours(frame):  # somebody removed it: it is made anew
            self._pending[step] |= self._have.pop(step)
            return {}
        return _settled(frame)

    def _write_latest(self) -> None:
        if self._newest:
            step = max(tile["step"] for tile in self._newest.values())
            write_json(self._record.path_of("wall_latest"), self._frame(step, self._newest))

    def _write_index(self) -> None:
        rows = [self._rows[step] for step in sorted(self._rows)]
        content = {
            "schema_version": WALL_VERSION,
            "kind": "wall_index",
            "sweep_id": self._record.id,
            "map": self._map,
            "reference": self._reference,
            "bounds": joined([row["bounds"] for row in rows if row["bounds"]]),
            "steps": rows,
            "points": self._points.sets,
        }
        write_json(self._record.path_of("wall_index"), content)

    def _read(self, kind: str, **keys: int) -> Entry | None:
        try:
            value = loads(self._record.path_of(kind, **keys).read_bytes())
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None


class _PointSets:
    """The sets of points that tiles show; variants that look at the same points share one."""

    def __init__(self, sets: list[Entry] | None = None) -> None:
        self.sets: list[Entry] = sets or []
        self._numbers = {dumps(_of_set(known)): number for number, known in enumerate(self.sets)}
        self._of_runs: dict[tuple[str, bytes, bytes], int] = {}

    def number(self, shown: Shown, run: RunFrames, on_new: Callable[[], None]) -> int:
        """Return the number of a map's points; a new set is kept before a tile names it."""
        label = b"" if shown.label is None else shown.label.tobytes()
        key = (run.record.id, shown.dataset_idx.tobytes(), label)
        if key not in self._of_runs:
            self._of_runs[key] = self._find(_point_set(shown, run.colors()), on_new)
        return self._of_runs[key]

    def _find(self, points: Entry, on_new: Callable[[], None]) -> int:
        key = dumps(_of_set(points))
        if key not in self._numbers:
            self._numbers[key] = len(self.sets)
            self.sets.append(points)
            on_new()
        return self._numbers[key]


def _point_set(shown: Shown, colors: Mapping[int, str]) -> Entry:
    indices = shown.dataset_idx.tolist()
    own = [colors.get(number) for number in indices]
    return {
        "dataset_idx": indices,
        "label": None if shown.label is None else shown.label.tolist(),
        "color": None if None in own else own,
    }


def _of_set(points: Mapping[str, Any]) -> list[Any]:
    """What tells two sets of points apart."""
    return [points["dataset_idx"], points["label"], points["color"]]


def _settled(frame: Entry) -> dict[int, Entry]:
    """Entries of a frame that say something: a map, or why there is none."""
    return {
        entry["index"]: entry
        for entry in frame["variants"]
        if not entry.get("missing") or entry["why"] is not None
    }


def _tiles(entries: Mapping[int, Entry]) -> list[Entry]:
    return [entries[index] for index in sorted(entries) if "missing" not in entries[index]]


def _plain(shown: Map) -> Any:
    return shown if shown == "pca" else list(shown)
