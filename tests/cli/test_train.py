"""train, resume and demo: what they hand to the lab, and what they say when it is done."""

from __future__ import annotations

import re
import signal

import pytest
import yaml

from latelier.config import NonFiniteObjectiveError, load_config
from latelier.lab import launch
from latelier.lab.run import Run

SMALL = (
    "digits-vae",
    "schedule.epochs=2",
    "data.limit=80",
    "analysis.enabled=false",
    "analysis.pictures=false",
)


class FakeLab:
    """Stands in for training: makes a run, tells the observers, and ends as it is told to."""

    def __init__(self, make_run) -> None:
        self._make_run = make_run
        self.called_with: dict[str, object] = {}
        self.during = lambda _: None
        self.run_id = ""

    def fit(self, config, *, observers, stop, **rest) -> Run:
        self.called_with = {"config": config, **rest}
        record = self._make_run("created")
        self.run_id = record.id
        with record.own() as writer:
            for observer in observers:
                writer.listen(observer)
            writer.transition("running", total_steps=40, total_epochs=4, device="cpu")
            self.during(stop)
            writer.update_summary(step=20, epoch=2, last_metrics={"nmi": 0.5, "val/loss": 2.0})
            writer.transition("cancelled" if stop() else "completed")
        return Run(record)

    def resume(self, run, *, epoch, **rest) -> Run:
        done = self.fit("config of the run", **rest)
        self.called_with |= {"run": run.id, "epoch": epoch}
        return done

    def run_demo(self, runs_dir, *, overrides, **rest) -> Run:
        done = self.fit("default preset", **rest)
        self.called_with |= {"runs_dir": runs_dir, "overrides": overrides}
        return done


@pytest.fixture
def lab(make_run, monkeypatch):
    fake = FakeLab(make_run)
    monkeypatch.setattr("latelier.lab.launch.fit", fake.fit)
    monkeypatch.setattr("latelier.lab.launch.resume", fake.resume)
    monkeypatch.setattr("latelier.lab.demo.run_demo", fake.run_demo)
    return fake


def test_without_config_the_presets_are_listed(cli):
    result = cli("train")

    assert result.exit_code == 0
    assert "lab/mnist5k-gmvae\n  " in result.stdout


def test_a_run_is_trained_and_summed_up(cli, lab):
    result = cli("train", "digits-vae", "seed=3", "--runs-dir", "runs")

    assert result.exit_code == 0
    assert lab.called_with["config"] == load_config("digits-vae", ["seed=3"])
    assert str(lab.called_with["runs_dir"]) == "runs"
    for text in (
        lab.run_id,
        "completed",
        "2 epochs, 20 steps",
        "nmi         0.5",
        "val/loss      2",
    ):
        assert text in result.stdout
    assert result.stderr.splitlines()[0] == f"{lab.run_id}: 4 epochs, 40 steps on cpu"
    assert f"latelier show {lab.run_id}" in result.stderr


def test_options_are_settings(cli, lab, tmp_path):
    name = 'a: "b" #c'
    options = ("--name", name, "--data-root", "d", "--deterministic-debug", "--logger", "none")
    assert cli("train", "digits-vae", *options).exit_code == 0

    config = lab.called_with["config"]
    assert config.name == name
    assert config.data.root == tmp_path / "d"
    assert config.training.deterministic_debug


def test_a_missing_data_set_is_fetched_first_with_progress(cli, lab, monkeypatch, tmp_path):
    fetched = []
    monkeypatch.setattr(
        "latelier.data.fetch_dataset", lambda *args, progress: fetched.append((*args, progress))
    )
    assert cli("train", "mnist-gmvae", "--data-root", str(tmp_path)).exit_code == 0

    ((name, root, progress),) = fetched
    assert (name, root) == ("mnist", tmp_path)
    assert callable(progress)


