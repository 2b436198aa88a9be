"""sweep, sweeps, schedule, and cancel of a sweep: what they hand to the lab, and what they say."""

from __future__ import annotations

import json
import threading

import pytest

from latelier.cli.sweep_axes import axes_from_options
from latelier.config import ConfigError
from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.executor import EXECUTORS
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs import RunState
from latelier.runs.sweep_store import SweepStore

SMALL = ("digits-vae", "schedule.epochs=1", "data.limit=80", "analysis.enabled=false")
BETAS = ("--grid", "objective.beta=1,4")


class Pretending:
    """An executor that trains nothing."""

    def __init__(self) -> None:
        self.fails: set[str] = set()
        self.during = lambda _work: None
        self.work = None

    def carry_out(self, work) -> None:
        self.work = work
        for record in work.records:
            if work.stop():
                return
            with record.own() as writer:
                data = {"from_step": 0} if writer.state is not RunState.CREATED else {}
                writer.transition("running", parameters=7, **data)
                beta = record.config()["objective"]["beta"]
                if record.summary().name in self.fails:
                    writer.transition("failed", reason="error", message="no luck")
                else:
                    writer.update_summary(last_metrics={"train/loss": beta})
                    writer.transition("completed")
            work.ended(record)
            self.during(work)


@pytest.fixture
def executor(monkeypatch) -> Pretending:
    made = Pretending()
    monkeypatch.setitem(EXECUTORS, "local", lambda _options: made)
    return made


@pytest.fixture
def sweeps(tmp_path) -> SweepStore:
    return SweepStore(tmp_path / "runs")


def test_a_grid_of_a_preset_is_carried_out_and_summed_up(cli, executor, sweeps):
    result = cli(
        "sweep",
        *SMALL,
        *BETAS,
        "sweep.metrics={train/loss: min}",
        "--max-workers",
        "3",
        "--grace",
        "0",
    )
    assert result.exit_code == 0, result.output
    row = sweeps.list()[0]
    assert row.state == "completed"
    assert (executor.work.max_workers, executor.work.grace) == (3, 0.0)
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["VARIANT", "STATE", "train/loss", "RUN"]
    assert lines[1].split()[:4] == ["*", "beta=1", "completed", "1"]
    assert lines[2].split()[:3] == ["beta=4", "completed", "4"]
    assert "Not beaten by any other (*) in train/loss (min): beta=1." in result.stdout
    assert "beta=4: trains with objective.beta=4; 7 parameters" in result.stderr
    assert row.sweep_id in result.stderr


def test_variants_are_listed_without_doing_anything(cli, cli_json, sweeps):
    result = cli("sweep", "color/quick", "--only", "norm", "--only", "polar + norm", "--dry-run")
    assert result.exit_code == 0
    assert "polar-norm" in result.stdout
    assert "2 variants of color-quick." in result.stdout
    listed = cli_json("sweep", "color/quick", "--dry-run")
    assert len(listed["variants"]) == 31
    assert listed["layout"]["kind"] == "groups"
    assert not sweeps.runs_dir.exists()


def test_json_is_all_that_is_printed_on_stdout(cli, executor):
    result = cli("sweep", *SMALL, *BETAS, "--json")
    document = json.loads(result.stdout)
    assert document["state"] == "completed"
    assert [v["metrics"]["train/loss"] for v in document["variants"]] == [1.0, 4.0]
    assert document["summary"]["rows"][0]["name"] == "beta=1"


def test_a_failed_variant_is_told_and_can_be_gone_on_with(cli, executor, sweeps):
    executor.fails = {"beta=4"}
    result = cli("sweep", *SMALL, *BETAS)
    sweep_id = sweeps.ids()[0]
    assert result.exit_code == 6
    assert "beta=4: failed" in result.stderr
    assert f"Go on with `latelier sweep --resume {sweep_id}`" in result.stderr

    executor.fails = set()
    again = cli("sweep", "--resume", sweep_id)
    assert again.exit_code == 0, again.output
    assert [record.id for record in executor.work.records] == [sweeps.list()[0].variants[1].run_id]
    assert cli("sweep", "--resume", sweep_id).exit_code == 3  # it is completed


def test_a_sweep_that_is_stopped_keeps_the_rest_for_later(cli, executor, sweeps):
    executor.during = lambda work: sweeps.open(sweeps.ids()[0]).request_cancel()
    result = cli("sweep", *SMALL, *BETAS)
    assert result.exit_code == 130
    assert "is cancelled: 1 of 2 variants are not completed" in result.stderr
    executor.during = lambda work: None
    assert cli("sweep", "--resume", "latest").exit_code == 0


