from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from latelier.config.errors import RunError
from latelier.lab.sweeps.local import train_variant
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.summary import read_wall
from latelier.lab.sweeps.tiles import restored
from latelier.lab.sweeps.wall import Wall
from latelier.runs import RunRecord, RunStore
from latelier.runs.atomic import write_bytes, write_json
from latelier.runs.payloads.walls import SWEEP_PAYLOADS
from latelier.runs.sweeps import SweepRecord

SEEDS: dict[str, Any] = {"axes": [{"kind": "seeds", "seeds": 3}], "reference": 2}
RAW = {**SEEDS, "map": [0, 1]}
POINTS = np.arange(5, 25)
PER_EPOCH = 10


def begin(run: RunRecord) -> RunRecord:
    with run.own() as writer:
        facts = {"total_steps": 25, "total_epochs": 3, "steps_per_epoch": PER_EPOCH}
        writer.transition("running", **facts)
        writer.transition("completed")
    return run


def latents_of(run: RunRecord, step: int, dims: int = 2) -> np.ndarray:
    seed = int(run.config()["seed"])
    grown = np.random.default_rng(step).normal(size=(len(POINTS), dims))
    turn = np.linalg.qr(np.random.default_rng(100 + seed).normal(size=(dims, dims)))[0]
    noise = np.random.default_rng([seed, step]).normal(size=grown.shape)
    return (grown @ turn * (1 + seed) + 0.1 * noise).astype(np.float32)


