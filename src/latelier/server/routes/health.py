"""What this server is."""

from __future__ import annotations

from fastapi import APIRouter

from latelier import __version__
from latelier.server.schemas import Health, JobsInfo
from latelier.server.services import Shared

router = APIRouter(tags=["server"])


@router.get("/health")
def health(shared: Shared) -> Health:
    """Say what this server is and does."""
    settings = shared.settings
    return Health(
        version=__version__,
        runs_dir=str(shared.store.root),
        read_only=settings.read_only,
        token_required=settings.token is not None,
        base_path=settings.base_path,
        page=shared.pages.present,
        jobs=JobsInfo(queued=shared.jobs.queued, running=shared.jobs.running, slots=settings.jobs),
        worker=shared.worker.state,
        streams=shared.streams.count,
    )
