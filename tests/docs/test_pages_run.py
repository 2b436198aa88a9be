"""What the docs and the examples tell people to type, typed: top to bottom, in one process."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
SHORT_RUNS = {"analysis.pictures": False, "analysis.full_set": "off"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, capsys) -> None:
    """Runs go to an empty folder; nothing heavy that a page does not speak of is made."""
    from latelier.lab import prepare

    load = prepare.load_config

    def shorter(source, overrides=()):
        return load(source, [*(f"{k}={str(v).lower()}" for k, v in SHORT_RUNS.items()), *overrides])

    monkeypatch.setattr(prepare, "load_config", shorter)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", ["getting-started.md", "migration.md"])
def test_the_python_of_a_page_runs(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) > 2
    assert text.count("```python") == len(blocks)
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks:
        line = text[: block.start(1)].count("\n")
        code = compile("\n" * line + block[1], page, "exec")
        exec(code, names)


@pytest.mark.parametrize("example", sorted(path.name for path in (ROOT / "examples").glob("*.py")))
def test_an_example_runs(example: str, capsys) -> None:
    runpy.run_path(str(ROOT / "examples" / example), run_name="__main__")
    assert "completed" in capsys.readouterr().out
    assert len(list(Path("runs").iterdir())) == 1


def test_the_five_lines_are_five() -> None:
    text = (ROOT / "examples" / "own_model.py").read_text(encoding="utf-8")
    lines = text.partition("# The five lines.")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(lines) == 5
