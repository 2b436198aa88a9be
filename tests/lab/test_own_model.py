"""`fit` of a module of the user's own: a run like any other, as far as the module can go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import latelier
from latelier.config import (
    ConfigError,
    DataError,
    NonFiniteObjectiveError,
    ShapeError,
    TrainingError,
)
from latelier.data import Batch
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.lab.kinds import facts_of, possible
from latelier.models import VAE, OwnModule
from latelier.runs import RunStore
from latelier.runs.verify import verify

from .conftest import digest

X = np.random.default_rng(0).random((120, 1, 8, 8), dtype=np.float32)
Y = np.arange(120) % 3
SHORT: dict[str, Any] = {
    "schedule": {"epochs": 3},
    "training": {"batch_size": 32},
    "analysis": {"points": 40, "neighbors": 5, "reconstructions": 4, "pictures": False},
}


class Net(nn.Module):
    """What a tutorial has: an encode that returns (mu, log_var), and a decode to flat pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh())
        self.mu, self.log_var = nn.Linear(8, 3), nn.Linear(8, 3)
        self.decoder = nn.Linear(3, 64)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.body(x)
        return self.mu(h), self.log_var(h)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)


def net(seed: int = 0) -> Net:
    torch.manual_seed(seed)
    return Net()


def elbo(net: Net, x: Tensor) -> tuple[Tensor, dict[str, Any]]:
    mu, log_var = net.encode(x)
    z = mu + (log_var / 2).exp() * torch.randn_like(mu)
    recon = (net.decode(z) - x.flatten(1)).square().sum(1).mean()
    kl = 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1).mean()
    return recon + kl, {"recon": recon, "kl": kl, "weight": 1.0}


def fit(folder: Path, loss: Any = elbo, model: Any = None, data: Any = (X, Y), **options: Any):
    return latelier.fit(model or net(), data, loss=loss, runs_dir=folder, **{**SHORT, **options})


def kinds(run: latelier.Run) -> set[str]:
    return {parsed[0] for _, parsed in run.record.files() if parsed}


def after(steps: int):
    left = iter(range(steps))
    return lambda: next(left, None) is None


def test_a_run_of_an_own_module_is_a_whole_run(tmp_path):
    run = fit(tmp_path)
    assert run.state == "completed"
    assert run.config["model"] == {
        "kind": "module",
        "module": f"{__name__}:Net",
        "latent_dim": 3,
        "net": {"kind": "custom", "encoder": "encode", "decoder": "decode"},
    }
    assert run.config["objective"] == {"kind": "module", "loss": f"{__name__}:elbo"}
    started = next(e for e in run.record.events() if e.type == "run.started")
    assert started.data["capabilities"] == ["decode", "encode", "posterior"]
    metrics = run.metrics()
    assert {"train/loss", "train/recon", "train/kl", "val/recon"} <= set(metrics.epochs)
    assert metrics.epochs["train/weight"][1:] == [1.0] * 3
    loss = metrics.epochs["train/loss"]
    assert loss[3] < loss[1]
    assert {"latents", "anatomy", "reconstructions", "scores", "sprites", "trust_2d_pca"} <= kinds(
        run
    )
    assert "log_var" in run.latents()
    assert not verify(run.record)


def test_the_same_seed_gives_the_same_run_and_analysis_changes_nothing(tmp_path):
    plain, silent = fit(tmp_path), fit(tmp_path, analysis={"enabled": False, "pictures": False})
    assert digest(plain) == digest(silent)


def test_capabilities_follow_from_what_was_found(tmp_path):
    def loss(net: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.cross_entropy(net[1](net[0](batch.inputs)), batch.labels)

    torch.manual_seed(0)
    model = nn.Sequential(nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), nn.Linear(4, 3))
    run = fit(tmp_path, loss, model, encode="0")
    started = next(e for e in run.record.events() if e.type == "run.started")
    assert started.data["capabilities"] == ["encode"]
    assert kinds(run).isdisjoint({"anatomy", "reconstructions", "trust_2d_pca", "atlas_pca"})
    assert "scores" in kinds(run)
    assert not possible("anatomy", facts_of(run.record))
    assert possible("latents", facts_of(run.record))
    assert not verify(run.record)


def test_a_cancelled_run_resumes_to_the_same_end(tmp_path):
    whole = fit(tmp_path)
    run = fit(tmp_path, stop=after(13))
    assert run.state == "cancelled"
    assert 0 < run.summary().step < 12
    with pytest.raises(ConfigError, match="module stands for a module of your own"):
        latelier.resume(run, data=(X, Y))
    with pytest.raises(ConfigError, match=r"no loss function.*resume\(run, model=…, loss=…\)"):
        latelier.resume(run, data=(X, Y), model=net(5))
    again = latelier.resume(run, data=(X, Y), model=net(5), loss=elbo)
    assert digest(again) == digest(whole)
    assert again.metrics().steps == whole.metrics().steps


def test_functions_of_ones_own_are_asked_for_again(tmp_path):
    run = fit(tmp_path, encode=lambda net, x: net.encode(x)[0], stop=after(6))
    with pytest.raises(ConfigError, match=r"the run's encode is a function.*encode=…"):
        latelier.resume(run, data=(X, Y), model=net(), loss=elbo)
    again = latelier.resume(
        run, data=(X, Y), model=net(), loss=elbo, encode=lambda net, x: net.encode(x)[0]
    )
    assert again.state == "completed"
    assert "log_var" not in again.latents()


