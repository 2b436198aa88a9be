"""`watch`: a loop of somebody else's is recorded, and goes on as if nobody looked."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import latelier
from latelier.config import ConfigError, DataError, RunCancelled, RunError, ShapeError
from latelier.lab.analyst import Analyst
from latelier.lab.backfill import backfill
from latelier.models import VAE, OwnModule
from latelier.runs import RunStore
from latelier.runs.verify import verify

X = torch.rand(90, 1, 6, 6, generator=torch.Generator().manual_seed(1))
Y = torch.arange(90) % 3
SMALL: dict[str, Any] = {
    "analysis": {"points": 30, "neighbors": 4, "reconstructions": 4, "pictures": False}
}


class Net(nn.Module):
    """Everything that looking could disturb: running statistics, dropout, a part kept in eval."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(36, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 3)
        )
        self.decoder = nn.Linear(3, 36)
        self.register_buffer("looks", torch.zeros(()))

    def encode(self, x: Tensor) -> Tensor:
        self.looks += torch.rand(())  # draws, and changes a buffer, in eval mode too
        return self.encoder(x)


def one_step(net: Net, optimizer: torch.optim.Optimizer, x: Tensor) -> Tensor:
    x = x * (1 + random.random() * np.random.rand())
    loss = (net.decoder(net.encoder(x)) - x.flatten(1)).square().sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def train(run: Any = None, *, epochs: int = 3, net: Net | None = None, ends: bool = True) -> Net:
    net = net or made()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(epochs):
        net.train()
        net.encoder[2].eval()
        for rows in torch.randperm(90).split(30):
            loss = one_step(net, optimizer, X[rows])
            if run is not None:
                run.step(loss=loss, double=2 * loss.detach(), rate=1e-2)
        if run is not None and ends:
            run.epoch(val_loss=loss, seen=90)
    return net


def made() -> Net:
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    return Net()