def test_sweeps_are_listed(cli, cli_json, executor):
    assert "There are no sweeps" in cli("sweeps").stdout
    cli("sweep", *SMALL, *BETAS, "sweep.name=betas")
    lines = cli("sweeps").stdout.splitlines()
    assert lines[0].split() == ["ID", "NAME", "STATE", "EXECUTOR", "DONE", "AGE"]
    assert lines[1].split()[1:5] == ["betas", "completed", "local", "2/2"]
    row = cli_json("sweeps")["sweeps"][0]
    assert (row["variants"], row["counts"]) == (2, {"completed": 2})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("digits-vae",), "has no section sweep"),
        (("digits-vae", "--grid", "objective.betta=1,2"), "Did you mean objective.beta?"),
        (("digits-vae", "--grid", "objective.beta"), "--grid cannot be read"),
        (("digits-vae", "--seeds", "-2"), "got -2"),
        (("digits-vae", "--random", "schedule.lr=1..2"), "belong together"),
        (("digits-vae", *BETAS, "--executor", "clowd"), "one of local, ensemble, ray"),
        (("digits-vae", *BETAS, "sweep.evaluate.artifacts=[score]"), "Did you mean scores?"),
        (("color/quick", "--only", "norms"), "Did you mean norm"),
        ((), "CONFIG is missing"),
        (("digits-vae", "--resume", "x"), "keeps its settings"),
        (("color/quick", "data.concepts.scale.rde=0.5"), "rde"),
    ],
)
def test_bad_input_leaves_nothing(cli, sweeps, arguments, message):
    result = cli("sweep", *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert not sweeps.runs_dir.exists()


def test_an_unknown_sweep(cli):
    result = cli("sweep", "--resume", "20200101")
    assert result.exit_code == 4
    assert "no such sweep" in result.stderr


def test_cancel_of_a_sweep_that_has_not_begun(cli, tmp_path):
    loaded = load_sweep("digits-vae", axes=[{"kind": "seeds", "seeds": 2}])
    record = create_sweep(loaded, tmp_path / "runs")
    result = cli("cancel", record.id)
    assert result.exit_code == 0
    assert "is cancelled" in result.stdout
    assert record.read().state == "cancelled"
    assert [run.state for run in record.view().runs] == ["created", "created"]
    assert cli("cancel", record.id).exit_code == 3


def test_cancel_of_a_sweep_that_is_under_way(cli, tmp_path):
    loaded = load_sweep("digits-vae", axes=[{"kind": "seeds", "seeds": 2}])
    record = create_sweep(loaded, tmp_path / "runs")
    began = threading.Event()

    def drive() -> None:
        with record.own() as writer:
            writer.transition(RunState.RUNNING)
            began.set()
            while not record.cancel_requested():
                began.wait(0.01)
            writer.transition(RunState.CANCELLED)

    driver = threading.Thread(target=drive)
    driver.start()
    began.wait(10)
    result = cli("cancel", record.id[:-1])
    driver.join()
    assert result.exit_code == 0
    assert f"latelier sweep --resume {record.id}" in result.stdout


def test_train_says_that_there_is_a_sweep(cli):
    result = cli("train", "color/quick", "--dry-run")
    assert result.exit_code == 0
    assert "`latelier sweep color/quick` trains its variants" in result.stderr
    assert "sweep" not in result.stdout


def test_axes_from_options():
    axes = axes_from_options(
        ["a.b=1,2.5", "net=[8],[16,8]"], 3, ["lr=1e-4..1e-2:log", "d=2..9", "k=x,y"], 5
    )
    assert axes == [
        {"kind": "grid", "keys": {"a.b": [1, 2.5], "net": [[8], [16, 8]]}},
        {
            "kind": "random",
            "samples": 5,
            "keys": {
                "lr": {"low": 1e-4, "high": 1e-2, "whole": False, "scale": "log"},
                "d": {"low": 2, "high": 9, "whole": True},
                "k": ["x", "y"],
            },
        },
        {"kind": "seeds", "seeds": 3},
    ]
    for bad in ("=1,2", "a=", "a"):
        with pytest.raises(ConfigError, match="cannot be read"):
            axes_from_options([bad], None, None, None)
    for bad in ("a=x..y", "=1..2"):
        with pytest.raises(ConfigError, match="cannot be read"):
            axes_from_options(None, None, [bad], 2)


def test_the_sheet_is_a_table_of_keyframes(cli, cli_json):
    lines = cli("schedule", "color/regularizers").stdout.splitlines()
    assert lines[0].split()[:3] == ["STEP", "PHASE", "lr"]
    cells = {line.split()[0]: line.split()[1:] for line in lines[1:-2]}
    assert list(cells) == ["0", "10", "500", "2500", "5000", "7500", "10000"]
    assert cells["7500"] == ["0.0002"]
    assert cells["0"][0] == "Train"
    assert lines[-1] == "10001 steps."
    document = cli_json("schedule", "color/regularizers")
    assert document["keyframes"][2] == {
        "step": 500,
        "phase": "",
        "actions": [],
        "values": {"reg-separate": 0.02},
    }
    assert cli("schedule", "color/regularizers", "schedule.steps=5").exit_code == 2
