"""`create_app`: settings in, ASGI application out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from latelier import __version__
from latelier.runs import RunStore
from latelier.runs.sweep_store import SweepStore
from latelier.server import docs_page, errors
from latelier.server.answers import REFUSALS
from latelier.server.computations import Computations
from latelier.server.errors import ApiError
from latelier.server.jobs import JobQueue
from latelier.server.pages import Pages
from latelier.server.routes import (
    artifacts,
    catalog,
    computations,
    events,
    health,
    lifecycle,
    runs,
    sweeps,
)
from latelier.server.security import Gate
from latelier.server.services import Services
from latelier.server.settings import Settings
from latelier.server.sse import Streams
from latelier.server.tables import SLOW_NICENESS, quick_table, slow_table
from latelier.server.worker import Worker

_DESCRIPTION = """Runs of Latelier: list, watch, start, stop, resume, fork, analyze.

Every answer is made from the files of a run directory. `GET` never writes. Errors have the form
`{"error": {"what", "got", "expected", "remedy", "problems"}}`.
"""
_ROUTERS = (health, runs, events, artifacts, computations, lifecycle, sweeps, catalog)
_SLOW_TIMEOUT_S = 900.0  # of silence: UMAP compiles, and tells nothing meanwhile


def create_app(settings: Settings) -> FastAPI:
    """Build the application of one server.

    Args:
        settings: What it serves and to whom.

    Returns:
        The app. Its queue works while its lifespan lasts.
    """
    services = _services(settings)
    app = FastAPI(
        title="Latelier",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        root_path_in_servers=False,
        redirect_slashes=False,
        generate_unique_id_function=_operation_name,
        lifespan=_lifespan,
    )
    app.state.services = services
    app.add_middleware(Gate, settings=settings)
    errors.install(app)
    for module in _ROUTERS:
        app.include_router(module.router, prefix="/api", responses=REFUSALS)
    app.include_router(docs_page.router)
    app.add_api_route(
        "/{path:path}", _page, methods=["GET"], include_in_schema=False, response_model=None
    )
    return app


def _services(settings: Settings) -> Services:
    store = RunStore(settings.runs_dir)
    quick = Worker(table=quick_table)
    slow = Worker(table=slow_table, timeout_s=_SLOW_TIMEOUT_S, niceness=SLOW_NICENESS)
    return Services(
        settings=settings,
        store=store,
        sweeps=SweepStore(settings.runs_dir),
        streams=Streams(
            poll_s=settings.poll_s, heartbeat_s=settings.heartbeat_s, limit=settings.max_streams
        ),
        jobs=JobQueue(
            store, slots=settings.jobs, warm=settings.warm, enabled=not settings.read_only
        ),
        worker=quick,
        computations=Computations(quick, slow),
        pages=Pages(settings.web_dir, base_path=settings.base_path),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.jobs.start()
    yield
    services.streams.close()
    services.computations.close()
    services.jobs.close()


def _page(path: str, request: Request) -> Response:
    """Give a file of the exported page."""
    services: Services = request.app.state.services
    if path == "api" or path.startswith("api/"):
        raise ApiError(404)
    found, status = services.pages.find(path), 200
    if found is None:
        if not services.pages.present:
            return Response(_NO_PAGE, 404 if path else 200, media_type="text/html")
        found, status = services.pages.asset("404.html"), 404
    if found is None:
        raise ApiError(404)
    headers = {"etag": found.etag, "cache-control": found.cache}
    if found.policy is not None:
        headers["content-security-policy"] = found.policy
    if status == 200 and request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    return Response(found.body, status, headers, media_type=found.media_type)


def _operation_name(route: APIRoute) -> str:
    return route.name


_NO_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Latelier</title>"
    "<h1>The page has not been built</h1><p>The server works: see <a href=docs>its API</a>. "
    "In a source checkout, build the page with <code>make page</code>.</p>"
)
