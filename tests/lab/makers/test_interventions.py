"""Interventions of recorded runs: against a second account from checkpoint and data alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from latelier.config import ConfigError, RunError
from latelier.data.colors import make_colors
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.lab.fork import fork
from latelier.lab.kinds import facts_of, possible
from latelier.lab.launch import fit
from latelier.lab.makers import MAKERS
from latelier.lab.on_demand import computable, make
from latelier.lab.run import Run
from latelier.runs import RECEIPT
from latelier.runs.verify import verify

KIND = "interventions"
ANALYSIS: dict[str, Any] = {
    "part": "held-out",
    "points": 60,
    "neighbors": 5,
    "reconstructions": 4,
    "pictures": False,
    "full_set": "last",
    "density_grid": 8,
    "trust_grid": 4,
}
COLORS: dict[str, Any] = {
    "data": {"dataset": "colors", "sampling": "weighted"},
    "model": {
        "kind": "ae",
        "latent_dim": 3,
        "net": {"kind": "mlp", "hidden": [8], "activation": "gelu", "output": "sigmoid"},
    },
    "regularizers": [
        {"name": "polar", "kind": "pin", "anchor": [1, 0, 0], "labels": {"red": 1.0}},
        {"name": "toward", "kind": "angular-anchor", "anchor": [2, 0, -2]},
        {"name": "found", "kind": "pin", "anchor": "data", "labels": {"red": 0.5, "vibrant": 0.5}},
        {"name": "planar", "kind": "planarity", "labels": {"vibrant": 1.0}},
        {"name": "off", "kind": "pin", "anchor": [1, 1, 1], "enabled": False},
        {"name": "gone", "kind": "planarity", "plane": [1, 2], "enabled": False},
        {"name": "deep", "kind": "pin", "anchor": [1] * 8, "target": "encoder.linear1"},
    ],
    "schedule": {
        "lr": None,
        "dopesheet": [
            {"STEP": 0, "lr": 0.01, **{f"reg-{n}": 0.02 for n in ("polar", "toward", "planar")}},
            {"STEP": 15, "ACTION": "anchor-from-data", "reg-found": 0.02, "reg-deep": 0.001},
            {"STEP": 29, "lr": 0.01},
        ],
    },
    "training": {"batch_size": 64, "steps_per_epoch": 10},
    "analysis": ANALYSIS,
}
DIGITS: dict[str, Any] = {
    "data": {"dataset": "digits", "limit": 120},
    "model": {"kind": "vae", "latent_dim": 2, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 1},
    "training": {"batch_size": 40},
    "analysis": {**ANALYSIS, "part": "train"},
}


@pytest.fixture(scope="module")
def colored(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A color autoencoder of three epochs. Artifacts may be added, none is changed."""
    return fit(COLORS, runs_dir=tmp_path_factory.mktemp("colors"))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A VAE of digits without regularizers."""
    return fit(DIGITS, runs_dir=tmp_path_factory.mktemp("digits"))


def written(run: Run, **keys: int) -> dict[str, Any]:
    payload: dict[str, Any] = run.record.read_json(KIND, **{"epoch": 3, **keys})
    return payload


class Plain:
    """The autoencoder of colors by hand, from the tensors of a checkpoint."""

    def __init__(self, run: Run, epoch: int) -> None:
        folder = run.record.path_of("checkpoint", epoch=epoch).parent
        self.tensors = load_file(folder / "model.safetensors")
        self.state = load_file(folder / "state.safetensors")

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        weight, bias = (self.tensors[f"{name}.{part}"] for part in ("weight", "bias"))
        return x @ weight.T + bias

    def encode(self, x: np.ndarray) -> np.ndarray:
        hidden = functional.gelu(self.linear("encoder.linear1", torch.tensor(x)))
        return self.linear("encoder.latent", hidden).double().numpy()

    def errors(self, z: np.ndarray, x: np.ndarray) -> np.ndarray:
        hidden = functional.gelu(self.linear("decoder.linear1", torch.tensor(z).float()))
        output = torch.sigmoid(self.linear("decoder.output", hidden)).double().numpy()
        return ((output - x) ** 2).mean(1)


def cosines(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.array([row @ v / np.linalg.norm(row) / np.linalg.norm(v) for row in z])


def turned(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Turn each latent that leans towards v: its angle φ becomes φ + cos φ · (90° − φ)."""
    unit, rows = v / np.linalg.norm(v), []
    for row, cosine in zip(z, cosines(z, v), strict=True):
        if cosine <= 0:
            rows.append(row)
            continue
        phi, length = np.arccos(cosine), np.linalg.norm(row)
        aside = row - row @ unit * unit
        angle = phi + cosine * (np.pi / 2 - phi)
        beside = aside / np.linalg.norm(aside)
        rows.append(length * (np.cos(angle) * unit + np.sin(angle) * beside))
    return np.array(rows)


