"""The gate: every route is shut to whoever may not pass, and none is forgotten."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from latelier.runs import RunRecord, RunStore
from latelier.server.app import create_app
from latelier.server.security import host_name
from latelier.server.settings import Settings

Make = Callable[..., RunRecord]
TOKEN = "a-token-that-nobody-guesses"
ORIGIN = "http://127.0.0.1:6283"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROUTES = create_app(Settings(runs_dir=Path("nowhere"))).routes


def walk(routes: Any, prefix: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    for route in routes:
        if hasattr(route, "original_router"):  # how FastAPI keeps a router that was included
            yield from walk(route.original_router.routes, prefix + route.include_context.prefix)
        else:
            yield filled(prefix + route.path), frozenset(route.methods)


def filled(path: str) -> str:
    for name, value in {
        "{run_id}": "a-run",
        "{kind}": "config",
        "{name}": "a-run",
        "{computation_id}": "0123456789abcdef",
        "{sweep_id}": "a-sweep",
        "{step}": "10",
        "{path:path}": "runs",
    }.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


ALL = [(path, method) for path, methods in walk(ROUTES) for method in sorted(methods)]


def test_the_walk_sees_every_route(app: FastAPI) -> None:
    documented = {
        (filled(path), method.upper())
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    extra = {("/docs", "GET"), ("/docs/assets/a-run", "GET"), ("/openapi.json", "GET")}
    assert set(ALL) >= documented | extra | {("/runs", "GET")}
    assert len(documented) >= 20


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """One server without runs, for the walk: making an app takes longer than asking it."""
    runs_dir = tmp_path_factory.mktemp("no-runs")
    app = create_app(Settings(runs_dir=runs_dir, token=TOKEN, warm=False))
    return TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


@pytest.mark.parametrize(("path", "method"), ALL)
def test_every_route_refuses(door: TestClient, path: str, method: str) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    json = {"content": b"{}", "headers": {"content-type": "application/json"}}

    def ask(**headers: str) -> int:
        options = json if method in {"POST", "PATCH", "PUT"} else {}
        sent = {**options.get("headers", {}), **headers}
        return door.request(method, path, headers=sent, content=options.get("content")).status_code

    assert ask() == 401
    assert ask(authorization="Bearer wrong") == 401
    assert ask(cookie="latelier-6283=wrong") == 401
    assert ask(cookie=f"latelier-6284={TOKEN}") == 401, "another server's cookie"
    for host in ("evil.example", "evil.example:6283", "127.0.0.1.evil.example", "127.0.0.1/x"):
        assert ask(**bearer, host=host) == 403
    for origin in ("http://evil.example", "null", "http://127.0.0.1:6284", "http://localhost:6283"):
        assert ask(**bearer, origin=origin) == 403
    for site in ("cross-site", "same-site"):
        assert ask(**bearer, **{"sec-fetch-site": site}) == 403
    assert ask(**bearer) not in {401, 403}, "the door does open"


@pytest.mark.parametrize(("path", "method"), ALL)
def test_every_answer_has_the_headers(door: TestClient, path: str, method: str) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for answer in (
        door.request(method, path, headers=bearer),
        door.request(method, path, headers=bearer | {"host": "evil.example"}),
        door.request(method, path),
    ):
        assert "default-src" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", sorted({path for path, _ in ALL if path != "/runs"}))
def test_wrong_methods_are_refused(door: TestClient, path: str) -> None:
    known = {method for other, method in ALL if other == path} | {"HEAD"}
    for method in set(METHODS) - known:
        answer = door.request(method, path, headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code in {404, 405}, method
        assert method == "HEAD" or answer.json()["error"]["what"]


def test_get_never_writes(client: TestClient, store: RunStore, make_run: Make) -> None:
    run = make_run()

    def state() -> dict[str, tuple[int, int]]:
        facts = ((str(path), path.lstat()) for path in sorted(store.root.rglob("*")))
        return {name: (fact.st_mtime_ns, fact.st_size) for name, fact in facts}

    before = state()
    for path, method in ALL:
        if method == "GET" and path != "/api/events":
            client.get(path.replace("a-run", run.id))
    assert state() == before


# The token


def test_the_link_becomes_a_cookie(stranger: TestClient) -> None:
    answer = stranger.get(f"/runs?a=1&token={TOKEN}&b=%2F")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/runs?a=1&b=%2F"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"latelier-6283={TOKEN};")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert stranger.get("/runs").text == "all runs", "the client keeps the cookie"


def test_the_link_leads_nowhere_else(stranger: TestClient) -> None:
    for path in ("//evil.example/", "/%5Cevil.example", "/\\evil.example"):
        answer = stranger.get(f"{ORIGIN}{path}?token={TOKEN}")
        location = answer.headers.get("location", "/")
        assert not location.startswith(("//", "/\\", "/%5C")), path


def test_a_wrong_link_opens_nothing(stranger: TestClient) -> None:
    for query in ("token=wrong", "token=", f"token={TOKEN}&token=wrong", "token=%C3%BC"):
        answer = stranger.get(f"/?{query}")
        assert answer.status_code == 401, query
        assert "set-cookie" not in answer.headers
    assert stranger.post(f"/api/cost?token={TOKEN}").status_code == 401, "only for looking"


def test_a_person_is_told_where_the_key_is(stranger: TestClient) -> None:
    answer = stranger.get("/runs", headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "latelier serve" in answer.text
    assert "refresh" not in answer.text
    again = stranger.get(
        "/runs",
        headers={
            "accept": "text/html",
            "sec-fetch-site": "cross-site",
            "sec-fetch-mode": "navigate",
        },
    )
    assert again.status_code == 401
    assert "http-equiv=refresh" in again.text, "a strict cookie is sent at the second attempt"


def test_odd_cookies_of_neighbors_do_not_lock_out(stranger: TestClient) -> None:
    cookie = f'a="; b[]=1; latelier-6283={TOKEN}; c'
    assert stranger.get("/api/health", headers={"cookie": cookie}).status_code == 200


# Host and origin


def test_names_of_this_machine_are_answered(client: TestClient) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:9999", "[::1]:6283", "localhost."):
        assert client.get("/api/health", headers={"host": host}).status_code == 200, host


def test_a_wildcard_answers_addresses_but_no_names(settings: Settings) -> None:
    for bound, host, status in (
        ("0.0.0.0", "192.168.1.5:6283", 200),
        ("0.0.0.0", "evil.example", 403),
        ("192.168.1.5", "192.168.1.5:80", 200),
        ("192.168.1.5", "192.168.1.6", 403),
        ("127.0.0.1", "192.168.1.5", 403),
    ):
        app = create_app(replace(settings, host=bound, allowed_hosts=("lab.example",)))
        with_token = {"authorization": f"Bearer {TOKEN}"}
        client = TestClient(app, headers=with_token)
        assert client.get("/api/health", headers={"host": host}).status_code == status
        assert client.get("/api/health", headers={"host": "lab.example:8"}).status_code == 200


def test_our_own_page_may_post(client: TestClient) -> None:
    body = {"config": {}, "start": False}
    for headers in (
        {"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        {"origin": ORIGIN},
        {"sec-fetch-site": "none"},
        {"host": "localhost:9000", "origin": "http://localhost:9000"},
    ):
        assert client.post("/api/runs", json=body, headers=headers).status_code == 201, headers


def test_a_link_from_elsewhere_may_be_followed(client: TestClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/runs", headers=headers).status_code == 200
    assert client.post("/api/cost", json={}, headers=headers).status_code == 403


@hypothesis_settings(deadline=None, max_examples=200)
@given(st.text(alphabet=string.printable, max_size=40))
def test_a_host_is_a_name_or_nothing(header: str) -> None:
    host = host_name(header)
    assert host is None or not set(host) & set("/\\@?# \t")


# Bodies


def test_bodies_are_small_json(client: TestClient, settings: Settings) -> None:
    form = client.post("/api/runs", content=b"config=1", headers={"content-type": "text/plain"})
    assert form.status_code == 415
    assert client.post("/api/runs", content=b"{}").status_code == 415
    large = client.post("/api/runs", json={"config": {"notes": "x" * settings.max_body}})
    assert large.status_code == 413

    def endless() -> Iterator[bytes]:
        yield b'{"config": {"notes": "'
        for _ in range(40):
            yield b"x" * (settings.max_body // 20)

    chunked = client.post(
        "/api/runs", content=endless(), headers={"content-type": "application/json"}
    )
    assert chunked.status_code == 413
    lying = client.post("/api/runs", content=b"{}", headers={"content-length": "many"})
    assert lying.status_code == 413
    for text in (b"{", b"[]", b"null", b'{"config": 1}', b'{"config": {}, "more": 1}', b"\xff"):
        answer = client.post(
            "/api/runs", content=text, headers={"content-type": "application/json; charset=utf-8"}
        )
        assert answer.status_code in {400, 422}, text
        assert answer.json()["error"]["what"]


def test_deep_json_is_refused(client: TestClient) -> None:
    text = b'{"config": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}"
    answer = client.post("/api/runs", content=text, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}


# Paths


NASTY = (
    "..",
    "../..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e",
    "..%5c..%5c",
    "\\..\\",
    "//etc/passwd",
    "/etc/passwd",
    "a%00b",
    "a%23b",
    "C:",
    "C%3A%5Cx",
    "%5C%5Chost%5Cshare",
    ".trash",
    "A-RUN",
    "a" * 65,
    "-a",
    "a.b",
    "ä",
)


@pytest.mark.parametrize("name", NASTY)
def test_no_path_leads_out(client: TestClient, make_run: Make, tmp_path: Path, name: str) -> None:
    run = make_run()
    (tmp_path / "secret").write_text("SECRET")
    for path in (
        f"/api/runs/{name}",
        f"/api/runs/{name}/metrics",
        f"/api/runs/{name}/artifacts/config",
        f"/api/runs/{run.id}/artifacts/{name}",
        f"/api/runs/{run.id}/artifacts/{name}/secret",
        f"/api/runs/{run.id}/artifacts/latent_2d_pca?epoch={name}",
        f"/api/events?runs={name}",
        f"/{name}/secret",
        f"/_next/{name}/secret",
        f"/runs/{name}/secret",
        f"/docs/assets/{name}",
    ):
        for sent in (path, unquote(path), unquote(unquote(path))):  # however it was decoded
            status, body = asyncio.run(raw_get(client.app, sent))
            assert status in {400, 404, 405, 422}, sent
            assert b"SECRET" not in body
            assert b"root:" not in body
    assert client.post(f"/api/trash/{name}/restore").status_code in {404, 405, 422}
    assert client.delete(f"/api/runs/{name}").status_code in {404, 405, 422}


def test_two_hosts_are_none(client: TestClient) -> None:
    for second in (b"evil.example", b"127.0.0.1"):
        status, _ = asyncio.run(raw_get(client.app, "/api/health", (b"host", second)))
        assert status == 403


async def raw_get(app: Any, target: str, *more: tuple[bytes, bytes]) -> tuple[int, bytes]:
    """GET exactly this path: clients tidy theirs before they send them."""
    path, _, query = target.partition("?")
    received = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        received.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {TOKEN}".encode()), *more]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    scope |= {"root_path": "", "scheme": "http", "http_version": "1.1", "headers": headers}
    await app(scope, receive, send)
    return received[0]["status"], b"".join(part.get("body", b"") for part in received[1:])


def test_links_inside_a_run_are_not_followed(
    client: TestClient, make_run: Make, tmp_path: Path
) -> None:
    run = make_run()
    (tmp_path / "secret").write_text('"SECRET"')
    artifact = run.path_of("latent_2d_pca", epoch=1)
    artifact.unlink()
    artifact.symlink_to(tmp_path / "secret")
    answer = client.get(f"/api/runs/{run.id}/artifacts/latent_2d_pca?epoch=1")
    assert answer.status_code == 409
    assert "SECRET" not in answer.text
    (run.path.parent / "20200101-000000-a-b-cccc").symlink_to(tmp_path)
    assert client.get("/api/runs/20200101-000000-a-b-cccc").status_code == 404
    assert len(client.get("/api/runs").json()["runs"]) == 1


# Read-only, base path, web sockets


def test_read_only_refuses_every_change(settings: Settings, make_run: Make) -> None:
    run = make_run()
    app = create_app(replace(settings, read_only=True))
    client = TestClient(app, base_url=ORIGIN, headers={"authorization": f"Bearer {TOKEN}"})
    for path, method in ALL:
        if method not in {"GET", "HEAD"}:
            answer = client.request(method, path.replace("a-run", run.id))
            assert answer.status_code == 403, path
    assert client.get(f"/api/runs/{run.id}").status_code == 200


def test_everything_lies_below_the_base_path(settings: Settings) -> None:
    app = create_app(replace(settings, base_path="/lab"))
    client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    assert client.get("/lab/api/health").status_code == 401
    entry = client.get(f"/lab/?token={TOKEN}")
    assert entry.headers["location"] == "/lab/"
    assert "Path=/lab" in entry.headers["set-cookie"]
    assert client.get("/lab/api/health").json()["base_path"] == "/lab"
    assert "/lab/runs" in client.get("/lab/").text
    assert client.get("/lab").status_code == 200
    for path in ("/api/health", "/", "/laboratory", "/labs/api/health"):
        assert client.get(path).status_code == 404, path
