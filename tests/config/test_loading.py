from __future__ import annotations

from pathlib import Path

import pytest

from latelier.config import ConfigError, RunConfig, ScheduleConfig, load_config
from latelier.timeline import Dopesheet

SHEET = "STEP,PHASE,lr:log\n0,warm,1e-3\n\n+5,,\n10,cool,1e-2\n"
ROWS = (
    {"STEP": "0", "PHASE": "warm", "lr:log": "1e-3"},
    {"STEP": None, "PHASE": None, "lr:log": None},
    {"STEP": "+5", "PHASE": None, "lr:log": None},
    {"STEP": "10", "PHASE": "cool", "lr:log": "1e-2"},
)


def test_a_mapping_and_a_config_are_sources_too() -> None:
    config = load_config({"seed": 3}, ["schedule.epochs=2"])
    assert (config.seed, config.schedule.epochs) == (3, 2)
    assert load_config(config) == config
    assert load_config(config, ["seed=4"]).seed == 4


def test_nothing_is_needed() -> None:
    assert load_config({}) == RunConfig()


def test_paths_in_a_file_count_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "experiment"
    folder.mkdir()
    (folder / "a.dopesheet.csv").write_text(SHEET)
    file = folder / "a.yaml"
    file.write_text(
        "data: {dataset: npz, path: ../x.npz, root: sets}\nschedule: {dopesheet: a.dopesheet.csv}\n"
    )
    monkeypatch.chdir(tmp_path)
    for source in (file, str(file), "experiment/a.yaml"):
        config = load_config(source)
        assert config.data.path == tmp_path / "x.npz"
        assert config.data.root == folder / "sets"
        assert config.schedule.dopesheet == ROWS


def test_paths_in_overrides_count_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b.csv").write_text(SHEET)
    monkeypatch.chdir(tmp_path)
    config = load_config("digits-vae", ["data.root=sets", "schedule.dopesheet=b.csv"])
    assert config.data.root == tmp_path / "sets"
    assert config.schedule.dopesheet == ROWS


def test_the_rows_in_a_config_are_the_sheet_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(SHEET)
    schedule = load_config({"schedule": {"dopesheet": str(path)}}).schedule
    assert isinstance(schedule, ScheduleConfig)
    assert isinstance(schedule.dopesheet, tuple)
    assert Dopesheet.from_rows(schedule.dopesheet) == Dopesheet.from_csv(path)


def test_rows_in_yaml_keep_relative_steps(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "schedule:\n  dopesheet:\n"
        "    - {STEP: 100, lr: 1e-3}\n    - {STEP: +10, lr: 1}\n    - {STEP: 200, lr: 2}\n"
    )
    rows = load_config(file).schedule.dopesheet
    assert isinstance(rows, tuple)
    assert Dopesheet.from_rows(rows).tracks[0].keyframes == ((100, 1e-3), (110, 1), (200, 2))


def test_a_path_that_is_no_text_is_refused() -> None:
    for value in ("", 3, True):
        with pytest.raises(ConfigError, match=r"schedule\.dopesheet cannot be used"):
            load_config({"schedule": {"dopesheet": value}})


def test_errors_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("seeed: 1\n")
    with pytest.raises(ConfigError, match=r"a\.yaml: seeed is not a setting. Did you mean seed\?"):
        load_config(file)


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("nowhere/file.yaml", "does not exist; got nowhere/file.yaml"),
        ("nowhere/digits-vae.yaml", "Did you mean the preset library/digits-vae?"),
        (Path("nowhere"), "does not exist"),
        ("digits-vea", "Did you mean library/digits-vae"),
    ],
)
def test_sources_that_cannot_be_found(source: str | Path, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        load_config(source)


def test_a_folder_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path)


def test_the_dumped_config_loads_as_a_file(tmp_path: Path) -> None:
    config = load_config("mnist5k-vae-annealed", ["seed=7"])
    file = tmp_path / "config.json"
    file.write_text(config.model_dump_json())
    assert load_config(file) == config
