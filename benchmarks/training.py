"""Training with everything recorded, against a bare hand-written loop over tensors in memory.

Usage: python benchmarks/training.py [--data-root DIR] [--rounds 3] [--threads 2] [--json]

Same networks, same batches, same fused Adam, on MNIST's 60,000 images (60,000 random ones without
--data-root, which take the same time). Both sides are timed in turn, round by round; the ratio is
the median over the pairs, in time and in processor time. Ours writes events, checkpoints and the
fast set, and measures held-out examples; the bare loop does nothing but train. The goal is 0.9 or
more. Peak memory is that of a fresh process, above what it holds once torch and the data are
loaded; the goal is 400 MB or less.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latelier.config import RunConfig, load_config
from latelier.data import load_dataset
from latelier.lab.execute import execute
from latelier.lab.launch import create
from latelier.lab.prepare import prepare
from latelier.models import build_model
from latelier.training import RunEnded, RunStarted, Session

BATCH = 128
CASES = {
    "mlp-vae": {
        "model": {"kind": "vae", "latent_dim": 16, "net": {"kind": "mlp", "hidden": [400]}},
        "objective": {"likelihood": "bernoulli"},
    },
    "conv-supervised-ae": {
        "model": {"kind": "supervised-ae", "latent_dim": 16, "net": {"kind": "conv"}},
    },
}


class Seconds(NamedTuple):
    """A moment or a span: of the clock on the wall, and of work by all threads of the process."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Seconds:
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall - other.wall, self.cpu - other.cpu)


def make_config(case: str, threads: int, epochs: int, root: str | None) -> RunConfig:
    data = {"dataset": "mnist", "root": root} if root else {"held_out": 0.0}
    return load_config(
        {
            **CASES[case],
            "data": data,
            "schedule": {"epochs": epochs},
            "training": {"batch_size": BATCH, "threads": threads},
            "analysis": {"pictures": False},
        }
    )


def random_digits() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (60_000, 1, 28, 28), generator=generator, dtype=torch.uint8)
    return images, torch.randint(0, 10, (60_000,), generator=generator)


def ours(case: str, threads: int, epochs: int, root: str | None, runs: Path) -> Seconds:
    """Seconds from the start of training to its end, everything recorded."""
    data = None if root else random_digits()
    session = prepare(make_config(case, threads, epochs, root), data=data)
    moments: list[Seconds] = []
    session.signals.subscribe(RunStarted, lambda _: moments.append(Seconds.now()))
    session.signals.subscribe(RunEnded, lambda _: moments.append(Seconds.now()))
    execute(create(session.config, runs), session)
    return moments[1] - moments[0]


def bare(case: str, threads: int, epochs: int, root: str | None) -> Seconds:
    """Seconds of the loop that anybody would write by hand."""
    config = make_config(case, threads, epochs, root)
    images, labels = _tensors(config, root)
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = build_model(config.model, images[:2], classes=10)
    model.train()
    loss = {"mlp-vae": _vae_loss, "conv-supervised-ae": _supervised_loss}[case]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    started = Seconds.now()
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(BATCH):
            value = loss(model, images[rows], labels[rows])
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
    return Seconds.now() - started


def _tensors(config: RunConfig, root: str | None) -> tuple[Tensor, Tensor]:
    if not root:
        images, labels = random_digits()
        return images.float().div_(255), labels
    dataset = load_dataset(config.data, seed=0)
    batch = dataset.examples(dataset.train)
    assert batch.labels is not None
    return batch.inputs, batch.labels


def _vae_loss(model: nn.Module, x: Tensor, _: Tensor) -> Tensor:
    features = model.encoder(x)
    mu, log_var = model.posterior.mu(features), model.posterior.log_var(features)
    z = mu + (0.5 * log_var).exp() * torch.randn_like(mu)
    recon = F.binary_cross_entropy_with_logits(model.decoder(z), x, reduction="sum")
    kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum()
    return (recon + kl) / len(x)


def _supervised_loss(model: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    z = model.encoder(x)
    return F.mse_loss(model.decoder(z), x) + F.cross_entropy(model.classifier(z), labels)


def peak_above_data(case: str, threads: int, root: str | None, runs: str, answer: object) -> None:
    """In a fresh process: peak memory of a run above torch and the data, in MB."""
    config = make_config(case, threads, 1, root)
    session: Session = prepare(config, data=None if root else random_digits())
    before = _memory_mb("VmRSS")
    execute(create(session.config, runs), session)
    answer.put(_memory_mb("VmHWM") - before)  # type: ignore[attr-defined]


def _memory_mb(field: str) -> float:
    """A field of this process's status. (ru_maxrss would count the parent's peak as well.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def measure(case: str, asked: argparse.Namespace, runs: Path) -> dict[str, float]:
    sides: dict[str, Callable[[], Seconds]] = {
        "ours": lambda: ours(case, asked.threads, asked.epochs, asked.data_root, runs),
        "bare": lambda: bare(case, asked.threads, asked.epochs, asked.data_root),
    }
    times: dict[str, list[Seconds]] = {"ours": [], "bare": []}
    for _ in range(asked.rounds):
        for name, side in sides.items():
            times[name].append(side())
    pairs = list(zip(times["ours"], times["bare"], strict=True))
    images = 60_000 * asked.epochs
    rates = {k: images / statistics.median(s.wall for s in v) for k, v in times.items()}
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(
        target=peak_above_data, args=(case, asked.threads, asked.data_root, str(runs), answer)
    )
    child.start()
    memory = answer.get(timeout=600)
    child.join()
    return {
        "ours_images_per_s": rates["ours"],
        "bare_images_per_s": rates["bare"],
        "median_ratio_wall": statistics.median(b.wall / a.wall for a, b in pairs),
        "median_ratio_cpu": statistics.median(b.cpu / a.cpu for a, b in pairs),
        "peak_mb_above_data": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Imports and first compilations are no part of training: a short run warms up.
        ours("mlp-vae", asked.threads, 0, None, Path(folder))
        results = {case: measure(case, asked, Path(folder)) for case in CASES}
    if asked.json:
        print(json.dumps(results))
        return
    for case, figures in results.items():
        print(case)
        for name, value in figures.items():
            print(f"  {name:24}{value:14,.2f}")


if __name__ == "__main__":
    main()