@pytest.mark.parametrize(
    ("args", "messages"),
    [
        (["digits-vaee"], ["no preset has that name", "Did you mean library/digits-vae"]),
        (["no/such.yaml"], ["file does not exist; got no/such.yaml"]),
        (["seed=3"], ["CONFIG is missing"]),
        (["digits-vae", "training.batchsize=9"], ["Did you mean training.batch_size?"]),
        (["digits-vae", "seed=x", "schedule.epochs=-1"], ["seed", "schedule.epochs", "2 settings"]),
        (["digits-vae", "seed"], ["seed"]),
        (["digits-vae", "--logger", "smoke"], ["--logger"]),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(cli, lab, store, args, messages):
    result = cli("train", *args)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert all(message in result.stderr for message in messages), result.stderr
    assert not store.root.exists()


def test_the_first_interrupt_cancels_in_good_order(cli, lab):
    lab.during = lambda _: signal.raise_signal(signal.SIGINT)

    result = cli("train", "digits-vae")

    assert result.exit_code == 130
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        f"{lab.run_id} is cancelled at step 20, epoch 2. Go on with `latelier resume {lab.run_id}`."
    )


def test_the_second_interrupt_aborts(cli, lab, store):
    def twice(_):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    lab.during = twice
    result = cli("train", "digits-vae")

    assert result.exit_code == 130
    assert f"Aborted. Go on from the last checkpoint with `latelier resume {lab.run_id}`" in (
        result.stderr
    )
    assert store.open(lab.run_id).summary().state == "failed"


def test_a_failure_is_a_message_that_names_the_run(cli, lab):
    def fail(_):
        raise NonFiniteObjectiveError(7, {"recon": float("nan")}, [1, 2])

    lab.during = fail
    result = cli("train", "digits-vae")

    assert result.exit_code == 6
    assert "error: the objective is not finite at step 7; got recon = nan" in result.stderr
    assert result.stderr.endswith(f"The run is recorded: `latelier show {lab.run_id}`.\n")
    assert "Traceback" not in result.stderr


def test_resume_passes_the_run_and_the_epoch(cli, lab, make_run):
    stopped = make_run("cancelled")

    assert cli("resume", stopped.id[:-1], "--epoch", "1").exit_code == 0
    assert lab.called_with["run"] == stopped.id
    assert lab.called_with["epoch"] == 1


def test_resume_refuses_what_cannot_go_on(cli, make_run):
    done = make_run()

    result = cli("resume", done.id)
    assert result.exit_code == 3
    assert "is completed" in result.stderr
    assert cli("resume", "nothing").exit_code == 4
    assert cli("resume", done.id, "--epoch", "-1").exit_code == 2


def test_a_dry_run_prints_a_config_that_means_the_same(cli, lab, store):
    result = cli("train", "digits-vae", "seed=5", "--dry-run")

    assert result.exit_code == 0
    assert result.stdout.startswith("# 20 epochs of 26 steps: 520 steps; ")
    assert load_config(yaml.safe_load(result.stdout)) == load_config("digits-vae", ["seed=5"])
    assert lab.called_with == {}
    assert not store.root.exists()


def test_a_dry_run_downloads_nothing(cli, lab, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a dry run fetched data")

    monkeypatch.setattr("latelier.data.fetch_dataset", refuse)
    monkeypatch.setattr("latelier.data.load.fetch_dataset", refuse)

    result = cli("train", "mnist-gmvae", "--dry-run")

    assert result.exit_code == 0
    assert result.stdout.startswith("# The number of steps is known once mnist is downloaded.")


def test_the_demo_says_what_was_written(cli, lab, store):
    def draw(_):
        record = store.open(lab.run_id)
        for name in ("pictures/curves.png", "pictures/map_latest.png", "pictures/map_epoch_2.png"):
            path = record.path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"picture")

    lab.during = draw
    result = cli("demo", "--no-serve", "--runs-dir", "runs", "seed=3")

    assert result.exit_code == 0
    assert lab.called_with["overrides"] == ["seed=3"]
    assert str(lab.called_with["runs_dir"]) == "runs"
    shown = result.stdout.partition("Pictures:\n")[2].splitlines()
    folder = f"  runs/{lab.run_id}/pictures"
    assert shown[:3] == [f"{folder}/curves.png", f"{folder}/map_latest.png", ""]
    assert re.search(r"^map_picture +2 +14 B$", result.stdout, re.MULTILINE)
    assert "nmi         0.5  normalized mutual information" in result.stdout
    assert f"latelier verify {lab.run_id}" in result.stdout


def test_train_verify_and_show_for_real(cli, cli_json, monkeypatch):
    result = cli("train", *SMALL, "--name", "tiny")
    assert result.exit_code == 0, result.output
    assert [line.split("  ")[0] for line in result.stderr.splitlines()[1:4]] == [
        "epoch 0/2",
        "epoch 1/2",
        "epoch 2/2",
    ]

    assert cli("verify", "latest").stdout.endswith("is sound.\n")
    document = cli_json("show", "latest")
    assert document["summary"]["display_name"] == "tiny"
    assert document["summary"]["state"] == "completed"
    assert document["changed_settings"]["data.limit"] == 80


def test_the_command_line_and_python_train_the_same_model(cli, store):
    assert cli("train", *SMALL).exit_code == 0
    run = launch.fit(SMALL[0], runs_dir=store.root, overrides=SMALL[1:])

    records = [store.open(run_id) for run_id in store.ids()]
    digests = {record.read_json("checkpoint", epoch=2)["digest"] for record in records}

    assert run.id in store.ids()
    assert len(records) == 2
    assert len(digests) == 1
