"""Checkpoints: safetensors and JSON. No pickle, so reading one never runs code.

A checkpoint holds the model, the optimizer, and the state of everything else that decides the next
update: random generators, the unfinished epoch's totals and the clock. The order of the data and
the timeline are pure functions of the step and need no state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor
from torch.optim import Optimizer

from latelier.config import NonFiniteWeightsError, RunError
from latelier.training.determinism import random_state, set_random_state
from latelier.training.session import Session

VERSION = 1

_HEADER = ("version", "step", "threads", "groups", "meter", "files", "digest")
_TASK = "task."
_EARLIER = "Resume from an earlier checkpoint (--epoch), or copy the run again."


def save_checkpoint(session: Session, folder: Path) -> str:
    """Write the session's state into an empty folder; the caller makes the folder appear whole.

    Returns:
        The checkpoint's digest: SHA-256 over its files' hashes, in hexadecimal.

    Raises:
        NonFiniteWeightsError: If a weight is NaN or infinite; nothing could go on from there.
    """
    _refuse_non_finite(session)
    optimizer, groups = _optimizer_tensors(session.optimizer)
    state, meter = session.meter.state()
    parts = {
        "model": session.model.state_dict(),
        "optimizer": optimizer,
        "state": {**state, **random_state(), **_task_state(session)},
    }
    blobs = {f"{name}.safetensors": _encode(tensors) for name, tensors in parts.items()}
    files = {name: hashlib.sha256(blob).hexdigest() for name, blob in blobs.items()}
    digest = combined_digest(files)
    header = {
        "version": VERSION,
        "step": session.clock.step,
        "epoch": session.clock.epoch,
        "model_kind": session.config.model.kind,
        "seed": session.config.seed,
        "threads": session.threads,
        "device": str(session.device),
        "torch": torch.__version__,
        "groups": groups,
        "meter": meter,
        "files": files,
        "digest": digest,
    }
    blobs["checkpoint.json"] = json.dumps(header, indent=1, sort_keys=True).encode()
    for name, blob in blobs.items():
        (folder / name).write_bytes(blob)
    return digest


def _task_state(session: Session) -> dict[str, Tensor]:
    return {f"{_TASK}{name}": value for name, value in session.task.state().items()}


def load_task(session: Session, folder: Path, header: dict[str, Any] | None = None) -> None:
    """Load only what a task keeps besides the model, such as anchors taken from the data.

    What the checkpoint does not hold is as before the first update.

    Raises:
        RunError: If the checkpoint is damaged.
    """
    session.task.reset()
    _load_task(session, read_tensors(folder, "state", header or read_header(folder)))


def _load_task(session: Session, state: dict[str, Tensor]) -> None:
    own = {name.removeprefix(_TASK): v for name, v in state.items() if name.startswith(_TASK)}
    session.task.load_state(own)


def _refuse_non_finite(session: Session) -> None:
    named = session.model.named_parameters()
    broken = [name for name, weight in named if not torch.isfinite(weight).all()]
    if broken:
        raise NonFiniteWeightsError(session.clock.step, broken)


def combined_digest(files: dict[str, str]) -> str:
    """Return SHA-256 over the sorted names and hashes of a checkpoint's files."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _encode(tensors: dict[str, Tensor]) -> bytes:
    # Clones, because safetensors refuses tensors that share memory (tied weights).
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    return bytes(save(plain))


