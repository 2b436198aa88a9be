"""Training in two processes: the same weights as in one, recorded by one of them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

import latelier
from latelier.config import ConfigError, TrainingError
from latelier.runs import RunStore
from latelier.runs.verify import verify

X = np.random.default_rng(0).random((101, 1, 4, 4), dtype=np.float32)
SHORT: dict[str, Any] = {
    "model": {"kind": "ae", "latent_dim": 3, "net": {"kind": "mlp", "hidden": [8]}},
    "schedule": {"epochs": 2, "lr": 0.01},
    "analysis": {"points": 20, "neighbors": 3, "reconstructions": 4, "pictures": False,
                 "full_set": "off"},
}  # fmt: skip


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
        self.decoder = nn.Linear(3, 16)


def loss(net: Net, x: Tensor) -> tuple[Tensor, dict[str, Any]]:
    value = (net.decoder(net.encoder(x)) - x.flatten(1)).square().sum(1).mean()
    return value, {"twice": 2 * value}


def breaks(net: Net, x: Tensor) -> Tensor:
    value = loss(net, x)[0]
    return value * (torch.nan if value < 4.0 else 1.0)


def run(folder, devices: int, config: Any = SHORT, *args: Any, **options: Any) -> latelier.Run:
    training = {"batch_size": 25, "devices": devices, "device": "cpu", "threads": 1}
    return latelier.fit(config, *args, runs_dir=folder, training=training, **options)


def weights(run: latelier.Run, epoch: int = 2) -> dict[str, Tensor]:
    folder = run.record.path_of("checkpoint", epoch=epoch).parent
    return load_file(folder / "model.safetensors")


def assert_close(a: dict[str, Tensor], b: dict[str, Tensor]) -> None:
    assert a.keys() == b.keys()
    for name, value in a.items():
        torch.testing.assert_close(value, b[name], rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path):
    seen: list[str] = []
    one = run(tmp_path, 1, SHORT, X)
    two = run(tmp_path, 2, SHORT, X, observers=[lambda event: seen.append(event.type)])
    assert two.state == "completed"
    # 91 training examples: the last batch has 16, of which each takes 8; others 13 and 12.
    assert_close(weights(one), weights(two))
    for name in ("train/loss", "val/loss"):
        np.testing.assert_allclose(
            one.metrics().epochs[name][1:], two.metrics().epochs[name][1:], rtol=1e-4
        )
    assert two.metrics().steps["step"] == one.metrics().steps["step"]
    assert not verify(two.record)
    assert {"run.started", "run.completed", "artifact.created"} <= set(seen)


@pytest.mark.slow
def test_a_module_of_ones_own_comes_back_trained(tmp_path):
    net, options = Net(), {"schedule": {"epochs": 2}, "analysis": SHORT["analysis"]}
    two = run(tmp_path, 2, net, X, loss=loss, **options)
    one = run(tmp_path, 1, Net(), X, loss=loss, **options)
    assert_close(weights(one), weights(two))
    assert_close(weights(two), dict(net.state_dict()))
    epochs = two.metrics().epochs
    np.testing.assert_allclose(
        epochs["train/twice"][1:], 2 * np.array(epochs["train/loss"][1:]), rtol=1e-5
    )


@pytest.mark.slow
def test_stopping_going_on_and_failing(tmp_path):
    steps: list[int] = []
    stopped = run(
        tmp_path,
        2,
        {**SHORT, "schedule": {"steps": 100_000}},
        X,
        observers=[lambda event: steps.append(event.step)],
        stop=lambda: steps != [] and steps[-1] > 0,
    )
    assert stopped.state == "cancelled"
    assert 0 < stopped.summary().step < 100_000

    options = {"schedule": {"epochs": 9, "lr": 0.01}, "analysis": SHORT["analysis"]}
    with pytest.raises(TrainingError, match="the objective is not finite at step"):
        run(tmp_path, 2, Net(), X, loss=breaks, **options)
    row = RunStore(tmp_path).list()[-1]
    assert (row.state, row.reason) == ("failed", "non_finite")
    again = latelier.resume(row.run_id, runs_dir=tmp_path, epoch=0, model=Net(), data=X, loss=loss)
    assert again.state == "completed"


def test_what_cannot_be_shared_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"cannot be sent to other processes.*devices=1"):
        run(tmp_path, 2, Net(), X, loss=lambda net, x: net.encoder(x).mean())
    few = {**SHORT, "training": {"batch_size": 2, "devices": 3, "device": "cpu"}}
    with pytest.raises(ConfigError, match="batch_size is too small to be shared; got 2"):
        latelier.fit(few, X, runs_dir=tmp_path)
    monkeypatch.setitem(sys.modules, "lightning_fabric", None)
    with pytest.raises(ConfigError, match=r"lightning-fabric.*latelier\[fabric\]"):
        run(tmp_path, 2, SHORT, X)
    assert not list(tmp_path.iterdir())
