"""Ask an app one question without a network: `latelier serve --get PATH`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.types import Message

from latelier.server.app import create_app
from latelier.server.settings import Settings


async def ask(settings: Settings, target: str) -> tuple[int, Mapping[str, str], bytes]:
    """Answer ``GET target``.

    Args:
        settings: What is served; the question knows the token.
        target: A path with its query.

    Returns:
        Status, headers and body.
    """
    path, _, query = target.partition("?")
    headers = [(b"host", b"localhost"), (b"accept", b"application/json")]
    if settings.token is not None:
        headers.append((b"authorization", f"Bearer {settings.token}".encode()))
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": None,
        "server": None,
    }
    received: list[Message] = []

    async def receive() -> Message:
        """Give the whole request: it has no body."""
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        """Keep a part of the answer."""
        received.append(message)

    await create_app(settings)(scope, receive, send)
    start = received[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(m.get("body", b"") for m in received[1:])
