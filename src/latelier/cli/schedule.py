"""`latelier schedule`: the keyframes of a configuration's timeline, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.options import AllowCode, AsJson, Overrides, importable, print_json

if TYPE_CHECKING:
    from latelier.timeline import Timeline

_Config = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG", help="A YAML or JSON file, or the name of a preset.", show_default=False
    ),
]


def schedule(
    config: _Config,
    overrides: Overrides = None,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
) -> None:
    """List the keyframes of a configuration: steps, phases, actions and what each column is then.

    A column moves from each of its keyframes to its next, as its head says; blank cells lie
    between two keyframes, or after the last.
    """
    from latelier.config import load_config
    from latelier.lab.prepare import prepare

    run_config = load_config(config, overrides or [])
    importable(allow_code=allow_code)
    timeline = prepare(run_config, allow_code=allow_code).timeline
    if as_json:
        columns = {t.name: {"space": t.space, "timing": t.timing} for t in timeline.tracks}
        rows = timeline.keyframes()
        print_json({"steps": timeline.length, "columns": columns, "keyframes": rows})
    else:
        typer.echo(_table(timeline))


def _table(timeline: Timeline) -> str:
    heads = {track.name: _head(track.name, track.space, track.timing) for track in timeline.tracks}
    rows = []
    for row in timeline.keyframes():
        values = [_cell(row["values"].get(name)) for name in heads]
        rows.append((str(row["step"]), row["phase"], ", ".join(row["actions"]), *values))
    kept = [i for i in range(len(heads) + 3) if i not in {1, 2} or any(row[i] for row in rows)]
    head = ("STEP", "PHASE", "ACTION", *heads.values())
    chosen = [head[i] for i in kept]
    right = ("STEP", *heads.values())
    table = formats.table(chosen, [[row[i] for i in kept] for row in rows], right=right)
    return f"{table}\n\n{formats.count(timeline.length, 'step')}."


def _head(name: str, space: str, timing: str) -> str:
    """Write a column's name as a dopesheet does."""
    if timing != "minjerk":
        return f"{name}:{space}:{timing}"
    return name if space == "linear" else f"{name}:{space}"


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:g}"
