"""The files of a sweep and of its wall, against docs/spec.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from latelier.runs.payloads.walls import SWEEP_PAYLOADS, WallFrame, WallIndex, WallTile
from latelier.runs.sweep_model import Sweep
from latelier.runs.sweeps import SWEEP_FILES

SPEC = Path(__file__).parents[2] / "docs" / "spec.md"
SECTION = SPEC.read_text(encoding="utf-8").partition("## 10. Sweeps")[2]


def documented(head: str) -> list[str]:
    """The names in the first column of the table with this heading."""
    table = SECTION.partition(f"| {head}")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_every_file_of_a_sweep_is_documented_and_no_other() -> None:
    names = [name.replace("{step}", "<step>") for name in SWEEP_FILES.values()]
    assert sorted(documented("file")) == sorted(names)


def test_what_a_sweep_says_is_documented() -> None:
    fields = {"schema_version", *Sweep.__dataclass_fields__} - {"live"}
    assert set(documented("field of `sweep.json`")) == fields


@pytest.mark.parametrize(
    ("head", "model"),
    [
        ("field of `wall/step_<step>.json`", WallFrame),
        ("field of a tile", WallTile),
        ("field of `wall/index.json`", WallIndex),
    ],
)
def test_what_a_wall_says_is_documented(head: str, model: type[BaseModel]) -> None:
    assert documented(head) == list(model.model_fields)


def test_only_the_walls_files_have_schemas() -> None:
    assert {kind for kind in SWEEP_FILES if kind.startswith("wall")} == set(SWEEP_PAYLOADS)
