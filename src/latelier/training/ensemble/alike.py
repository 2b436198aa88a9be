"""Which runs can train as one: those that differ only in numbers."""

from __future__ import annotations

import json
from typing import Any

import torch

from latelier.config.errors import LatelierError
from latelier.training.session import Session

_NAMES = ("name", "tags", "notes", "seed", "schedule")
_REGULARIZER_NUMBERS = ("enabled", "weight", "column")


class ApartError(LatelierError):
    """Runs cannot train as one stacked model; the message says why."""


def shape_of(session: Session) -> str:
    """Return a text that is equal for sessions which may train as one stacked model.

    Left out is what may differ from member to member: names, seeds (initial values and the order
    of the data), everything on the timeline (learning rates, weights of terms, and settings of the
    objective that are its columns), and which regularizers are in force.
    """
    config = session.config.model_dump(mode="json")
    rest = {name: value for name, value in config.items() if name not in _NAMES}
    columns = set(session.timeline.columns)
    rest["objective"] = {k: v for k, v in rest["objective"].items() if k not in columns}
    rest["regularizers"] = [_kind_of_term(term) for term in rest["regularizers"]]
    rest["analysis"] = rest["training"].pop("threads")  # points follow the seed, threads the host
    clock = session.clock
    rest["clock"] = [clock.step, clock.steps_per_epoch, clock.total_steps, session.first_step]
    rest["moments"] = [session.timeline.phases, sorted(session.timeline.actions.items())]
    rest["begun"] = bool(session.optimizer.state)
    rest["weights"] = [(n, list(p.shape)) for n, p in session.model.state_dict().items()]
    return json.dumps(rest, sort_keys=True, default=str)


def _kind_of_term(term: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in term.items() if name not in _REGULARIZER_NUMBERS}


def unstackable(session: Session) -> str | None:
    """Return why a run cannot be a member of any ensemble; None where nothing speaks against it.

    A loss that branches on what it computes is found out later, by trying: see `Ensemble`.
    """
    if session.config.training.compile:
        return "training.compile is on"
    if session.config.model.kind == "module" or session.config.model.net.kind == "custom":
        return "its networks are code of your own"
    if session.runtime.devices > 1:
        return "it trains on several devices"
    if session.device.type == "mps":
        return "stacked models are not tried on mps"
    if any(not parameter.requires_grad for parameter in session.model.parameters()):
        return "some of its weights are not trained"
    if any(not torch.is_floating_point(p) for p in session.model.parameters()):
        return "some of its weights are no floating point numbers"
    if session.config.training.precision != "float32":
        return f"its precision is {session.config.training.precision}"
    return None
