"""docs/api.md is what the docstrings say, and every public name is in it with a description."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import latelier

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "dump_api.py"))


def test_the_page_is_current() -> None:
    assert not SCRIPT["stale"](), "run scripts/dump_api.py"


def test_every_public_name_is_described() -> None:
    text = SCRIPT["document"]()
    for name in latelier.__all__:
        if not name.startswith("__"):
            part = text.partition(f"### {name}\n")[2].partition("\n### ")[0]
            assert re.search(r"^[A-Z].{10,}", part, re.M), name
    assert 'runs_dir: str | Path = "runs"' in text.replace("'", '"')
    assert not re.search(r"0x[0-9a-f]{6}", text), "an address changes from run to run"
