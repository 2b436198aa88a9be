"""The page, its documents, and the description of the API."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from latelier.server.app import create_app
from latelier.server.settings import Settings


def test_the_page_and_ids_nobody_knew(client: TestClient) -> None:
    for path, text in {
        "/": "home",
        "/index.html": "home",
        "/runs": "all runs",
        "/runs/": "all runs",
        "/runs/20261121-031204-gmvae-mnist-k3f9": "one run",
        "/runs/a-run/": "one run",
        "/runs/a-run.txt": "payload of one run",
        "/runs/a-run/latent": "its map",
        "/runs/a-run/latent.html": "its map",
        "/runs/a-run/__next._tree.txt": "tree",
        "/sweeps": "all sweeps",
        "/sweeps/20261121-031204-sweep-colors-k3f9": "one sweep",
    }.items():
        answer = client.get(path)
        assert (answer.status_code, text in answer.text) == (200, True), path
    for path in ("/runs/a-run/nothing", "/runs/A", "/sweeps/A", "/nothing"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (404, "not here"), path
    assert client.head("/runs/a-run").status_code == 200
    assert client.get("/api/nothing").json()["error"]["what"]


def test_the_page_may_run_only_its_own_scripts(client: TestClient) -> None:
    import base64
    import hashlib

    answer = client.get("/")
    digest = base64.b64encode(hashlib.sha256(b"start()").digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert "href='/runs'" in answer.text, "the placeholder of the base path is filled in"
    same = client.get("/", headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304
    assert "immutable" in client.get("/_next/static/chunk-1.js").headers["cache-control"]
    assert answer.headers["cache-control"] == "no-cache"


def test_a_page_that_is_built_again_is_seen(client: TestClient, settings: object) -> None:
    import os

    assert isinstance(settings, Settings)
    assert settings.web_dir is not None
    assert client.get("/new").status_code == 404
    (settings.web_dir / "new.html").write_text("new")
    os.utime(settings.web_dir / "index.html", (1, 1))
    assert client.get("/new").text == "new"


def test_without_a_page_the_server_says_so(tmp_path: Path) -> None:
    from latelier.server.settings import Settings

    app = create_app(Settings(runs_dir=tmp_path, web_dir=tmp_path / "none", warm=False))
    client = TestClient(app, base_url="http://localhost")
    assert "has not been built" in client.get("/").text
    assert client.get("/runs").status_code == 404


def test_docs_load_nothing_from_elsewhere(client: TestClient) -> None:
    import re

    page = client.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    for path in re.findall(r"(?:src|href)=['\"]([^'\"]+)", page.text):
        assert client.get(path).status_code == 200, path
    assert client.get("/docs/assets/init.js").status_code == 200
    assert client.get("/docs/assets/package.json").status_code == 404


def test_openapi_has_the_events_as_a_union(app: FastAPI) -> None:
    schema = app.openapi()
    items = schema["components"]["schemas"]["EventsPage"]["properties"]["events"]["items"]
    assert set(items["discriminator"]["mapping"]) >= {"run.started", "train.metrics"}
    names = [op["operationId"] for path in schema["paths"].values() for op in path.values()]
    assert len(set(names)) == len(names)
    for path in schema["paths"].values():
        for operation in path.values():
            assert operation["responses"]["4XX"]["content"]["application/json"]["schema"]
            assert operation["description"]


def test_the_document_of_the_page_is_current(app: FastAPI) -> None:
    dumped = Path(__file__).parents[2] / "web" / "openapi.json"
    assert json.loads(dumped.read_text("utf-8")) == json.loads(json.dumps(app.openapi())), (
        "run scripts/dump_openapi.py, then `npm run api` in web/"
    )


def test_no_document_repeats_the_table_of_endpoints(app: FastAPI) -> None:
    import re

    root = Path(__file__).parents[2]
    fixed = {re.split(r"[{?]", path)[0] for path in app.openapi()["paths"]}
    for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        text = page.read_text("utf-8")
        rows = re.findall(r"^\|.*\b(?:GET|POST|PATCH|PUT|DELETE) [`*]*/api.*", text, re.M)
        assert rows == [], page
        named = {path for path in re.findall(r"/api/[a-z/]+", text) if path in fixed}
        assert len(named) <= 3, f"{page} lists {sorted(named)}: that is OpenAPI's"
