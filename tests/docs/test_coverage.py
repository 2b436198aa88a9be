"""docs/coverage.md is true: what it marks done exists, and no requirement disappears from it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COVERAGE = ROOT / "docs" / "coverage.md"

HEADER = ["id", "requirement", "code", "test", "command", "state"]
LEAST_ROWS = {"lab": 241, "color": 121, "assign": 70, "drift": 105, "library": 51}
"""Rows of each source document. The numbers grow with the table; a requirement never goes away."""

ROW_ID = re.compile(rf"^({'|'.join(LEAST_ROWS)})-[a-z0-9.]+-\d+$")
EMPTY = "–"


@dataclass(frozen=True)
class Row:
    """One requirement. Code and tests are references, ``path`` or ``path::name``."""

    line: int
    id: str
    requirement: str
    code: tuple[str, ...]
    tests: tuple[str, ...]
    command: str
    state: str


def _references(cell: str) -> tuple[str, ...]:
    parts = (part.strip().strip("`") for part in cell.split(","))
    return tuple(part for part in parts if part and part != EMPTY)


def _is_separator(cells: list[str]) -> bool:
    return all(re.fullmatch(r":?-{3,}:?", cell) for cell in cells)


def parse(text: str) -> list[Row]:
    """Read every table line of the document; a line of any other form is an error."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            assert not re.match(r"\s+\|", line), f"line {number}: a table line is indented"
            continue
        assert line.endswith("|"), f"line {number}: the row does not end with |"
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        assert len(cells) == len(HEADER), f"line {number}: {len(cells)} cells, not {len(HEADER)}"
        if cells == HEADER or _is_separator(cells):
            continue
        id_, requirement, code, tests, command, state = cells
        rows.append(
            Row(number, id_, requirement, _references(code), _references(tests), command, state)
        )
    return rows


@cache
def _names(path: Path) -> frozenset[str]:
    """Return the functions, classes, methods (``Class::method``) and constants of a module."""

    def walk(body: list[ast.stmt], prefix: str) -> list[str]:
        found = []
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.append(prefix + node.name)
            if isinstance(node, ast.ClassDef):
                found += walk(node.body, f"{prefix}{node.name}::")
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.append(prefix + node.target.id)
            if isinstance(node, ast.Assign):
                found += [prefix + t.id for t in node.targets if isinstance(t, ast.Name)]
        return found

    return frozenset(walk(ast.parse(path.read_text(encoding="utf-8")).body, ""))


def defect(reference: str, root: Path = ROOT) -> str | None:
    """Say what is wrong with a reference to code or to a test; None if it exists."""
    name, _, member = reference.partition("::")
    path = root / name
    if ".." in Path(name).parts or not path.exists():
        return f"there is no {name}"
    if not member:
        return None
    if path.suffix == ".py":
        return None if member in _names(path) else f"{name} defines no {member}"
    return None if member in path.read_text(encoding="utf-8") else f"{name} never says {member}"


def _test_defect(reference: str, root: Path) -> str | None:
    name, _, member = reference.partition("::")
    if not member:
        return "a test is given as path::function"
    if name.endswith(".py") and not (
        Path(name).name.startswith("test_") and member.split("::")[-1].startswith("test_")
    ):
        return f"pytest would not collect {reference}"
    return defect(reference, root)


def defects(rows: list[Row], root: Path = ROOT) -> list[str]:
    """List everything that is wrong with the rows, one sentence each."""
    found = []
    seen: set[str] = set()
    for row in rows:
        problems = []
        if not ROW_ID.match(row.id):
            problems.append("the id is not like lab-4.2-1")
        if row.id in seen:
            problems.append("the id is taken")
        seen.add(row.id)
        if not row.requirement or row.requirement == EMPTY:
            problems.append("the requirement is missing")
        if row.state not in {"done", "open"}:
            problems.append(f"the state is {row.state!r}, not done or open")
        if row.state == "done":
            problems += _defects_of_done(row, root)
        found += [f"line {row.line}, {row.id}: {problem}" for problem in problems]
    return found


def _defects_of_done(row: Row, root: Path) -> list[str]:
    problems = []
    if not row.code:
        problems.append("done without code")
    if not row.tests:
        problems.append("done without a test")
    problems += [problem for code in row.code if (problem := defect(code, root))]
    problems += [problem for test in row.tests if (problem := _test_defect(test, root))]
    return problems


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return parse(COVERAGE.read_text(encoding="utf-8"))


def test_every_row_is_true(rows: list[Row]) -> None:
    assert defects(rows) == []


@pytest.mark.parametrize("source", LEAST_ROWS)
def test_no_requirement_has_been_dropped(rows: list[Row], source: str) -> None:
    count = sum(row.id.split("-")[0] == source for row in rows)
    assert count >= LEAST_ROWS[source]


GOOD = "| lab-1-1 | Words | `pkg/code.py::f` | `test_it.py::test_f` | – | done |"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "code.py").write_text("def f(): ...\n\nclass C:\n    x: int = 1\n")
    (tmp_path / "test_it.py").write_text(
        "def test_f(): ...\n\ndef made(): ...\n\nclass TestC:\n    def test_m(self): ...\n"
    )
    (tmp_path / "page.test.ts").write_text('test("the map moves", () => {})\n')
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        GOOD,
        GOOD.replace("test_it.py::test_f", "test_it.py::TestC::test_m"),
        GOOD.replace("pkg/code.py::f", "pkg"),
        GOOD.replace("pkg/code.py::f", "pkg/code.py::C::x"),
        GOOD.replace("`pkg/code.py::f`", "`pkg/code.py::f`, `pkg/code.py::C`"),
        GOOD.replace("test_it.py::test_f", "page.test.ts::the map moves"),
        GOOD.replace("done", "open").replace("pkg/code.py::f", "pkg/future.py"),
    ],
)
def test_a_true_row_passes(tree: Path, line: str) -> None:
    assert defects(parse(line), tree) == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (GOOD.replace("code.py", "gone.py"), "there is no pkg/gone.py"),
        (GOOD.replace("::f`", "::g`"), "defines no g"),
        (GOOD.replace("test_it.py", "test_gone.py"), "there is no test_gone.py"),
        (GOOD.replace("::test_f", "::test_g"), "defines no test_g"),
        (GOOD.replace("::test_f", "::TestC::test_f"), "defines no TestC::test_f"),
        (GOOD.replace("test_it.py::test_f", "test_it.py::made"), "would not collect"),
        (GOOD.replace("test_it.py::test_f", "test_it.py"), "path::function"),
        (GOOD.replace("test_it.py::test_f", "page.test.ts::the map sits"), "never says"),
        (GOOD.replace("pkg/code.py::f", "../outside.py"), "there is no ../outside.py"),
        (GOOD.replace("`pkg/code.py::f`", "–"), "done without code"),
        (GOOD.replace("`test_it.py::test_f`", "–"), "done without a test"),
        (GOOD.replace("done", "almost"), "not done or open"),
        (GOOD.replace("lab-1-1", "lob-1-1"), "the id is not like"),
        (GOOD.replace("Words", ""), "the requirement is missing"),
        (f"{GOOD}\n{GOOD}", "the id is taken"),
    ],
)
def test_a_false_row_is_named(tree: Path, line: str, complaint: str) -> None:
    (found,) = defects(parse(line), tree)
    assert complaint in found


@pytest.mark.parametrize("line", ["| lab-1-1 | Words | open |", GOOD[:-1], f"  {GOOD}"])
def test_a_line_that_is_no_row_is_an_error(line: str) -> None:
    with pytest.raises(AssertionError, match="line 1"):
        parse(line)
