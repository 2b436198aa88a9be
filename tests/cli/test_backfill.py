from __future__ import annotations

import signal
from contextlib import contextmanager

import pytest

from latelier.cli import progress as progress_module
from latelier.lab.launch import fit
from latelier.runs import RunRecord
from latelier.runs.verify import verify

CONFIG = {
    "data": {"dataset": "digits", "limit": 80},
    "model": {"kind": "vae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 40, "device": "cpu", "threads": 1},
    "analysis": {
        "enabled": False,
        "points": 40,
        "neighbors": 4,
        "reconstructions": 2,
        "density_grid": 8,
        "trust_grid": 4,
        "atlas_tiles": 2,
    },
}


@pytest.fixture
def bare(store) -> RunRecord:
    """A run that was trained without analysis."""
    return store.open(fit(CONFIG, runs_dir=store.root).id)


def test_a_run_gets_what_it_lacks_and_then_nothing(cli, cli_json, bare):
    result = cli("backfill", bare.id, "--kind", "knn_pca", "--epoch", "2", "--epoch", "1")

    assert result.exit_code == 0, result.output
    assert result.stderr == "", "no bar without a terminal"
    assert "knn_pca" in result.stdout
    assert "1 2" in result.stdout
    assert bare.epochs("knn_pca") == [1, 2]
    assert not bare.has("scores", epoch=1)

    whole = cli_json("backfill", bare.id)

    assert whole["epochs"] == [0, 1, 2]
    assert not whole["stopped"]
    assert {"kind": "trust_2d_pca", "epoch": 2} in whole["made"]
    assert {"kind": "knn_pca", "epoch": 2} not in whole["made"]
    assert verify(bare) == []

    before = {name: (bare.path / name).stat().st_mtime_ns for name, _ in bare.files()}
    again = cli("backfill", "latest")

    assert again.exit_code == 0
    assert again.stdout.startswith(f"Nothing to make for {bare.id}")
    assert {name: (bare.path / name).stat().st_mtime_ns for name, _ in bare.files()} == before


def test_ctrl_c_stops_it_in_good_order_and_the_next_one_goes_on(cli, cli_json, bare):
    @contextmanager
    def interrupting():
        def show(done: int, _total: int, _what: str) -> None:
            if done == 2:
                signal.raise_signal(signal.SIGINT)

        yield show

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("latelier.cli.backfill.watching_steps", interrupting)
        result = cli("backfill", bare.id)

    assert result.exit_code == 130
    assert f"latelier backfill {bare.id}" in result.stderr
    made = bare.epochs("latents")
    assert made != [0, 1, 2] or not bare.has("trust_2d_pca", epoch=2)
    assert verify(bare) == []

    document = cli_json("backfill", bare.id)

    assert document["present"] >= 1
    assert bare.epochs("latents") == [0, 1, 2]
    assert bare.has("trust_2d_pca", epoch=2)


def test_what_cannot_be_made_is_told(cli, bare, make_run):
    assert cli("backfill", "nobody").exit_code == 4
    missing = cli("backfill", bare.id, "--epoch", "7")
    assert missing.exit_code == 3
    assert "0, 1, 2" in missing.stderr
    unknown = cli("backfill", bare.id, "--kind", "dreams")
    assert unknown.exit_code != 0
    assert "dreams" in unknown.stderr
    impossible = cli("backfill", bare.id, "--kind", "mixture_health")
    assert impossible.exit_code == 3
    assert "anatomy" in impossible.stderr, "what there is instead"
    assert cli("backfill", bare.id, "--epoch", "-1").exit_code == 2


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(progress_module.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")

    with progress_module.watching_steps() as show:
        show(1, 4, "fast set of epoch 3")
        show(4, 4, "done")