def keys_of(step: int) -> dict[str, int]:
    """An end of an epoch (the last one is short), or a frame inside one."""
    if step == 25:
        return {"epoch": 3}
    ends = step % PER_EPOCH == 0
    return {"epoch": step // PER_EPOCH} | ({} if ends else {"step": step})


def record_map(run: RunRecord, step: int, **changes: Any) -> None:
    """Write latents and their map as a run does, one after the other."""
    record_latents(run, step, **changes)
    record_projection(run, step, **changes)


def record_latents(run: RunRecord, step: int, *, points: Any = POINTS, z: Any = None) -> None:
    z = latents_of(run, step) if z is None else z
    tensors = {"z": z, "dataset_idx": np.asarray(points), "labels": np.asarray(points) % 3}
    write_bytes(run.path_of("latents", **keys_of(step)), save_tensors(tensors))


def record_projection(run: RunRecord, step: int, *, points: Any = POINTS, z: Any = None) -> None:
    z = latents_of(run, step) if z is None else z
    payload = {"dataset_idx": np.asarray(points), "coords": z, "label": np.asarray(points) % 3}
    write_json(run.path_of("latent_2d_pca", **keys_of(step)), payload)


def spoil(run: RunRecord, kind: str) -> None:
    run.path_of(kind, epoch=1).write_bytes(b"{}")


def wall_of(record: SweepRecord) -> Wall:
    return Wall(RunStore(record.runs_dir), record)


def read(record: SweepRecord, kind: str = "wall_latest", **keys: int) -> dict[str, Any]:
    """A file of the wall, held against its schema; without what differs between two writings."""
    content = record.path_of(kind, **keys).read_bytes()
    SWEEP_PAYLOADS[kind].model_validate_json(content)
    value: dict[str, Any] = json.loads(content)
    value.pop("compute_ms", None)
    return value


def whole(record: SweepRecord) -> dict[str, Any]:
    frames = {step: read(record, "wall_step", step=step) for step in record.wall_steps()}
    return {"frames": frames, "latest": read(record), "index": read(record, "wall_index")}


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody cuts the power during a test."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def sweep(make_sweep: Callable[..., SweepRecord]) -> Callable[..., tuple[SweepRecord, list[Any]]]:
    def make(section: dict[str, Any]) -> tuple[SweepRecord, list[Any]]:
        record = make_sweep(section)
        return record, [begin(run) for run in record.runs()]

    return make


def test_raw_dimensions_are_shown_as_they_are(sweep):
    record, runs = sweep({**SEEDS, "map": [1, 0]})
    for run in runs[:2]:
        record_map(run, 10)
    assert wall_of(record).update() == 1
    frame = read(record, "wall_step", step=10)
    assert (frame["step"], frame["epoch"], frame["map"]) == (10, 1, [1, 0])
    for run, tile in zip(runs[:2], frame["variants"], strict=False):
        latents = latents_of(run, 10)[:, ::-1]
        assert restored(tile) == pytest.approx(latents, abs=tile["unit"])
        lengths = np.hypot(*latents.astype(float).T)
        assert tile["ring"] == pytest.approx(np.abs(lengths - 1).mean(), rel=1e-6)
        assert tile["residual"] is None
    third = {"index": 2, "run_id": runs[2].id, "missing": True, "why": None}
    assert frame["variants"][2] == third
    index = read(record, "wall_index")
    row = {"step": 10, "epoch": 1, "variants": 2, "version": 2, "bounds": frame["bounds"]}
    assert index["steps"] == [row]
    assert index["points"] == [
        {"dataset_idx": POINTS.tolist(), "label": (POINTS % 3).tolist(), "color": None}
    ]


def test_maps_by_pca_are_turned_to_the_reference(sweep):
    record, runs = sweep(SEEDS)
    for run in runs:
        record_map(run, 20)
    wall_of(record).update()
    first, second, reference = read(record)["variants"]
    assert reference["residual"] == 0
    assert restored(reference) == pytest.approx(latents_of(runs[2], 20), abs=reference["unit"])
    for tile in (first, second):
        drawn, aim = restored(tile), restored(reference)
        assert tile["ring"] is None
        left = np.sqrt(((drawn - aim) ** 2).sum(axis=1).mean())
        assert tile["residual"] == pytest.approx(left, rel=0.01)
        shapes = [(points - points.mean(axis=0)).ravel() for points in (drawn, aim)]
        correlation = np.corrcoef(*shapes)[0, 1]
        assert correlation > 0.98, "the same shape, however large"
    assert np.ptp(restored(first)) < np.ptp(restored(reference)), "growth stays"


@pytest.mark.parametrize("section", [SEEDS, RAW], ids=["pca", "raw"])
@pytest.mark.parametrize("seed", range(2))
def test_the_wall_does_not_depend_on_who_comes_first(sweep, section, seed):
    record, runs = sweep(section)
    parts = [(run, step) for run in runs for step in (0, 3, 10, 17, 20, 25)]
    random.Random(seed).shuffle(parts)
    wall = wall_of(record)
    for number, (run, step) in enumerate(parts):
        record_latents(run, step)
        wall.update()  # a map may be asked for between latents and projection
        record_projection(run, step)
        if number % 3 == seed % 3:
            wall.update()
        if number % 5 == 0:
            wall = wall_of(record)  # the driver was killed
    wall.update()
    grown = whole(record)
    assert sorted(grown["frames"]) == [0, 3, 10, 17, 20, 25]
    assert [frame["epoch"] for _, frame in sorted(grown["frames"].items())] == [0, 0, 1, 1, 2, 3]

    for path in (record.path / "wall").iterdir():
        path.unlink()
    wall_of(record).update()
    assert whole(record) == grown


def test_what_is_known_is_not_written_again(sweep):
    record, runs = sweep(RAW)
    wall = wall_of(record)
    record_map(runs[0], 10)
    assert wall.update() == 1
    before = {path: path.stat().st_mtime_ns for path in (record.path / "wall").iterdir()}
    assert len(before) == 3
    assert wall.update() == wall_of(record).update() == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    record_map(runs[1], 20)
    assert wall.update() == 1
    step = record.path_of("wall_step", step=10)
    assert step.stat().st_mtime_ns == before[step], "only what is new"


def test_without_news_it_looks_at_folders_only(sweep, monkeypatch):
    record, runs = sweep(RAW)
    for run in runs:
        record_map(run, 10)
        os.utime(run.path / "latents", (1, 1))
    wall = wall_of(record)
    wall.update()
    monkeypatch.setattr(os, "listdir", lambda _: pytest.fail("a folder without news was listed"))
    assert wall.update() == 0


def test_a_folder_with_the_same_time_stamp_may_have_news(sweep):
    record, runs = sweep(RAW)
    record_map(runs[0], 10)
    wall = wall_of(record)
    wall.update()
    folder = runs[0].path / "latents"
    before = folder.stat().st_mtime_ns
    record_map(runs[0], 20)
    os.utime(folder, ns=(before, before))
    assert wall.update() == 1, "clocks of file systems are coarse"


def test_before_anything_is_recorded_there_is_no_wall(make_sweep):
    record = make_sweep(RAW)
    assert wall_of(record).update() == 0
    assert not (record.path / "wall").exists()
    assert read_wall(record) is None


def test_the_latest_has_every_variant_at_its_newest_step(sweep):
    record, runs = sweep(RAW)
    wall = wall_of(record)
    for run, step in ((runs[0], 25), (runs[1], 10), (runs[1], 3)):
        record_map(run, step)
        wall.update()
    latest = read(record)
    assert [entry.get("step") for entry in latest["variants"]] == [25, 10, None]
    assert (latest["step"], latest["epoch"]) == (25, 3)
    assert wall_of(record).update() == 0
    record_map(runs[2], 10)
    wall_of(record).update()
    assert [entry.get("step") for entry in read(record)["variants"]] == [25, 10, 10]


def test_variants_with_other_points_have_sets_of_their_own(sweep):
    record, runs = sweep(SEEDS)
    others = POINTS + 4
    record_map(runs[0], 10)
    record_map(runs[1], 10, points=others)
    record_map(runs[2], 10)
    wall_of(record).update()
    first, second, reference = read(record)["variants"]
    assert first["points"] == reference["points"] != second["points"]
    sets = read(record, "wall_index")["points"]
    assert sets[second["points"]]["dataset_idx"] == others.tolist()
    assert len(sets) == 2
    assert second["residual"] is not None, "sixteen points are common"


def test_other_data_is_not_turned(sweep):
    record, runs = sweep(SEEDS)
    config = runs[0].config()
    config["data"]["dataset"] = "mnist-5k"
    write_json(runs[0].path_of("config"), config)
    for run in runs:
        record_map(run, 10)
    wall_of(record).update()
    first, second, _ = read(record)["variants"]
    assert first["residual"] is None
    assert restored(first) == pytest.approx(latents_of(runs[0], 10), abs=first["unit"])
    assert second["residual"] is not None


def test_points_that_are_colors_have_their_own(sweep):
    record, runs = sweep(RAW)
    color = [f"#0000{number:02x}" for number in POINTS]
    payload = {"dataset_idx": POINTS, "color": color}
    write_json(runs[0].path_of("point_colors"), payload)
    record_map(runs[0], 10)
    wall_of(record).update()
    assert read(record, "wall_index")["points"][0]["color"] == color


@pytest.mark.parametrize(
    ("section", "change", "why"),
    [
        (RAW, lambda run: spoil(run, "latents"), "cannot be read"),
        (RAW, lambda run: record_latents(run, 10, z=np.full((20, 2), np.nan)), "finite"),
        (RAW, lambda run: record_latents(run, 10, z=np.ones((20, 1))), "1 dimensions"),
        (SEEDS, lambda run: spoil(run, "latent_2d_pca"), "cannot be read"),
    ],
)
def test_what_cannot_be_shown_says_why(sweep, section, change, why):
    record, runs = sweep(section)
    for run in runs:
        record_map(run, 10)
    change(runs[1])
    wall = wall_of(record)
    assert wall.update() == 1
    entries = read(record)["variants"], read(record, "wall_step", step=10)["variants"]
    assert "x" in entries[1][0]
    assert why in entries[1][1]["why"]
    assert str(record.runs_dir) not in entries[1][1]["why"], "it is shown in a page"
    assert entries[0][1]["missing"], "and in the latest"
    assert wall.update() == 0, "it does not get better by itself"
    row = read(record, "wall_index")["steps"][0]
    assert (row["variants"], row["version"]) == (2, 3)


@pytest.mark.parametrize("name", ["index.json", "step_10.json", "latest.json"])
@pytest.mark.parametrize("content", [None, b'{"map": "pca", "variants": 3}'])
def test_a_wall_that_is_torn_is_made_whole(sweep, name, content):
    record, runs = sweep(SEEDS)
    for run in runs:
        record_map(run, 10)
    wall_of(record).update()
    good = whole(record)
    path = record.path / "wall" / name
    path.unlink() if content is None else path.write_bytes(content)
    for run in runs:
        record_map(run, 20)
    wall_of(record).update()
    made = whole(record)
    assert made["frames"][10] == good["frames"][10]
    assert list(made["frames"]) == [10, 20]
    assert [row["step"] for row in made["index"]["steps"]] == [10, 20]
    assert made["latest"]["step"] == 20


def test_a_frame_that_names_unknown_points_is_made_anew(sweep):
    record, runs = sweep(RAW)
    record_map(runs[0], 10)
    wall_of(record).update()
    good = whole(record)
    index = json.loads(record.path_of("wall_index").read_bytes())
    write_json(record.path_of("wall_index"), {**index, "points": [], "steps": []})
    wall_of(record).update()
    assert whole(record) == good


def test_a_run_that_is_gone_keeps_its_place(sweep):
    record, runs = sweep(RAW)
    record_map(runs[0], 10)
    record_map(runs[1], 10)
    wall_of(record).update()
    RunStore(record.runs_dir).trash(runs[0].id)
    record_map(runs[1], 20)
    wall_of(record).update()
    assert "x" in read(record, "wall_step", step=10)["variants"][0]
    assert read(record, "wall_step", step=20)["variants"][0]["missing"]


def test_a_sweep_that_cannot_be_read_has_no_wall(sweep):
    record, _ = sweep(RAW)
    record.path_of("sweep").write_bytes(b"{")
    with pytest.raises(RunError, match="damaged"):
        wall_of(record)


def test_the_driver_draws_what_runs_record(make_sweep, here, tmp_path: Path):
    here.train = train_variant
    analysis = {
        "points": 20,
        "neighbors": 5,
        "snapshots": 0,
        "every_steps": 3,
        "pictures": False,
        "full_set": "off",
        "reconstructions": 4,
    }
    record = make_sweep({**RAW, "axes": [{"kind": "seeds", "seeds": 2}], "reference": 0,
                         "metrics": {"wall/ring": "min"}}, analysis=analysis)  # fmt: skip
    sweep = carry_out_sweep(record)
    assert sweep.state == "completed"
    assert record.wall_steps() == [0, 2, 3, 4]
    for run, tile in zip(record.runs(), read(record)["variants"], strict=True):
        tensors = load_tensors(run.read_bytes("latents", epoch=2))
        assert restored(tile) == pytest.approx(tensors["z"], abs=tile["unit"])
    assert sweep.summary["columns"][0] == "wall/ring"
    best = min(read(record)["variants"], key=lambda tile: tile["ring"])
    assert sweep.summary["pareto"] == [best["index"]]
