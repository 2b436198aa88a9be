"""What is recorded of a run whose data has known factors, and which is trained on pairs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from latelier.analysis.disentanglement import mutual_information_gap
from latelier.config import ConfigError, load_config
from latelier.data import load_dataset, partner_indices
from latelier.data.procedural import draw_factors
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.lab.factors import EXAMPLES, factor_gap
from latelier.lab.kinds import facts_of, possible
from latelier.lab.launch import fit
from latelier.lab.makers import MAKERS
from latelier.lab.on_demand import make
from latelier.lab.run import Run
from latelier.runs import RECEIPT

SCORED = 600
FACTORS = ["shape", "scale", "rotation", "x", "y", "hue"]
PAIRED: dict[str, Any] = {
    "data": {"dataset": "factors", "pairs": "fixed"},
    "model": {"kind": "adagvae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [4]}},
    "schedule": {"epochs": 2},
    "training": {"batch_size": 32, "steps_per_epoch": 2, "device": "cpu"},
    "analysis": {
        "points": 64,
        "neighbors": 5,
        "reconstructions": 4,
        "pictures": False,
        "full_set": "off",
    },
}


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Draw the data once, and score fewer examples of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("latelier.lab.factors.SCORED", SCORED)
        patch.setattr("latelier.data.load.draw_factors", cache(draw_factors))
        yield


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An AdaGVAE of two epochs. Artifacts may be added, none is changed."""
    return fit(PAIRED, runs_dir=tmp_path_factory.mktemp("paired"))


@pytest.fixture(scope="module")
def analyst(paired: Run) -> Iterator[Analyst]:
    opened = Analyst.open(paired.record)
    with opened.executing():
        yield opened


def test_every_epoch_has_the_gap_of_the_points(paired: Run) -> None:
    dataset = load_dataset(load_config(PAIRED).data, seed=0)
    assert dataset.factors is not None
    for epoch in (1, 2):
        latents = paired.latents(epoch)
        factors = dataset.factors.values[latents["dataset_idx"]]
        expected = mutual_information_gap(latents["z"], factors).value
        assert paired.scores(epoch)["mig"] == expected
    measured = paired.metrics().epochs["mig"]
    assert measured[-1] == pytest.approx(expected)


def test_a_summary_has_the_gap_of_all_examples(paired: Run) -> None:
    summary = paired.summary()
    assert summary.last_metrics["mig"] != paired.scores(2)["mig"]
    assert summary.best_metrics["mig"] == max(
        summary.last_metrics["mig"], *(paired.scores(epoch)["mig"] for epoch in (1, 2))
    )


def test_all_scores_are_made_when_the_run_is_done_and_only_then(paired: Run) -> None:
    record = paired.record
    assert 2 in record.epochs("factor_scores")
    payload = record.read_json("factor_scores", epoch=2)
    assert payload["points"] == SCORED
    assert payload["factors"] == FACTORS
    assert np.shape(payload["mutual_information"]) == np.shape(payload["importance"]) == (3, 6)
    assert payload["checkpoint_hash"] == record.read_json("checkpoint", epoch=2)["digest"]
    assert record.read_json("factor_scores", epoch="latest") == payload


def test_on_demand_they_are_what_training_made(paired: Run, analyst: Analyst) -> None:
    record = paired.record
    ((kind, keys, body, _),) = MAKERS["factor_scores"].make(analyst.at(2), {})
    assert (kind, keys) == ("factor_scores", {})
    written = record.read_json("factor_scores", epoch=2)
    for name, value in body.items():
        if name != "dci":
            np.testing.assert_allclose(np.asarray(value, dtype=object) == written[name], True)
    assert body["dci"] == written["dci"]


def test_an_epoch_in_between_is_scored_when_somebody_asks(paired: Run, analyst: Analyst) -> None:
    record = paired.record
    report = backfill(record, kinds=["factor_scores"], epochs=[1])
    assert report.made == (("factor_scores", 1),)
    assert make(record, "factor_scores", {"epoch": 1}, analyst=analyst).cached
    report = backfill(record)
    assert report.made == ()  # by itself it makes what training makes: the scores of the end


def test_pairs_share_what_the_model_says(paired: Run, analyst: Analyst) -> None:
    session, latents = analyst.at(2).session, paired.latents(2)
    rows = torch.from_numpy(latents["dataset_idx"])
    partners = partner_indices(session.dataset, session.config.data, rows, seed=0)
    vae = session.model.vae
    with torch.no_grad():
        halves = [vae.encode(session.dataset.examples(some).inputs) for some in (rows, partners)]
    shared = session.model.shared(*halves).numpy()
    assert session.dataset.factors is not None
    values = session.dataset.factors.values
    changed = values[rows.numpy()] != values[partners.numpy()]
    payload = paired.record.read_json("shared_dimensions", epoch=2)
    assert payload["factors"] == FACTORS
    assert payload["pairs"] == changed.sum(axis=0).tolist()
    assert sum(payload["pairs"]) == payload["points"] == 64  # one factor changes in each
    np.testing.assert_allclose(payload["dimension"], shared.mean(axis=0))
    for f in range(6):
        np.testing.assert_allclose(payload["by_factor"][f], shared[changed[:, f]].mean(axis=0))


