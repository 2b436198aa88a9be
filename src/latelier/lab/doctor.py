"""What a run needs of the machine, looked at one by one. Nothing is left behind."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from latelier import __version__
from latelier.config import LatelierError, load_config, presets

_PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "pydantic",
    "safetensors",
    "Pillow",
    "matplotlib",
    "typer",
    "rich",
)
_LEAST_FREE_BYTES = 1_000_000_000
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        status: ``ok``; ``warning`` (works, with a catch); ``problem`` (keeps Latelier from
            working).
        found: What was found, in words.
        remedy: What to do about it; empty if nothing is to be done.
    """

    name: str
    status: Literal["ok", "warning", "problem"]
    found: str
    remedy: str = ""


def examine(runs_dir: Path, data_root: Path | None = None) -> list[Check]:
    """Look at everything a run needs.

    Args:
        runs_dir: Folder where runs would be written; it need not exist, and is not made.
        data_root: Folder of downloaded data sets; the user's cache folder when None.

    Returns:
        One check per thing, in a fixed order; none of them raises.
    """
    looks: list[tuple[str, Callable[[], Check]]] = [
        ("latelier", lambda: Check("latelier", "ok", __version__)),
        ("python", _python),
        ("packages", _packages),
        ("device", _device),
        ("runs folder", lambda: _folder("runs folder", runs_dir)),
        ("data folder", lambda: _folder("data folder", _data_root(data_root))),
        ("disk", lambda: _disk(runs_dir)),
        ("presets", _presets),
        ("data sets", lambda: _data_sets(_data_root(data_root))),
    ]
    return [_looked(name, look) for name, look in looks]


def _looked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Exception as error:  # a doctor does not fall ill
        return Check(name, "problem", f"{type(error).__name__}: {error}")


def _python() -> Check:
    found = f"{platform.python_version()} in {sys.prefix}, {platform.platform()}"
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Check("python", "problem", found, "Use Python 3.11 or newer.")
    return Check("python", "ok", found)


def _packages() -> Check:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            "packages",
            "problem",
            f"missing: {', '.join(missing)}",
            "Install latelier again with all that it needs.",
        )
    return Check("packages", "ok", ", ".join(found))


def _device() -> Check:
    import torch

    from latelier.training.device import resolve_device

    device = resolve_device("auto")
    total = torch.ones(8, 8, device=device).sum().item()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    found = f"{device} ({name}), {torch.get_num_threads()} threads of {os.cpu_count()} cores"
    if total != 64:
        return Check("device", "problem", f"{found} sums 64 ones to {total}", "Use device: cpu.")
    return Check("device", "ok", found)


def _data_root(given: Path | None) -> Path:
    if given is not None:
        return given
    from latelier.data import default_root

    return default_root()


def _folder(name: str, folder: Path) -> Check:
    """Write, rename and lock a file in a folder, or in the one that it would be made in."""
    place = _existing(folder)
    if not place.is_dir():
        return Check(name, "problem", f"{place} is a file", "Name another folder.")
    found = str(folder.absolute()) + ("" if place == folder else " (made when needed)")
    try:
        with tempfile.TemporaryDirectory(prefix=".latelier-doctor-", dir=place) as temporary:
            path = Path(temporary, "a")
            path.write_bytes(b"x")
            path.replace(path.with_name("b"))
            locked = _can_lock(path.with_name("b"))
    except OSError as error:
        return Check(
            name, "problem", f"{found}: {error.strerror}", "Name another folder, or get the right."
        )
    if not locked:
        return Check(
            name,
            "warning",
            f"{found}: files cannot be locked",
            "Two processes could write one run; use a local disk.",
        )
    return Check(name, "ok", found)


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _can_lock(path: Path) -> bool:
    import fcntl

    with path.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _disk(runs_dir: Path) -> Check:
    free = shutil.disk_usage(_existing(runs_dir)).free
    found = f"{free / 1e9:.1f} GB free for runs"
    if free < _LEAST_FREE_BYTES:
        return Check("disk", "warning", found, "Make room: a run takes up to some hundred MB.")
    return Check("disk", "ok", found)


def _presets() -> Check:
    found = presets()
    broken = []
    for preset in found:
        try:
            load_config(preset.path)
        except LatelierError as error:
            broken.append(f"{preset.name}: {error}")
    if broken or not found:
        text = "; ".join(broken) or "none are installed"
        return Check("presets", "problem", text, "Install latelier again.")
    return Check("presets", "ok", f"{len(found)}: {', '.join(preset.name for preset in found)}")


def _data_sets(root: Path) -> Check:
    from latelier.config import DataConfig
    from latelier.data import DATASETS, load_dataset

    ready = []
    for spec in DATASETS.values():
        if spec.embedded:
            load_dataset(DataConfig(dataset=spec.name), seed=0)
        if spec.kind != "path" and spec.present(root):
            ready.append(spec.name)
    return Check("data sets", "ok", f"ready without a download: {', '.join(ready)}")
