"""`latelier sweep` and `latelier sweeps`: many runs that differ in some settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.exits import ExitCode, say
from latelier.cli.interrupt import stop_on_interrupt
from latelier.cli.options import (
    DEFAULT_RUNS_DIR,
    AllowCode,
    AsJson,
    Overrides,
    RunsDir,
    importable,
    print_json,
)
from latelier.cli.sweep_axes import axes_from_options
from latelier.cli.sweep_tables import (
    pareto_lines,
    summary_table,
    sweeps_table,
    variants_table,
)
from latelier.config.errors import ConfigError

if TYPE_CHECKING:
    from latelier.config.sweeps import LoadedSweep
    from latelier.runs.sweep_model import Sweep
    from latelier.runs.sweeps import SweepRecord

_STOPPING = b"\nStopping: running variants write a checkpoint; Ctrl-C again aborts at once.\n"


_Config = Annotated[
    str | None,
    typer.Argument(
        metavar="[CONFIG]",
        help="A YAML or JSON file, or the name of a preset, with or without a section sweep.",
        show_default=False,
    ),
]
_Grid = Annotated[
    list[str] | None,
    typer.Option("--grid", metavar="KEY=V1,V2", help="Try these values; may be repeated."),
]
_Seeds = Annotated[
    int | None, typer.Option("--seeds", help="So many seeds, counted up from the config's.")
]
_Random = Annotated[
    list[str] | None,
    typer.Option(
        "--random",
        metavar="KEY=LOW..HIGH[:log]",
        help="Draw values between two bounds; may be repeated. Needs --samples.",
    ),
]
_Samples = Annotated[
    int | None, typer.Option("--samples", help="How many settings --random draws.")
]
_Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Only this variant; may be repeated."),
]
_Executor = Annotated[
    str | None,
    typer.Option(
        "--executor",
        help="local: processes of this machine (the default); ensemble: one process that trains "
        "all at once; ray: a cluster.",
        show_default=False,
    ),
]
_MaxWorkers = Annotated[
    int | None, typer.Option("--max-workers", min=1, help="At most so many runs at a time.")
]
_Grace = Annotated[
    float | None,
    typer.Option(
        "--grace",
        min=0,
        help="Seconds that running variants get to finish when the sweep is stopped; 300.",
        show_default=False,
    ),
]
_Address = Annotated[
    str | None, typer.Option("--address", help="Cluster of --executor ray, such as auto.")
]
_Resume = Annotated[
    str | None, typer.Option("--resume", metavar="SWEEP", help="Go on with a sweep instead.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="List the variants; do nothing.")]


def sweep(
    config: _Config = None,
    overrides: Overrides = None,
    *,
    grid: _Grid = None,
    seeds: _Seeds = None,
    random: _Random = None,
    samples: _Samples = None,
    only: _Only = None,
    executor: _Executor = None,
    max_workers: _MaxWorkers = None,
    grace: _Grace = None,
    address: _Address = None,
    resume: _Resume = None,
    dry_run: _DryRun = False,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """Train many runs that differ in some settings, as the section sweep or options say.

    Ctrl-C stops it: running variants write a checkpoint, and `latelier sweep --resume SWEEP` goes
    on with what is left.
    """
    importable(allow_code=allow_code)
    how = {"executor": executor, "max_workers": max_workers, "grace": grace, "address": address}
    if resume is not None:
        _refuse_settings(config, overrides, grid, seeds, random, samples, only, dry_run)
        _finish(_open(resume, runs_dir), how, allow_code, as_json=as_json, checked=False)
        return
    if config is None:
        raise ConfigError(
            "CONFIG is missing",
            expected="a preset or a file",
            remedy="List the presets with `latelier train`; go on with a sweep by --resume.",
        )
    loaded = _load(config, overrides, axes_from_options(grid, seeds, random, samples), only)
    if dry_run:
        _show_variants(loaded, as_json=as_json)
        return
    record = _create(loaded, runs_dir, how, allow_code=allow_code)
    _finish(record, how, allow_code, as_json=as_json, checked=True)


def sweeps(runs_dir: RunsDir = DEFAULT_RUNS_DIR, as_json: AsJson = False) -> None:
    """List the sweeps of a folder, the newest first."""
    from latelier.runs.sweep_store import SweepStore
    from latelier.runs.sweeps import SweepRecord

    store = SweepStore(runs_dir)
    views = [SweepRecord(store.root / row.sweep_id).view() for row in reversed(store.list())]
    if as_json:
        rows = [_brief(view.sweep) | {"counts": view.counts} for view in views]
        print_json({"runs_dir": str(store.runs_dir), "sweeps": rows})
    elif views:
        typer.echo(sweeps_table(views))
    else:
        typer.echo(f"There are no sweeps in {runs_dir}. Make one with `latelier sweep PRESET`.")


def mention_sweep(record: SweepRecord) -> str:
    """Say how to go on with a sweep."""
    from latelier.cli.selection import short_path

    here = record.runs_dir.resolve() == DEFAULT_RUNS_DIR.resolve()
    where = "" if here else f" --runs-dir {short_path(record.runs_dir)}"
    return f"latelier sweep --resume {record.id}{where}"


def _brief(row: Sweep) -> dict[str, Any]:
    names = ("sweep_id", "name", "state", "reason", "message", "created", "started", "ended")
    value = {name: getattr(row, name) for name in (*names, "executor", "live")}
    return value | {"variants": len(row.variants)}


def _load(
    config: str, overrides: list[str] | None, axes: list[dict[str, Any]], only: list[str] | None
) -> LoadedSweep:
    from latelier.config.sweeps import load_sweep

    return load_sweep(config, overrides or [], axes=axes, only=only or [])


def _show_variants(loaded: LoadedSweep, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"index": v.index, "name": v.name, "slug": v.slug, "values": dict(v.values)}
            for v in loaded.variants
        ]
        print_json({"name": loaded.name, "layout": loaded.layout, "variants": rows})
        return
    typer.echo(variants_table(loaded.variants))
    typer.echo(f"\n{formats.count(len(loaded.variants), 'variant')} of {loaded.name}.")


def _create(
    loaded: LoadedSweep, runs_dir: Path, how: dict[str, Any], *, allow_code: bool
) -> SweepRecord:
    """Make a sweep's folders, once all that can be wrong was looked at."""
    from latelier.cli.training import fetch_missing

    for config in {v.config.data.dataset: v.config for v in loaded.variants}.values():
        fetch_missing(config)
    from latelier.lab.sweeps.before import check_sweep
    from latelier.lab.sweeps.executor import ExecutorOptions, make_executor
    from latelier.lab.sweeps.variants import check_storable, create_sweep

    name = how["executor"] or "local"
    make_executor(name, ExecutorOptions(how["address"], allow_code))
    check_storable(loaded)
    check_sweep(loaded.sweep, loaded.variants, allow_code=allow_code)
    chosen = {key: how[key] for key in ("max_workers", "grace", "address") if how[key] is not None}
    return create_sweep(loaded, runs_dir, executor=name, **chosen)


