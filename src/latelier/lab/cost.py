"""What a run would take: time a few of its steps, on a copy that nobody keeps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

from latelier.config import DataError, RunConfig, load_config
from latelier.data import DATASETS, default_root
from latelier.lab.fast_set import FastSet
from latelier.lab.prepare import prepare
from latelier.runs import RunWriter
from latelier.training import Session, StepEnded, execution, train

MOST_STEPS = 40
SECONDS = 0.8
_WARM_UP = 2  # the first steps load kernels and fill caches


def estimate_cost(values: Mapping[str, Any]) -> dict[str, Any]:
    """Time a few steps of a run.

    Args:
        values: Its configuration.

    Returns:
        ``steps, epochs, steps_per_epoch, parameters, device, threads``, seconds per step and of
        analysis per epoch, ``seconds`` of the whole, ``measured_steps`` and ``checkpoint_bytes``
        of the whole run.

    Raises:
        ConfigError: If the configuration does not fit its data.
        DataError: If the data is missing; nothing is downloaded.
    """
    config = load_config(values)
    _refuse_download(config)
    session = prepare(config)
    config, clock = session.config, session.clock
    epochs, total = clock.total_epochs, clock.total_steps
    with execution(config.training, session.threads, config.seed):
        measured, per_step = _time_steps(session)
        analysis = _time_analysis(session) if config.analysis.enabled else 0.0
    frames = 1 + epochs // config.analysis.every_epochs
    weights = sum(p.numel() * p.element_size() for p in session.model.parameters())
    moments = {"adam": 2, "adamw": 2, "sgd": 0}[config.training.optimizer]
    kept = config.training.checkpoints.keep_last or 1 + epochs // (
        config.training.checkpoints.every_epochs
    )
    return {
        "steps": total,
        "epochs": epochs,
        "steps_per_epoch": clock.steps_per_epoch,
        "parameters": sum(p.numel() for p in session.model.parameters()),
        "device": str(session.device),
        "threads": session.threads,
        "seconds_per_step": per_step,
        "seconds_per_epoch_analysis": analysis,
        "seconds": per_step * total + analysis * frames,
        "measured_steps": measured,
        "checkpoint_bytes": weights * (1 + moments) * min(kept, epochs + 1),
    }


def _refuse_download(config: RunConfig) -> None:
    spec = DATASETS.get(config.data.dataset)
    if spec is not None and not spec.present(config.data.root or default_root()):
        raise DataError(
            f"the data set {spec.name} is not here yet, so nothing can be measured",
            expected=f"{spec.download_bytes / 1e6:.0f} MB, downloaded when the run begins",
            remedy=f"Fetch it with `latelier data fetch {spec.name}`, or start the run.",
        )


def _time_steps(session: Session) -> tuple[int, float]:
    """Train a few steps from the middle of the run; return how many, and seconds per step."""
    clock = session.clock
    if clock.total_steps == 0:
        return 0, 0.0
    clock.step = clock.total_epochs // 2 * clock.steps_per_epoch
    times: list[float] = []

    def step_ended(_: StepEnded) -> None:
        """Take the time at the end of a step."""
        times.append(time.perf_counter())

    def enough() -> bool:
        """Tell whether steps or seconds suffice for an estimate."""
        return len(times) >= MOST_STEPS or (len(times) > 1 and times[-1] - times[0] > SECONDS)

    session.signals.subscribe(StepEnded, step_ended)
    session.stop = enough
    began = time.perf_counter()
    train(session)
    skipped = min(_WARM_UP, len(times) - 1)
    start = times[skipped - 1] if skipped else began
    counted = len(times) - skipped
    return counted, (times[-1] - start) / counted


def _time_analysis(session: Session) -> float:
    """Record one epoch to nowhere, twice; return the seconds of the second time."""
    fast_set = FastSet(session, cast(RunWriter, _Nowhere()), lambda: None)
    fast_set.run()
    began = time.perf_counter()
    fast_set.run()
    return time.perf_counter() - began


class _Nowhere:
    """Stands in for a writer: takes everything, keeps nothing."""

    def put_json(self, *_: object, **__: object) -> None:
        """Keep nothing."""

    def put_bytes(self, *_: object, **__: object) -> None:
        """Keep nothing."""