def explained(near: np.ndarray, added: np.ndarray) -> Any:
    """What r² should be: that of the correlation; nothing where either does not vary."""
    if near.std() == 0 or added.std() == 0:
        return None
    return pytest.approx(np.corrcoef(near, added)[0, 1] ** 2, abs=1e-3)


def test_a_second_account_from_checkpoint_and_data_says_the_same(colored: Run) -> None:
    payload, plain, colors = written(colored), Plain(colored, 3), make_colors()
    rows = payload["dataset_idx"]
    x, near = colors.rgb[rows], colors.similarity[rows]
    z = plain.encode(x)
    found = plain.state["task.anchor.found"].numpy()
    weights = colors.probability[rows]
    expected = {
        "polar": (near[:, 0], [1, 0, 0]),
        "toward": (np.clip(cosines(z, np.array([1.0, 0, -1])), 0, 1), [2, 0, -2]),
        "found": (near @ [0.5, 0.5], found),
        "red": (near[:, 0], weights[:, 0] @ z / weights[:, 0].sum() - z.mean(0)),
        "vibrant": (near[:, 1], weights[:, 1] @ z / weights[:, 1].sum() - z.mean(0)),
    }
    assert [one["name"] for one in payload["subjects"]] == list(expected)
    assert all(near.std() > 0 for near, _ in expected.values())
    changed = {}
    for told, (similarity, vector) in zip(payload["subjects"], expected.values(), strict=True):
        v = np.asarray(vector, dtype=float)
        assert told["similarity"] == pytest.approx(similarity, abs=1e-5)
        assert told["direction"]["vector"] == pytest.approx(v, abs=1e-5)
        lean = np.clip(cosines(z, v), 0, 1)[:, None]
        unit = v / np.linalg.norm(v)
        changed[f"suppress {told['name']}"] = z - lean * np.outer(z @ unit, unit)
        changed[f"repel {told['name']}"] = turned(z, v)
    for name, out in {
        "0": [0], "1": [1], "2": [2], "planar": [0, 1], "outside planar": [2]
    }.items():  # fmt: skip
        for kind, fill in (("ablate", z.mean(0)), ("prune", np.zeros(3))):
            codes = z.copy()
            codes[:, out] = fill[out]
            changed[f"{kind} {name}"] = codes
    assert [one["name"] for one in payload["interventions"]] == list(changed)
    before = plain.errors(z, x)
    assert payload["error"] == pytest.approx(before, abs=1e-6)
    for one, effects in zip(payload["interventions"], payload["effects"], strict=True):
        added = plain.errors(changed[one["name"]], x) - before
        assert one["added"] == pytest.approx(added, abs=1e-5)
        for told, effect in zip(payload["subjects"], effects, strict=True):
            assert effect["r2"] == explained(np.array(told["similarity"]), added)


def test_they_are_there_when_the_run_is_done_and_only_then(colored: Run) -> None:
    assert [event.data["keys"] for event in colored.record.events() if told(event)] == [
        {"epoch": 3}
    ]
    payload = written(colored)
    digest = colored.record.read_json("checkpoint", epoch=3)["digest"]
    assert payload["checkpoint_hash"] == digest
    assert (payload["epoch"], payload["step"]) == (3, 30)
    assert (payload["points"], payload["latent_dim"], payload["on_sphere"]) == (60, 3, False)
    assert colored.record.read_json(KIND, epoch="latest") == payload
    assert verify(colored.record) == []


