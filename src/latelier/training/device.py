"""Where a run computes: device, threads, precision, and how strict its algorithms are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from latelier.config import ConfigError, TrainingConfig
from latelier.training.determinism import seed_everything, shielded

# Floating-point operations of one forward batch. Below this a second thread gains little (1.3
# times for a 1 M parameter MLP on an idle machine) and loses much: with two threads on a busy
# machine small models ran 5-17 times slower.
_ONE_THREAD_BELOW = 5e8


def resolve_device(name: str) -> torch.device:
    """Turn ``training.device`` into a device that is there.

    Raises:
        ConfigError: If the name is unknown or the device is missing.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(
            "training.device", got=name, expected="auto, cpu, cuda, cuda:N or mps"
        ) from None
    if not _is_there(device):
        raise ConfigError(
            "training.device",
            got=name,
            expected="a device of this machine",
            remedy="Set it to auto.",
        )
    return device


def _is_there(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def choose_threads(
    config: TrainingConfig,
    model: nn.Module,
    sample: Tensor | tuple[Tensor, Tensor],
    run: Callable[[Any], object] | None = None,
) -> int:
    """Return the CPU threads of a run: as configured, or by the work in one batch.

    Args:
        config: ``threads`` and ``batch_size`` are read.
        model: A built model.
        sample: One example with a batch axis, [1, *shape], or a pair of them.
        run: Runs the model forward on the sample, where calling it does not.
    """
    if config.threads is not None:
        return config.threads
    training = model.training
    counter = FlopCounterMode(display=False)
    with shielded(), torch.no_grad(), counter:
        model.eval()
        (run or model)(sample)
    model.train(training)
    work = counter.get_total_flops() * config.batch_size
    return 1 if work < _ONE_THREAD_BELOW else _share_of_cores()


def _share_of_cores() -> int:
    """Return the cores of this process; ``OMP_NUM_THREADS`` says that others want theirs."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    cores = physical_cores()
    return min(cores, int(told)) if told.isdecimal() and int(told) > 0 else cores


def physical_cores() -> int:
    """Return how many cores this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS has no affinity
        return max(1, (os.cpu_count() or 2) // 2)


def autocast(config: TrainingConfig, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of the forward pass: bfloat16 where asked for."""
    if config.precision == "bf16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


@contextmanager
def execution(config: TrainingConfig, threads: int, seed: int) -> Iterator[None]:
    """Seed every generator, set threads and strictness for a run, and put all back afterwards."""
    before = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    benchmark = torch.backends.cudnn.benchmark
    with shielded(), threadpool_limits(threads):
        try:
            torch.set_num_threads(threads)
            seed_everything(seed)
            if config.deterministic_debug:
                os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
                torch.use_deterministic_algorithms(True)
                torch.backends.cudnn.benchmark = False
            yield
        finally:
            torch.set_num_threads(before)
            torch.use_deterministic_algorithms(strict)
            torch.backends.cudnn.benchmark = benchmark
