"""Training with everything recorded, against a default loop and two libraries.

Usage: python benchmarks/libraries.py [--rounds 3] [--epochs 2] [--threads 1] [--json]

The same networks (an MLP VAE 784-400-16 and a small convolutional one), Bernoulli, batches of 128
and Adam at 1e-3 on 60,000 images of digits: the 5,000 that come along, twelve times over. Four
sides take turns, round by round:

- ours: `latelier.fit` with events, checkpoints and the fast set written;
- bare: the loop that anybody would write, with torch's default Adam, over tensors in memory;
- pyautoencoder: its model in its documentation's loop, over a DataLoader;
- pythae: its model and its trainer.

The libraries are measured where they can be imported (pyautoencoder 1.1.5, pythae 0.1.2), and left
out otherwise. Ratios are medians over pairs of one round; above 1 ours is faster. The goals: 1.1 of
the bare loop and 1.2 of both libraries for the MLP; 0.95 and 1.0 for the convolutional one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import statistics
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latelier.config import load_config
from latelier.data import load_dataset
from latelier.lab.execute import execute
from latelier.lab.launch import create
from latelier.lab.prepare import prepare, resolve_config
from latelier.models import build_model, build_nets
from training import Seconds

BATCH, LATENT = 128, 16
NETS: dict[str, dict[str, Any]] = {
    "mlp": {"kind": "mlp", "hidden": [400], "activation": "relu"},
    "conv": {"kind": "conv", "channels": [16, 32], "hidden": 128},
}


def make_config(case: str, threads: int, epochs: int) -> Any:
    return load_config(
        {
            "model": {"kind": "vae", "latent_dim": LATENT, "net": NETS[case]},
            "objective": {"likelihood": "bernoulli"},
            "data": {"held_out": 0.0},
            "schedule": {"epochs": epochs, "lr": 1e-3},
            "training": {"batch_size": BATCH, "threads": threads},
            "analysis": {"pictures": False, "full_set": "off"},
        }
    )


def images() -> Tensor:
    digits = load_dataset(load_config({"data": {"dataset": "mnist-5k"}}).data, seed=0)
    return digits.stored(torch.arange(len(digits))).repeat(12, 1, 1, 1)


def networks(case: str) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    config = resolve_config(None, (), {"model": {"kind": "vae", "net": NETS[case]}})
    return build_nets(config.model.net, (1, 28, 28), LATENT)


def ours(case: str, threads: int, epochs: int, data: Tensor) -> Seconds:
    with tempfile.TemporaryDirectory() as folder:
        session = prepare(make_config(case, threads, epochs), data=data)
        record = create(session.config, Path(folder))
        started = Seconds.now()
        execute(record, session)
        return Seconds.now() - started


def bare(case: str, threads: int, epochs: int, data: Tensor) -> Seconds:
    torch.set_num_threads(threads)
    x = data.float().div_(255)
    model = build_model(make_config(case, threads, epochs).model, x[:2]).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    started = Seconds.now()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            batch = x[rows]
            features = model.encoder(batch)  # type: ignore[operator]
            heads = model.posterior
            mu, log_var = heads.mu(features), heads.log_var(features)  # type: ignore[union-attr,operator]
            z = mu + (0.5 * log_var).exp() * torch.randn_like(mu)
            logits = model.decoder(z)  # type: ignore[operator]
            recon = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum")
            kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum()
            optimizer.zero_grad()
            ((recon + kl) / len(batch)).backward()
            optimizer.step()
    return Seconds.now() - started


def pyautoencoder(case: str, threads: int, epochs: int, data: Tensor) -> Seconds:
    from pyautoencoder.variational import VAE
    from torch.utils.data import DataLoader, TensorDataset

    torch.set_num_threads(threads)
    x = data.float().div_(255)
    encoder, decoder = networks(case)
    model = VAE(encoder=encoder, decoder=decoder, latent_dim=LATENT)
    model.build(x[:2])
    loader = DataLoader(TensorDataset(x), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    started = Seconds.now()
    for _ in range(epochs):
        for (batch,) in loader:
            optimizer.zero_grad()
            output = model(batch)
            result = model.compute_loss(batch, output, beta=1, likelihood="bernoulli")
            result.objective.backward()
            optimizer.step()
    return Seconds.now() - started


def pythae(case: str, threads: int, epochs: int, data: Tensor) -> Seconds:
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    class Encoder(BaseEncoder):
        def __init__(self, net: nn.Module, width: int) -> None:
            super().__init__()
            self.net, self.latent_dim = net, LATENT
            self.mu, self.log_var = nn.Linear(width, LATENT), nn.Linear(width, LATENT)

        def forward(self, x: Tensor) -> Any:
            h = self.net(x)
            return ModelOutput(embedding=self.mu(h), log_covariance=self.log_var(h))

    class Decoder(BaseDecoder):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, z: Tensor) -> Any:
            return ModelOutput(reconstruction=torch.sigmoid(self.net(z)))

    torch.set_num_threads(threads)
    x = data.float().div_(255)
    encoder, decoder = networks(case)
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce")
    width = encoder(x[:2]).shape[1]
    model = VAE(config, encoder=Encoder(encoder, width), decoder=Decoder(decoder))
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder,
            per_device_train_batch_size=BATCH,
            num_epochs=epochs,
            learning_rate=1e-3,
            no_cuda=True,
        )
        trainer = BaseTrainer(model, BaseDataset(x, torch.zeros(len(x))), training_config=settings)
        started = Seconds.now()
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            trainer.train()
        return Seconds.now() - started


SIDES: dict[str, Callable[[str, int, int, Tensor], Seconds]] = {
    "ours": ours,
    "bare": bare,
    "pyautoencoder": pyautoencoder,
    "pythae": pythae,
}


def measure(case: str, asked: argparse.Namespace, data: Tensor) -> dict[str, dict[str, float]]:
    sides = {name: side for name, side in SIDES.items() if name in _HERE or find_spec(name)}
    times: dict[str, list[Seconds]] = {name: [] for name in sides}
    for _ in range(asked.rounds):
        for name, side in sides.items():
            times[name].append(side(case, asked.threads, asked.epochs, data))
    figures: dict[str, dict[str, float]] = {}
    for name, found in times.items():
        pairs = list(zip(times["ours"], found, strict=True))
        figures[name] = {
            "images_per_s": 60_000 * asked.epochs / statistics.median(s.wall for s in found),
            "ratio_wall": statistics.median(other.wall / own.wall for own, other in pairs),
            "ratio_cpu": statistics.median(other.cpu / own.cpu for own, other in pairs),
        }
    return figures


_HERE = {"ours", "bare"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cases", nargs="*", default=list(NETS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    data = images()
    ours("mlp", asked.threads, 0, data)  # imports and first compilations are no part of training
    results = {case: measure(case, asked, data) for case in asked.cases}
    if asked.json:
        print(json.dumps(results))
        return
    for case, sides in results.items():
        print(case)
        for name, values in sides.items():
            figures = "  ".join(f"{key} {value:10.2f}" for key, value in values.items())
            print(f"  {name:16}{figures}")


if __name__ == "__main__":
    main()