def told(event: Any) -> bool:
    return event.type == "artifact.created" and event.data["kind"] == KIND


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    def of(payload: dict[str, Any]) -> str:
        return json.dumps({**payload, "compute_ms": None})

    return of(first) == of(second)


def test_on_demand_they_are_what_training_wrote(tmp_path: Path) -> None:
    run = fit(COLORS, runs_dir=tmp_path)
    first = written(run)
    run.record.path_of(KIND, epoch=3).unlink()
    made = make(run.record, KIND, {"epoch": "latest", "threshold": 0, "strength": 1000})
    assert not made.cached
    assert made.keys == {"epoch": 3}  # the defaults have no part in the name
    assert same(written(run), first)
    assert make(run.record, KIND, {"epoch": 3}).cached


def test_a_backfill_makes_those_of_the_end_and_others_when_told(tmp_path: Path) -> None:
    run = fit({**COLORS, "analysis": {**ANALYSIS, "enabled": False}}, runs_dir=tmp_path)
    assert run.record.epochs(KIND) == []
    report = backfill(run.record)
    assert [epoch for kind, epoch in report.made if kind == KIND] == [3]
    report = backfill(run.record, kinds=[KIND])
    assert [epoch for kind, epoch in report.made if kind == KIND] == [0, 1, 2]


def test_an_anchor_is_that_of_its_epoch(colored: Run) -> None:
    """Taken from the data at step 15: not there in epoch 1, and there again in epoch 2."""
    analyst, names = Analyst.open(colored.record), {}
    for epoch in (2, 1, 3):
        with analyst.executing():
            ((_, _, body, _),) = MAKERS[KIND].make(analyst.at(epoch), {})
        names[epoch] = [one["name"] for one in body["subjects"]]
    assert "found" not in names[1]
    assert names[2] == names[3] == [one["name"] for one in written(colored)["subjects"]]


def test_threshold_and_strength_are_in_the_name_and_do_what_they_say(colored: Run) -> None:
    wish: dict[str, int | str] = {"epoch": 3, "threshold": 900, "strength": 500}
    made = make(colored.record, KIND, wish)
    assert made.paths[0].name == "interventions_epoch_3_threshold_900_strength_500.json"
    payload, whole = written(colored, threshold=900, strength=500), written(colored)
    assert (payload["threshold"], payload["strength"]) == (0.9, 0.5)
    assert (whole["threshold"], whole["strength"]) == (0, 1)
    reached = 0
    for one, other in zip(payload["interventions"], whole["interventions"], strict=True):
        if one["subject"] is None:
            assert one["added"] == other["added"]
            continue
        lean = np.array(payload["subjects"][one["subject"]]["alignment"])
        assert not np.array(one["added"])[lean <= 0.9].any()
        assert other["mean"] == 0 or one["added"] != other["added"]
        reached += int((lean > 0.9).sum())
    assert reached > 0


@pytest.mark.parametrize(
    "wish", [{"threshold": 1000}, {"threshold": -1}, {"strength": 0}, {"strength": 1001}]
)
def test_what_is_out_of_bounds_is_refused(colored: Run, wish: dict[str, int]) -> None:
    with pytest.raises(RunError, match="a whole number from"):
        make(colored.record, KIND, {"epoch": 3, **wish})
    with pytest.raises(ConfigError, match="a whole number from"):
        list(MAKERS[KIND].make(Analyst.open(colored.record).at(3), wish))


def test_without_regularizers_all_labels_are_subjects_when_somebody_asks(labelled: Run) -> None:
    record = labelled.record
    assert record.epochs(KIND) == []
    assert KIND in computable(facts_of(record))
    assert [kind for kind, _ in backfill(record).made if kind == KIND] == []
    make(record, KIND, {"epoch": 1})
    payload = written(labelled, epoch=1)
    assert [one["name"] for one in payload["subjects"]] == list("0123456789")
    assert {one["of"] for one in payload["subjects"]} == {"label"}
    assert payload["subjects"][3]["direction"]["from"] == "mean"
    labels = labelled.latents(1)["labels"]
    assert payload["subjects"][3]["similarity"] == (labels == 3).astype(float).tolist()


