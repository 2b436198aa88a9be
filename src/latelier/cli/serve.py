"""`latelier serve`: the page and the API of a folder of runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latelier.cli.exits import ExitCode, say
from latelier.cli.options import DEFAULT_RUNS_DIR

if TYPE_CHECKING:
    from latelier.server.settings import Settings

Folders = list[Path]


RunsFolder = Annotated[
    Path, typer.Argument(envvar="LATELIER_RUNS_DIR", help="Folder that holds the runs.")
]
Host = Annotated[str, typer.Option("--host", envvar="LATELIER_HOST", help="Address to listen on.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        envvar="LATELIER_PORT",
        min=0,
        max=65535,
        help="Port to listen on; 0 for any. Without it 6283, or the next that is free.",
        show_default=False,
    ),
]
OpenPage = Annotated[
    bool | None,
    typer.Option(
        "--open/--no-open",
        help="Open the page in a browser; by default where there is one to see it.",
        show_default=False,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="LATELIER_TOKEN_FILE",
        help="File that holds the token (made if missing), so that it stays the same.",
        show_default=False,
    ),
]
NoToken = Annotated[bool, typer.Option("--no-token", help="Let in everybody who reaches the port.")]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", help="Refuse everything that writes; start no runs.")
]
BasePath = Annotated[
    str, typer.Option("--base-path", help="Path below which everything lies, such as /lab.")
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host",
        help="A further name in the Host header that is answered (a proxy's); repeatable.",
        show_default=False,
    ),
]
DataDirs = Annotated[
    Folders | None,
    typer.Option(
        "--data-dir",
        help="A folder out of which runs started from the page may read data; repeatable.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", min=1, max=64, help="Runs that train at once on a device; a sweep counts as one."
    ),
]
Warm = Annotated[
    bool,
    typer.Option("--warm/--no-warm", help="Keep a process ready, so that a run begins at once."),
]
Get = Annotated[
    str | None,
    typer.Option(
        "--get", metavar="PATH", help="Print the answer to GET PATH and end; for scripts."
    ),
]


def serve(
    runs_dir: RunsFolder = DEFAULT_RUNS_DIR,
    *,
    host: Host = "127.0.0.1",
    port: Port = None,
    open_page: OpenPage = None,
    token_file: TokenFile = None,
    no_token: NoToken = False,
    read_only: ReadOnly = False,
    base_path: BasePath = "",
    allowed_host: AllowedHosts = None,
    data_dir: DataDirs = None,
    jobs: Jobs = 1,
    warm: Warm = True,
    get: Get = None,
) -> None:
    """Serve the page: watch runs live, replay them, start, stop, resume and fork them.

    Prints one address, which holds the key to the page. Ctrl-C ends the server; runs that train
    go on, and the next server finds them.
    """
    from latelier.server import listen
    from latelier.server.settings import Settings

    settings = Settings(
        runs_dir=runs_dir,
        host=host.strip("[]"),
        token=None if no_token else _token(token_file),
        read_only=read_only,
        base_path=listen.check_base_path(base_path),
        allowed_hosts=tuple(listen.check_host_name(name) for name in allowed_host or ()),
        data_dirs=tuple(data_dir or ()),
        jobs=jobs,
        warm=warm and not read_only,
    )
    if get is not None:
        raise typer.Exit(_print_answer(settings, get))
    run_server(settings, port=port, open_page=open_page)


def run_server(
    settings: Settings,
    *,
    port: int | None,
    open_page: bool | None,
    path: str = "/",
    demo: str | None = None,
) -> None:
    """Serve until Ctrl-C; prints the address when it can be opened.

    Args:
        settings: What is served.
        port: The port; None for the default one, or the next that is free.
        open_page: Open a browser; None where there is one to see it.
        path: Path of the page to open.
        demo: Id of a run that is to end with the server.
    """
    from latelier.server.listen import (
        DEFAULT_PORT,
        Running,
        check_exposure,
        take_port,
    )

    check_exposure(settings.host, settings.token)
    sock = take_port(settings.host, port)
    if port is None and (taken := sock.getsockname()[1]) != DEFAULT_PORT:
        say(f"Port {DEFAULT_PORT} is taken; using {taken}.")
    note = "Ctrl-C ends the demo." if demo else "Ctrl-C stops the server, not the runs."

    def announce(ready: Settings) -> None:
        """Say where the server listens, now that it does."""
        _announce(ready, open_page, path, note)

    server = Running(settings, sock, ready=announce)
    server.run()
    left = [run_id for run_id in server.services.jobs.training() if run_id != demo]
    if left:
        say(f"Stopped. {len(left)} run{'s' * (len(left) > 1)} still training: {', '.join(left)}.")
    else:
        say("Stopped.")


def has_browser() -> bool:
    """Tell whether opening a browser would show the page to the person at the terminal."""
    variables = os.environ
    remote = any(variables.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "CI"))
    display = sys.platform in {"darwin", "win32"} or any(
        variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return sys.stdout.isatty() and display and not remote


def _token(file: Path | None) -> str:
    from latelier.server.listen import new_token, read_token

    return new_token() if file is None else read_token(file)


def _announce(settings: Settings, open_page: bool | None, path: str, note: str) -> None:
    from latelier.server.listen import address

    where = address(settings, path)
    typer.echo(where)
    sys.stdout.flush()
    say(f"Serving {settings.runs_dir}; {note}")
    if os.environ.get("SSH_CONNECTION"):
        port = settings.port
        say(f"From your own machine: ssh -L {port}:127.0.0.1:{port} THIS_HOST, then open it.")
    if has_browser() if open_page is None else open_page:
        import webbrowser

        webbrowser.open(where)


def _print_answer(settings: Settings, target: str) -> int:
    import asyncio

    from latelier.server.ask import ask

    path = target if target.startswith("/") else f"/{target}"
    status, _, body = asyncio.run(ask(settings, path))
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.flush()
    if status >= 400:
        say(f"the answer's status is {status}", label="error", color="red")
        return ExitCode.NO_SUCH_RUN if status == 404 else ExitCode.BAD_INPUT
    return ExitCode.OK
