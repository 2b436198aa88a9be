"""`latelier show`: one run, from its files."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.options import DEFAULT_RUNS_DIR, AsJson, RunName, RunsDir, print_json

if TYPE_CHECKING:
    from latelier.runs import Event, RunRecord, RunSummary

_LONG_LIST = 12
_EVENT_WIDTH = 100


def show(
    run: RunName,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    events: Annotated[
        int, typer.Option("--events", min=0, help="How many of the last events to show.")
    ] = 8,
    as_json: AsJson = False,
) -> None:
    """Show one run: state, settings that are not the defaults, metrics, artifacts, last events."""
    from latelier.cli.selection import find_run

    record = find_run(run, runs_dir)
    summary = record.summary()
    tail = deque(record.events(), maxlen=events)
    config = record.config()
    if as_json:
        print_json(_document(record, summary, config, tail))
        return
    typer.echo(_header(record, summary))
    _section("Settings", _settings(changed_settings(config)))
    _section("Metrics", metrics_table(summary))
    _section("Artifacts", artifacts_table(record))
    _section("Events", "\n".join(map(_event_line, tail)))


def changed_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a run that differ from the defaults of its kind of model.

    Args:
        config: The content of config.json; it may come from another version.

    Returns:
        Values by dotted path. Without the points to analyze, which are chosen by the seed.
    """
    defaults = dict(_flat(_defaults(config)))
    changed = {
        path: value
        for path, value in _flat(config)
        if path not in defaults or defaults[path] != value
    }
    changed.pop("analysis.indices", None)
    return changed


def metrics_table(summary: RunSummary) -> str:
    """Lay out the last and the best value of every metric; empty if there is none."""
    names = dict.fromkeys([*summary.last_metrics, *summary.best_metrics])
    rows = [
        (
            name,
            formats.number(summary.last_metrics.get(name)),
            formats.number(summary.best_metrics.get(name)),
        )
        for name in names
    ]
    return formats.table(("METRIC", "LAST", "BEST"), rows, right=("LAST", "BEST")) if rows else ""


def count_artifacts(record: RunRecord) -> list[dict[str, Any]]:
    """Count the files of a run by kind, the record's own and mirrors included.

    Returns:
        `kind`, `count` and `bytes` per kind, in the order of the name table; files that the table
        does not know are of kind `unknown`.
    """
    from latelier.runs import ARTIFACTS

    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for name, parsed in record.files():
        kind = parsed[0] if parsed else "unknown"
        counts[kind] += 1
        sizes[kind] += (record.path / name).lstat().st_size
    return [
        {"kind": kind, "count": counts[kind], "bytes": sizes[kind]}
        for kind in (*ARTIFACTS, "unknown")
        if counts[kind]
    ]


def artifacts_table(record: RunRecord) -> str:
    """Lay out how many files of each kind a run has, and how large they are together."""
    rows = [
        (row["kind"], str(row["count"]), formats.size(row["bytes"]))
        for row in count_artifacts(record)
    ]
    return formats.table(("KIND", "FILES", "SIZE"), rows, right=("FILES", "SIZE"))


def _document(
    record: RunRecord, summary: RunSummary, config: dict[str, Any], tail: deque[Event]
) -> dict[str, Any]:
    return {
        "path": str(record.path),
        "summary": summary.as_dict(),
        "config": config,
        "changed_settings": changed_settings(config),
        "artifacts": count_artifacts(record),
        "checkpoints": record.checkpoints(),
        "metrics": record.metrics().as_dict()["epochs"],
        "events": [event.as_dict() for event in tail],
    }


def _header(record: RunRecord, summary: RunSummary) -> str:
    from latelier.cli.ls import progress_text, run_seconds

    owner = record.live_owner()
    why = f" ({summary.reason})" if summary.reason else ""
    return formats.fields(
        [
            ("run", summary.run_id),
            ("name", summary.labels.display_name or summary.name),
            ("state", f"{summary.state}{why}"),
            ("message", summary.message or ""),
            ("model", summary.model_kind),
            ("data", summary.dataset),
            ("seed", formats.number(summary.seed)),
            ("epoch", progress_text(summary.epoch, summary.total_epochs)),
            ("step", progress_text(summary.step, summary.total_steps)),
            ("created", summary.created or ""),
            ("duration", formats.duration(run_seconds(summary))),
            ("written by", str(owner) if owner else ""),
            ("forked from", str((summary.parent or {}).get("run_id", ""))),
            ("tags", ", ".join(summary.labels.tags)),
            ("note", summary.labels.note),
            ("folder", f"{record.path} ({formats.size(record.size_bytes())})"),
        ]
    )


def _section(title: str, body: str) -> None:
    if body:
        typer.echo(f"\n{formats.paint(title, 'bright_white')}\n{body}")


def _settings(changed: Mapping[str, Any]) -> str:
    return formats.fields([(path, _value(value)) for path, value in changed.items()])


def _value(value: Any) -> str:
    if isinstance(value, list) and len(value) > _LONG_LIST:
        return f"[{len(value)} values]"
    return "none" if value is None else str(value)


def _event_line(event: Event) -> str:
    details = ", ".join(
        f"{name}={formats.number(value)}"
        for name, value in event.data.items()
        if not isinstance(value, dict)
    )
    line = formats.plain(f"{event.id:>6}  {event.time}  {event.type}  {details}")
    return line if len(line) <= _EVENT_WIDTH else line[: _EVENT_WIDTH - 1] + "…"


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, f"{prefix}{name}.")
        else:
            yield prefix + name, item


def _defaults(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the default configuration with this run's kind of model and network."""
    from latelier.config import LatelierError, RunConfig, load_config

    model = config.get("model")
    kinds: dict[str, Any] = {}
    if isinstance(model, Mapping):
        kinds = {"kind": model.get("kind")}
        if isinstance(model.get("net"), Mapping):
            kinds["net"] = {"kind": model["net"].get("kind")}
    try:
        defaults = load_config({"model": kinds})
    except LatelierError:  # a kind of another version
        defaults = RunConfig()
    return defaults.model_dump(mode="json")
