"""The 31 regularizer subsets of the color autoencoder: as an ensemble, one by one, in plain code.

Usage: python benchmarks/sweep.py [--steps 10001] [--alone 2] [--plain 2] [--json]

Three ways to train the variants of configs/color/regularizers.yaml, in turn, one thread each:

- ensemble: all 31 as one stacked model, each recorded as a complete run (pictures left out);
- one by one: the same runs, one after another in this process; ``--alone`` of them are timed;
- plain: what an experiment's notebook does (a `DataLoader` with a collate function per sample, the
  schedule looked up at every step, ``.item()`` for every term, latents kept every 200 steps,
  nothing written); ``--plain`` variants are timed.

Half of the last two come before the ensemble and half after it, for machines drift; their times
are scaled to 31 variants. The goals: the ensemble is ≥ 12
times as fast as plain and ≥ 5 times as fast as one by one, in processor time and on the wall.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, WeightedRandomSampler

from latelier.config import RunConfig, load_config
from latelier.data.colors import TRAIN, make_colors
from latelier.lab.launch import create, start
from latelier.lab.prepare import prepare
from latelier.lab.sweeps.executor import Work, make_executor
from latelier.runs import RunRecord
from latelier.timeline import Timeline

PRESET = "color/regularizers"
LENGTH = 10_001
PARTS = 5
Span = tuple[float, float]


def subsets() -> list[tuple[bool, ...]]:
    """Return which regularizers are in force in each of the 31 variants, the fullest first."""
    every = itertools.product((True, False), repeat=PARTS)
    return [subset for subset in every if any(subset)]


def variant(subset: Sequence[bool], steps: int) -> RunConfig:
    """Return a variant's configuration; a short one is the beginning of the long."""
    overrides = [f"regularizers.{i}.enabled={str(on).lower()}" for i, on in enumerate(subset)]
    config = load_config(PRESET, [*overrides, "analysis.pictures=false", "training.threads=1"])
    if steps >= LENGTH:
        return config
    timeline = prepare(config).timeline
    columns = [track.name for track in timeline.tracks if track.name in _in_sheet(config)]
    marks = sorted({*range(0, steps, max(1, steps // 20)), steps - 1})
    rows = [
        {"STEP": step, **{f"{n}::linear": timeline.at(step).props[n] for n in columns}}
        for step in marks
    ]
    schedule = config.schedule.model_copy(update={"dopesheet": tuple(rows)})
    return load_config(config.model_copy(update={"schedule": schedule}))


def _in_sheet(config: RunConfig) -> set[str]:
    sheet = config.schedule.dopesheet
    assert isinstance(sheet, tuple)
    return {name.partition(":")[0] for name in sheet[0]}


def timed(work: Callable[[], object]) -> Span:
    """Return processor and wall seconds of some work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def make_runs(chosen: Sequence[Sequence[bool]], steps: int, folder: Path) -> list[RunRecord]:
    """Make the runs of some variants."""
    return [create(prepare(variant(subset, steps)).config, folder) for subset in chosen]


def as_ensemble(steps: int, folder: Path) -> Span:
    """Time all variants as one."""

    def work() -> None:
        records = make_runs(subsets(), steps, folder)
        quiet: dict[str, Any] = {"ended": lambda _: None, "say": lambda _: None}
        make_executor("ensemble").carry_out(Work(records, None, 5.0, lambda: False, **quiet))
        assert all(record.summary().state == "completed" for record in records)

    return timed(work)


def one_by_one(steps: int, chosen: Sequence[Sequence[bool]], folder: Path) -> Span:
    """Time some variants, each as a run by itself."""

    def work() -> None:
        for record in make_runs(chosen, steps, folder):
            start(record)

    return timed(work)


# The plain way


class PlainAutoencoder(nn.Module):
    """3 → 16 → 4 → 16 → 3."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 16), nn.GELU(), nn.Linear(16, 4))
        self.decoder = nn.Sequential(nn.Linear(4, 16), nn.GELU(), nn.Linear(16, 3), nn.Sigmoid())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.encoder(x)
        return self.decoder(z), z


def unit_length(z: Tensor) -> Tensor:
    return (torch.linalg.norm(z, dim=-1) - 1) ** 2


def others_nearby(z: Tensor) -> Tensor:
    directions = nn.functional.normalize(z, dim=-1)
    cosines = directions @ directions.T
    cosines = cosines * (1 - torch.eye(len(z)))
    return (cosines**10).sum(-1)


CRITERIA: list[tuple[str, Callable[[Tensor], Tensor], str | None]] = [
    ("reg-polar", lambda z: ((z - torch.tensor([1.0, 0, 0, 0])) ** 2).sum(-1), "red"),
    ("reg-separate", others_nearby, None),
    ("reg-planar", lambda z: (z[:, 2:] ** 2).sum(-1), "vibrant"),
    ("reg-norm-v", unit_length, "vibrant"),
    ("reg-norm", unit_length, None),
]


def plain_data() -> DataLoader[Any]:
    """Return batches of 64 colors with labels drawn anew."""
    colors = make_colors()
    rgb = torch.from_numpy(colors.rgb[:TRAIN])
    chance = torch.from_numpy(colors.probability[:TRAIN] * 0.5).float()
    items = list(zip(rgb, chance, strict=True))

    def collate(samples: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, dict[str, Tensor]]:
        inputs = torch.stack([sample[0] for sample in samples])
        labels = torch.stack([sample[1] for sample in samples])
        drawn = (torch.rand_like(labels) < labels).float()
        return inputs, {"red": drawn[:, 0], "vibrant": drawn[:, 1]}

    sampler = WeightedRandomSampler(colors.weight[:TRAIN].tolist(), TRAIN, replacement=True)
    return DataLoader(items, batch_size=64, sampler=sampler, collate_fn=collate)  # type: ignore[arg-type]


def endless(loader: DataLoader[Any]) -> Iterator[Any]:
    while True:
        yield from loader


def plainly(steps: int, subset: Sequence[bool], timeline: Timeline) -> list[Any]:
    """Train one variant as a notebook does."""
    torch.manual_seed(0)
    model = PlainAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=0)
    cube = torch.from_numpy(make_colors().rgb[TRAIN:])
    terms = [term for term, on in zip(CRITERIA, subset, strict=True) if on]
    kept: list[Any] = []
    for step, (inputs, labels) in zip(range(steps), endless(plain_data()), strict=False):
        props = timeline.at(step).props
        for group in optimizer.param_groups:
            group["lr"] = props["lr"]
        outputs, z = model(inputs)
        total = nn.functional.mse_loss(outputs, inputs)
        losses = {"recon": total.item()}
        for name, criterion, label in terms:
            if props[name] == 0:
                continue
            affinity = torch.ones(len(inputs)) if label is None else labels[label]
            if torch.allclose(affinity, torch.zeros_like(affinity)):
                continue
            term = (criterion(z) * affinity).sum() / (affinity.sum() + 1e-8)
            losses[name] = term.item()
            if not torch.isfinite(term):
                continue
            total = total + props[name] * term
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        kept.append((step, total.item(), losses))
        if step % 200 == 0:
            with torch.no_grad():
                kept.append(model.eval()(cube)[1].numpy())
            model.train()
    return kept


def scaled(spans: Sequence[Span], factor: float) -> Span:
    """Return the sum of some spans, times a factor."""
    return factor * sum(cpu for cpu, _ in spans), factor * sum(wall for _, wall in spans)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=LENGTH)
    parser.add_argument("--alone", type=int, default=2, help="runs timed one by one")
    parser.add_argument("--plain", type=int, default=2, help="variants timed in plain code")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    every = subsets()
    # Spread over the subsets, so that few and many terms both count.
    alone = every[:: max(1, len(every) // options.alone)][: options.alone]
    plain = every[:: max(1, len(every) // options.plain)][: options.plain]
    timeline = prepare(variant(every[0], options.steps)).timeline
    single: list[Span] = []
    notebook: list[Span] = []

    def half(number: int, folder: Path) -> None:
        """Time every second of the variants that the ensemble is compared with."""
        subsets_alone, subsets_plain = alone[number::2], plain[number::2]
        if subsets_alone:
            single.append(one_by_one(options.steps, subsets_alone, folder / f"alone{number}"))
        for subset in subsets_plain:
            notebook.append(timed(lambda s=subset: plainly(options.steps, s, timeline)))  # type: ignore[misc]

    with tempfile.TemporaryDirectory() as temporary:
        half(0, Path(temporary))
        ensemble = as_ensemble(options.steps, Path(temporary) / "ensemble")
        half(1, Path(temporary))
    found = {
        "ensemble": ensemble,
        "one by one": scaled(single, len(every) / len(alone)),
        "plain": scaled(notebook, len(every) / len(plain)),
    }
    rows = {
        name: {
            "cpu_s": round(cpu, 1),
            "wall_s": round(wall, 1),
            "ratio_cpu": round(cpu / ensemble[0], 2),
            "ratio_wall": round(wall / ensemble[1], 2),
        }
        for name, (cpu, wall) in found.items()
    }
    if options.json:
        print(json.dumps({"steps": options.steps, "variants": len(every), **rows}))
        return
    print(f"{len(every)} variants of {options.steps} steps; seconds, and ratios to the ensemble")
    for name, row in rows.items():
        print(f"  {name:12}" + "".join(f"{key:>12} {value:8}" for key, value in row.items()))


if __name__ == "__main__":
    main()
