"""`latelier latents`: the latents of an epoch as a NumPy file, for other tools."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli.options import DEFAULT_RUNS_DIR, AsJson, RunName, RunsDir, print_json
from latelier.cli.selection import find_run, short_path
from latelier.config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt


def latents(
    run: RunName,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The .npz file to write.", show_default=False)
    ],
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    epoch: Annotated[
        int | None,
        typer.Option(
            "--epoch", min=0, help="A recorded epoch; the newest by default.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the latents of the fixed points: z, dataset_idx, labels, variances and what else is
    recorded, as arrays of one .npz file that `numpy.load` opens without pickle.

    An epoch without recorded latents gets them with `latelier backfill RUN --epoch N`.
    """
    record = find_run(run, runs_dir)
    _check_output(output, force=force)
    from latelier.lab.run import Run
    from latelier.runs.atomic import write_bytes

    handle = Run(record)
    recorded = record.epochs("latents")
    chosen = recorded[-1] if epoch is None and recorded else epoch
    arrays = dict(sorted(handle.latents(chosen).items()))
    write_bytes(output, _npz(arrays))
    if as_json:
        facts = {"run_id": record.id, "epoch": chosen, "path": str(output.resolve())}
        print_json({**facts, "arrays": _described(arrays)})
        return
    shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items())
    typer.echo(f"{short_path(output)} has the latents of epoch {chosen}: {shapes}.")


def _check_output(output: Path, *, force: bool) -> None:
    if output.is_dir():
        raise ConfigError("--output is a folder", got=str(output), expected="a file")
    if output.suffix != ".npz":
        raise ConfigError("--output is no .npz file", got=str(output), expected="NAME.npz")
    if output.exists() and not output.is_file():
        raise ConfigError("--output is a device or a pipe", got=str(output), expected="a file")
    if output.exists() and not force:
        raise ConfigError(
            "the file is there already", got=str(output), remedy="Write over it with --force."
        )
    if not output.absolute().parent.is_dir():
        raise ConfigError("there is no such folder", got=str(output.absolute().parent))


def _npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _described(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    return {
        name: {"shape": list(array.shape), "dtype": str(array.dtype)}
        for name, array in arrays.items()
    }
