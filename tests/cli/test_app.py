from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import latelier
from latelier.cli.exits import MEANINGS

ROOT = Path(__file__).parents[2]
VERBS = (
    *("demo", "train", "resume", "cancel", "ls", "show", "backfill", "latents"),
    *("rm", "verify", "data", "doctor"),
)
HEAVY = {"torch", "numpy", "matplotlib", "rich", "yaml", "latelier.config.schema", "latelier.lab"}
READERS = (("ls",), ("show",), ("verify",), ("doctor",), ("data", "list"), ("latents",))


def test_alone_prints_help_with_every_verb_and_every_exit_code(cli):
    result = cli()

    assert result.exit_code == 0
    assert all(f"│ {verb} " in result.stdout for verb in VERBS)
    assert all(f"{code:d} " in result.stdout for code in MEANINGS)


def test_version(cli):
    assert cli("--version").stdout == f"latelier {latelier.__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(cli, verb):
    for flag in ("--help", "-h"):
        assert cli(verb, flag).exit_code == 0


@pytest.mark.parametrize("verb", READERS, ids=" ".join)
def test_every_reader_speaks_json(cli, verb):
    assert "--json" in cli(*verb, "--help").stdout


def test_wrong_verb_names_the_close_one(cli):
    result = cli("shwo")

    assert result.exit_code == 2
    assert "Did you mean 'show'?" in result.stderr


def test_wrong_option_is_bad_input(cli):
    assert cli("ls", "--colour").exit_code == 2


def test_the_script_that_is_installed_is_this_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["scripts"]["latelier"] == "latelier.cli:main"


def test_a_list_needs_no_heavy_library(make_run, tmp_path):
    run = make_run()
    code = (
        "import sys\n"
        "from latelier.cli import main\n"
        f"sys.argv = ['latelier', 'ls', '--runs-dir', {str(tmp_path / 'runs')!r}]\n"
        "try:\n    main()\nexcept SystemExit as exit:\n    assert exit.code == 0\n"
        f"heavy = {HEAVY} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert run.id in done.stdout
