"""What the routes of one server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from latelier.runs import RunStore
from latelier.runs.sweep_store import SweepStore
from latelier.server.settings import Settings

if TYPE_CHECKING:
    from latelier.server.computations import Computations
    from latelier.server.jobs import JobQueue
    from latelier.server.pages import Pages
    from latelier.server.sse import Streams
    from latelier.server.worker import Worker


@dataclass(eq=False)
class Services:
    """The parts of one server.

    Attributes:
        settings: What it was started with.
        store: The folder of runs.
        sweeps: The sweeps in it.
        streams: The event streams that are open.
        jobs: The queue of runs and sweeps.
        worker: The process that answers those who wait.
        computations: What is computed on demand, there and in a second process.
        pages: The exported page.
    """

    settings: Settings
    store: RunStore
    sweeps: SweepStore
    streams: Streams
    jobs: JobQueue
    worker: Worker
    computations: Computations
    pages: Pages


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Shared = Annotated[Services, Depends(_services)]