def test_a_fork_goes_on_with_another_loss(tmp_path):
    parent = fit(tmp_path)

    def heavier(net: Net, x: Tensor) -> tuple[Tensor, dict[str, Any]]:
        loss, measured = elbo(net, x)
        return loss + 9 * measured["kl"], measured

    def forked(loss: Any) -> latelier.Run:
        return latelier.fork(parent, epoch=1, data=(X, Y), model=net(7), loss=loss)

    assert digest(forked(elbo)) == digest(parent)
    assert digest(forked(heavier)) != digest(parent)
    with pytest.raises(ConfigError, match="module of your own"):
        latelier.fork(parent, epoch=1, data=(X, Y))
    assert len(RunStore(tmp_path).ids()) == 3


def test_what_a_run_lacks_is_made_with_the_module_alone(tmp_path):
    run = fit(tmp_path, analysis={"enabled": False, "pictures": False, "points": 40})
    report = backfill(run.record, data=(X, Y), model=net(3))
    whole = fit(tmp_path)
    assert {kind for kind, _ in report.made} >= {"latents", "trust_2d_pca", "anatomy"}
    for kind in ("latent_2d_pca", "anatomy"):
        first, second = (r.record.read_json(kind, epoch=3) for r in (run, whole))
        assert {**first, "compute_ms": 0} == {**second, "compute_ms": 0}
    moment = Analyst.open(run.record, data=(X, Y), model=net(3)).at("latest")
    assert moment.decode(torch.zeros(2, 3)).shape == (2, 1, 8, 8)


def nan_later() -> Any:
    calls = iter(range(100))

    def loss(net: Net, x: Tensor) -> Tensor:
        factor = torch.nan if next(calls) > 5 else 1.0
        return factor * net.encode(x)[0].square().mean()

    return loss


def changing() -> Any:
    calls = iter(range(100))

    def loss(net: Net, x: Tensor) -> tuple[Tensor, dict[str, Any]]:
        value = net.encode(x)[0].square().mean()
        return value, {"a": value} if next(calls) < 5 else {"b": value}

    return loss


def test_a_loss_that_draws_numbers_resumes_from_before_the_first_update_too(tmp_path):
    run = fit(tmp_path, stop=after(1))
    assert run.summary().step == 0
    assert digest(latelier.resume(run, data=(X, Y), model=net(), loss=elbo)) == digest(
        fit(tmp_path)
    )


@pytest.mark.parametrize(
    ("loss", "kind", "words"),
    [
        (nan_later(), NonFiniteObjectiveError, "the objective is not finite at step"),
        (changing(), TrainingError, "something else than before; got b; expected a, as for the"),
    ],
)
def test_what_goes_wrong_while_training_fails_the_run(tmp_path, loss, kind, words):
    with pytest.raises(kind, match=words):
        fit(tmp_path, loss)
    (row,) = RunStore(tmp_path).list()
    assert row.state == "failed"


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda f: fit(f, lambda net, x: net.encode(x)[0]), ShapeError,
         r"the loss is no scalar; got \[8, 3\]; expected \[\].*return loss.mean\(\)"),
        (lambda f: fit(f, lambda net, x: net.encode(x)[0].mean().detach()), ConfigError,
         "the loss has no gradient"),
        (lambda f: fit(f, data=X[:, :, :4]), ShapeError, r"encode fails.*\[8, 1, 4, 8\]"),
        (lambda f: fit(f, data=X[:0]), DataError, "no examples|empty|at least"),
        (lambda f: fit(f, data=[]), DataError, "data is a list"),
        (lambda f: fit(f, data=Mixed()), DataError, r"items differ: item 1; got shape \[1, 5, 4\]"),
        (lambda f: latelier.fit(net(), X, runs_dir=f), ConfigError,
         r"none of latelier.models.*latelier.fit\(module, data, loss=…\)"),
        (lambda f: latelier.fit("digits-vae", loss=elbo, runs_dir=f), ConfigError,
         "belong to a module of your own; got str"),
        (lambda f: latelier.fit(OwnModule(net(), elbo), X, loss=elbo, runs_dir=f), ConfigError,
         "has its functions already"),
        (lambda f: latelier.fit(net(), X, loss=elbo, overrides=["model.kind=vae"], runs_dir=f),
         ConfigError, "model"),
        (lambda f: latelier.fit({"model": {"kind": "module"}}, X, runs_dir=f, **SHORT), ConfigError,
         "stands for a module of your own, which is not in the file"),
        (lambda f: fit(f, model=nn.Linear(2, 2)), ConfigError, "nothing says how Linear encodes"),
    ],
)  # fmt: skip
def test_what_cannot_work_fails_before_anything_is_written(tmp_path, call, kind, words):
    with pytest.raises(kind, match=words):
        call(tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


class Mixed(torch.utils.data.Dataset[Tensor]):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, at: int) -> Tensor:
        return torch.zeros(1, 4 + at % 2, 4)


def test_a_model_of_ours_may_have_a_loss_of_ones_own(tmp_path):
    def loss(vae: VAE, x: Tensor) -> Tensor:
        return vae.compute_loss(x, vae(x), beta=4.0).objective

    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(2, 64), nn.Unflatten(1, (1, 8, 8)))
    vae = VAE(nn.Sequential(nn.Flatten(), nn.Linear(64, 8)), decoder, latent_dim=2)
    run = fit(tmp_path, loss, vae, decode=lambda vae, z: vae.decode(z[:, None]).x_hat[:, 0])
    assert run.state == "completed"
    assert run.config["model"]["latent_dim"] == 2
    assert "log_var" in run.latents()
