"""After a variant: artifacts and scores of its last epoch, and what is removed."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from latelier.config import ConfigError, RunError
from latelier.config.sweep_schema import CleanUpConfig, EvaluateConfig
from latelier.runs import ARTIFACTS, RunRecord, artifact_spec


def check_evaluation(config: EvaluateConfig) -> None:
    """Check the names of artifacts before anything is trained.

    Raises:
        ConfigError: If a kind is unknown, or no backfill makes it.
    """
    from latelier.lab.backfill import FILLED

    for kind in config.artifacts:
        _check_kind(kind, FILLED, "sweep.evaluate.artifacts")
    for source in config.scores.values():
        _check_kind(source.partition(":")[0], tuple(ARTIFACTS), "sweep.evaluate.scores")


def evaluate(
    record: RunRecord, config: EvaluateConfig, *, stop: Callable[[], bool]
) -> dict[str, Any] | None:
    """Make artifacts of a completed run's last epoch, and read scores out of them.

    Args:
        record: The run.
        config: What is made and read.
        stop: Asked between artifacts; True ends it early.

    Returns:
        ``artifacts`` (kind → ``made`` or ``present``) and ``scores`` (name → number); None if
        nothing is asked for.

    Raises:
        RunError: If the run cannot have an artifact, or a score is not in it.
    """
    if not config.artifacts and not config.scores:
        return None
    epoch = record.summary().epoch
    made: dict[str, str] = {}
    if config.artifacts:
        from latelier.lab.backfill import backfill

        report = backfill(record, kinds=config.artifacts, epochs=[epoch], stop=stop)
        if report.stopped:
            raise RunError("its evaluation was stopped", remedy="Resume the sweep.")
        new = {kind for kind, _ in report.made}
        made = {kind: "made" if kind in new else "present" for kind in config.artifacts}
    scores = {name: _score(record, source, epoch) for name, source in config.scores.items()}
    return {"epoch": epoch, "artifacts": made, "scores": scores}


def clean_up(record: RunRecord, config: CleanUpConfig) -> None:
    """Remove what the sweep does not keep of a completed run."""
    if config.checkpoints == "all":
        return
    found = record.checkpoints()
    doomed = found[:-1] if config.checkpoints == "last" else found
    if doomed:
        with record.own() as writer:
            for keys in doomed:
                writer.drop_checkpoint(**keys)


def _check_kind(kind: str, known: tuple[str, ...], where: str) -> None:
    if kind in known:
        return
    close = get_close_matches(kind, known, n=1)
    raise ConfigError(
        f"{where} names no artifact that can be made",
        got=kind,
        expected=", ".join(known),
        remedy=f"Did you mean {close[0]}?" if close else None,
    )


def _score(record: RunRecord, source: str, epoch: int) -> float:
    kind, _, path = source.partition(":")
    keys = {"epoch": epoch} if artifact_spec(kind).per_epoch else {}
    value = record.read_json(kind, **keys)
    for part in path.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            there = ", ".join(value) if isinstance(value, dict) else type(value).__name__
            raise RunError(f"{kind} of run {record.id} has no {path}", got=part, expected=there)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RunError(f"{source} of run {record.id} is not a number", got=type(value).__name__)
    return float(value)