def watching(folder: Path, net: nn.Module, **options: Any) -> Any:
    return latelier.watch(net, (X, Y), name="mine", runs_dir=folder, **{**SMALL, **options})


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A completed run and its module. Read only."""
    net = made()
    with watching(tmp_path_factory.mktemp("runs"), net, epochs=3) as run:
        train(run, net=net)
    return run.run, net


def test_training_is_the_same_bit_for_bit(watched):
    plain, (_, net) = train(), watched
    for (name, a), b in zip(plain.state_dict().items(), net.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert [part.training for part in plain.modules()] == [part.training for part in net.modules()]


def test_nothing_moves_while_it_looks(tmp_path):
    net = made()
    one_step(net, torch.optim.SGD(net.parameters(), lr=0.1), X[:30])
    net.encoder[3].eval()
    gradients = [p.grad.clone() for p in net.parameters()]
    state = {name: value.clone() for name, value in net.state_dict().items()}
    modes = [part.training for part in net.modules()]
    with watching(tmp_path, net) as run:
        before = (torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate())
        run.step(loss=1.0)
        run.epoch()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]
    assert [part.training for part in net.modules()] == modes
    assert all(torch.equal(a, b.grad) for a, b in zip(gradients, net.parameters(), strict=True))
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())


def test_the_run_is_whole(watched):
    run, net = watched
    summary = run.summary()
    assert (summary.state, summary.step, summary.epoch) == ("completed", 9, 3)
    assert (summary.total_steps, summary.total_epochs, summary.name) == (9, 3, "mine")
    assert not verify(run.record)
    metrics = run.metrics()
    assert metrics.steps["step"] == list(range(9))
    losses = metrics.steps["train/loss"]
    assert metrics.steps["train/double"] == pytest.approx([2 * loss for loss in losses])
    assert metrics.epochs["epoch"] == [0, 1, 2, 3]
    assert metrics.epochs["train/loss"][1:] == pytest.approx(
        [sum(losses[i : i + 3]) / 3 for i in (0, 3, 6)]
    )
    assert metrics.epochs["val/loss"][1:] == [losses[i] for i in (2, 5, 8)]
    assert metrics.epochs["seen"][1:] == [90.0] * 3
    assert "probe_accuracy" in summary.last_metrics
    found = {parsed[0] for _, parsed in run.record.files() if parsed}
    assert found >= {"latents", "latent_2d_pca", "knn_pca", "anatomy", "reconstructions", "sprites"}
    assert run.record.epochs("latents") == [0, 1, 2, 3]
    with torch.no_grad():
        z = net.eval().encoder(X[run.latents()["dataset_idx"]])
    np.testing.assert_allclose(run.latents()["z"], z.numpy(), rtol=1e-6)
    net.train()


def test_weights_are_in_the_checkpoints_under_their_own_names(watched):
    from safetensors.torch import load_file

    run, net = watched
    folder = run.record.path_of("checkpoint", epoch=3).parent
    other = Net()
    other.load_state_dict(load_file(folder / "model.safetensors"))
    assert all(torch.equal(a, b) for a, b in zip(other.parameters(), net.parameters(), strict=True))


def test_such_a_run_is_looked_into_but_not_resumed(watched):
    run, _ = watched
    with pytest.raises(RunError, match="recorded in a loop that is not Latelier's"):
        latelier.resume(run, model=Net(), data=(X, Y), loss=lambda net, x: net(x).mean())
    analyst = Analyst.open(run.record, data=(X, Y), model=Net())
    moment = analyst.at(2)
    z = moment.encode(X[run.latents(2)["dataset_idx"]]).z
    np.testing.assert_allclose(run.latents(2)["z"], z.numpy(), rtol=1e-6)
    assert moment.session.clock.epoch == 2


def test_an_epoch_that_lacks_its_maps_gets_them(tmp_path):
    net = made()
    with watching(tmp_path, net, analysis={"enabled": False, "pictures": False}) as run:
        train(run, net=net)
    report = backfill(run.run.record, data=(X, Y), model=Net(), kinds=["latents", "anatomy"])
    assert {(kind, epoch) for kind, epoch in report.made} >= {("latents", e) for e in range(4)}
    assert not verify(run.run.record)


def test_loops_without_epochs(tmp_path):
    with watching(tmp_path, made()) as run:
        train(run, ends=False)
    assert (run.run.summary().epoch, run.run.record.epochs("latents")) == (1, [0, 1])
    with watching(tmp_path, made(), steps_per_epoch=4) as run:
        train(run, ends=False)
        with pytest.raises(ConfigError, match="epochs end by themselves"):
            run.epoch()
    assert run.run.record.epochs("latents") == [0, 1, 2, 3]
    assert run.run.metrics().epochs["step"] == [0, 4, 8, 9]
    with watching(tmp_path, made()) as run:
        pass
    assert (run.run.state, run.run.summary().step) == ("completed", 0)


def test_an_error_of_the_loop_fails_the_run_and_goes_on(tmp_path):
    def broken() -> None:
        run.step(loss=1.0)
        run.step(loss=1 / 0)

    run = watching(tmp_path, made())
    with pytest.raises(ZeroDivisionError), run:
        broken()
    summary = run.run.summary()
    assert (summary.state, summary.reason) == ("failed", "error")
    assert summary.message == "ZeroDivisionError: division by zero"
    assert run.run.metrics().steps["train/loss"] == [1.0]
    assert not verify(run.run.record)


def test_the_keyboard_cancels(tmp_path):
    def interrupted() -> None:
        run.step(loss=1.0)
        raise KeyboardInterrupt

    run = watching(tmp_path, made())
    with pytest.raises(KeyboardInterrupt), run:
        interrupted()
    assert run.run.state == "cancelled"
    assert {"epoch": 0, "step": 1} in run.run.record.checkpoints()
    assert not verify(run.run.record)


def test_a_cancel_leaves_the_with_quietly(tmp_path):
    steps = []
    with watching(tmp_path, made()) as run:
        for step in range(5):
            if step == 2:
                RunStore(tmp_path).open(run.id).request_cancel()
            run.step(loss=step)
            steps.append(step)
    assert steps == [0, 1]
    assert run.run.state == "cancelled"
    assert run.run.metrics().steps["train/loss"] == [0.0, 1.0, 2.0]
    assert not verify(run.run.record)


def test_a_cancel_may_be_left_to_the_loop(tmp_path):
    with watching(tmp_path, made(), on_cancel="ignore") as run:
        assert not run.cancelled
        run.run.record.request_cancel()
        run.step(loss=1.0)
        assert run.cancelled
    assert run.run.state == "cancelled"


def test_no_step_waits_for_a_tensor(tmp_path, monkeypatch):
    with watching(tmp_path, made()) as run:
        monkeypatch.setattr(Tensor, "item", _waits)
        monkeypatch.setattr(Tensor, "tolist", _waits)
        monkeypatch.setattr(Tensor, "__float__", _waits)
        run._told = float("inf")  # no half second has passed
        loss = torch.ones((), requires_grad=True) * 3
        for _ in range(3):
            run.step(loss=loss)
        monkeypatch.undo()
    assert run.run.metrics().steps["train/loss"] == [3.0] * 3


def _waits(self: Tensor, *args: object) -> None:
    raise AssertionError("a step read a tensor")


def test_a_model_of_ours_keeps_its_kind(tmp_path):
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(2, 36), nn.Unflatten(1, (1, 6, 6)))
    vae = VAE(nn.Sequential(nn.Flatten(), nn.Linear(36, 8)), decoder, latent_dim=2)
    with pytest.raises(ConfigError, match=r"may not make.*model\.build\(x\)"):
        watching(tmp_path, vae)
    vae.build(X)
    with watching(tmp_path, vae) as run:
        run.step(loss=vae.compute_loss(X, vae(X)).objective)
    assert run.run.summary().model_kind == "vae"
    assert {"prior_mu", "log_var"} <= set(run.run.latents())


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda f: latelier.watch(nn.Linear(2, 2), X, runs_dir=f), ConfigError, "how Linear enc"),
        (lambda f: latelier.watch(Net(), X[:, :, :4], runs_dir=f), ShapeError,
         r"encode fails on the first examples.*\[8, 1, 4, 6\]"),
        (lambda f: watching(f, nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), encode="1"),
         ConfigError, "parts without a size.*Run one batch through it first"),
        (lambda f: watching(f, made(), on_cancel="stop"), ConfigError, "expected raise or ignore"),
        (lambda f: watching(f, made(), steps_per_epoch=0), ConfigError, "steps_per_epoch; got 0"),
        (lambda f: watching(f, made(), anlysis={}), ConfigError, "anlysis"),
        (lambda f: latelier.watch(made(), torch.utils.data.DataLoader(X), runs_dir=f), DataError,
         "Pass the loader's `.dataset`"),
    ],
)  # fmt: skip
def test_what_cannot_work_fails_before_anything_is_written(tmp_path, call, kind, words):
    with pytest.raises(kind, match=words):
        call(tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_what_is_no_number_is_refused(tmp_path):
    for measured, words in [
        ({"loss": torch.ones(3)}, r"loss is no number to record; got a tensor \[3\]"),
        ({"loss": "big"}, "got str"),
    ]:
        with pytest.raises(ConfigError, match=words), watching(tmp_path, made()) as run:
            run.step(**measured)
        assert run.run.state == "failed"
    words = "a name is taken; got scope"
    with pytest.raises(ConfigError, match=words), watching(tmp_path, made()) as run:
        run.epoch(scope=1.0)


def test_before_the_with_nothing_is_recorded(tmp_path):
    recorder = watching(tmp_path, made())
    with pytest.raises(RunError, match=r"not entered yet.*with latelier\.watch"):
        recorder.step(loss=1.0)
    assert isinstance(RunCancelled("x"), latelier.LatelierError)
    assert isinstance(OwnModule(made()), OwnModule)
