"""Who may ask this server for what. Pure ASGI, before everything else, and denying by default.

Any web page open in the user's browser, and any other user of the machine, is untrusted:
a name that is rebound to this address (Host), a form or a script of another page (Origin,
Sec-Fetch-Site, content type), and whoever only reaches the port (token).
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from latelier.server.errors import ApiError, error_response
from latelier.server.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARD = frozenset({"0.0.0.0", "::"})
_YEAR = 365 * 24 * 3600


class Gate:
    """Lets a request through, or answers it.

    Args:
        app: What comes after.
        settings: The server's settings.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._hosts = allowed_hosts(settings)
        self._any_address = settings.host in _WILDCARD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no route is a WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return
        guarded = _with_headers(send)
        try:
            answer = self._answer(scope)
            if answer is None:
                receive = await self._bounded(scope, receive)
        except ApiError as error:
            answer = error_response(
                error.status,
                error.what,
                got=error.got,
                expected=error.expected,
                remedy=error.remedy,
            )
        if answer is not None:
            await answer(scope, receive, guarded)
            return
        await self._pass_on(scope, receive, guarded)

    def _answer(self, scope: Scope) -> Response | None:
        """Check a request in the order in which it can be trusted; None lets it through."""
        headers = Headers(scope=scope)
        self._check_host(headers)
        self._check_origin(scope, headers)
        self._enter_base(scope)
        if (entry := self._enter_by_link(scope)) is not None:
            return entry
        if not self._knows_token(headers):
            return self._refuse(scope, headers)
        if scope["method"] not in SAFE and self._settings.read_only:
            raise ApiError(403, "this server is read-only")
        return None

    def _check_host(self, headers: Headers) -> None:
        given = headers.getlist("host")
        host = host_name(given[0]) if len(given) == 1 else None
        if host is None or not (host in self._hosts or (self._any_address and _is_address(host))):
            raise ApiError(
                403,
                "this server does not answer to that name",
                remedy="Use the address that it printed, or start it with --allowed-host.",
            )

    @staticmethod
    def _check_origin(scope: Scope, headers: Headers) -> None:
        """Refuse what another page sends. Navigations from elsewhere are fine: they only look."""
        site = headers.get("sec-fetch-site")
        looks = scope["method"] in SAFE
        navigates = looks and headers.get("sec-fetch-mode") == "navigate"
        foreign_site = site not in {None, "same-origin", "none"} and not navigates
        origin = headers.get("origin")
        same = site == "same-origin" or (
            origin is not None and urlsplit(origin).netloc == headers.get("host")
        )
        if foreign_site or (origin is not None and not same):
            raise ApiError(403, "this request comes from another page")

    def _enter_base(self, scope: Scope) -> None:
        base = self._settings.base_path
        if not base:
            return
        path: str = scope["path"]
        if path != base and not path.startswith(f"{base}/"):
            raise ApiError(404)
        scope["root_path"] = base
        if path == base:
            scope["path"] = f"{base}/"

    def _enter_by_link(self, scope: Scope) -> Response | None:
        """Turn the token of the printed address into a cookie, and take it out of the address."""
        token = self._settings.token
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if token is None or not given or scope["method"] not in {"GET", "HEAD"}:
            return None
        if not all(_same(value, token) for value in given):
            raise ApiError(401, remedy="Open the address that the server printed when it started.")
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        target = "/" + quote(scope["path"].lstrip("/\\")) + (f"?{rest}" if rest else "")
        response = Response(status_code=303, headers={"location": target})
        response.set_cookie(
            self._settings.cookie,
            token,
            max_age=_YEAR,
            path=self._settings.base_path or "/",
            httponly=True,
            samesite="strict",
        )
        response.headers["cache-control"] = "no-store"
        return response

    def _knows_token(self, headers: Headers) -> bool:
        token = self._settings.token
        if token is None:
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _same(bearer.strip(), token)
        return any(_same(value, token) for value in _cookies(headers, self._settings.cookie))

    def _refuse(self, scope: Scope, headers: Headers) -> Response:
        """Ask for the token; a person gets a page that says where it is."""
        person = "text/html" in headers.get("accept", "") and scope["method"] in SAFE
        if not person:
            return error_response(
                401,
                remedy="Open the address that the server printed when it started, or send "
                "`Authorization: Bearer <token>`.",
            )
        # A link on another page is followed without the cookie; once more from here, with it.
        again = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        return Response(_DOOR_AGAIN if again else _DOOR, 401, media_type="text/html")

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body of a request, which must be small JSON, before anybody works on it."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._settings.max_body:
            raise ApiError(413, expected=f"at most {self._settings.max_body} bytes")
        if scope["method"] in SAFE:
            return receive
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return _replay(b"", receive, gone=True)
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._settings.max_body:
                raise ApiError(413, expected=f"at most {self._settings.max_body} bytes")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and kind != "application/json":
            raise ApiError(415, got=kind[:80] or None, expected="application/json")
        return _replay(body, receive)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; HEAD is GET without the body."""
        if scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        ended = False

        async def headless(message: Message) -> None:
            """Send the answer's headers, and an empty body once."""
            nonlocal ended
            if message["type"] == "http.response.body":
                if ended:
                    return
                ended = not message.get("more_body", False)
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET", "latelier.head": True}, receive, headless)


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Names that the Host header may have, in lower case and without a port."""
    names: set[str] = {name.lower() for name in settings.allowed_hosts} | _LOOPBACK
    if settings.host in _WILDCARD:
        names.add(socket.gethostname().lower())
    else:
        names.add(settings.host.lower())
    return frozenset(names)


def host_name(header: str) -> str | None:
    """Take the port off a Host header; None if it is not one."""
    if any(letter in header for letter in "/\\@?# \t"):
        return None
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # a port that is no number raises
        host = parts.hostname
    except ValueError:
        return None
    return host.rstrip(".").lower() if host else None


def _is_address(host: str) -> bool:
    """Whether it is an IP address: a name can be rebound to us, an address cannot."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _cookies(headers: Headers, name: str) -> Iterable[str]:
    for header in headers.getlist("cookie"):
        for part in header.split(";"):  # one by one: a neighbor's odd cookie spoils only itself
            try:
                found = SimpleCookie(part.strip()).get(name)
            except CookieError:
                continue
            if found is not None:
                yield found.value


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        """Send on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded


def _replay(body: bytes, receive: Receive, *, gone: bool = False) -> Receive:
    sent = False

    async def replayed() -> Message:
        """Give the body that was read before, then what the client sends."""
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        if gone:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


_DOOR = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Latelier</title>"
    "<meta name=viewport content='width=device-width'><h1>This page needs its key</h1>"
    "<p>Open the address that <code>latelier serve</code> printed in the terminal when it "
    "started; it contains the key.</p>"
)
_DOOR_AGAIN = _DOOR.replace("<title>", "<meta http-equiv=refresh content=0><title>", 1)