def _finish(
    record: SweepRecord, how: dict[str, Any], allow_code: bool, *, as_json: bool, checked: bool
) -> None:
    """Carry a sweep out, and print what came of it."""
    from latelier.lab.sweeps.run import carry_out_sweep

    say(f"{record.id}: {formats.count(len(record.read().variants), 'variant')}")
    try:
        with stop_on_interrupt(_STOPPING) as stop:
            done = carry_out_sweep(
                record, **how, allow_code=allow_code, checked=checked, stop=stop, say=say
            )
    except KeyboardInterrupt:
        say(f"Aborted. Go on with `{mention_sweep(record)}`.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    view = record.view()
    if as_json:
        print_json(view.as_dict())
    else:
        typer.echo(summary_table(done.summary or {}))
        typer.echo(pareto_lines(done.summary or {}))
    if done.state == "completed":
        return
    say(f"{record.id} is {done.state}: {done.message}. Go on with `{mention_sweep(record)}`.")
    failed = done.state == "failed"
    raise typer.Exit(ExitCode.TRAINING_FAILED if failed else ExitCode.INTERRUPTED)


def _open(text: str, runs_dir: Path) -> SweepRecord:
    from latelier.cli.selection import find_sweep

    return find_sweep(text, runs_dir)


def _refuse_settings(config: str | None, *settings: object) -> None:
    if config is not None or any(settings):
        raise ConfigError(
            "a sweep that goes on keeps its settings",
            got=config or "axes or overrides",
            expected="--resume SWEEP with --executor, --max-workers, --grace and --address at most",
        )