def test_pairs_stay_the_same_over_the_run(paired: Run) -> None:
    first, last = (paired.record.read_json("shared_dimensions", epoch=e) for e in (1, 2))
    assert first["pairs"] == last["pairs"]
    told = [
        [{k: v for k, v in pair.items() if k != "shared"} for pair in body["examples"]]
        for body in (first, last)
    ]
    assert told[0] == told[1]


def test_the_example_pairs_are_of_the_points_and_every_factor_is_among_them(
    paired: Run, analyst: Analyst
) -> None:
    examples = paired.record.read_json("shared_dimensions", epoch=2)["examples"]
    assert len(examples) == EXAMPLES
    points = paired.config["analysis"]["indices"]
    assert [pair["first"] for pair in examples] == sorted({pair["first"] for pair in examples})
    assert {pair["first"] for pair in examples} <= {*points}
    assert [sum(pair["changed"] == [f] for pair in examples) for f in range(6)] == [2] * 6
    session = analyst.at(2).session
    partners = partner_indices(session.dataset, session.config.data, torch.tensor(points), seed=0)
    with torch.no_grad():
        for pair in examples:
            assert pair["second"] == partners[points.index(pair["first"])]
            rows = torch.tensor([pair["first"]]), torch.tensor([pair["second"]])
            halves = [session.model.vae.encode(session.dataset.examples(r).inputs) for r in rows]
            assert pair["shared"] == session.model.shared(*halves)[0].tolist()


def test_the_example_pairs_have_thumbnails(paired: Run, analyst: Analyst) -> None:
    layout = paired.record.read_json("pair_sprites_layout")
    examples = paired.record.read_json("shared_dimensions", epoch=2)["examples"]
    shown = sorted({idx for pair in examples for idx in (pair["first"], pair["second"])})
    assert layout["dataset_idx"] == shown
    sheet = np.asarray(Image.open(io.BytesIO(paired.record.read_bytes("pair_sprites"))))
    place, tile = shown.index(examples[3]["second"]), layout["tile"]
    row, column = divmod(place, layout["columns"])
    picture = sheet[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
    dataset = analyst.at(2).session.dataset
    inputs = dataset.examples(torch.tensor([examples[3]["second"]])).inputs[0]
    np.testing.assert_allclose(picture, inputs.permute(1, 2, 0) * 255, atol=1)


def test_scores_and_pairs_belong_to_data_and_models_that_have_them(
    paired: Run, finished: Run
) -> None:
    facts = facts_of(paired.record)
    assert facts.factors
    assert possible("factor_scores", facts)
    assert possible("shared_dimensions", facts)
    plain = facts_of(finished.record)
    assert not plain.factors
    for kind in ("factor_scores", "shared_dimensions"):
        assert not possible(kind, plain)
        assert not finished.record.epochs(kind)
    assert "mig" not in finished.scores()
    with pytest.raises(ConfigError, match="factors are known"):
        list(MAKERS["factor_scores"].make(Analyst.open(finished.record).at(3), {}))


@pytest.mark.slow
def test_a_vae_on_the_same_data_is_scored_but_shares_nothing(tmp_path: Path) -> None:
    config = {**PAIRED, "data": {"dataset": "factors"}, "model": {**PAIRED["model"], "kind": "vae"}}
    run = fit({**config, "schedule": {"epochs": 1}}, runs_dir=tmp_path)
    assert run.record.epochs("factor_scores") == [1]
    assert "mig" in run.scores()
    assert run.record.epochs("shared_dimensions") == []


def test_few_points_have_no_gap() -> None:
    dataset = load_dataset(load_config(PAIRED).data, seed=0)
    rows = np.arange(49)
    assert factor_gap(dataset, rows, np.ones((49, 2))) == {}
    rows = np.arange(0, 36864, 500)
    assert set(factor_gap(dataset, rows, np.ones((len(rows), 2)))) == {"mig"}


@pytest.mark.parametrize("kind", ["factor_scores", "shared_dimensions"])
def test_the_documented_fields_are_those_that_are_written(paired: Run, kind: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "spec.md").read_text(encoding="utf-8")
    section = text.partition(f"\n**`{kind}`**")[2].partition("\n**`")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name.strip(" `") for cell in cells for name in cell.split(",")}
    written = set(paired.record.read_json(kind, epoch=2)) - set(RECEIPT)
    assert documented | ({"gaps"} & written) == written


@pytest.mark.slow
def test_pairs_disentangle_what_single_examples_do_not(tmp_path: Path) -> None:
    """One seed and a fifth of the presets' budget; five seeds take minutes."""
    scores = {}
    for name in ("adagvae", "vae"):
        run = fit(
            f"library/factors-{name}",
            runs_dir=tmp_path,
            overrides=[
                "training.steps_per_epoch=700",
                "schedule.epochs=1",
                "analysis.full_set=off",
                "analysis.pictures=false",
            ],
        )
        scores[name] = run.record.read_json("factor_scores", epoch=1)
    paired, single = scores["adagvae"], scores["vae"]
    assert paired["mig"] > single["mig"] + 0.08
    assert paired["dci"]["disentanglement"] > single["dci"]["disentanglement"] + 0.08
