"""Training: the loop, its signals, tasks, checkpoints. `loop.py` is the page to read first."""

from __future__ import annotations

from latelier.training.checkpoint import (
    begin_from,
    load_checkpoint,
    load_model,
    load_task,
    read_header,
    save_checkpoint,
)
from latelier.training.clock import Clock, WatchedClock
from latelier.training.determinism import random_state, shielded
from latelier.training.device import execution
from latelier.training.histories import BatchHistory, MetricsHistory, ModelHistory
from latelier.training.loop import train
from latelier.training.runtime import ManyDevices
from latelier.training.session import Session, check_actions, open_session
from latelier.training.signals import (
    ActionReached,
    Checkpointed,
    EpochEnded,
    PhaseEnded,
    PhaseStarted,
    RunEnded,
    RunStarted,
    Signal,
    Signals,
    StepEnded,
    StepStarting,
)
from latelier.training.tasks import TASKS, Encoded, Prior, Task, make_task
from latelier.training.watched import open_watched, undisturbed

__all__ = [
    "TASKS",
    "ActionReached",
    "BatchHistory",
    "Checkpointed",
    "Clock",
    "Encoded",
    "EpochEnded",
    "ManyDevices",
    "MetricsHistory",
    "ModelHistory",
    "PhaseEnded",
    "PhaseStarted",
    "Prior",
    "RunEnded",
    "RunStarted",
    "Session",
    "Signal",
    "Signals",
    "StepEnded",
    "StepStarting",
    "Task",
    "WatchedClock",
    "begin_from",
    "check_actions",
    "execution",
    "load_checkpoint",
    "load_model",
    "load_task",
    "make_task",
    "open_session",
    "open_watched",
    "random_state",
    "read_header",
    "save_checkpoint",
    "shielded",
    "train",
    "undisturbed",
]