def _optimizer_tensors(optimizer: Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    state = optimizer.state_dict()
    tensors = {
        f"{index}.{key}": value
        for index, entries in state["state"].items()
        for key, value in entries.items()
    }
    return tensors, [
        {key: value for key, value in group.items() if key != "lr"}
        for group in state["param_groups"]
    ]


def read_header(folder: Path) -> dict[str, Any]:
    """Read ``checkpoint.json`` of one checkpoint.

    Raises:
        RunError: If it is missing, not JSON, incomplete, or of a later version.
    """
    try:
        header = json.loads((folder / "checkpoint.json").read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(folder, str(error)) from error
    if not isinstance(header, dict):
        raise _unreadable(folder, f"a {type(header).__name__}")
    missing = [name for name in _HEADER if name not in header]
    if missing:
        raise _unreadable(folder, f"no {', '.join(missing)}")
    if header["version"] > VERSION:
        raise RunError(
            f"the checkpoint {folder.name} was written by a later Latelier",
            got=f"version {header['version']}",
            expected=f"at most {VERSION}",
            remedy="Update Latelier.",
        )
    return header


def _unreadable(folder: Path, got: str) -> RunError:
    return RunError(
        f"the checkpoint {folder.name} cannot be read",
        got=got,
        expected="the checkpoint.json that training wrote",
        remedy=_EARLIER,
    )


def read_tensors(folder: Path, part: str, header: dict[str, Any]) -> dict[str, Tensor]:
    """Read one part of a checkpoint after checking its hash.

    Raises:
        RunError: If the file is missing or damaged.
    """
    path = folder / f"{part}.safetensors"
    expected = header["files"][path.name]
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RunError(
            f"{folder.name}/{path.name} cannot be read", got=error.strerror, remedy=_EARLIER
        ) from error
    if found != expected:
        raise RunError(
            f"{folder.name}/{path.name} is damaged",
            got=f"sha256 {found[:12]}…",
            expected=f"{expected[:12]}…",
            remedy=_EARLIER,
        )
    return load_file(path)


def load_checkpoint(session: Session, folder: Path) -> None:
    """Put a session into the state that ``folder`` holds, random generators included.

    Raises:
        RunError: If the checkpoint is damaged or belongs to another model.
    """
    header = read_header(folder)
    load_model(session.model, folder, header)
    rates = [group["lr"] for group in session.optimizer.param_groups]
    groups = [{**group, "lr": lr} for group, lr in zip(header["groups"], rates, strict=True)]
    _load_optimizer(session.optimizer, folder, header, groups)
    state = read_tensors(folder, "state", header)
    session.meter.restore(state, header["meter"])
    _load_task(session, state)
    session.clock.step = header["step"]
    set_random_state(state)


def load_model(model: torch.nn.Module, folder: Path, header: dict[str, Any] | None = None) -> None:
    """Load only the model's weights and buffers from a checkpoint.

    Raises:
        RunError: If they do not fit the model; the message lists the names that differ.
    """
    header = header or read_header(folder)
    try:
        model.load_state_dict(read_tensors(folder, "model", header))
    except RuntimeError as error:
        raise RunError(
            f"the checkpoint {folder.name} does not fit the model",
            got=str(error),
            expected="the model of the run's config.json",
        ) from error


def begin_from(
    session: Session,
    folder: Path,
    *,
    step: int,
    optimizer: bool,
    anew: Collection[str] = (),
) -> None:
    """Begin a run with the state that another run's checkpoint holds; a fork does.

    With nothing changed the fork goes on exactly as its parent did. What the session's own
    configuration says of the optimizer (weight decay, betas) holds, not what the parent's said.

    Args:
        session: The fork, not trained yet.
        folder: The parent's checkpoint, taken at the end of an epoch.
        step: Updates done so far, on the fork's own clock.
        optimizer: Take over the optimizer's state; without it the optimizer begins anew.
        anew: Names in `Task.state` that are not taken over.

    Raises:
        RunError: If the checkpoint is damaged or does not fit the model.
    """
    header = read_header(folder)
    load_model(session.model, folder, header)
    if optimizer:
        groups = session.optimizer.state_dict()["param_groups"]
        _load_optimizer(session.optimizer, folder, header, groups)
    state = read_tensors(folder, "state", header)
    dropped = {f"{_TASK}{name}" for name in anew}
    _load_task(session, {name: value for name, value in state.items() if name not in dropped})
    if step == header["step"]:
        session.meter.restore(state, header["meter"])
    session.clock.step = session.first_step = step
    set_random_state(state)


def _load_optimizer(
    optimizer: Optimizer, folder: Path, header: dict[str, Any], groups: list[dict[str, Any]]
) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in read_tensors(folder, "optimizer", header).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": groups})
