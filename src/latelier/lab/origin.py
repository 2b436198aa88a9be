"""Where a run that names code comes from: code is imported only for runs that were made here.

The mark is a file beside the configuration. Archives do not carry it and an import never writes
it, so that the names in a run of somebody else's are nothing but text. No torch.
"""

from __future__ import annotations

from latelier.config import RunConfig, RunError
from latelier.runs import RunRecord
from latelier.runs.atomic import write_bytes


def mark_origin(record: RunRecord) -> None:
    """Write down that a run which names code was made here."""
    write_bytes(record.path_of("local_origin"), b"")


def require_origin(record: RunRecord, config: RunConfig) -> None:
    """Refuse to import what a run names, unless the run was made here.

    Raises:
        RunError: If the run names networks as code and has no mark.
    """
    if config.model.net.kind == "custom" and not record.has("local_origin"):
        raise RunError(
            f"run {record.id} names code, and was not made here",
            got="no local_origin in its folder",
            expected="a run that was started by this installation",
            remedy="If you know where it comes from, give the model from Python: model=….",
        )
