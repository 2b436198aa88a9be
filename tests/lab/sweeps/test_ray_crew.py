"""The crew against a cluster of this process, whose workers are lost when a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from latelier.config import ConfigError, RunError, load_config
from latelier.lab.launch import create, fit
from latelier.lab.sweeps import ray_crew
from latelier.lab.sweeps.executor import Work
from latelier.lab.sweeps.ray_cluster import Cluster, Share, WorkerLost
from latelier.lab.sweeps.ray_crew import LOSSES, Crew
from latelier.lab.sweeps.ray_versions import versions_here
from latelier.lab.sweeps.ray_worker import Greeting, Progress, Trainer
from latelier.runs import RunRecord
from latelier.runs.verify import verify

from .conftest import TINY


@pytest.fixture(autouse=True)
def short_looks(monkeypatch):
    monkeypatch.setattr(ray_crew, "_LOOK_SECONDS", 0.02)


class Worker:
    """A trainer that the cluster may lose; what it does then is not heard of."""

    def __init__(self, scratch: Path) -> None:
        self.trainer = Trainer(str(scratch))
        self.lost = False


@dataclass(eq=False)
class Asked:
    """A question that is answered when its answer is taken."""

    worker: Worker
    method: str
    arguments: tuple[Any, ...]


class Threads(Cluster):
    """Workers that are threads; asked at once, when the answer is taken."""

    def __init__(self, scratch: Path) -> None:
        super().__init__(str(scratch), versions_here())
        self.hired: list[Worker] = []
        self.before: Callable[[Worker, str, tuple[Any, ...]], Any] = lambda *_: None

    def hire(self, share: Share) -> Worker:  # noqa: ARG002
        self.hired.append(Worker(Path(str(self._scratch))))
        return self.hired[-1]

    def ask(self, worker: Worker, method: str, *arguments: object) -> Asked:
        return Asked(worker, method, arguments)

    def answered(self, asked: list[Asked], seconds: float) -> list[Asked]:  # noqa: ARG002
        return asked

    def answer(self, asked: Asked) -> Any:
        instead = self.before(asked.worker, asked.method, asked.arguments)
        if asked.worker.lost:
            raise WorkerLost("the worker is gone", got="It was killed.")
        return instead or getattr(asked.worker.trainer, asked.method)(*asked.arguments)

    def dismiss(self, worker: Worker) -> None:
        worker.lost = True
        worker.trainer._stop.set()
        if worker.trainer._thread is not None:
            worker.trainer._thread.join()


class Sweep:
    """Some runs, and what was said of them."""

    def __init__(self, folder: Path, count: int = 3, **changes: Any) -> None:
        training = {**TINY["training"], "batch_size": 8, **changes.pop("training", {})}
        self.config = {**TINY, "schedule": {"epochs": 4}, "training": training, **changes}
        self.records = [
            create(load_config({**self.config, "seed": seed}), folder / "runs")
            for seed in range(count)
        ]
        self.cluster = Threads(folder)
        self.ended: list[str] = []
        self.said: list[str] = []
        self.stop = False
        self.grace = 20.0

    def carry_out(self, *, workers: int = 2, in_place: bool = False) -> None:
        work = Work(
            records=self.records,
            max_workers=workers,
            grace=self.grace,
            stop=lambda: self.stop,
            ended=lambda record: self.ended.append(record.id),
            say=self.said.append,
        )
        crew = Crew(self.cluster, Share(workers, 1, 0), work, in_place=in_place)
        try:
            crew.carry_out()
        finally:
            crew.dismiss()

    def states(self) -> list[str]:
        return [str(record.summary().state) for record in self.records]


def story(record: RunRecord) -> list[str]:
    events = list(record.events())
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events if event.type.startswith("run.")]


def lose_at(sweep: Sweep, step: int) -> None:
    """Lose the first worker when home has that many steps of the first run; once."""
    first = sweep.records[0]

    def before(worker: Worker, method: str, arguments: tuple[Any, ...]) -> None:
        alive = worker is sweep.cluster.hired[0] and not worker.lost
        if method == "look" and alive and first.summary().step >= step:
            sweep.cluster.dismiss(worker)

    sweep.cluster.before = before


def test_a_lost_workers_variant_goes_on_elsewhere(tmp_path):
    sweep = Sweep(tmp_path)
    lose_at(sweep, 8)
    sweep.carry_out()
    assert sweep.states() == ["completed"] * 3
    assert sorted(sweep.ended) == sorted(record.id for record in sweep.records)
    assert len(sweep.cluster.hired) == 3
    assert story(sweep.records[0])[1:] == [
        "run.started", "run.failed", "run.resumed", "run.completed",
    ]  # fmt: skip
    for record in sweep.records:
        assert verify(record) == []
        assert story(record).count("run.completed") == 1
    alone = fit({**sweep.config, "seed": 0}, runs_dir=tmp_path / "alone").record
    last = [r.read_json("checkpoint", epoch=4) for r in (alone, sweep.records[0])]
    assert last[0]["digest"] == last[1]["digest"]
    assert sweep.records[0].metrics().steps == alone.metrics().steps
    assert not list((tmp_path / "runs").glob(".*"))


def test_workers_that_see_the_folder_of_runs_write_there(tmp_path):
    sweep = Sweep(tmp_path, count=2)
    sweep.carry_out(in_place=True)
    assert sweep.states() == ["completed"] * 2
    assert all("in place" in line for line in sweep.said)
    assert all(verify(record) == [] for record in sweep.records)
    assert not list((tmp_path / "runs").glob(".*"))


def test_workers_that_do_not_see_it_send_everything(tmp_path, monkeypatch):
    monkeypatch.setattr("latelier.lab.sweeps.ray_worker._answers", lambda _probe: False)
    sweep = Sweep(tmp_path, count=1)
    sweep.carry_out(in_place=True)
    assert sweep.states() == ["completed"]
    assert "sends it home" in sweep.said[0]


def test_a_variant_that_fails_is_not_tried_again(tmp_path):
    sweep = Sweep(tmp_path, count=2, schedule={"epochs": 4, "lr": 1e30})
    sweep.carry_out()
    assert sweep.states() == ["failed"] * 2
    for record in sweep.records:
        assert story(record).count("run.started") == 1
        assert record.summary().reason == "non_finite"
    assert sorted(sweep.ended) == sorted(record.id for record in sweep.records)
    assert len(sweep.cluster.hired) == 2


def test_a_variant_that_cannot_begin_says_why(tmp_path):
    sweep = Sweep(tmp_path, count=2)
    broken = sweep.records[0]
    broken.path_of("config").write_text('{"model": 3}')
    sweep.carry_out()
    assert sweep.states() == ["failed", "completed"]
    assert "model" in broken.summary().message


def test_who_loses_every_worker_is_left(tmp_path):
    sweep = Sweep(tmp_path, count=2)
    first = sweep.records[0]

    def before(worker: Worker, method: str, arguments: tuple[Any, ...]) -> None:
        if method == "begin" and arguments[0] == str(first.path):
            sweep.cluster.dismiss(worker)

    sweep.cluster.before = before
    sweep.carry_out(workers=1)
    assert sweep.states() == ["failed", "completed"]
    assert f"lost {LOSSES} workers" in first.summary().message
    assert sum("is lost" in line for line in sweep.said) == LOSSES


def test_a_stopped_sweep_leaves_checkpoints_and_begins_nothing_more(tmp_path):
    sweep = Sweep(tmp_path, schedule={"epochs": 2000})
    first = sweep.records[0]

    def before(*_: object) -> None:
        sweep.stop = sweep.stop or first.summary().step > 8

    sweep.cluster.before = before
    sweep.carry_out(workers=1)
    assert sweep.states() == ["cancelled", "created", "created"]
    assert sweep.ended == [first.id]
    assert first.checkpoints()
    assert verify(first) == []

    sweep.stop, sweep.cluster.before = False, lambda *_: None
    step = first.summary().step
    sweep.cluster.before = lambda *_: setattr(sweep, "stop", first.summary().step > step + 8)
    sweep.carry_out(workers=1)
    assert story(first)[-2:] == ["run.resumed", "run.cancelled"]
    assert first.summary().step > step + 8


def test_what_does_not_stop_in_time_is_ended(tmp_path):
    sweep = Sweep(tmp_path, count=1, schedule={"epochs": 2000})
    sweep.grace = 0.0
    first = sweep.records[0]

    def before(worker: Worker, method: str, arguments: tuple[Any, ...]) -> Any:
        sweep.stop = first.summary().step > 8
        return Progress(False, None, "") if sweep.stop and method == "look" else None

    sweep.cluster.before = before
    sweep.carry_out()
    assert sweep.states() == ["failed"]
    assert first.summary().reason == "interrupted"
    assert sweep.ended == [first.id]
    assert verify(first) == []


def test_one_variant_can_be_cancelled(tmp_path):
    sweep = Sweep(tmp_path, count=2, schedule={"epochs": 20})
    first = sweep.records[0]

    def before(*_: object) -> None:
        if first.summary().step > 8 and not first.cancel_requested():
            first.request_cancel()

    sweep.cluster.before = before
    sweep.carry_out(workers=1)
    assert sweep.states() == ["cancelled", "completed"]


def test_a_run_that_was_thrown_away_stops_no_other(tmp_path):
    sweep = Sweep(tmp_path, count=2)
    first = sweep.records[0]

    def before(*_: object) -> None:
        if first.path.is_dir() and first.summary().step > 8:
            first.path.rename(tmp_path / "thrown away")

    sweep.cluster.before = before
    sweep.carry_out(workers=1)
    assert sweep.records[1].summary().state == "completed"
    assert sweep.ended == [record.id for record in sweep.records]
    assert not first.path.exists()


def test_a_worker_with_other_versions_is_not_used(tmp_path):
    sweep = Sweep(tmp_path, count=1)

    def before(worker: Worker, method: str, arguments: tuple[Any, ...]) -> Any:
        if method != "greet":
            return None
        here = worker.trainer.greet(*arguments)
        return Greeting("far", 1, here.versions._replace(torch="1.0"), True)

    sweep.cluster.before = before
    with pytest.raises(ConfigError, match=r"far: torch 1\.0 \(here "):
        sweep.carry_out()
    assert sweep.states() == ["created"]


def test_workers_that_end_as_soon_as_they_begin(tmp_path):
    sweep = Sweep(tmp_path, count=1)
    sweep.cluster.before = lambda worker, *_: setattr(worker, "lost", True)
    with pytest.raises(RunError, match="end as soon as they begin"):
        sweep.carry_out()
    assert sweep.states() == ["created"]
    assert not list((tmp_path / "runs").glob(".*"))
