"""Latelier: a workshop for latent spaces.

The names below are loaded when first used, so that `import latelier` (and listing runs) needs no
torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "__version__": "latelier.config.version",
    "fit": "latelier.lab.launch",
    "resume": "latelier.lab.launch",
    "fork": "latelier.lab.fork",
    "watch": "latelier.lab.watch",
    "OwnModule": "latelier.models",
    "RunCancelled": "latelier.config",
    "open_run": "latelier.lab.run",
    "Run": "latelier.lab.run",
    "list_runs": "latelier.lab.run",
    "RunConfig": "latelier.config",
    "load_config": "latelier.config",
    "LatelierError": "latelier.config",
}

__all__ = [
    "LatelierError",
    "OwnModule",
    "Run",
    "RunCancelled",
    "RunConfig",
    "__version__",
    "fit",
    "fork",
    "list_runs",
    "load_config",
    "open_run",
    "resume",
    "watch",
]

if TYPE_CHECKING:
    from latelier.config import LatelierError, RunCancelled, RunConfig, load_config
    from latelier.config.version import __version__
    from latelier.lab.fork import fork
    from latelier.lab.launch import fit, resume
    from latelier.lab.run import Run, list_runs, open_run
    from latelier.lab.watch import watch
    from latelier.models import OwnModule


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'latelier' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
