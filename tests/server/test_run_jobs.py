"""Runs as jobs; that they are carried out is tested in test_jobs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from latelier.runs import RunRecord, RunState, RunStore, request_start
from latelier.runs.sweep_store import SweepStore
from latelier.runs.sweeps import SweepRecord
from latelier.server.run_jobs import RunJobs, device_of


def test_devices_are_told_apart(store: RunStore, make_run: Callable[..., RunRecord]) -> None:
    assert device_of(make_run("created")) == "cpu"
    for asked, found in (("cuda", "cuda:0"), ("cuda:1", "cuda:1")):
        config = {"training": {"device": asked}}
        made = store.create(config, label="", model_kind="vae", dataset="digits")
        assert device_of(made) == found


def test_candidates_are_those_that_ask(
    store: RunStore, sweeps: SweepStore, make_run: Callable[..., RunRecord]
) -> None:
    jobs = RunJobs(store, sweeps)
    assert list(jobs.candidates()) == [], "there is no folder yet"
    make_run("created")
    asking = make_run("created")
    request_start(asking)
    assert [record.id for record in jobs.candidates()] == [asking.id]


def test_the_runs_of_a_sweep_take_no_place_beside_it(
    store: RunStore,
    sweeps: SweepStore,
    make_run: Callable[..., RunRecord],
    make_sweep: Callable[..., SweepRecord],
) -> None:
    sweep, other, foreign = make_sweep(), make_run("created"), make_run("created")
    own = sweep.runs()[0]
    jobs = RunJobs(store, sweeps)
    with contextlib.ExitStack() as stack:
        for run in (own, other, foreign):
            stack.enter_context(run.own()).transition(RunState.RUNNING)
        for run in (own, other):
            run.path_of("console").touch()
        assert {run.id for run in jobs.left_behind()} == {own.id, other.id}
        stack.enter_context(sweep.own()).transition(RunState.RUNNING)
        assert [run.id for run in jobs.left_behind()] == [other.id]
