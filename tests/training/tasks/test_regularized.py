"""Regularizers on any task: what is minimized, what is measured, and what is refused before."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from latelier.config import ConfigError, TrainingError, load_config
from latelier.data import load_dataset
from latelier.losses import pin, planarity, separate, unitarity, weighted_mean
from latelier.training import (
    ActionReached,
    EpochEnded,
    MetricsHistory,
    Session,
    StepEnded,
    Task,
    load_checkpoint,
    open_session,
    save_checkpoint,
    train,
)
from latelier.training.tasks import TASKS
from latelier.training.tasks.regularized import RegularizedTask

COLORS: dict[str, Any] = {
    "data": {"dataset": "colors", "sampling": "weighted"},
    "model": {"kind": "ae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}},
    "objective": {"recon_reduction": "mean", "recon_weight": 2.0},
    "schedule": {"steps": 6, "lr": 0.01},
    "training": {"batch_size": 64, "steps_per_epoch": 3},
}
NORM = {"name": "norm", "kind": "unitarity", "weight": 0.5}
SEPARATE = {"name": "sep", "kind": "separate", "power": 10.0, "shift": False, "over": "sum"}
PIN = {"name": "polar", "kind": "pin", "anchor": [1, 0, 0, 0], "weight": 2.0}


def session(*regularizers: dict[str, Any], **sections: Any) -> Session:
    config = load_config({**COLORS, "regularizers": list(regularizers), **sections})
    return open_session(config, load_dataset(config.data, seed=config.seed))


def first_loss(run: Session):
    batch = next(run.batches(1, 0))
    run.model.train()
    return batch, run.task.loss(batch, run.timeline.at(0))


def test_the_objective_is_the_tasks_plus_weighted_terms():
    run = session(
        NORM,
        {**PIN, "labels": {"red": 0.5, "vibrant": 1.0}},
        {"name": "planar", "kind": "planarity", "plane": [0, 3], "weight": 0.25},
        {**SEPARATE, "weight": 0.1},
    )
    batch, result = first_loss(run)
    output = run.model(batch.inputs)
    affinity = (batch.concepts @ torch.tensor([0.5, 1.0])).clamp(0, 1)
    z, ones = output.z, torch.ones(64)
    terms = {
        "reg-norm": weighted_mean("", unitarity(z), ones),
        "reg-polar": weighted_mean("", pin(z, torch.tensor([1.0, 0, 0, 0])), affinity),
        "reg-planar": weighted_mean("", planarity(z, (0, 3)), ones),
        "reg-sep": weighted_mean("", separate(z, power=10, shift=False, over="sum"), ones),
    }
    recon = (output.x_hat - batch.inputs).square().mean()
    weights = {"reg-norm": 0.5, "reg-polar": 2.0, "reg-planar": 0.25, "reg-sep": 0.1}
    expected = recon + sum(weights[name] * term for name, term in terms.items())
    assert result.objective.item() == pytest.approx(expected.item(), rel=1e-5)
    assert result.measured["unregularized"].item() == pytest.approx(recon.item(), rel=1e-5)
    for name, term in terms.items():
        assert result.measured[name].item() == pytest.approx(term.item(), rel=1e-5), name
    result.objective.backward()
    assert all(p.grad is not None for p in run.model.parameters())


def test_weight_zero_and_nobody_meant_are_absent():
    run = session({**NORM, "weight": 0.0}, {**PIN, "labels": {"red": 1.0}})
    batch, _ = first_loss(run)
    batch.concepts.zero_()
    result = run.task.loss(batch, run.timeline.at(0))
    assert result.measured["reg-norm"].isnan()
    assert result.measured["reg-polar"].isnan()
    assert torch.equal(result.objective, result.measured["unregularized"])


def test_absent_steps_do_not_enter_an_epochs_mean():
    run = session(
        {**PIN, "labels": {"red": 1.0}},
        data={**COLORS["data"], "concepts": {"scale": {"red": 0.02}}},
    )
    seen, history = [], MetricsHistory()
    run.signals.subscribe(EpochEnded, lambda s: seen.append(s.metrics))
    run.signals.subscribe(StepEnded, history)
    train(run)
    for epoch, metrics in enumerate(seen[1:]):
        values = [row[2]["reg-polar"] for row in history.rows[3 * epoch : 3 * epoch + 3]]
        there = [value for value in values if value == value]  # noqa: PLR0124
        if there:
            assert metrics["reg-polar"] == pytest.approx(sum(there) / len(there), rel=1e-4)
        else:
            assert metrics["reg-polar"] != metrics["reg-polar"]


def test_the_sheet_weighs_the_term():
    rows = [{"STEP": 0, "reg-norm::linear": 0, "lr": 0.01}, {"STEP": 5, "reg-norm::linear": 1}]
    run = session({"name": "norm", "kind": "unitarity"}, schedule={"dopesheet": rows, "lr": None})
    assert [run.timeline.at(s).props["reg-norm"] for s in (0, 1, 5)] == pytest.approx([0, 0.2, 1])
    history = MetricsHistory()
    run.signals.subscribe(StepEnded, history)
    train(run)
    assert history.rows[0][2]["reg-norm"] != history.rows[0][2]["reg-norm"]
    step, total, measured = history.rows[4]
    weight = run.timeline.at(step).props["reg-norm"]
    assert total == pytest.approx(
        measured["unregularized"] + weight * measured["reg-norm"], rel=1e-5
    )


SHEET = [{"STEP": 0, "lr": 0.01}, {"STEP": 5, "lr": 0.01}]


def sheet(**columns: float) -> dict[str, Any]:
    return {"dopesheet": [{**row, **columns} for row in SHEET], "lr": None}


def test_a_term_without_column_and_weight_is_refused():
    with pytest.raises(ConfigError, match=r"norm has no weight; got no column reg-norm"):
        session({"name": "norm", "kind": "unitarity"}, schedule=sheet())
    with pytest.raises(ConfigError, match=r"no column push"):
        session({"name": "norm", "kind": "unitarity", "column": "push"}, schedule=sheet())


def test_a_column_nobody_reads_is_refused_and_one_of_a_term_left_out_is_not():
    unit = {"name": "norm", "kind": "unitarity"}
    with pytest.raises(ConfigError, match=r"nothing in this run reads.*reg-nrom"):
        session(unit, schedule=sheet(**{"reg-norm": 1.0, "reg-nrom": 1.0}))
    run = session({**unit, "enabled": False}, schedule=sheet(**{"reg-norm": 1.0}))
    _, result = first_loss(run)
    assert "reg-norm" not in result.measured
    assert "reg-norm" not in session({**NORM, "enabled": False}).timeline.columns


def test_columns_keep_their_meaning():
    with pytest.raises(ConfigError, match=r"norm has another meaning already; got lr"):
        session({**NORM, "column": "lr"})
    with pytest.raises(ConfigError, match=r"b has another meaning already; got push"):
        session({**NORM, "column": "push"}, {**PIN, "name": "b", "column": "push"})
    shared = session({**NORM, "column": "push"}, {**PIN, "column": "push", "weight": 0.5})
    assert shared.timeline.at(0).props["push"] == 0.5


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({**PIN, "labels": {"blue": 1.0}}, r"polar is meant for a label.*red, vibrant"),
        ({**PIN, "anchor": [1, 0]}, r"polar: the anchor has the wrong shape"),
        ({**NORM, "target": "encoder.linear9"}, r"neither the latents nor a layer"),
        ({**NORM, "target": "latent"}, r"Did you mean latents"),
        (
            {"name": "s", "kind": "subspace", "dimensions": [4], "weight": 1},
            r"s: there are no such",
        ),
        ({"name": "s", "kind": "separate", "channels": [9], "weight": 1}, r"s: there are no such"),
    ],
)
def test_what_does_not_fit_is_refused_before_training(section, message):
    with pytest.raises(ConfigError, match=message):
        session(section)


def test_a_layer_is_a_target():
    run = session({**NORM, "target": "encoder.linear1"})
    batch, result = first_loss(run)
    hidden = run.model.encoder.linear1(batch.inputs.flatten(1))
    assert result.measured["reg-norm"].item() == pytest.approx(
        unitarity(hidden).mean().item(), rel=1e-5
    )
    result.objective.backward()


def test_nothing_is_kept_while_nobody_listens():
    run = session(NORM)
    run.model(next(run.batches(1, 0)).inputs)
    assert run.task._captures._caught == {}


KINDS = {
    **{kind: {} for kind in TASKS if kind not in ("adagvae", "module")},
    "gmvae": {"components": 3, "component_init": "random"},
    "vq-vae": {"code_dim": 2},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_takes_them(kind):
    model = {"kind": kind, "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}, **KINDS[kind]}
    labelled = {**PIN, "labels": {"3": 1.0}}
    digits = {"data": {"dataset": "digits", "limit": 100}, "training": {"batch_size": 32}}
    run = session(NORM, labelled, model=model, objective=None, schedule={"steps": 2}, **digits)
    batch = next(run.batches(1, 0))
    run.model.eval()
    result = run.task.loss(batch, run.timeline.at(0))
    z = run.task.encode(batch.inputs).z
    assert result.measured["reg-norm"].item() == pytest.approx(unitarity(z).mean().item(), rel=1e-4)
    assert train(run) == "completed"
    assert run.task.capabilities == TASKS[kind].capabilities


@pytest.mark.slow
def test_pairs_take_them_without_labels():
    config = {
        "data": {"dataset": "factors", "pairs": "fixed"},
        "model": {"kind": "adagvae", "latent_dim": 4, "net": {"kind": "mlp", "hidden": [8]}},
        "schedule": {"steps": 1},
        "training": {"batch_size": 8, "threads": 1},
    }
    run = session(NORM, **{**config, "objective": None})
    batch, result = first_loss(run)
    run.model.eval()
    output = run.model(batch.fed)
    both = torch.cat([output.output1.mu, output.output2.mu])
    assert result.measured["reg-norm"].item() == pytest.approx(
        unitarity(both).mean().item(), rel=1e-4
    )
    with pytest.raises(ConfigError, match="halves of pairs have none; got polar"):
        session({**PIN, "labels": {"triangle": 1.0}}, **{**config, "objective": None})


def test_everything_that_a_task_offers_is_passed_on():
    own = {name for name in vars(Task) if not name.startswith("_")}
    passed = set(vars(RegularizedTask)) | {"capabilities", "takes_pairs", "rate_columns"}
    assert own <= passed


def test_terms_leave_the_batches_and_the_weights_at_the_start_alone():
    plain, regularized = session(), session(NORM, {**PIN, "labels": {"red": 1.0}})
    for a, b in zip(plain.model.parameters(), regularized.model.parameters(), strict=True):
        assert torch.equal(a, b)
    for a, b in zip(plain.batches(1, 0), regularized.batches(1, 0), strict=True):
        assert torch.equal(a.indices, b.indices)
        assert torch.equal(a.concepts, b.concepts)


TAKEN = {**PIN, "anchor": "data", "labels": {"red": 1.0}}
ACTION = [
    {"STEP": 0, "lr": 0.01},
    {"STEP": 2, "ACTION": "anchor-from-data"},
    {"STEP": 5, "lr": 0.01},
]


def acting(*regularizers, rows=ACTION, **sections) -> Session:
    run = session(*regularizers, schedule={"dopesheet": rows, "lr": None}, **sections)
    for name, act in run.task.actions.items():
        run.signals.subscribe(ActionReached, lambda s, act=act: act(s.session), name=name)
    return run


def test_an_action_takes_an_anchor_from_the_data():
    run = acting(TAKEN)
    history, seen = MetricsHistory(), {}
    run.signals.subscribe(StepEnded, history)

    def look(_: ActionReached) -> None:
        run.model.eval()
        batch = run.dataset.examples(run.dataset.train)
        weights = run.dataset.weights[:3600] * batch.concepts[:, 0]
        with torch.no_grad():
            z = run.model(batch.inputs).z.double()
        seen["anchor"] = (weights @ z / weights.sum()).tolist()

    run.signals.subscribe(ActionReached, look)
    train(run)
    polar = [row[2]["reg-polar"] for row in history.rows]
    assert all(value != value for value in polar[:2])  # noqa: PLR0124
    assert run.task.terms[0].anchor.tolist() == pytest.approx(seen["anchor"], rel=1e-4)


def test_an_action_moves_one_anchor_by_name():
    rows = [*ACTION[:1], {"STEP": 2, "ACTION": "anchor-from-data-polar"}, ACTION[2]]
    run = acting(PIN, {**PIN, "name": "other"}, rows=rows)
    train(run)
    moved, kept = (term.anchor.tolist() for term in run.task.terms)
    assert kept == [1, 0, 0, 0]
    assert moved != kept


def test_actions_are_offered_where_they_make_sense():
    assert set(session(PIN).task.actions) == {"anchor-from-data-polar"}
    assert set(session(TAKEN).task.actions) == {"anchor-from-data", "anchor-from-data-polar"}
    assert set(session(NORM).task.actions) == set()


def test_an_anchor_needs_an_example_of_its_label():
    run = acting(TAKEN, data={**COLORS["data"], "concepts": {"scale": {"red": 0.0}}})
    with pytest.raises(TrainingError, match="from no example at all; got red"):
        train(run)


def test_a_resumed_run_has_the_anchor_and_goes_on_the_same(tmp_path):
    whole = acting(TAKEN)
    train(whole)
    half = acting(TAKEN)
    half.stop = lambda: half.clock.step >= 4
    train(half)
    save_checkpoint(half, tmp_path)
    rest = acting(TAKEN)
    load_checkpoint(rest, tmp_path)
    assert torch.equal(rest.task.terms[0].anchor, half.task.terms[0].anchor)
    train(rest)
    for a, b in zip(whole.model.parameters(), rest.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_curriculum_follows_its_column():
    rows = [
        {"STEP": 0, "lr": 0.01, "data-fraction::linear": 0.01},
        {"STEP": 5, "data-fraction::linear": 1.0},
    ]
    data = {"dataset": "colors", "sampling": "curriculum"}
    run = session(NORM, data=data, schedule={"dopesheet": rows, "lr": None})
    vibrancy = [run.dataset.typicality[b.indices].min().item() for b in run.batches(1, 0)]
    assert vibrancy[0] == 1
    assert vibrancy[0] > vibrancy[1] > vibrancy[2]
    assert torch.equal(next(run.batches(1, 2)).indices, list(run.batches(1, 0))[2].indices)
    with pytest.raises(ConfigError, match=r"nothing in this run reads.*data-fraction"):
        session(NORM, schedule={"dopesheet": rows, "lr": None})
    rows[1]["data-fraction::linear"] = 1.5
    with pytest.raises(ConfigError, match=r"data-fraction rises above 1; got 1.5 at step 5"):
        session(NORM, data=data, schedule={"dopesheet": rows, "lr": None})
