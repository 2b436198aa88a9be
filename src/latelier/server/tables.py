"""What the worker processes can be asked: the quick one and the slow one.

The tables are filled inside a worker only, for that imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latelier.runs import RunRecord
from latelier.server.worker import Caller, Handler, Stopped

SLOW_NICENESS = 5
"""The slow worker lets training and the quick worker go first."""

MOST_OPEN = 2
_ANALYSTS: dict[Path, Any] = {}


def quick_table() -> dict[str, Handler]:
    """Requests that somebody waits for: the cost of a run, samples, decoded points."""
    from latelier.lab.cost import estimate_cost

    return {"cost": lambda arguments, _: estimate_cost(arguments["config"]), **_artifacts()}


def slow_table() -> dict[str, Handler]:
    """Requests that take seconds to minutes: UMAP, backfill."""
    return _artifacts()


def _artifacts() -> dict[str, Handler]:
    from latelier.lab import backfill, on_demand  # noqa: F401  # loaded before the first request

    return {"make": _make, "backfill": _backfill}


def _make(arguments: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Make one artifact: ``path`` of the run, ``kind``, ``keys``."""
    from latelier.lab.kinds import UNITS
    from latelier.lab.on_demand import make

    record, kind = RunRecord(Path(arguments["path"])), arguments["kind"]
    by_model = UNITS.get(kind, "fast") == "fast"
    made = make(
        record,
        kind,
        arguments["keys"],
        progress=caller.progress,
        stop=caller.stop,
        analyst=_opened(record) if by_model else None,
    )
    return {"keys": dict(made.keys), "cached": made.cached, "compute_ms": made.compute_ms}


def _opened(record: RunRecord) -> Any:
    """Return a run in memory; the last ones are kept, so that the next request is quick."""
    from latelier.lab.analyst import Analyst

    known = _ANALYSTS.pop(record.path, None)
    analyst = Analyst.open(record) if known is None else known
    _ANALYSTS[record.path] = analyst
    while len(_ANALYSTS) > MOST_OPEN:
        del _ANALYSTS[next(iter(_ANALYSTS))]
    return analyst


def _backfill(arguments: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """Complete a run: ``path``, ``kinds`` and ``epochs``, None for all."""
    from latelier.lab.backfill import backfill

    report = backfill(
        RunRecord(Path(arguments["path"])),
        kinds=arguments["kinds"],
        epochs=arguments["epochs"],
        progress=lambda done, total, what: caller.progress(done / max(total, 1), what),
        stop=caller.stop,
    )
    if report.stopped:
        raise Stopped
    return {"made": len(report.made), "present": report.present, "epochs": list(report.epochs)}
