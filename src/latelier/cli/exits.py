"""What the process says to a script: exit codes, and errors as one message on stderr."""

from __future__ import annotations

import errno
import sys
from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from latelier.cli.formats import paint
from latelier.config.errors import LatelierError


class ExitCode(IntEnum):
    """Exit codes; those of errors are the `exit_code` of the error's class."""

    OK = 0
    BUG = 1
    BAD_INPUT = 2
    RUN_PROBLEM = 3
    NO_SUCH_RUN = 4
    BUSY = 5
    TRAINING_FAILED = 6
    FINDINGS = 7
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.BUG: "a bug in Latelier",
    ExitCode.BAD_INPUT: "bad input (usage, configuration or data)",
    ExitCode.RUN_PROBLEM: "a run, file or disk that cannot be used",
    ExitCode.NO_SUCH_RUN: "no such run",
    ExitCode.BUSY: "another process has the run",
    ExitCode.TRAINING_FAILED: "training failed",
    ExitCode.FINDINGS: "verify or doctor found problems",
    ExitCode.INTERRUPTED: "cancelled, by Ctrl-C or `latelier cancel`",
}
EPILOG = "Exit codes: " + ", ".join(f"{code:d} {text}" for code, text in MEANINGS.items()) + "."

# What the parser raises to talk to itself (usage errors, exit, abort); all the rest is ours.
_PARSER = (typer.Exit, typer.Abort, *typer.BadParameter.__mro__[:-3])


class ReportingGroup(TyperGroup):
    """Commands whose errors become one message on stderr and a documented exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; with `--debug`, errors show their traceback too."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("interrupted", color="yellow")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, _PARSER) or getattr(error, "errno", None) == errno.EPIPE:
                raise  # a closed pipe (`latelier ls | head`) is no error of ours
            if ctx.params.get("debug"):
                sys.excepthook(type(error), error, error.__traceback__)
            raise typer.Exit(report(error)) from None


def report(error: Exception) -> int:
    """Print an error on stderr as one message.

    Args:
        error: One of ours, one of the file system's, or a bug.

    Returns:
        The exit code.
    """
    if isinstance(error, LatelierError):
        say(str(error), label="error", color="red")
        for note in getattr(error, "__notes__", ()):
            say(note)
        return error.exit_code
    if isinstance(error, OSError):
        say(f"{error.filename or 'system'}: {error.strerror or error}.", label="error", color="red")
        return ExitCode.RUN_PROBLEM
    say(
        f"{type(error).__name__}: {error}. What was recorded is not lost; see the traceback with "
        "LATELIER_DEBUG=1 and report it.",
        label="bug in Latelier",
        color="red",
    )
    return ExitCode.BUG


def say(message: str, *, label: str = "", color: str | None = None) -> None:
    """Print a line for people on stderr, so that stdout stays the command's result."""
    head = paint(f"{label}:", color) + " " if label else ""
    typer.echo(head + message, err=True)
