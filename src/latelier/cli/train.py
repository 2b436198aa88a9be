"""`latelier train` and `latelier resume`."""

from __future__ import annotations

import json
import textwrap
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli.exits import say
from latelier.cli.options import (
    DEFAULT_RUNS_DIR,
    AllowCode,
    DataRoot,
    Overrides,
    RunName,
    RunsDir,
    importable,
)
from latelier.config.errors import ConfigError

if TYPE_CHECKING:
    from latelier.config import RunConfig


class Logger(StrEnum):
    """Where metrics go besides the run directory."""

    NONE = "none"


def train(
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="CONFIG",
            help="A YAML or JSON file, or the name of a preset; without it, lists the presets.",
            show_default=False,
        ),
    ] = None,
    overrides: Overrides = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    data_root: DataRoot = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Display name of the run.", show_default=False)
    ] = None,
    deterministic_debug: Annotated[
        bool,
        typer.Option(
            "--deterministic-debug",
            help="Allow only deterministic algorithms: slower, and errors name the offender.",
        ),
    ] = False,
    logger: Annotated[  # noqa: ARG001 - trackers are one more value each
        Logger, typer.Option("--logger", help="Where metrics go besides the run directory.")
    ] = Logger.NONE,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the configuration and the length; do nothing.")
    ] = False,
    allow_code: AllowCode = False,
) -> None:
    """Train a model and record the run.

    Settings are changed with KEY=VALUE, such as schedule.epochs=3. Ctrl-C stops the run with a
    checkpoint, from which `latelier resume` goes on.
    """
    if config is None:
        typer.echo(_presets())
        return
    options = _as_overrides(data_root, name, deterministic_debug=deterministic_debug)
    run_config = _load(config, [*options, *(overrides or [])])
    importable(allow_code=allow_code)
    _mention_sweep(config)
    if dry_run:
        typer.echo(_dry_run(run_config, allow_code=allow_code), nl=False)
    else:
        _train(run_config, runs_dir, allow_code=allow_code)


def resume(
    run: RunName,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    epoch: Annotated[
        int | None,
        typer.Option(
            "--epoch",
            min=0,
            help="Go on from this epoch's checkpoint instead of the newest.",
            show_default=False,
        ),
    ] = None,
    allow_code: AllowCode = False,
) -> None:
    """Go on with a cancelled or failed run, bit for bit as if it had never stopped."""
    from latelier.cli.selection import find_run
    from latelier.cli.training import carry_out, print_outcome

    record = find_run(run, runs_dir)
    from latelier.lab.launch import resume as resume_run
    from latelier.lab.run import Run

    done = carry_out(
        lambda observers, stop: resume_run(
            Run(record),
            epoch=epoch,
            allow_code=importable(allow_code=allow_code),
            observers=observers,
            stop=stop,
        ),
        record.path.parent,
    )
    print_outcome(done.record)


def _train(config: RunConfig, runs_dir: Path, *, allow_code: bool) -> None:
    from latelier.cli.selection import mention
    from latelier.cli.training import carry_out, fetch_missing, print_outcome

    fetch_missing(config)
    from latelier.lab.launch import fit

    run = carry_out(
        lambda observers, stop: fit(
            config, allow_code=allow_code, runs_dir=runs_dir, observers=observers, stop=stop
        ),
        runs_dir,
    )
    print_outcome(run.record)
    say(f"\nSee more with `latelier show {mention(run.path)}`.")


def _load(source: str, overrides: list[str]) -> RunConfig:
    from latelier.config import load_config

    if "=" in source and not Path(source).exists():
        raise ConfigError(
            "CONFIG is missing before the settings",
            got=source,
            expected="a preset or a file first",
            remedy="List the presets with `latelier train`.",
        )
    return load_config(source, overrides)


def _mention_sweep(source: str) -> None:
    from latelier.config.loading import SWEEP, read_raw

    if SWEEP in read_raw(source).values:
        say(f"{source} has a section sweep: `latelier sweep {source}` trains its variants.")


def _as_overrides(
    data_root: Path | None, name: str | None, *, deterministic_debug: bool
) -> list[str]:
    """Write options as settings. A JSON text is a YAML text, whatever is in it."""
    settings = []
    if data_root is not None:
        settings.append(f"data.root={json.dumps(str(data_root.absolute()), ensure_ascii=False)}")
    if name is not None:
        settings.append(f"name={json.dumps(name, ensure_ascii=False)}")
    if deterministic_debug:
        settings.append("training.deterministic_debug=true")
    return settings


def _presets() -> str:
    from latelier.config import presets

    indent = "  "
    blocks = [
        preset.name
        + "\n"
        + textwrap.fill(preset.description, 88, initial_indent=indent, subsequent_indent=indent)
        for preset in presets()
    ]
    return "\n".join([*blocks, "", "Train one with `latelier train PRESET [KEY=VALUE]...`."])


def _dry_run(config: RunConfig, *, allow_code: bool) -> str:
    import yaml

    values = config.model_dump(mode="json")
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, default_flow_style=None)
    return f"# {_length(config, allow_code=allow_code)}\n{text}"


def _length(config: RunConfig, *, allow_code: bool) -> str:
    from latelier.data import DATASETS, default_root

    spec = DATASETS.get(config.data.dataset)
    if spec is not None and not spec.present(config.data.root or default_root()):
        return f"The number of steps is known once {spec.name} is downloaded."
    from latelier.lab.prepare import prepare

    session = prepare(config, allow_code=allow_code)
    clock = session.clock
    parameters = sum(parameter.numel() for parameter in session.model.parameters())
    return (
        f"{clock.total_epochs} epochs of {clock.steps_per_epoch} steps: {clock.total_steps} steps; "
        f"{parameters} parameters; {session.device}, threads: {session.threads}"
    )
