"""`/docs`: Swagger UI without a CDN, or a plain list where its files are not installed."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from latelier.server.errors import ApiError
from latelier.server.pages import document_policy

router = APIRouter(include_in_schema=False)
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_INIT = """SwaggerUIBundle({
  url: document.currentScript.dataset.schema,
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""


def swagger_folder() -> Path | None:
    """Find Swagger UI: in the package, or among the page's dependencies in a source checkout."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1] / "web"
    for folder in (
        package / "web" / "swagger-ui",
        checkout / "out" / "swagger-ui",
        checkout / "node_modules" / "swagger-ui-dist",
    ):
        if all((folder / name).is_file() for name in ASSETS):
            return folder
    return None


@router.get("/docs")
def docs(request: Request) -> Response:
    """Show the API."""
    base = escape(str(request.scope.get("root_path", "")), quote=True)
    if swagger_folder() is None:
        page = _plain(request.app.openapi(), base)
    else:
        page = (
            "<!doctype html><html lang=en><meta charset=utf-8><title>Latelier API</title>"
            f"<link rel=stylesheet href='{base}/docs/assets/swagger-ui.css'><div id=docs></div>"
            f"<script src='{base}/docs/assets/swagger-ui-bundle.js'></script>"
            f"<script src='{base}/docs/assets/init.js' data-schema='{base}/openapi.json'></script>"
        )
    return HTMLResponse(page, headers={"content-security-policy": document_policy(page)})


@router.get("/docs/assets/{name}")
def docs_asset(name: str) -> Response:
    """Give a file of Swagger UI, by a closed list of names."""
    if name == "init.js":
        return Response(_INIT, media_type="text/javascript")
    folder = swagger_folder()
    if name not in ASSETS or folder is None:
        raise ApiError(404)
    return Response(
        (folder / name).read_bytes(),
        headers={"cache-control": "private, max-age=86400"},
        media_type=ASSETS[name],
    )


def _plain(schema: dict[str, Any], base: str) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(method.upper())}</code><td><code>{escape(path)}</code>"
        f"<td>{escape(str(operation.get('description', '')))}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Latelier API</title>"
        f"<h1>Latelier API</h1><p><a href='{base}/openapi.json'>openapi.json</a> has it whole."
        f"</p><table>{rows}</table>"
    )
