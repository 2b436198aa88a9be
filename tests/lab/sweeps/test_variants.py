from __future__ import annotations

import subprocess
import sys

import pytest

from latelier.config import ConfigError
from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.executor import EXECUTORS, make_executor
from latelier.lab.sweeps.variants import create_sweep, make_runs, variants_of
from latelier.runs import RunStore

from .conftest import BETAS, TINY


def test_every_variant_is_a_run_that_waits(make_sweep):
    record = make_sweep()
    sweep = record.read()
    runs = record.runs()
    assert [run.summary().state for run in runs] == ["created", "created"]
    assert [run.config()["objective"]["beta"] for run in runs] == [1.0, 4.0]
    assert [run.summary().name for run in runs] == ["beta=1", "beta=4"]
    assert [run.config()["tags"] for run in runs] == [["tiny"]] * 2
    assert len({run.id for run in runs}) == 2
    assert sweep.options == {"max_workers": None, "grace": 300.0, "address": None}
    assert (sweep.reference, sweep.layout) == (1, {"kind": "flat"})
    assert sweep.base["objective"]["beta"] == 1.0


@pytest.mark.parametrize("name", ["color/quick", "library/digits-beta-sweep"])
def test_a_stored_sweep_makes_the_same_variants_again(name, tmp_path):
    loaded = load_sweep(name)
    record = create_sweep(loaded, tmp_path)
    assert variants_of(record.read()) == loaded.variants


def test_a_killed_maker_is_finished(make_sweep):
    record = make_sweep()
    store = RunStore(record.runs_dir)
    kept, lost = record.runs()
    before = kept.summary()
    store.trash(lost.id)
    make_runs(record)
    assert lost.config()["objective"]["beta"] == 4.0
    assert kept.summary() == before


def test_what_came_from_python_is_refused(tmp_path):
    given = {**TINY, "data": {"dataset": "given"}, "sweep": BETAS}
    with pytest.raises(ConfigError, match="cannot come from Python"):
        create_sweep(load_sweep(given), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_sweeps_are_made_and_listed_without_torch(tmp_path):
    code = (
        "import sys\n"
        "from latelier.config.sweeps import load_sweep\n"
        "from latelier.lab.sweeps.summary import summarize\n"
        "from latelier.lab.sweeps.variants import create_sweep\n"
        f"record = create_sweep(load_sweep('color/quick', only=['norm']), {str(tmp_path)!r})\n"
        "assert summarize(record.view())['rows'][0]['name'] == 'norm'\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_executors_are_imported_when_they_are_made():
    assert list(EXECUTORS) == ["local", "ensemble", "ray"]
    with pytest.raises(ConfigError, match="got 'loacl'; expected one of local, ensemble, ray"):
        make_executor("loacl")