def test_some_runs_have_nothing_to_be_similar_to(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).random((60, 5), dtype=np.float32)
    config = {**DIGITS, "data": {}, "analysis": {**DIGITS["analysis"], "points": 20}}
    norm = [{"name": "norm", "kind": "unitarity", "weight": 0.1}]
    run = fit({**config, "regularizers": norm}, vectors, runs_dir=tmp_path)
    assert not possible(KIND, facts_of(run.record))
    assert run.record.epochs(KIND) == []
    with pytest.raises(ConfigError, match="similar to"):
        list(MAKERS[KIND].make(Analyst.open(run.record, data=vectors).at(1), {}))
    assert not [event for event in run.record.events() if event.type == "log.warning"]


def test_the_full_set_off_leaves_them_out(tmp_path: Path) -> None:
    off = {**COLORS, "analysis": {**ANALYSIS, "full_set": "off"}}
    run = fit({**off, "schedule": {"steps": 2}, "regularizers": []}, runs_dir=tmp_path)
    assert run.record.epochs(KIND) == []
    assert facts_of(run.record).concepts
    assert possible(KIND, facts_of(run.record))  # the concepts are the data's


def test_concepts_alone_are_enough_and_the_sphere_is_known(tmp_path: Path) -> None:
    net = {**COLORS["model"]["net"], "latent": "sphere"}
    plain = {**COLORS, "model": {**COLORS["model"], "net": net}, "regularizers": []}
    run = fit({**plain, "schedule": {"steps": 2}}, runs_dir=tmp_path)
    payload = written(run, epoch=1)
    assert [one["name"] for one in payload["subjects"]] == ["red", "vibrant"]
    assert payload["on_sphere"]
    plain, x = Plain(run, 1), make_colors().rgb[payload["dataset_idx"]]
    z = plain.encode(x)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    left = z * [0, 1, 1]
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    added = plain.errors(left, x) - plain.errors(z, x)
    pruned = next(one for one in payload["interventions"] if one["name"] == "prune 0")
    assert pruned["added"] == pytest.approx(added, abs=1e-6)


def test_a_fork_takes_the_anchor_that_it_sets(colored: Run) -> None:
    parent = colored.record
    for change, vector in (([], [1, 0, 0]), (["regularizers.0.anchor=[0,1,0]"], [0, 1, 0])):
        run = fork(parent.id, epoch=1, overrides=change, runs_dir=parent.path.parent)
        subjects = {one["name"]: one for one in written(run)["subjects"]}
        assert subjects["polar"]["direction"]["vector"] == vector


def test_the_documented_fields_are_those_that_are_written(colored: Run) -> None:
    text = (Path(__file__).parents[3] / "docs" / "spec.md").read_text(encoding="utf-8")
    section = text.partition(f"\n**`{KIND}`**")[2].partition("\n**`")[0]
    table = section.partition("Subjects are")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name.strip(" `") for cell in cells for name in cell.split(",")}
    assert documented == set(written(colored)) - set(RECEIPT)
    kinds = {one["kind"] for one in written(colored)["interventions"]}
    rows = section.partition("What each does")[2].splitlines()
    assert {line.split("`")[1] for line in rows if line.startswith("- `")} == kinds


def test_colors_are_told_before_and_after(colored: Run, labelled: Run) -> None:
    payload = written(colored)
    colors = payload["colors"]
    read = {name: rgb(colors[name]) for name in ("input", "before", "after")}
    assert read["after"].shape == (len(payload["interventions"]), payload["points"], 3)
    of = make_colors().rgb[payload["dataset_idx"]]
    half = 0.5 / 255
    np.testing.assert_allclose(read["input"], of, atol=half)
    before = ((read["before"] - read["input"]) ** 2).mean(-1)
    np.testing.assert_allclose(before, payload["error"], atol=4 * half)
    after = ((read["after"] - read["input"]) ** 2).mean(-1)
    added = [one["added"] for one in payload["interventions"]]
    np.testing.assert_allclose(after - before, added, atol=8 * half)
    make(labelled.record, KIND, {"epoch": 1})
    assert written(labelled, epoch=1)["colors"] is None


def rgb(colors: Any) -> np.ndarray:
    if isinstance(colors, str):
        return np.array([int(colors[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.array([rgb(color) for color in colors])
