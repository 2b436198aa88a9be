"""What holds in every mode: no sockets, rules without a token, silence about bugs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from latelier.runs import RunStore
from latelier.server.app import create_app
from latelier.server.settings import Settings

ORIGIN = "http://127.0.0.1:6283"


def test_no_web_socket_is_accepted(stranger: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), stranger.websocket_connect("/api/events"):
        pass


def test_without_a_token_the_other_rules_hold(settings: Settings) -> None:
    client = TestClient(create_app(replace(settings, token=None)), base_url=ORIGIN)
    assert client.get("/api/health").status_code == 200
    assert client.get("/api/health", headers={"host": "evil.example"}).status_code == 403
    assert client.get("/api/health", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert (
        client.post("/api/cost", json={}, headers={"origin": "http://evil.example"}).status_code
        == 403
    )


def test_a_bug_says_nothing_about_itself(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: RunStore) -> list[Any]:
        raise ZeroDivisionError("/home/somebody/secret")

    monkeypatch.setattr(RunStore, "list", broken)
    answer = client.get("/api/runs")
    assert answer.status_code == 500
    assert "somebody" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in capsys.readouterr().err
