from __future__ import annotations

import errno
import inspect

import pytest
import typer
from typer.testing import CliRunner

from latelier.cli.exits import MEANINGS, ExitCode, ReportingGroup, report
from latelier.config import errors
from latelier.config.errors import ConfigError, LatelierError, RunBusyError


def failing(error: BaseException) -> typer.Typer:
    app = typer.Typer(cls=ReportingGroup, pretty_exceptions_enable=False)

    @app.callback()
    def callback(debug: bool = typer.Option(False, "--debug")) -> None: ...

    @app.command()
    def fail() -> None:
        raise error

    return app


def test_every_error_class_has_a_documented_code():
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, LatelierError)
    ]

    assert len(classes) > 5
    assert {cls.exit_code for cls in classes} <= set(MEANINGS)
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("seed", got=-1, remedy="Use 0."), 2, "error: seed; got -1. Use 0.\n"),
        (RunBusyError("taken"), 5, "error: taken.\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (PermissionError(13, "Permission denied", "/x"), 3, "error: /x: Permission denied.\n"),
    ],
)
def test_an_error_is_one_message_and_a_code(error, code, message):
    result = CliRunner().invoke(failing(error), ["fail"])

    assert (result.exit_code, result.stderr, result.stdout) == (code, message, "")


def test_a_bug_says_so_without_a_traceback():
    result = CliRunner().invoke(failing(ZeroDivisionError("by zero")), ["fail"])

    assert result.exit_code == 1
    assert "bug in Latelier: ZeroDivisionError: by zero" in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_shows_the_traceback_too():
    result = CliRunner().invoke(failing(ConfigError("seed")), ["--debug", "fail"])

    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert result.stderr.endswith("error: seed.\n")


def test_an_exit_of_a_command_keeps_its_code():
    assert CliRunner().invoke(failing(typer.Exit(7)), ["fail"]).exit_code == 7


def test_a_closed_pipe_is_no_message_of_ours():
    result = CliRunner().invoke(failing(BrokenPipeError(errno.EPIPE, "Broken pipe")), ["fail"])

    assert result.exit_code == 1
    assert "error" not in result.stderr


def test_notes_follow_the_message(capsys):
    error = ConfigError("seed")
    error.add_note("The run is recorded.")

    assert report(error) == 2
    assert capsys.readouterr().err == "error: seed.\nThe run is recorded.\n"
