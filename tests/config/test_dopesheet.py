from __future__ import annotations

from pathlib import Path

import pytest

from latelier.config import ConfigError, read_dopesheet_rows


def sheet(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_cells_are_kept_as_text(tmp_path: Path) -> None:
    path = sheet(tmp_path, 'STEP, ACTION ,lr\n0,"a, b",1e-8\n+0.5,,\n')
    assert read_dopesheet_rows(path) == (
        {"STEP": "0", "ACTION": "a, b", "lr": "1e-8"},
        {"STEP": "+0.5", "ACTION": None, "lr": None},
    )


def test_what_spreadsheets_add_is_dropped(tmp_path: Path) -> None:
    path = sheet(tmp_path, "\ufeffSTEP,lr,,\r\n0,1,,\r\n5\r\n,,,\r\n\r\n")
    assert read_dopesheet_rows(path) == ({"STEP": "0", "lr": "1"}, {"STEP": "5", "lr": None})


def test_row_numbers_stay_those_of_the_file(tmp_path: Path) -> None:
    rows = read_dopesheet_rows(sheet(tmp_path, "STEP\n0\n\n9\n"))
    assert [row["STEP"] for row in rows] == ["0", None, "9"]


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert read_dopesheet_rows(sheet(tmp_path, "STEP,lr\n")) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("STEP,lr,lr\n0,1,2\n", "column lr more than once"),
        ("STEP,lr\n0,1,2\n", "line 2 of .* cell without a column; got '2'; expected 2 cells"),
        ("STEP,,lr\n0,7,2\n", "cell without a column"),
        (b"STEP,lr\n0,\xff\n", "cannot be read"),
        ('STEP,lr\n0,"1', "cannot be read"),
    ],
)
def test_sheets_that_cannot_be_read(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_dopesheet_rows(sheet(tmp_path, content))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not exist; got .*none\.csv"):
        read_dopesheet_rows(tmp_path / "none.csv")
